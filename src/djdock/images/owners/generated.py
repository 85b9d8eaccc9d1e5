"""Files that no package lists, because its maintainer scripts or its programs write them.

One row each: where, which package's doing it is, and what it is. The names are Debian's; where
Alpine or Red Hat call the package otherwise, theirs follow. A row holds in an image without the
package, too: then the owner is "system".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from djdock.images.owners.owner import Claim, Owner

#: Path (* stays in a folder, ** does not), packages that can be meant, the reason.
RULES: tuple[tuple[str, str, str], ...] = (
    # glibc
    ("etc/ld.so.cache", "libc-bin glibc", "ldconfig's cache of shared libraries"),
    ("var/cache/ldconfig/*", "libc-bin glibc", "ldconfig's cache of shared libraries"),
    ("usr/lib/**/gconv-modules.cache", "libc-bin libc6 glibc", "iconvconfig's cache of encodings"),
    ("usr/lib*/locale/locale-archive*", "locales glibc-common", "locales compiled by locale-gen"),
    ("usr/lib*/locale/*/**", "locales libc-bin glibc-common", "locales compiled by localedef"),
    ("etc/default/locale", "locales", "written by update-locale"),
    ("etc/locale.conf", "locales", "written by update-locale"),
    ("etc/locale.gen", "locales", "which locales locale-gen compiles"),
    ("etc/nsswitch.conf", "libc-bin base-files glibc", "made when the base was installed"),
    # certificates
    ("etc/ssl/certs/**", "ca-certificates ca-certificates-bundle",
     "update-ca-certificates joins the authorities"),
    ("etc/ssl/cert.pem", "ca-certificates-bundle", "update-ca-certificates joins the authorities"),
    ("etc/ca-certificates.conf*", "ca-certificates", "which authorities are trusted"),
    ("etc/pki/ca-trust/extracted/**", "ca-certificates", "update-ca-trust extracts the authorities"),
    # dpkg, apt, debconf
    ("var/lib/dpkg/**", "dpkg", "dpkg's data base"),
    ("etc/alternatives/**", "dpkg", "links made by update-alternatives"),
    ("var/log/dpkg.log*", "dpkg", "dpkg's log"),
    ("var/log/alternatives.log*", "dpkg", "update-alternatives' log"),
    ("etc/dpkg/**", "dpkg", "dpkg's settings"),
    ("var/lib/apt/**", "apt", "apt's lists and states"),
    ("var/cache/apt/**", "apt", "apt's caches"),
    ("var/log/apt/**", "apt", "apt's log"),
    ("etc/apt/**", "apt", "apt's sources and settings"),
    ("var/cache/debconf/**", "debconf", "debconf's data base"),
    ("var/lib/ucf/**", "ucf", "ucf's list of settings"),
    ("var/log/bootstrap.log", "debootstrap", "the log of how the base was made"),
    # accounts
    ("etc/passwd*", "base-passwd setup alpine-baselayout-data", "accounts"),
    ("etc/group*", "base-passwd setup alpine-baselayout-data", "accounts"),
    ("etc/shadow*", "passwd setup alpine-baselayout-data", "accounts"),
    ("etc/gshadow*", "passwd setup alpine-baselayout-data", "accounts"),
    ("etc/subuid*", "passwd shadow-utils", "accounts"),
    ("etc/subgid*", "passwd shadow-utils", "accounts"),
    ("etc/.pwd.lock", "passwd", "the lock of the accounts' files"),
    ("etc/pam.d/common-*", "libpam-runtime", "made by pam-auth-update"),
    ("var/lib/pam/**", "libpam-runtime", "made by pam-auth-update"),
    ("etc/security/opasswd", "libpam-modules pam", "old passwords, empty"),
    ("etc/environment", "libpam-modules pam", "variables of log-ins"),
    ("etc/shells", "debianutils setup", "the list of shells"),
    ("var/lib/shells.state", "debianutils", "the list of shells"),
    ("var/log/lastlog", "login util-linux", "log-ins, empty"),
    ("var/log/faillog", "login util-linux", "failed log-ins, empty"),
    ("var/log/btmp", "login util-linux", "failed log-ins, empty"),
    ("var/log/wtmp", "login util-linux", "log-ins, empty"),
    # the base system
    ("etc/localtime", "tzdata", "the time zone"),
    ("etc/timezone", "tzdata", "the time zone"),
    ("etc/adjtime", "util-linux", "the hardware clock"),
    ("etc/machine-id", "systemd", "the machine's number"),
    ("var/lib/systemd/**", "systemd", "systemd's states"),
    ("etc/systemd/**", "systemd", "systemd's settings"),
    ("etc/rc?.d/**", "init-system-helpers", "links made by update-rc.d"),
    ("etc/profile", "base-files", "made when the base was installed"),
    ("etc/motd", "base-files", "made when the base was installed"),
    ("etc/os-release", "base-files alpine-release", "which system it is"),
    ("root/.bashrc", "base-files", "made when the base was installed"),
    ("root/.profile", "base-files", "made when the base was installed"),
    ("etc/fstab", "base-files", "made when the base was installed"),
    ("etc/inputrc", "base-files readline-common", "made when the base was installed"),
    ("etc/networks", "base-files netbase", "made when the base was installed"),
    ("etc/kernel/**", "base-files", "settings for kernels"),
    ("boot/initrd*", "initramfs-tools", "made by update-initramfs"),
    ("var/lib/initramfs-tools/**", "initramfs-tools", "made by update-initramfs"),
    ("etc/mailcap", "mailcap media-types", "made by update-mime"),
    ("var/lib/python/**", "python3-minimal", "marks for byte-compilation"),
    ("etc/python3/**", "python3-minimal", "settings for byte-compilation"),
    ("usr/include/**/pyconfig.h", "python3-minimal python3",
     "how the interpreter was built, which sysconfig reads"),
    # indexes of installed data
    ("usr/share/info/dir*", "install-info", "the index of manuals"),
    ("var/cache/man/**", "man-db", "the index of manual pages"),
    ("var/lib/man-db/**", "man-db", "the index of manual pages"),
    ("var/cache/fontconfig/**", "fontconfig", "the index of fonts"),
    ("var/log/fontconfig.log", "fontconfig", "fc-cache's log"),
    ("etc/fonts/conf.d/**", "fontconfig-config fontconfig", "links made when it was installed"),
    ("usr/share/mime/**", "shared-mime-info", "made by update-mime-database"),
    ("usr/share/applications/mimeinfo.cache", "desktop-file-utils", "an index of programs"),
    ("usr/share/icons/**/icon-theme.cache", "libgtk-3-bin gtk-update-icon-cache",
     "an index of icons"),
    ("usr/**/gschemas.compiled", "libglib2.0-0t64 libglib2.0-0 glib2", "compiled settings"),
    ("usr/lib*/**/giomodule.cache", "libglib2.0-0t64 libglib2.0-0 glib2", "an index of modules"),
    ("usr/lib*/**/loaders.cache", "libgdk-pixbuf-2.0-0 libgdk-pixbuf2.0-0 gdk-pixbuf2",
     "an index of picture formats"),
    ("var/lib/xml-core/**", "xml-core", "the catalogue of XML entities"),
    ("etc/xml/**", "xml-core", "the catalogue of XML entities"),
    ("etc/sgml/**", "sgml-base", "the catalogue of SGML entities"),
    ("var/lib/sgml-base/**", "sgml-base", "the catalogue of SGML entities"),
    ("etc/mercurial/**", "mercurial-common mercurial", "hg's settings"),
    ("etc/emacs/**", "emacsen-common", "links for Emacs"),
    ("var/lib/emacsen-common/**", "emacsen-common", "states for Emacs"),
    ("etc/ssh/ssh_host_*", "openssh-server", "the host's keys"),
    ("etc/libaudit.conf", "libaudit-common", "settings"),
    ("var/lib/dbus/machine-id", "dbus", "the machine's number"),
    # Alpine
    ("lib/apk/**", "apk-tools", "apk's data base"),
    ("usr/lib/apk/**", "apk-tools", "apk's data base"),
    ("etc/apk/**", "apk-tools", "apk's sources and settings"),
    ("var/cache/apk/**", "apk-tools", "apk's cache"),
    ("lib/rc/**", "busybox", "links made when it was installed"),
    # RPM
    ("var/lib/rpm/**", "rpm", "RPM's data base"),
    ("usr/lib/sysimage/rpm/**", "rpm", "RPM's data base"),
    ("var/lib/dnf/**", "dnf microdnf", "dnf's states"),
    ("var/cache/dnf/**", "dnf microdnf", "dnf's cache"),
    ("var/cache/yum/**", "yum dnf", "yum's cache"),
    ("var/log/dnf*", "dnf microdnf", "dnf's log"),
    ("etc/yum.repos.d/**", "dnf microdnf", "sources"),
    # what container engines and builders leave behind
    (".dockerenv", "container engine", "an empty mark of the engine"),
    ("dev/**", "container engine", "overlaid when a container runs"),
    ("usr/sbin/policy-rc.d", "container engine", "keeps services from starting in a build"),
    ("etc/hostname", "container engine", "overlaid when a container runs"),
    ("etc/hosts", "container engine", "overlaid when a container runs"),
    ("etc/resolv.conf", "container engine", "overlaid when a container runs"),
)  # fmt: skip


#: Where every Debian package has its own folder (Debian Policy 12.5).
_DOCUMENTS = re.compile(r"usr/share/doc/([a-z0-9][a-z0-9+.-]+)/")


class Rules:
    """The table, with the packages that an image really has."""

    def __init__(self, installed: Mapping[str, Owner]) -> None:
        self._rules = [
            (compiled(pattern), _claim(names.split(), names, why, installed))
            for pattern, names, why in RULES
        ]
        self._installed = installed
        self._firsts = {pattern.partition("/")[0] for pattern, _, _ in RULES}

    def find(self, path: str) -> Claim | None:
        """The first rule's claim on a path."""
        if path.partition("/")[0] not in self._firsts:
            return None
        if match := _DOCUMENTS.match(path):
            # Small images keep the copyright notices of packages that they have no list of.
            return _claim([match[1]], match[1], "documentation of its name", self._installed)
        return next((claim for regex, claim in self._rules if regex.fullmatch(path)), None)


def _claim(names: list[str], whole: str, why: str, installed: Mapping[str, Owner]) -> Claim:
    for name in names:
        if name in installed:
            return Claim(installed[name], why)
    return Claim(Owner("system", whole if whole == "container engine" else names[0]), why)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A glob over whole paths: * and ? stay in a folder, ** does not."""
    parts = {"**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile(
        "".join(
            parts.get(piece, re.escape(piece)) for piece in re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
        ),
        re.S,
    )
