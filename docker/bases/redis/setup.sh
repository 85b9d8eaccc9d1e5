#!/bin/sh
# Puts Debian's Redis where the official image has it. Runs as root while the image is built.
set -eu
here=$(dirname "$0")

# The numbers are part of the interface: they own the files in people's volumes.
groupadd --system --gid 999 redis
useradd --system --no-log-init --uid 999 --gid redis --home-dir /data --shell /usr/sbin/nologin redis

/common/install.sh redis-server

# A server without a configuration of its own starts with Redis' defaults, not with Debian's.
rm -rf /etc/redis /var/log/redis /var/lib/redis
install -d -o redis -g redis -m 0755 /data
install -m 0755 "$here/docker-entrypoint.sh" /usr/local/bin/
redis-server --version
redis-cli --version
