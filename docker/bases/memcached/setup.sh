#!/bin/sh
# Puts Debian's memcached where the official image has it. Runs as root while the image is built.
set -eu
here=$(dirname "$0")

cp "$here/dpkg.cfg" /etc/dpkg/dpkg.cfg.d/memcached

# The number and the name are the official image's.
groupadd --system --gid 11211 memcache
useradd --system --no-log-init --no-create-home --uid 11211 --gid memcache --shell /usr/sbin/nologin memcache

/common/install.sh memcached
install -m 0755 "$here/docker-entrypoint.sh" /usr/local/bin/
memcached --version
