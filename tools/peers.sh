#!/usr/bin/env bash
# peers.sh NAME...: make .make/peers/NAME, an environment with exactly what requirements/peers/NAME.lock lists.
set -euo pipefail
mkdir -p .make/peers
for name in "$@"; do
    rm -rf ".make/peers/$name"
    .venv/bin/python -m venv --without-pip ".make/peers/$name"
    .venv/bin/python -m pip -qq --python ".make/peers/$name/bin/python" install \
        --no-compile --no-deps --only-binary :all: --require-hashes -r "requirements/peers/$name.lock"
done
