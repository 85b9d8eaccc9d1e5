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

# What the base had: what an extension links to and came later is needed in the finished image, too.
mkdir -p "$notes"
[ -e "$notes/base" ] || installed >"$notes/base"
# buildpack's images forbid nothing, slim ones leave documentation out: so does this.
apt_get update

system=
while [ $# -gt 0 ] && [ "$1" != -- ]; do system="$system $1" && shift; done
[ $# -eq 0 ] || shift
if [ -n "$system" ]; then
    echo "apt: installing$system"
    # shellcheck disable=SC2086
    apt_get install -y --no-install-recommends $system
    installed | comm -13 "$notes/base" - >"$notes/system"
fi
if [ $# -gt 0 ]; then
    echo "apt: installing $*, in the builder only"
    apt_get install -y --no-install-recommends "$@"
fi
rm -rf /var/lib/apt/lists/* /var/log/apt/* /var/log/dpkg.log /var/log/alternatives.log \
    /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/cache/ldconfig/aux-cache
