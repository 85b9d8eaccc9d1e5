#!/bin/sh
# Puts Debian's Python where the official image has it. Told by PYTHON_VERSION; runs as root while the image is built.
# usage: setup.sh [another Debian package]...
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PIP_ROOT_USER_ACTION=ignore
here=$(dirname "$0")
python=python${PYTHON_VERSION%.*}
lib=/usr/local/lib/$python

# Errors come on stderr. An https mirror needs a CA bundle before ca-certificates is there: the build secret `ca`.
apt_get() { apt-get -qq -o Dpkg::Use-Pty=0 -o Acquire::https::CAInfo=/run/secrets/ca "$@" >/dev/null; }

cp "$here/dpkg.cfg" /etc/dpkg/dpkg.cfg.d/python
case $python in
# Parts of the standard library that have packages of their own; setuptools came with Python then.
python3.9 | python3.11) parts="python3-gdbm python3-distutils python3-lib2to3" ;;
*)
    parts=$python-gdbm
    echo 'path-exclude=/usr/share/python-wheels/setuptools-*' >>/etc/dpkg/dpkg.cfg.d/python
    ;;
esac

# Debian's interpreter looks into dist-packages. The real directory has the name that Dockerfiles copy.
mkdir -p "$lib/site-packages"
ln -s site-packages "$lib/dist-packages"
if [ "$python" = python3.9 ]; then
    # What its sysconfig reports; later ones report dist-packages.
    mkdir -p "/usr/lib/$python"
    ln -s "$lib/site-packages" "/usr/lib/$python/site-packages"
fi

apt_get update
# shellcheck disable=SC2086
apt_get install -y --no-install-recommends \
    ca-certificates netbase tzdata $python $python-venv $parts "$@"

# The C headers, as in the official image. lib$python-dev itself would bring 50 MB of other things.
if [ ! -e "/usr/include/$python/Python.h" ]; then
    cd /tmp
    apt_get -o APT::Sandbox::User=root download "lib$python-dev"
    dpkg-deb --fsys-tarfile "lib$python-dev"_*.deb | tar -C / -x --wildcards './usr/include/*'
    rm "lib$python-dev"_*.deb
fi

# The names in /usr/local/bin. Names of the same rank elsewhere (/usr/bin/python3) are Debian's business.
for name in "$python" python3 python; do ln -s "/usr/bin/$python" "/usr/local/bin/$name"; done
for name in pydoc3 pydoc; do ln -s "/usr/bin/pydoc${python#python}" "/usr/local/bin/$name"; done
if [ -e "/usr/bin/$python-config" ]; then
    for name in python3-config python-config; do ln -s "/usr/bin/$python-config" "/usr/local/bin/$name"; done
fi

# Debian forbids `python -m ensurepip` outside of a virtual environment, the official image does not.
sed -i 's/^    _ensurepip_is_disabled_in_debian_for_system()$/    pass/' "/usr/lib/$python/ensurepip/__init__.py"
python -m ensurepip --default-pip >/dev/null
# An invention of Debian 11's that no index has: `pip freeze` would name it.
rm -rf "$lib"/site-packages/pkg_resources-0.0.0.dist-info

# The tests and the byte code of the standard library are left out, as in the official image (30 MB there).
# Not by dpkg.cfg: the package's own script compiles every .py that it should have.
rm -rf "/usr/lib/$python/test"
find "/usr/lib/$python" /usr/lib/python3 /usr/share/python3 "$lib" -depth -name __pycache__ -exec rm -rf {} + 2>/dev/null || true

rm -rf /var/lib/apt/lists/* /var/log/apt/* /var/log/dpkg.log /var/log/alternatives.log \
    /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/cache/ldconfig/aux-cache /tmp/*.deb

found=$(python -c 'import platform; print(platform.python_version())')
test "$found" = "$PYTHON_VERSION" ||
    echo "Debian has moved on to Python $found: PYTHON_VERSION in the recipe should say so" >&2
pip --version
