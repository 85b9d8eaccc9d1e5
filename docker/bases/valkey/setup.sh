#!/bin/sh
# Puts Debian's Valkey where the official image has it. Runs as root while the image is built.
set -eu

# The numbers are part of the interface: they own the files in people's volumes.
groupadd --system --gid 999 valkey
useradd --system --no-log-init --uid 999 --gid valkey --home-dir /data --shell /usr/sbin/nologin valkey

/common/install.sh valkey-server

# A server without a configuration of its own starts with Valkey's defaults, not with Debian's.
rm -rf /etc/valkey /var/log/valkey /var/lib/valkey
install -d -o valkey -g valkey -m 0755 /data
for name in server cli; do ln -s "/usr/bin/valkey-$name" "/usr/local/bin/redis-$name"; done
# It is Redis' entrypoint, with another user and another program.
sed 's/redis/valkey/g; s/Redis/Valkey/g; s/"\$1" = valkey-server\|"${1-}" = valkey-server/& ] || [ "${1-}" = redis-server/' \
    /redis/docker-entrypoint.sh >/usr/local/bin/docker-entrypoint.sh
chmod 0755 /usr/local/bin/docker-entrypoint.sh
valkey-server --version
valkey-cli --version
