#!/bin/sh
# Puts Debian's RabbitMQ where the official image has it. Runs as root while the image is built.
set -eu
here=$(dirname "$0")

cp "$here/dpkg.cfg" /etc/dpkg/dpkg.cfg.d/rabbitmq

# The numbers are part of the interface: they own the files in people's volumes.
groupadd --system --gid 999 rabbitmq
useradd --system --no-log-init --uid 999 --gid rabbitmq --home-dir /var/lib/rabbitmq --shell /bin/bash rabbitmq

/common/install.sh rabbitmq-server
# Only rabbitmqadmin is written in it. Not by dpkg.cfg: its own installation runs it.
rm -rf /usr/lib/python3* /usr/share/python3* /usr/bin/python3* /usr/bin/py3*

# Debian's wrapper becomes the user by itself and writes logs to files. Here the entrypoint does the one, and
# nothing the other.
for path in /usr/lib/rabbitmq/bin/*; do
    name=$(basename "$path")
    case $name in rabbitmq-script-wrapper | rabbitmq-server-wait) continue ;; esac
    ln -sf "$path" "/usr/local/sbin/$name"
done
rm -rf /var/lib/rabbitmq /etc/rabbitmq/rabbitmq-env.conf
install -d -o rabbitmq -g rabbitmq -m 1777 /var/lib/rabbitmq /var/log/rabbitmq /etc/rabbitmq
install -d -o rabbitmq -g rabbitmq -m 0755 /etc/rabbitmq/conf.d
printf '%s\n' '# As in the official image: who may connect is the network'"'"'s business.' \
    'loopback_users.guest = false' 'log.console = true' >/etc/rabbitmq/conf.d/10-defaults.conf
install -m 0755 "$here/docker-entrypoint.sh" /usr/local/bin/
setpriv --reuid=rabbitmq --regid=rabbitmq --clear-groups rabbitmqctl version
rm -rf /var/lib/rabbitmq/.erlang.cookie
