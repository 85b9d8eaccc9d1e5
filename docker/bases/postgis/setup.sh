#!/bin/sh
# Puts Debian's PostGIS beside Debian's PostgreSQL, as the recipe of postgres:17 has it. Runs as root while the image is built.
set -eu

/common/install.sh "postgresql-$PG_MAJOR-postgis-3" "postgresql-$PG_MAJOR-postgis-3-scripts"
install -m 0755 "$(dirname "$0")/10_postgis.sh" /docker-entrypoint-initdb.d/

if ldd "/usr/lib/postgresql/$PG_MAJOR/lib/postgis-3.so" | grep 'not found'; then
    exit 1
fi
