#!/usr/bin/env bash
# Everything: the fast checks, then the tests with processes, sockets and browsers. One of those that fails is tried
# again, twice at most, since a busy computer can make any of them late; which ones needed it is told at the end.
set -euo pipefail
unset PYTHONDONTWRITEBYTECODE  # compiled modules are kept: see the Makefile
CHECK_MARK="slow or not slow" tools/check.sh
# The browsers' driver keeps an event loop in its thread, so they do not share a process with other asynchronous tests.
for tests in tests/integration tests/e2e; do
    echo "── pytest $tests"
    # Those of integration wait for their peers a third of their time, those of browsers do not.
    processes=$([ "$tests" = tests/e2e ] && echo 2 || echo 3)
    # In the order of their names: files of few tests, which xdist would leave to the end, are the long ones.
    python -m pytest -q -n "${TEST_PROCESSES:-$processes}" --dist loadfile --no-loadscope-reorder --reruns 2 --reruns-delay 2 --rerun-show-tracebacks -r fER --durations 5 "$tests"
done
