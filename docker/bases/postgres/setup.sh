#!/bin/sh
# Puts Debian's PostgreSQL 17 where the official image has it. Runs as root while the image is built.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
here=$(dirname "$0")

# Errors come on stderr. An https mirror needs a CA bundle before ca-certificates is there: the build secret `ca`.
apt_get() { apt-get -qq -o Dpkg::Use-Pty=0 -o Acquire::https::CAInfo=/run/secrets/ca "$@" >/dev/null; }

cp "$here/dpkg.cfg" /etc/dpkg/dpkg.cfg.d/postgres

# The numbers are part of the interface: they own the files in people's volumes.
groupadd --system --gid 999 postgres
useradd --system --no-log-init --uid 999 --gid postgres --home-dir /var/lib/postgresql --shell /bin/bash postgres
install -d -o postgres -g postgres -m 1777 /var/lib/postgresql

# Debian would create a cluster of its own.
mkdir -p /etc/postgresql-common
echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf

apt_get update
apt_get install -y --no-install-recommends locales
localedef -i en_US -c -f UTF-8 -A /usr/share/locale/locale.alias en_US.UTF-8
apt_get install -y --no-install-recommends \
    gosu less libnss-wrapper "postgresql-$PG_MAJOR" xz-utils zstd

sample=/usr/share/postgresql/$PG_MAJOR/postgresql.conf.sample
dpkg-divert --quiet --add --rename --divert "$sample.dpkg" "$sample"
sed "s/^#*listen_addresses = .*/listen_addresses = '*'/" "$sample.dpkg" >"$sample"
grep -qx "listen_addresses = '\*'" "$sample"

install -d /docker-entrypoint-initdb.d
install -d -o postgres -g postgres -m 3777 /var/run/postgresql
install -d -o postgres -g postgres -m 1777 "$PGDATA"
install -m 0755 "$here/docker-entrypoint.sh" "$here/docker-ensure-initdb.sh" /usr/local/bin/
ln -sT docker-ensure-initdb.sh /usr/local/bin/docker-enforce-initdb.sh

# ssl-cert makes a key pair while it is installed; a key in an image is no secret.
rm -f /etc/ssl/private/ssl-cert-snakeoil.key /etc/ssl/certs/ssl-cert-snakeoil.pem
rm -rf /var/lib/apt/lists/* /var/log/apt/* /var/log/postgresql /var/log/dpkg.log /var/log/alternatives.log \
    /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/cache/ldconfig/aux-cache

# What was left out must not be missed by anything that is left in.
if find "/usr/lib/postgresql/$PG_MAJOR" -type f \( -perm /111 -o -name '*.so' \) -exec ldd {} + 2>/dev/null | grep 'not found'; then
    exit 1
fi
postgres --version
