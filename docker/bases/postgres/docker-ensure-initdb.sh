#!/usr/bin/env bash
# Makes sure that there is a database cluster, and starts no server. Under its other name,
# docker-enforce-initdb.sh, a cluster that is already there is an error. Arguments are postgres' own.
set -Eeuo pipefail

# shellcheck source=SCRIPTDIR/docker-entrypoint.sh
source /usr/local/bin/docker-entrypoint.sh

if [[ $# -eq 0 || ${1-} != postgres ]]; then
    set -- postgres "$@"
fi

docker_setup_env
docker_create_db_directories
if [[ $(id -u) == 0 ]]; then
    exec gosu postgres "${BASH_SOURCE[0]}" "$@"
fi

if [[ -z $DATABASE_ALREADY_EXISTS ]]; then
    _first_start "$@"
else
    case $(basename "$0") in
        docker-enforce-initdb.sh)
            printf '\nerror: the database directory is already initialized: %s\n\n' "$PGDATA" >&2
            exit 1
            ;;
        *) printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n' ;;
    esac
fi
