#!/bin/sh
# Install, upgrade, roll back or remove the classroom device hub. Needs no internet.
#     sudo ./install.sh             install, or upgrade what is installed
#     sudo ./install.sh --help      everything else
# The work is done by installer/, which needs nothing but the system's Python.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
wanted=$(sed -n 's/^python=//p' "$here/RELEASE")
for python in "${CLASSHUB_PYTHON:-}" "/usr/bin/python$wanted" "python$wanted" python3; do
    [ -n "$python" ] || continue
    found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    if [ "$found" = "$wanted" ]; then
        exec "$python" -I -B "$here/installer" --from "$here" "$@"
    fi
done
echo "This archive is for Python $wanted, which is not here." >&2
echo "Debian 12 has it: sudo apt-get install python3. For another release take its own archive." >&2
exit 3
