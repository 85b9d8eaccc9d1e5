#!/bin/sh
# What mmdebstrap runs on the finished root ($1) before it becomes an image: the clean-up rules that
# everyone's Dockerfile expects of a Debian image, and nothing of the machine that built it.
set -eu
root=$1
conf="$root/etc/apt/apt.conf.d"

# Packages and indexes are fetched once per layer and never looked at again.
# (Only now: mmdebstrap's own apt works from outside the root, so these hooks would clean the host.)
rm -f "$conf/99mmdebstrap"
sweep='"rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true";'
cat >"$conf/docker-clean" <<EOF
DPkg::Post-Invoke { $sweep };
APT::Update::Post-Invoke { $sweep };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
EOF
echo 'Acquire::GzipIndexes "true";' >"$conf/docker-gzip-indexes"
echo 'Acquire::Languages "none";' >"$conf/docker-no-languages"
echo 'Apt::AutoRemove::SuggestsImportant "false";' >"$conf/docker-autoremove-suggests"
# Only a release has a number. The lists of one to come run out after a week, and mirrors lag behind.
grep -q '^VERSION_ID=' "$root/etc/os-release" ||
    echo 'Acquire::Check-Valid-Until "false";' >"$conf/djdock-testing"
mv "$root/etc/dpkg/dpkg.cfg.d/99mmdebstrap" "$root/etc/dpkg/dpkg.cfg.d/docker"

# Services are never started by a package's installation.
printf '#!/bin/sh\n\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 0755 "$root/usr/sbin/policy-rc.d"

# The sources, from the one-line form that mmdebstrap writes to where Dockerfiles look for them.
keyring=/usr/share/keyrings/debian-archive-keyring.pgp
test -s "$root$keyring" || keyring=${keyring%.pgp}.gpg # before Debian 13
awk -v keyring="$keyring" '
    $1 != "deb" { next }
    {
        sub(/\[[^]]*\] */, "")
        parts = $4
        for (i = 5; i <= NF; i++) parts = parts " " $i
        printf "%sTypes: deb\nURIs: %s\nSuites: %s\nComponents: %s\n", (n++ ? "\n" : ""), $2, $3, parts
        print "Signed-By: " keyring
    }
' "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*.list \
    >"$root/etc/apt/sources.list.d/debian.sources" 2>/dev/null || true
test -s "$root/etc/apt/sources.list.d/debian.sources"
test -s "$root$keyring"
rm -f "$root/etc/apt/sources.list" "$root"/etc/apt/sources.list.d/*.list

# Nothing of the machine that built it; nothing that only a second installation would read.
rm -f "$root/etc/resolv.conf" "$root/etc/hostname" "$root/etc/machine-id"
find "$root/var/log" "$root/var/cache/apt" "$root/var/lib/apt/lists" -type f -delete
rm -f "$root"/var/cache/debconf/*-old "$root"/var/lib/dpkg/*-old "$root/var/cache/ldconfig/aux-cache"
rm -rf "$root/var/lib/apt/mirrors"
