#!/bin/sh
# usage: install.sh DEST
#
# Brings what the tests of editors/neovim need into DEST, from Debian's archive alone:
#   DEST/0.10/root/usr/bin/nvim   Neovim 0.10 (Debian trixie)
#   DEST/0.12/root/usr/bin/nvim   Neovim 0.12 (Debian forky)
#   DEST/mini.test                mini.test, the test framework (Debian forky)
# Each Neovim comes with its own libc, unpacked beside the system's; nothing is installed.
# Needs apt-get, dpkg-deb, debian-archive-keyring, and patchelf in PATH or in $PATCHELF.
# The mirror is the one that the machine is set up with.
set -eu

dest=$1
patchelf=${PATCHELF:-patchelf}
mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb .*\(https\{0,1\}:[^ ]*\).*/\1/p' \
  /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -1)
[ -n "$mirror" ] || { echo "no Debian mirror is set up on this machine" >&2; exit 1; }

# apt SUITE FOLDER COMMAND…: apt-get that knows nothing but one suite.
apt() {
  suite=$1 home=$2; shift 2
  if [ ! -d "$home" ]; then
    mkdir -p "$home/etc/apt.conf.d" "$home/etc/preferences.d" \
      "$home/state/lists/partial" "$home/cache/archives/partial"
    : > "$home/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
      > "$home/etc/sources.list"
    apt "$suite" "$home" -qq update
  fi
  apt-get -o Dir::Etc="$home/etc" -o Dir::Etc::sourceparts=/nonexistent \
    -o Dir::State="$home/state" -o Dir::State::status="$home/status" \
    -o Dir::Cache="$home/cache" -o APT::Sandbox::User="$(id -un)" \
    -o APT::Install-Recommends=0 "$@"
}

# neovim VERSION SUITE
neovim() {
  [ ! -e "$dest/$1/done" ] || return 0
  rm -rf "${dest:?}/$1"
  mkdir -p "$dest/$1/root"
  apt "$2" "$dest/$1/apt" -qq -y --download-only install neovim >/dev/null
  for package in "$dest/$1"/apt/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$dest/$1/root"
  done
  rm -rf "$dest/$1/apt"
  root=$dest/$1/root
  libraries=$(echo "$root"/usr/lib/*-linux-gnu*)
  loader=$(echo "$libraries"/ld-linux*.so.*)
  program=$(readlink -f "$dest/$1/root/usr/bin/nvim")
  "$patchelf" --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" "$program"
  "$program" --version | head -1
  touch "$dest/$1/done"
}

mini_test() {
  [ ! -d "$dest/mini.test" ] || return 0
  apt forky "$dest/apt" -qq update
  (cd "$dest/apt" && apt forky "$dest/apt" -qq download neovim-mini.test)
  mkdir -p "$dest/apt/root"
  dpkg-deb -x "$dest"/apt/neovim-mini.test*.deb "$dest/apt/root"
  mv "$dest/apt/root/usr/share/neovim-mini.test" "$dest/mini.test"
  rm -rf "$dest/apt"
}

mkdir -p "$dest"
dest=$(cd "$dest" && pwd)
neovim 0.10 trixie
neovim 0.12 forky
mini_test
