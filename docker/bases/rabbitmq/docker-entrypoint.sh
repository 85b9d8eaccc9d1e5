#!/bin/sh
# The entrypoint of djdock/rabbitmq:4. As in the official image, the volume is handed to the server's user, and
# RABBITMQ_ERLANG_COOKIE, if it is set, becomes the cookie's file. The rest of RABBITMQ_* is RabbitMQ's own.
set -eu

case ${1-} in
    rabbitmq*)
        if [ "$(id -u)" = 0 ]; then
            if [ "$1" = rabbitmq-server ]; then
                find /var/lib/rabbitmq \! -user rabbitmq -exec chown rabbitmq:rabbitmq '{}' +
            fi
            exec setpriv --reuid=rabbitmq --regid=rabbitmq --clear-groups "$0" "$@"
        fi
        ;;
esac
if [ "${1-}" = rabbitmq-server ] && [ -n "${RABBITMQ_ERLANG_COOKIE-}" ]; then
    cookie=/var/lib/rabbitmq/.erlang.cookie
    if [ ! -e "$cookie" ]; then
        (umask 0377 && printf '%s\n' "$RABBITMQ_ERLANG_COOKIE" >"$cookie")
    elif [ "$(cat "$cookie")" != "$RABBITMQ_ERLANG_COOKIE" ]; then
        echo "warning: $cookie contents do not match RABBITMQ_ERLANG_COOKIE" >&2
    fi
fi
exec "$@"
