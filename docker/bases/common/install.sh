#!/bin/sh
# Installs Debian packages for a server's recipe, and removes what an installation leaves behind.
# usage: install.sh package...
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

# Errors come on stderr. An https mirror needs a CA bundle before ca-certificates is there: the build secret `ca`.
apt_get() { apt-get -qq -o Dpkg::Use-Pty=0 -o Acquire::https::CAInfo=/run/secrets/ca "$@" >/dev/null; }

apt_get update
apt_get install -y --no-install-recommends "$@"

rm -rf /var/lib/apt/lists/* /var/log/apt/* /var/log/dpkg.log /var/log/alternatives.log \
    /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/cache/ldconfig/aux-cache
