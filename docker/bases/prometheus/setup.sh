#!/bin/sh
# Puts Debian's Prometheus where the official image has it. Runs as root while the image is built.
set -eu
here=$(dirname "$0")

cp "$here/dpkg.cfg" /etc/dpkg/dpkg.cfg.d/prometheus

# The official image is made of busybox: health checks call its wget.
/common/install.sh prometheus busybox
ln -s /bin/busybox /usr/local/bin/wget

rm -rf /var/lib/prometheus /var/log/prometheus
install -d -o nobody -g nogroup -m 0755 /prometheus
/bin/prometheus --version
wget --help 2>&1 | head -1
