#!/usr/bin/env bash
# The entrypoint of djdock/postgres:17. It behaves as the one of the official postgres image: the same
# environment variables, directories, messages, and the same function names for scripts that source it.
#
# One thing is better. A first start that is cut off (killed, out of memory, power lost) leaves the official
# image a data directory that will not start again. Here initdb works in $PGDATA/.first-start, and that
# directory stays until the last init script has run; whoever finds it knows that the cluster was never
# finished, and begins anew. It is made in an empty $PGDATA only, so a finished cluster is never touched.
set -Eeo pipefail

# file_env VAR [DEFAULT]: the value of VAR, or the content of the file that VAR_FILE names, or DEFAULT.
file_env() {
    local name=$1 file_name="${1}_FILE" value=${2-}
    if [[ -n ${!name-} && -n ${!file_name-} ]]; then
        echo "error: both $name and $file_name are set (but are exclusive)" >&2
        exit 1
    fi
    if [[ -n ${!name-} ]]; then
        value=${!name}
    elif [[ -n ${!file_name-} ]]; then
        value=$(<"${!file_name}")
    fi
    export "$name=$value"
    unset "$file_name"
}

# Is this file being sourced (by a user's script that wants its functions)?
_is_sourced() {
    [[ ${#FUNCNAME[@]} -ge 2 && ${FUNCNAME[0]} == _is_sourced && ${FUNCNAME[1]} == source ]]
}

docker_setup_env() {
    file_env POSTGRES_PASSWORD
    file_env POSTGRES_USER postgres
    file_env POSTGRES_DB "$POSTGRES_USER"
    file_env POSTGRES_INITDB_ARGS
    : "${POSTGRES_HOST_AUTH_METHOD:=}"

    unfinished="$PGDATA/.first-start"
    declare -g DATABASE_ALREADY_EXISTS=
    if [[ -s $PGDATA/PG_VERSION && ! -d $unfinished ]]; then
        DATABASE_ALREADY_EXISTS=true
    fi
}

# The directories, with owner and mode. Failures to change a mode are not ours to report: some file systems
# have none, and PostgreSQL complains by itself when it matters.
docker_create_db_directories() {
    local dirs=("$PGDATA" /var/run/postgresql) dir

    mkdir -p "$PGDATA"
    chmod 00700 "$PGDATA" || :
    mkdir -p /var/run/postgresql || :
    chmod 03775 /var/run/postgresql || :

    if [[ -n ${POSTGRES_INITDB_WALDIR-} ]]; then
        mkdir -p "$POSTGRES_INITDB_WALDIR"
        if [[ $(id -u) == 0 ]]; then
            find "$POSTGRES_INITDB_WALDIR" \! -user postgres -exec chown postgres '{}' +
        fi
        chmod 700 "$POSTGRES_INITDB_WALDIR"
    fi

    if [[ $(id -u) == 0 ]]; then
        for dir in "${dirs[@]}"; do
            find "$dir" \! -user postgres -exec chown postgres '{}' +
        done
    fi
}

# Removes what a first start left that was cut off.
_discard_unfinished() {
    [[ -d $unfinished ]] || return 0
    echo "PostgreSQL Database directory was never finished (its first start was cut off); starting over"
    local waldir=
    [[ ! -s $unfinished/waldir ]] || waldir=$(<"$unfinished/waldir")
    # It was empty when the first start began, and initdb refuses one that is not.
    if [[ -n $waldir && -d $waldir ]]; then
        find "$waldir" -mindepth 1 -delete
    fi
    # The mark goes last: this, too, may be cut off.
    find "$PGDATA" -mindepth 1 -maxdepth 1 \! -path "$unfinished" -exec rm -rf '{}' +
    rm -rf "$unfinished"
}

# docker_init_database_dir: creates the cluster, from $POSTGRES_*; arguments go to initdb.
docker_init_database_dir() {
    local target=$PGDATA uid
    uid=$(id -u)

    # initdb wants a name for its user; with `--user 1234` there is none.
    if ! getent passwd "$uid" >/dev/null; then
        local wrapper
        for wrapper in /usr/lib/*/libnss_wrapper.so; do
            NSS_WRAPPER_PASSWD=$(mktemp)
            NSS_WRAPPER_GROUP=$(mktemp)
            export LD_PRELOAD=$wrapper NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
            printf 'postgres:x:%s:%s:PostgreSQL:%s:/bin/false\n' "$uid" "$(id -g)" "$PGDATA" >"$NSS_WRAPPER_PASSWD"
            printf 'postgres:x:%s:\n' "$(id -g)" >"$NSS_WRAPPER_GROUP"
            break
        done
    fi

    if [[ -n ${POSTGRES_INITDB_WALDIR-} ]]; then
        set -- --waldir "$POSTGRES_INITDB_WALDIR" "$@"
    fi

    # With anything in it, initdb is to refuse $PGDATA in its own words.
    if [[ -z $(ls -A "$PGDATA") ]]; then
        target=$unfinished/data
        mkdir "$unfinished"
        if [[ -n ${POSTGRES_INITDB_WALDIR-} && -z $(ls -A "$POSTGRES_INITDB_WALDIR") ]]; then
            printf '%s' "$POSTGRES_INITDB_WALDIR" >"$unfinished/waldir"
        fi
    fi

    # POSTGRES_INITDB_ARGS is a piece of command line, with quotes and all, as in the official image.
    eval 'initdb --pgdata="$target" --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD") '"$POSTGRES_INITDB_ARGS"' "$@"' ||
        { [[ $target == "$PGDATA" ]] || rm -rf "$unfinished"; return 1; }

    if [[ $target != "$PGDATA" ]]; then
        find "$target" -mindepth 1 -maxdepth 1 -exec mv -t "$PGDATA" '{}' +
        chmod --reference="$target" "$PGDATA" || :
        rmdir "$target"
    fi

    if [[ ${LD_PRELOAD-} == */libnss_wrapper.so ]]; then
        rm -f "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP"
        unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
    fi
}

# Everything is in place: from now on this is somebody's database.
_finish() {
    [[ -d $unfinished ]] || return 0
    sync -f "$PGDATA" || :
    rm -rf "$unfinished"
}

docker_verify_minimum_env() {
    if [[ -z $POSTGRES_PASSWORD && $POSTGRES_HOST_AUTH_METHOD != trust ]]; then
        cat >&2 <<'EOM'
Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
       connections without a password. This is *not* recommended.

       See PostgreSQL documentation about "trust":
       https://www.postgresql.org/docs/current/auth-trust.html
EOM
        exit 1
    fi
    if [[ $POSTGRES_HOST_AUTH_METHOD == trust ]]; then
        cat >&2 <<'EOM'
********************************************************************************
WARNING: POSTGRES_HOST_AUTH_METHOD has been set to "trust". Whoever reaches the
         port of this database is let in without a password, even if
         POSTGRES_PASSWORD is set. Set POSTGRES_PASSWORD in its place.
********************************************************************************
EOM
    fi
}

# Version 17 has no check to make here; scripts for other versions call it.
docker_error_old_databases() { :; }

# docker_process_sql [psql argument]...: as the superuser, in $POSTGRES_DB unless --dbname says otherwise.
docker_process_sql() {
    local command=(psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password --no-psqlrc)
    if [[ -n ${POSTGRES_DB-} ]]; then
        command+=(--dbname "$POSTGRES_DB")
    fi
    PGHOST='' PGHOSTADDR='' "${command[@]}" "$@"
}

# docker_process_init_files FILE...: runs each by what its name ends with.
docker_process_init_files() {
    # Sourced scripts of old use "${psql[@]}".
    # shellcheck disable=SC2034
    psql=(docker_process_sql)
    local f
    printf '\n'
    for f; do
        case $f in
            *.sh)
                if [[ -x $f ]]; then
                    printf '%s: running %s\n' "$0" "$f"
                    "$f"
                else
                    printf '%s: sourcing %s\n' "$0" "$f"
                    # shellcheck disable=SC1090
                    . "$f"
                fi
                ;;
            *.sql)
                printf '%s: running %s\n' "$0" "$f"
                docker_process_sql -f "$f"
                printf '\n'
                ;;
            *.sql.gz | *.sql.xz | *.sql.zst)
                printf '%s: running %s\n' "$0" "$f"
                case $f in
                    *.gz) gunzip -c "$f" ;;
                    *.xz) xzcat "$f" ;;
                    *.zst) zstd -dc "$f" ;;
                esac | docker_process_sql
                printf '\n'
                ;;
            *) printf '%s: ignoring %s\n' "$0" "$f" ;;
        esac
        printf '\n'
    done
}

