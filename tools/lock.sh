#!/usr/bin/env bash
# Resolve the dependencies anew: run ⊂ build ⊂ dev, each with hashes.
set -euo pipefail
lock() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-config \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml "$@"
}
lock "${@}" --output-file requirements/run.lock
lock "${@}" --constraint requirements/run.lock --group build --output-file requirements/build.lock
lock "${@}" --constraint requirements/build.lock --group dev --output-file requirements/dev.lock
