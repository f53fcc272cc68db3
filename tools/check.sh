#!/usr/bin/env bash
# The fast checks, under 90 seconds: run them all the time.
set -euo pipefail
step() { echo "── $*"; "$@"; }
step ruff format --check --quiet .
step ruff check --quiet .
step mypy --no-error-summary
step lint-imports --no-logo 2>/dev/null || lint-imports
step python tools/catalogues.py check
step npm run --silent check
step npm run --silent test
step python -m pytest -q -m "${CHECK_MARK:-not slow}" -n "${TEST_PROCESSES:-2}" --dist loadfile --reruns 1 -r fER tests/unit tests/contract