docker_setup_db() {
    local db=$POSTGRES_DB found
    # Not in the database that may be missing, nor under a name that is set for it.
    # shellcheck disable=SC2034
    local POSTGRES_DB=
    found=$(
        docker_process_sql --dbname postgres --set db="$db" --tuples-only --no-align <<'EOSQL'
SELECT 1 FROM pg_database WHERE datname = :'db';
EOSQL
    )
    if [[ -z $found ]]; then
        docker_process_sql --dbname postgres --set db="$db" <<'EOSQL'
CREATE DATABASE :"db";
EOSQL
        printf '\n'
    fi
}

# Lets everybody in by the network who proves to know the password. Arguments are postgres' own.
pg_setup_hba_conf() {
    if [[ ${1-} == postgres ]]; then
        shift
    fi
    local method=${POSTGRES_HOST_AUTH_METHOD:-}
    if [[ -z $method ]]; then
        method=$(postgres -C password_encryption "$@")
    fi
    {
        printf '\n'
        if [[ $method == trust ]]; then
            echo '# warning trust is enabled for all connections'
            echo '# see https://www.postgresql.org/docs/17/auth-trust.html'
        fi
        printf 'host all all all %s\n' "$method"
    } >>"$PGDATA/pg_hba.conf"
}

# The server that init scripts talk to: by its socket only. Arguments are postgres' own.
docker_temp_server_start() {
    if [[ ${1-} == postgres ]]; then
        shift
    fi
    # What is on the command line counts, except for who may connect.
    set -- "$@" -c listen_addresses='' -p "${PGPORT:-5432}"
    # A supervisor that waits for the notification waits for the real server.
    NOTIFY_SOCKET='' PGUSER="${PGUSER:-$POSTGRES_USER}" \
        pg_ctl -D "$PGDATA" -o "$(printf '%q ' "$@")" -w start
}

