#!/usr/bin/env bash
# Resolve the dependencies anew: run ⊂ build ⊂ dev, each with hashes; and the programs of others that tests talk to.
set -euo pipefail
lock() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-config \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" "$@"
}
lock "${@}" pyproject.toml --output-file requirements/run.lock
lock "${@}" pyproject.toml --constraint requirements/run.lock --group build --output-file requirements/build.lock
lock "${@}" pyproject.toml --constraint requirements/build.lock --group dev --output-file requirements/dev.lock
lock "${@}" requirements/peers/octoprint.in --override requirements/peers/octoprint.leave-out \
    --output-file requirements/peers/octoprint.lock
lock "${@}" requirements/peers/moonraker.in --output-file requirements/peers/moonraker.lock
lock "${@}" requirements/peers/kivy.in --output-file requirements/peers/kivy.lock
lock "${@}" requirements/peers/ink.in --override requirements/peers/ink.leave-out --output-file requirements/peers/ink.lock
