#!/usr/bin/env bash
# Everything: the fast checks, then the tests with processes, sockets and browsers. One of those that fails is tried
# again, twice at most, since a busy computer can make any of them late; which ones needed it is told at the end.
set -euo pipefail
CHECK_MARK="slow or not slow" tools/check.sh
# The browsers' driver keeps an event loop in its thread, so they do not share a process with other asynchronous tests.
for tests in tests/integration tests/e2e; do
    echo "── pytest $tests"
    # Those of integration wait for their peers a third of their time, those of browsers do not.
    # There, too, the long files have few tests: in the order of their names they are not all left to the end.
    more=$([ "$tests" = tests/e2e ] && echo "-n ${TEST_PROCESSES:-2}" || echo "-n ${TEST_PROCESSES:-3} --no-loadscope-reorder")
    # shellcheck disable=SC2086
    python -m pytest -q $more --dist loadfile --reruns 2 --reruns-delay 2 --rerun-show-tracebacks -r fER --durations 5 "$tests"
done
