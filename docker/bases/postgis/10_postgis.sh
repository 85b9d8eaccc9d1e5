#!/bin/sh
# The official image's name for the script that makes PostGIS part of the first database.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --no-psqlrc \
    --command 'CREATE EXTENSION IF NOT EXISTS postgis'
