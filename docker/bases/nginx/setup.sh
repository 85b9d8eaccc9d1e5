#!/bin/sh
# Puts Debian's nginx where the official image has it. Runs as root while the image is built.
set -eu
here=$(dirname "$0")

cp "$here/dpkg.cfg" /etc/dpkg/dpkg.cfg.d/nginx

# The numbers are part of the interface: stacks run the image as this user.
groupadd --system --gid 101 nginx
useradd --system --no-log-init --no-create-home --uid 101 --gid nginx --home-dir /nonexistent \
    --comment 'nginx user' --shell /bin/false nginx

/common/install.sh nginx libnginx-mod-http-brotli-filter libnginx-mod-http-brotli-static gettext-base

# Debian's sites are not the official image's.
rm -rf /etc/nginx/sites-available /etc/nginx/sites-enabled /etc/nginx/snippets /var/www /var/lib/nginx
install -d /etc/nginx/conf.d /docker-entrypoint.d /var/cache/nginx /var/log/nginx
install -m 0644 "$here/nginx.conf" /etc/nginx/nginx.conf
install -m 0644 "$here/default.conf" /etc/nginx/conf.d/default.conf
install -m 0755 "$here/docker-entrypoint.sh" /
install -m 0755 "$here/20-envsubst-on-templates.sh" /docker-entrypoint.d/
ln -sf /dev/stdout /var/log/nginx/access.log
ln -sf /dev/stderr /var/log/nginx/error.log
nginx -t
rm -f /run/nginx.pid
