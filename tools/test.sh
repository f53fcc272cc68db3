#!/usr/bin/env bash
# Everything: the fast checks, then the tests with processes, sockets and browsers. One of those that fails is tried
# a second time, since a busy computer can make any of them late; which ones needed it is told at the end.
set -euo pipefail
tools/check.sh
echo "── pytest tests/integration tests/e2e"
python -m pytest -q -n "${TEST_PROCESSES:-2}" --dist loadfile --reruns 1 -r fER --durations 10 \
    tests/integration tests/e2e
