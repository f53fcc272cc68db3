#!/usr/bin/env bash
# The fast checks, under 90 seconds: run them all the time.
set -euo pipefail
step() { echo "── $*"; "$@"; }

# The pages are checked beside the Python code: each of both keeps one core busy.
pages() {
    step npm run --silent check
    step npm run --silent test
}
said=$(mktemp)
(set -e; pages) >"$said" 2>&1 &
pages=$!
trap 'kill "$pages" 2>/dev/null || true; rm -f "$said"' EXIT

step ruff format --check --quiet .
step ruff check --quiet .
step mypy --no-error-summary
step lint-imports --no-logo 2>/dev/null || lint-imports
step python tools/catalogues.py check
code=0
wait "$pages" || code=$?
cat "$said"
[ "$code" = 0 ] || exit "$code"
step python -m pytest -q -m "${CHECK_MARK:-not slow}" -n "${TEST_PROCESSES:-2}" --dist loadfile --reruns 1 -r fER tests/unit tests/contract
