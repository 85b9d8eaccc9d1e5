#!/bin/sh
# The entrypoint of djdock/memcached:1.6. As in the official image, flags go to memcached.
set -eu

case ${1-} in -*) set -- memcached "$@" ;; esac
exec "$@"
