#!/usr/bin/env bash
# The entrypoint of djdock/mariadb:11 and djdock/mysql:9. It takes the environment variables of the official
# images of MariaDB and of MySQL (MARIADB_* wins over MYSQL_*), each also as NAME_FILE, and runs the same init files.
#
# As in djdock/postgres, a first start that was cut off is begun anew by the next one: as long as the file
# .first-start is in the data directory, nobody's data can be there. It is made in an empty one only.
set -Eeo pipefail

data=/var/lib/mysql
socket=/run/mysqld/mysqld.sock
unfinished=$data/.first-start
# MySQL's image has the one name, MariaDB's the other.
client=$(command -v mariadb || command -v mysql)
maria=$(command -v mariadbd || :)

note() { printf '%s [Note] [Entrypoint]: %s\n' "$(date --rfc-3339=seconds)" "$*"; }
fail() {
    printf '%s [ERROR] [Entrypoint]: %s\n' "$(date --rfc-3339=seconds)" "$*" >&2
    exit 1
}

# setting NAME [DEFAULT]: sets MARIADB_NAME and MYSQL_NAME to what either of them, or the file that either's
# _FILE names, says.
setting() {
    local name file value=${2-}
    for name in "MYSQL_$1" "MARIADB_$1"; do
        file=${name}_FILE
        if [[ -n ${!name-} && -n ${!file-} ]]; then
            fail "Both $name and $file are set (but are exclusive)"
        fi
        if [[ -n ${!name-} ]]; then
            value=${!name}
        elif [[ -n ${!file-} ]]; then
            value=$(<"${!file}")
        fi
        unset "$file"
    done
    export "MYSQL_$1=$value" "MARIADB_$1=$value"
}

