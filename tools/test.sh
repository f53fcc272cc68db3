#!/usr/bin/env bash
# Everything: the fast checks, then the tests with processes, sockets and browsers.
set -euo pipefail
tools/check.sh
echo "── pytest tests/integration tests/e2e"
python -m pytest -q tests/integration tests/e2e