docker_temp_server_stop() {
    PGUSER="${PGUSER:-postgres}" pg_ctl -D "$PGDATA" -m fast -w stop
}

# Does the command line only ask postgres something?
_pg_want_help() {
    local arg
    for arg; do
        case $arg in
            -'?' | --help | --describe-config | -V | --version) return 0 ;;
        esac
    done
    return 1
}

# The first start, from an empty directory to a stopped, complete cluster. Arguments are postgres' own.
_first_start() {
    # As process 1 we would not notice a signal; a first start that is not wanted ends after its current step.
    trap 'exit 130' INT
    trap 'exit 143' TERM

    docker_verify_minimum_env
    docker_error_old_databases
    # Before anything is made: no permission to read the scripts is an error.
    ls /docker-entrypoint-initdb.d/ >/dev/null

    _discard_unfinished
    docker_init_database_dir
    pg_setup_hba_conf "$@"

    # psql's password, should pg_hba.conf ask for one.
    export PGPASSWORD="${PGPASSWORD-$POSTGRES_PASSWORD}"
    docker_temp_server_start "$@"
    docker_setup_db
    docker_process_init_files /docker-entrypoint-initdb.d/*
    docker_temp_server_stop
    unset PGPASSWORD
    _finish

    trap - INT TERM
    printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

_main() {
    if [[ ${1:0:1} == - ]]; then
        set -- postgres "$@"
    fi
    if [[ ${1-} == postgres ]] && ! _pg_want_help "$@"; then
        docker_setup_env
        docker_create_db_directories
        if [[ $(id -u) == 0 ]]; then
            # Once more, as the user that owns the data.
            exec gosu postgres "${BASH_SOURCE[0]}" "$@"
        fi
        if [[ -z $DATABASE_ALREADY_EXISTS ]]; then
            _first_start "$@"
        else
            printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
        fi
    fi
    exec "$@"
}

if ! _is_sourced; then
    _main "$@"
fi
