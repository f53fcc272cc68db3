#!/usr/bin/env bash
# venv.sh PYTHON: make .venv, or say what is missing and stop with 3.
set -euo pipefail
if ! "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Python 3.11 or newer is needed: sudo apt-get install python3 python3-venv" >&2
    exit 3
fi
if ! "$1" -c 'import venv, ensurepip' 2>/dev/null; then
    echo "Python's venv module is needed: sudo apt-get install python3-venv" >&2
    exit 3
fi
[ -x .venv/bin/python ] || "$1" -m venv .venv
