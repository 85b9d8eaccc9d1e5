#!/bin/sh
# Puts one of Debian's exporters behind one name. Runs as root while the image is built.
# usage: setup.sh package
set -eu

# Health checks call busybox' wget, as in the official images.
/common/install.sh "$1" busybox
ln -s /bin/busybox /usr/local/bin/wget
ln -s "/usr/bin/$1" /bin/exporter

rm -rf /var/lib/prometheus
/bin/exporter --version
wget --help 2>&1 | head -1
