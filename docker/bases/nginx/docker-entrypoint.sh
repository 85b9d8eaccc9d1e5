#!/bin/sh
# The entrypoint of djdock/nginx. As in the official image, what is executable in /docker-entrypoint.d runs
# before nginx starts: *.envsh in this shell, so that they may set variables, *.sh in one of their own.
set -eu

if [ "${1-}" = nginx ]; then
    for file in /docker-entrypoint.d/*; do
        case $file in
            *.envsh | *.sh) ;;
            *) continue ;;
        esac
        if [ ! -x "$file" ]; then
            echo "$0: Ignoring $file, not executable"
        elif [ "${file%.envsh}" != "$file" ]; then
            # shellcheck disable=SC1090
            . "$file"
        else
            "$file"
        fi
    done
fi
exec "$@"
