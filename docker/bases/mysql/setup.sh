#!/bin/sh
# Puts Debian's MySQL where the official image has it. Runs as root while the image is built.
set -eu
here=$(dirname "$0")
sources=/etc/apt/sources.list.d

cp /mariadb/dpkg.cfg /etc/dpkg/dpkg.cfg.d/mysql

# The numbers are part of the interface: they own the files in people's volumes.
groupadd --system --gid 999 mysql
useradd --system --no-log-init --uid 999 --gid mysql --home-dir /home/mysql --shell /usr/sbin/nologin mysql

# No release of Debian's has MySQL. The base's own mirror has the suite, too; its other packages are not wanted.
sed -E '/^$/,$d; s/^Suites:.*/Suites: sid/' "$sources/debian.sources" >"$sources/sid.sources"
printf 'Package: *\nPin: release a=unstable\nPin-Priority: 400\n' >/etc/apt/preferences.d/sid
/common/install.sh mysql-server-core mysql-client-core tzdata xz-utils zstd
rm "$sources/sid.sources" /etc/apt/preferences.d/sid

install -m 0644 "$here/server.cnf" /etc/my.cnf
install -d /docker-entrypoint-initdb.d
install -d -o mysql -g mysql -m 1777 /run/mysqld
install -d -o mysql -g mysql -m 0750 /var/lib/mysql /var/lib/mysql-files
install -m 0755 /mariadb/docker-entrypoint.sh /usr/local/bin/

mysqld --version
mysql --version
mysqldump --version
mysqladmin --version