# A text as a literal of SQL, and a name as an identifier.
literal() {
    local text=${1//\\/\\\\}
    printf "'%s'" "${text//\'/\\\'}"
}
identifier() { printf "\`%s\`" "${1//\`/\`\`}"; }

# docker_process_sql [client's argument]...: as root, by the socket, in $MARIADB_DATABASE. Init files use it.
docker_process_sql() {
    if [[ ${1-} == --dont-use-mysql-root-password ]]; then
        shift
        MYSQL_PWD='' _client "$@"
    else
        MYSQL_PWD=$MARIADB_ROOT_PASSWORD _client "$@"
    fi
}
_client() {
    "$client" --protocol=socket --socket="$socket" --user=root --host=localhost --comments \
        ${MARIADB_DATABASE:+--database="$MARIADB_DATABASE"} "$@"
}

# The server that init files talk to: by its socket only. Arguments are mariadbd's own.
_temporary_start() {
    "$@" --skip-networking --socket="$socket" --skip-log-bin --loose-expire-logs-days=0 \
        --loose-mysqlx=0 --loose-innodb-buffer-pool-load-at-startup=0 &
    server=$!
    for _ in {1..600}; do
        if MYSQL_PWD='' MARIADB_DATABASE='' _client --execute='' &>/dev/null; then
            return
        fi
        kill -0 "$server" 2>/dev/null || fail "The temporary server did not start."
        sleep 0.1
    done
    fail "The temporary server did not start within 60 seconds."
}
_temporary_stop() {
    kill "$server"
    wait "$server"
    server=
}

_accounts() {
    local root user host
    if [[ -n $MARIADB_RANDOM_ROOT_PASSWORD ]]; then
        MARIADB_ROOT_PASSWORD=$(head -c 24 /dev/urandom | base64)
        export MARIADB_ROOT_PASSWORD MYSQL_ROOT_PASSWORD=$MARIADB_ROOT_PASSWORD
        note "GENERATED ROOT PASSWORD: $MARIADB_ROOT_PASSWORD"
    fi
    root=$(literal "$MARIADB_ROOT_PASSWORD")
    host=$(literal "$MARIADB_ROOT_HOST")
    {
        echo "SET @@SESSION.SQL_LOG_BIN=0; SET SESSION sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '');"
        if [[ -n $maria ]]; then
            # mariadb-install-db makes accounts of root for this host's names, too, and gives them no password.
            echo "DELETE FROM global_priv WHERE User = 'root' AND Host <> 'localhost';"
            echo "DELETE FROM proxies_priv WHERE User = 'root' AND Host <> 'localhost'; FLUSH PRIVILEGES;"
        fi
        if [[ -n $MARIADB_DATABASE ]]; then
            echo "CREATE DATABASE IF NOT EXISTS $(identifier "$MARIADB_DATABASE");"
        fi
        if [[ -n $MARIADB_USER && -n $MARIADB_PASSWORD ]]; then
            user="$(literal "$MARIADB_USER")@'%'"
            echo "CREATE USER $user IDENTIFIED BY $(literal "$MARIADB_PASSWORD");"
            if [[ -n $MARIADB_DATABASE ]]; then
                # In a GRANT, _ and % of a database's name are wildcards.
                local pattern=${MARIADB_DATABASE//_/\\_}
                echo "GRANT ALL ON $(identifier "${pattern//%/\\%}").* TO $user;"
            fi
        fi
        if [[ $MARIADB_ROOT_HOST != localhost ]]; then
            echo "CREATE USER 'root'@$host IDENTIFIED BY $root;"
            echo "GRANT ALL ON *.* TO 'root'@$host WITH GRANT OPTION;"
        fi
        # Last: from here on it takes the password to come in.
        echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $root;"
    } | MYSQL_PWD='' MARIADB_DATABASE='' _client --database=mysql --binary-mode
}

_init_files() {
    # Sourced scripts of old use "${mysql[@]}".
    # shellcheck disable=SC2034
    mysql=(docker_process_sql)
    local f
    for f in /docker-entrypoint-initdb.d/*; do
        case $f in
            *.sh)
                if [[ -x $f ]]; then
                    note "$0: running $f"
                    "$f"
                else
                    note "$0: sourcing $f"
                    # shellcheck disable=SC1090
                    . "$f"
                fi
                ;;
            *.sql) note "$0: running $f" && docker_process_sql <"$f" ;;
            *.sql.gz) note "$0: running $f" && gunzip -c "$f" | docker_process_sql ;;
            *.sql.xz) note "$0: running $f" && xzcat "$f" | docker_process_sql ;;
            *.sql.zst) note "$0: running $f" && zstd -dc "$f" | docker_process_sql ;;
            *) [[ ! -e $f ]] || note "$0: ignoring $f" ;;
        esac
    done
}

# The system tables of an empty directory. Arguments are the server and its own.
_install() {
    if [[ -z $maria ]]; then
        "$@" --initialize-insecure
        return
    fi
    mariadb-install-db --datadir="$data" --rpm --auth-root-authentication-method=normal --skip-test-db \
        --skip-log-bin --loose-innodb-buffer-pool-dump-at-shutdown=0 >/dev/null
}

_time_zones() {
    if [[ -n $maria ]]; then
        mariadb-tzinfo-to-sql --skip-write-binlog /usr/share/zoneinfo
    else
        mysql_tzinfo_to_sql /usr/share/zoneinfo
    fi
}

# From an empty directory to a stopped, complete server's. Arguments are the server and its own.
_first_start() {
    # As process 1 we would not notice a signal; a first start that is not wanted ends after its current step.
    trap '[[ -z $server ]] || kill "$server"; exit 143' TERM INT

    if [[ -z $MARIADB_ROOT_PASSWORD && -z $MARIADB_ALLOW_EMPTY_ROOT_PASSWORD && -z $MARIADB_RANDOM_ROOT_PASSWORD ]]; then
        fail "Database is uninitialized and password option is not specified: you need to specify one of" \
            "MARIADB_ROOT_PASSWORD, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD"
    fi
    # Before anything is made: no permission to read the scripts is an error.
    ls /docker-entrypoint-initdb.d/ >/dev/null

    if [[ -e $unfinished ]]; then
        note "The database directory was never finished (its first start was cut off); starting over"
        find "$data" -mindepth 1 -maxdepth 1 \! -path "$unfinished" -exec rm -rf '{}' +
    elif [[ -z $(find "$data" -mindepth 1 -maxdepth 1 \! -name lost+found -print -quit) ]]; then
        touch "$unfinished"
    fi
    note "Initializing database files"
    _install "$@"
    note "Starting temporary server"
    _temporary_start "$@"
    if [[ -z $MARIADB_INITDB_SKIP_TZINFO ]]; then
        _time_zones 2>/dev/null |
            MARIADB_DATABASE='' docker_process_sql --dont-use-mysql-root-password --database=mysql
    fi
    _accounts
    _init_files
    _temporary_stop
    sync -f "$data" || :
    rm -f "$unfinished"

    trap - INT TERM
    local name=MySQL
    [[ -z $maria ]] || name=MariaDB
    note "$name init process done. Ready for start up."
}

# Does the command line only ask the server something?
_wants_help() {
    local arg
    for arg; do
        case $arg in
            -'?' | --help | --print-defaults | -V | --version) return 0 ;;
        esac
    done
    return 1
}

server=
if [[ ${1:0:1} == - ]]; then
    set -- "${maria:-mysqld}" "$@"
fi
if [[ ${1##*/} == mariadbd || ${1##*/} == mysqld ]] && ! _wants_help "$@"; then
    if [[ $(id -u) == 0 ]]; then
        find "$data" \! -user mysql -exec chown mysql: '{}' +
        find "${socket%/*}" -maxdepth 0 \! -user mysql -exec chown mysql: '{}' +
        # Once more, as the user that owns the data.
        exec setpriv --reuid=mysql --regid=mysql --clear-groups "${BASH_SOURCE[0]}" "$@"
    fi
    setting ROOT_HOST %
    setting DATABASE
    setting USER
    setting PASSWORD
    setting ROOT_PASSWORD
    setting RANDOM_ROOT_PASSWORD
    setting INITDB_SKIP_TZINFO
    : "${MARIADB_ALLOW_EMPTY_ROOT_PASSWORD:=${MYSQL_ALLOW_EMPTY_PASSWORD-}}"
    if [[ ! -d $data/mysql || -e $unfinished ]]; then
        _first_start "$@"
    fi
    # The server itself has no use for them.
    unset MARIADB_ROOT_PASSWORD MYSQL_ROOT_PASSWORD
fi
exec "$@"
