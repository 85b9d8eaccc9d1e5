#!/bin/sh
# Every template becomes a file of conf.d, with the environment's variables filled in. Names that are in no
# environment stay as they are: they are nginx's own. The variables are the official image's.
set -eu

templates=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
out=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}

[ -d "$templates" ] || exit 0
if [ ! -w "$out" ]; then
    echo "$(basename "$0"): ERROR: $templates exists, but $out is not writable" >&2
    exit 0
fi
# shellcheck disable=SC2016
known=$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p' | { grep -E "${NGINX_ENVSUBST_FILTER:-}" || :; } |
    sed 's/.*/${&}/')
find "$templates" -follow -type f -name "*$suffix" | while read -r template; do
    relative=${template#"$templates"/}
    target=$out/${relative%"$suffix"}
    mkdir -p "$(dirname "$target")"
    echo "$(basename "$0"): Running envsubst on $template to $target"
    envsubst "$known" <"$template" >"$target"
done
