#!/usr/bin/env bash
# dist.sh [--wheels DIR] [OUT]: make OUT/classroom-hub-<version>-linux-<machine>-py<version>.tar.gz,
# everything that an installation without internet needs. With --wheels the dependencies come from
# that folder and nothing is downloaded. The pages must have been built (`make dist` sees to it).
set -euo pipefail
cd "$(dirname "$0")/.."
wheels=""
if [ "${1:-}" = --wheels ]; then
    wheels=$(realpath "$2")
    shift 2
fi
out=$(realpath -m "${1:-dist}")
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' hub/__init__.py)
machine=$(uname -m)
python=$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
name="classroom-hub-$version-linux-$machine-py${python/./}"
# Equal sources make equal archives, whenever and wherever they are made.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 315619200)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder="$work/$name"
mkdir -p "$folder/wheels" "$out"

if [ -z "$(find hub/web/dist -type f -print -quit 2>/dev/null)" ] || ! ls hub/clients/*.whl >/dev/null 2>&1; then
    echo "The pages or the client are not built: run make build" >&2
    exit 3
fi
said=$(python -m hatchling build -t wheel -d "$work" 2>&1) || { echo "$said" >&2; exit 1; }
mv "$work"/classroom_hub-*.whl "$folder/wheels/"
cp hub/clients/classhub_client-*.whl "$folder/wheels/"
# Python's own pip: a system without ensurepip installs with it, too.
pip=$(python -c 'import ensurepip, glob, os, sysconfig
places = [os.path.dirname(ensurepip.__file__) + "/_bundled", sysconfig.get_config_var("WHEEL_PKG_DIR")]
print(max(wheel for place in places if place for wheel in glob.glob(f"{place}/pip-*.whl")))')
cp "$pip" "$folder/wheels/"
# What unpacks the wheels: in a tenth of pip's time, which on an old computer is minutes.
uv=$(python -c 'import uv; print(uv.find_uv_bin())')
from=()
[ -z "$wheels" ] || from=(--no-index --find-links "$wheels")
python -m pip --quiet --disable-pip-version-check download "${from[@]}" --no-deps --require-hashes \
    --only-binary :all: --requirement requirements/run.lock --dest "$folder/wheels"

cp requirements/run.lock "$folder/requirements.txt"
sum=$(sha256sum "$folder"/wheels/classroom_hub-*.whl | cut -d' ' -f1)
echo "classroom-hub==$version --hash=sha256:$sum" >>"$folder/requirements.txt"
# pip itself is for drivers and plugins that a school adds later.
sum=$(sha256sum "$pip" | cut -d' ' -f1)
basename "$pip" | sed -E "s/^pip-([^-]+)-.*/pip==\1 --hash=sha256:$sum/" >>"$folder/requirements.txt"
printf 'version=%s\nmachine=%s\npython=%s\n' "$version" "$machine" "$python" >"$folder/RELEASE"
mkdir "$folder/installer" "$folder/systemd"
cp packaging/install.sh packaging/classhub.sh "$folder/"
cp packaging/installer/*.py "$uv" "$folder/installer/"
for licence in "$(dirname "$(python -c 'import uv; print(uv.__file__)')")"/../uv-*.dist-info/licenses/LICENSE-*; do
    cp "$licence" "$folder/installer/uv.$(basename "$licence")"
done
cp systemd/* "$folder/systemd/"
cp -r configs "$folder/configs"
cp -r docs "$folder/docs"
cp packaging/README.archive.md "$folder/README.md"
cp LICENSE "$folder/"
find "$folder" -name __pycache__ -prune -exec rm -rf {} +
chmod -R u=rwX,go=rX "$folder"
chmod 644 "$folder"/installer/* "$folder"/wheels/*.whl
chmod 755 "$folder/installer/uv"
(cd "$folder" && find . -type f ! -name SHA256SUMS -printf '%P\0' | LC_ALL=C sort -z |
    xargs -0 sha256sum >SHA256SUMS)

archive="$out/$name.tar.gz"
# Wheels are packed already: pressing harder costs minutes and saves nothing.
tar --create --directory "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 \
    --numeric-owner --format=gnu "$name" | gzip -n -1 >"$archive.part"
mv "$archive.part" "$archive"
(cd "$out" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
echo "$archive ($(du -h "$archive" | cut -f1))"
