#!/bin/sh
# Installs Debian packages in a stage of an image; does nothing when there are none to install.
# usage: apt.sh [package of the finished image]... [-- package of the builder]...
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
notes=/var/lib/djdock
case "$*" in "" | --) exit 0 ;; esac

# Errors come on stderr.
apt_get() { apt-get -qq -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@" >/dev/null; }
installed() { dpkg-query --show --showformat '${Package}\n' | sort; }

known() { apt-cache show "$1" >/dev/null 2>&1; }
# Names are Debian 13's; these are what its elders call the same.
elders() {
    case $1 in
    libldap2) echo libldap-2.5-0 libldap-2.4-2 ;;
    libldap-dev) echo libldap2-dev ;;
    libicu76) echo libicu72 libicu67 ;;
    libssl3t64) echo libssl3 libssl1.1 ;;
    libmagickwand-7.q16-10) echo libmagickwand-6.q16-6 ;;
    libtiff6) echo libtiff5 ;;
    libwebp7) echo libwebp6 ;;
    libffi8) echo libffi7 ;;
    libharfbuzz-subset0) echo libharfbuzz0b ;;
    *t64) echo "${1%t64}" ;;
    esac
}
# The packages by the names that this Debian has; one that it has under no name stays, for apt to name.
called() {
    for name in "$@"; do
        found=$name
        for other in "$name" $(elders "$name"); do
            if known "$other"; then found=$other && break; fi
        done
        echo "$found"
    done
}

# An earlier stage's lists serve for a day: a build that takes that stage from the cache gets what is new.
fetched() {
    [ $(($(date +%s) - $(cat "$notes/started"))) -lt 86400 ] || return 1
    [ -n "$(find /var/lib/apt/lists -name '*_Packages*' 2>/dev/null | head -n 1)" ]
}
# shellcheck disable=SC2046
add() {
    if fetched; then
        if apt_get install -y --no-install-recommends $(called "$@") 2>/dev/null; then return; fi
    fi
    # buildpack's images forbid nothing, slim ones leave documentation out: so does this.
    apt_get update
    apt_get install -y --no-install-recommends $(called "$@")
}

# What the base had: what an extension links to and came later is needed in the finished image, too.
mkdir -p "$notes"
[ -e "$notes/base" ] || installed >"$notes/base"
# Files that are newer get settled times when the image is slimmed.
[ -e "$notes/started" ] || date +%s >"$notes/started"

system=
while [ $# -gt 0 ] && [ "$1" != -- ]; do system="$system $1" && shift; done
[ $# -eq 0 ] || shift
if [ -n "$system" ]; then
    echo "apt: installing$system"
    # shellcheck disable=SC2086
    add $system
    installed | comm -13 "$notes/base" - >"$notes/system"
fi
if [ $# -gt 0 ]; then
    echo "apt: installing $*, in the builder only"
    add "$@"
fi
rm -rf /var/cache/apt/archives/*.deb /var/log/apt/* /var/log/dpkg.log /var/log/alternatives.log \
    /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/cache/ldconfig/aux-cache
