#!/usr/bin/env bash
# Builds the image on a machine without a container engine, and uses it as a cluster does: as its user, on a
# read-only root, without a shell. Needs root, Node.js with npm, and Debian's buildah and debootstrap.
#
#     tests/image/build.sh [FOLDER]    keeps base and storage in FOLDER, so that the next build is quick
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(realpath -m "${1:-/var/tmp/transcode-gateway-image}")
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
mkdir -p "$work"
cd "$work"
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=${STORAGE_DRIVER:-vfs}
storage=(--storage-driver "$STORAGE_DRIVER" --root "$work/storage" --runroot "$work/run")
buildah() { command buildah "${storage[@]}" "$@"; }

# An image of the folder's files, with nothing else known about it.
image_of() {
    local container mount
    container=$(buildah from scratch)
    mount=$(buildah mount "$container")
    tar -C "$1" -cf - . | tar -C "$mount" -xf -
    buildah umount "$container" >/dev/null
    buildah commit --quiet --rm "$container" "$2" >/dev/null
}

if ! buildah inspect --type image localhost/base:dev >/dev/null 2>&1; then
    echo "base: Debian with Python"
    [ -d base ] || debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates \
        bookworm base "$mirror" >debootstrap.log
    rm -rf base/var/cache/apt/archives/*.deb base/var/lib/apt/lists/*
    image_of base localhost/base:dev
    echo "base: with Node.js, this machine's"
    cp -a base node
    install -D "$(readlink -f "$(command -v node)")" node/usr/local/bin/node
    mkdir -p node/usr/local/lib/node_modules
    cp -a "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" node/usr/local/lib/node_modules/npm
    ln -sf ../lib/node_modules/npm/bin/npm-cli.js node/usr/local/bin/npm
    image_of node localhost/node:dev
    rm -rf node
fi

# The machine's own certificates and registry settings, lent to the build and no part of the image.
lent=(--volume /etc/ssl/certs:/etc/ssl/certs:ro)
lend() { [ ! -f "$1" ] || lent+=(--volume "$1:$2:ro"); }
lend /etc/pip.conf /etc/pip.conf
lend "$HOME/.config/pip/pip.conf" /root/.config/pip/pip.conf
lend "$HOME/.npmrc" /root/.npmrc
lend "$(npm config get globalconfig 2>/dev/null)" /usr/local/etc/npmrc

echo "building"
began=$(date +%s)
buildah bud --format docker --layers --pull-never "${lent[@]}" \
    --build-arg BASE=localhost/base:dev --build-arg NODE=localhost/node:dev \
    --build-arg "REVISION=$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)" \
    --tag localhost/transcode-gateway:dev "$root" >build.log 2>&1 || { tail -n 40 build.log; exit 1; }
echo "built in $(($(date +%s) - began)) s"

exec python3 "$root/tests/image/use.py" "$work"
