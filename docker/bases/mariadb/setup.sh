#!/bin/sh
# Puts Debian's MariaDB where the official image has it. Runs as root while the image is built.
set -eu
here=$(dirname "$0")

cp "$here/dpkg.cfg" /etc/dpkg/dpkg.cfg.d/mariadb

# The numbers are part of the interface: they own the files in people's volumes.
groupadd --system --gid 999 mysql
useradd --system --no-log-init --uid 999 --gid mysql --home-dir /home/mysql --shell /usr/sbin/nologin mysql

/common/install.sh mariadb-server-core mariadb-client tzdata xz-utils zstd

install -m 0644 "$here/server.cnf" /etc/mysql/mariadb.conf.d/05-djdock.cnf
install -d /docker-entrypoint-initdb.d
install -d -o mysql -g mysql -m 1777 /run/mysqld
install -d -o mysql -g mysql -m 0750 /var/lib/mysql
install -m 0755 "$here/docker-entrypoint.sh" /usr/local/bin/
ln -s mariadbd /usr/sbin/mysqld 2>/dev/null || true

mariadbd --version
mariadb --version
mariadb-dump --version
mariadb-admin --version
