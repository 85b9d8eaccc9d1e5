#!/bin/sh
# The entrypoint of djdock/redis:8. As in the official image, flags or a configuration file go to redis-server,
# /data is handed to its user, and who may connect is the network's business (no protected mode).
set -eu

case ${1-} in -* | *.conf) set -- redis-server "$@" ;; esac

if [ "${1-}" = redis-server ]; then
    if [ "$(id -u)" = 0 ]; then
        find . \! -user redis -exec chown redis:redis '{}' +
        exec setpriv --reuid=redis --regid=redis --clear-groups "$0" "$@"
    fi
    umask 0077
    # Unless a flag or the configuration file has something to say about it.
    case " $* " in
        *" --protected-mode "*) ;;
        *)
            if [ ! -f "${2-}" ] || ! grep -q '^ *protected-mode ' "$2"; then
                set -- "$@" --protected-mode no
            fi
            ;;
    esac
fi
exec "$@"
