#!/bin/sh
# Puts Debian's Apache where the official image has it. Runs as root while the image is built.
set -eu
here=$(dirname "$0")
prefix=/usr/local/apache2

cp "$here/dpkg.cfg" /etc/dpkg/dpkg.cfg.d/httpd

/common/install.sh apache2-bin media-types

install -d "$prefix" "$prefix/bin" "$prefix/conf" "$prefix/htdocs" "$prefix/logs" "$prefix/cgi-bin"
ln -s /usr/lib/apache2/modules "$prefix/modules"
install -m 0755 "$here/httpd" "$prefix/bin/httpd"
ln -s /etc/mime.types "$prefix/conf/mime.types"
install -m 0644 "$here/httpd.conf" "$prefix/conf/httpd.conf"
echo '<html><body><h1>It works!</h1></body></html>' >"$prefix/htdocs/index.html"
install -m 0755 "$here/httpd-foreground" /usr/local/bin/
chown www-data:www-data "$prefix/logs"
httpd -t
