#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the hardware part needs besides Python: KiCad 9 (rule check, exports), ngspice (simulation)
# and graphviz (harness drawing).
#
#   hardware/setup.sh --check    says what is missing; an error only in CI
#   hardware/setup.sh            installs it, as root on Debian or Ubuntu
#
# Debian 12 has KiCad 6, its backports have 9: the source is added from the mirror in use.
set -uo pipefail

kicad_is_new() {
    local version
    version=$(kicad-cli version 2>/dev/null) || return 1
    [ "${version%%.*}" -ge 9 ] 2>/dev/null
}

missing=()
kicad_is_new || missing+=(kicad)
command -v ngspice >/dev/null || missing+=(ngspice)
command -v dot >/dev/null || missing+=(graphviz)
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "${1:-}" = "--check" ]; then
    echo "Missing here: ${missing[*]} (KiCad must be version 9 or later)."
    echo "Debian or Ubuntu: sudo hardware/setup.sh. macOS: brew install --cask kicad; brew install ngspice graphviz."
    if [ -n "${CI:-}" ]; then
        echo "CI is set: nothing is skipped, this is an error."
        exit 1
    fi
    echo "What needs them is skipped; everything else runs."
    exit 0
fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Not root, or no apt-get: please install ${missing[*]} (KiCad 9 or later) by hand."
    exit 1
fi

# The newest KiCad that the configured sources offer, as a major number.
offered() {
    LC_ALL=C apt-cache policy kicad | sed -nE 's/^ +Candidate: ([0-9]+:)?([0-9]+)\..*/\2/p'
}

apt-get -q update || exit 1
from=()
. /etc/os-release
if [[ " ${missing[*]} " == *" kicad "* ]] && [ "$(offered)" -lt 9 ] 2>/dev/null; then
    if [ "${ID:-}" = debian ]; then
        suite=$VERSION_CODENAME-backports
        if ! apt-get indextargets --format '$(CODENAME)' | grep -qx "$suite"; then
            mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
                sed -n "s/^$VERSION_CODENAME //p" | head -1)
            echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
                >/etc/apt/sources.list.d/treadguard-backports.list
            apt-get -q update || exit 1
        fi
        from=(-t "$suite")
    else
        echo "This system offers KiCad $(offered): add the KiCad 9 archive of its makers first."
        exit 1
    fi
fi
for package in "${missing[@]}"; do
    source=()
    [ "$package" = kicad ] && source=(${from[@]+"${from[@]}"})
    DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
        ${source[@]+"${source[@]}"} "$package" || exit 1
done
