#!/usr/bin/env bash
# apt.sh LIST...: see that the distribution's packages of these lists are there. As root it installs
# what is missing; otherwise it prints the line that does, and goes on with what works.
set -euo pipefail
packages=$(sed -e 's/#.*//' "$@" | xargs)
[ -n "$packages" ] || exit 0
if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian: please install yourself: $packages" >&2
    exit 0
fi
missing=""
for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=" $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ]; then
    echo "Installing$missing …"
    # RUNLEVEL=1 keeps services from being started: the hub starts a broker of its own.
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >.apt.log 2>&1 || {
        cat .apt.log >&2
        rm -f .apt.log
        echo "These packages could not be installed:$missing" >&2
        exit 3
    }
    rm -f .apt.log
else
    echo "Some things need packages of the distribution. Install them with:"
    echo "    sudo apt-get install --no-install-recommends$missing"
    echo "Going on with what works without them."
fi
