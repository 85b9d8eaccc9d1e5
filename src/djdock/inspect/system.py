"""Debian packages that Python packages need: to build, where there is no wheel, and to run.

Sources: each package's own guide to installing it, and what its extension modules link to (``ldd``); the
names are Debian 13's. A package whose wheels bring their libraries along is here only for its build.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from djdock.inspect.dependencies import Dependencies
from djdock.inspect.interpret.machine import Settings
from djdock.inspect.model import Decision, Evidence
from djdock.inspect.requirement import Needed
from djdock.inspect.tree import Tree
from djdock.inspect.wheels import Answer


@dataclass(frozen=True)
class Needs:
    """What one distribution needs: to run always, to run when it is built here, and to be built.

    ``source``: True where no wheels for Linux were ever published.
    """

    always: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    source: bool = False


GCC = ("gcc", "libc6-dev")

#: Servers that have no wheels, and that no image of djdock's starts: the build leaves them out
#: (docker/dependencies/install.py), so they bring no compiler.
SERVERS = ("uwsgi", "pyuwsgi", "mod-wsgi", "bjoern", "meinheld")

TABLE = {
    # https://www.psycopg.org/docs/install.html: psycopg2 is built against libpq
    "psycopg2": Needs((), ("libpq5",), (*GCC, "libpq-dev"), source=True),
    "psycopg2-binary": Needs((), ("libpq5",), (*GCC, "libpq-dev")),
    "psycopg2cffi": Needs((), ("libpq5",), (*GCC, "libpq-dev"), source=True),
    # https://www.psycopg.org/psycopg3/docs/basic/install.html: pure Python, it loads libpq
    "psycopg": Needs(("libpq5",)),
    "psycopg-c": Needs((), ("libpq5",), (*GCC, "libpq-dev"), source=True),
    # https://github.com/PyMySQL/mysqlclient#linux
    "mysqlclient": Needs((), ("libmariadb3",), (*GCC, "libmariadb-dev", "pkg-config"), source=True),
    # https://pillow.readthedocs.io/en/stable/installation/building-from-source.html; releases before 5.4
    # find libraries by dpkg-architecture alone.
    "pillow": Needs((), ("libjpeg62-turbo", "zlib1g", "libfreetype6", "libtiff6", "libwebp7",
    "libopenjp2-7", "liblcms2-2"),
                    (*GCC, "dpkg-dev", "libjpeg-dev", "zlib1g-dev", "libfreetype-dev", "libtiff-dev",
                        "libwebp-dev", "libopenjp2-7-dev",
                     "liblcms2-dev")),
    # https://lxml.de/installation.html
    "lxml": Needs((), ("libxml2", "libxslt1.1"), (*GCC, "libxml2-dev", "libxslt1-dev", "zlib1g-dev")),
    # https://xmlsec.readthedocs.io/en/stable/install.html
    "xmlsec": Needs((), ("libxmlsec1", "libxmlsec1-openssl"), (*GCC, "pkg-config", "libxml2-dev",
    "libxmlsec1-dev", "libxmlsec1-openssl")),
    "pysaml2": Needs(("xmlsec1",)),
    # https://www.python-ldap.org/en/latest/installing.html
    "python-ldap": Needs((), ("libldap2", "libsasl2-2"), (*GCC, "libldap-dev", "libsasl2-dev"),
    source=True),
    # https://doc.courtbouillon.org/weasyprint/stable/first_steps.html
    "weasyprint": Needs(("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0",
    "fonts-dejavu-core")),
    # https://cairosvg.org/documentation/, https://pycairo.readthedocs.io/
    "cairosvg": Needs(("libcairo2",)),
    "cairocffi": Needs(("libcairo2",)),
    "pycairo": Needs((), ("libcairo2",), (*GCC, "libcairo2-dev", "pkg-config"), source=True),
    # https://github.com/ahupp/python-magic#installation
    "python-magic": Needs(("libmagic1",)),
    "ocrmypdf": Needs(("tesseract-ocr", "ghostscript", "qpdf", "unpaper", "pngquant")),
    "pytesseract": Needs(("tesseract-ocr",)),
    "pdf2image": Needs(("poppler-utils",)),
    "pypandoc": Needs(("pandoc",)),
    "pydub": Needs(("ffmpeg",)),
    "ffmpeg-python": Needs(("ffmpeg",)),
    "wand": Needs(("libmagickwand-7.q16-10",)),
    "pyzbar": Needs(("libzbar0",)),
    "gitpython": Needs(("git",)),
    "graphviz": Needs(("graphviz",)),
    "pygraphviz": Needs(("graphviz",), (), (*GCC, "libgraphviz-dev", "pkg-config"), source=True),
    "pydot": Needs(("graphviz",)),
    "gdal": Needs(("gdal-bin",), (), (*GCC, "g++", "libgdal-dev"), source=True),
    "opencv-python": Needs(("libgl1", "libglib2.0-0t64")),
    "pyodbc": Needs(("unixodbc",), (), (*GCC, "g++", "unixodbc-dev")),
    "pycurl": Needs((), ("libcurl4t64",), (*GCC, "libcurl4-openssl-dev", "libssl-dev")),
    "pyicu": Needs((), ("libicu76",), (*GCC, "g++", "libicu-dev", "pkg-config"), source=True),
    "pylibmc": Needs((), ("libmemcached11t64",), (*GCC, "libmemcached-dev", "zlib1g-dev")),
    "cffi": Needs((), ("libffi8",), (*GCC, "libffi-dev")),
    "cryptography": Needs((), ("libssl3t64",), (*GCC, "libssl-dev", "libffi-dev", "cargo",
    "pkg-config")),
    "argon2-cffi-bindings": Needs((), ("libffi8",), (*GCC, "libffi-dev")),
    "pycrypto": Needs((), (), (*GCC, "libgmp-dev"), source=True),
    "python-snappy": Needs((), ("libsnappy1v5",), (*GCC, "g++", "libsnappy-dev")),
    "dlib": Needs((), (), (*GCC, "g++", "cmake"), source=True),
    "reportlab": Needs((), (), (*GCC, "libfreetype-dev")),
    "numpy": Needs((), (), (*GCC, "g++", "gfortran")),
    "scipy": Needs((), (), (*GCC, "g++", "gfortran", "libopenblas-dev", "pkg-config")),
    "pandas": Needs((), (), (*GCC, "g++")),
    "grpcio": Needs((), (), (*GCC, "g++")),
    "greenlet": Needs((), (), (*GCC, "g++")),
    "gevent": Needs((), (), (*GCC, "make", "libffi-dev")),
    "libsass": Needs((), (), (*GCC, "g++")),
    "pymssql": Needs((), ("libsybdb5",), (*GCC, "freetds-dev")),
    "pygobject": Needs(("libgirepository-1.0-1",), (), (*GCC, "libgirepository1.0-dev",
    "libcairo2-dev", "pkg-config"), source=True),
    "django-auth-ldap": Needs(),
}  # fmt: skip


def decide(
    tree: Tree,
    source: str,
    settings: Settings,
    dependencies: Dependencies,
    wheels: Answer,
    python: str,
    steps: tuple[str, ...],
    lacking_driver: str,
) -> list[Decision]:
    """The decisions ``system_packages`` and ``build_packages``."""
    run: dict[str, tuple[str, Evidence]] = {}
    build: dict[str, tuple[str, Evidence]] = {}
    without = {**wheels.lacking.get(python, {}), **dict.fromkeys(wheels.source_only, "")}
    wanted = list(dependencies.needed.values())
    if lacking_driver:
        wanted.append(Needed(lacking_driver))
    wanted += [Needed("psycopg-c", where=one.where) for one in wanted if _with_c(one)]
    for one in wanted:
        needs = TABLE.get(one.name, Needs())
        compiled = one.name in without or needs.source
        if one.name in SERVERS and compiled:
            continue
        if one.name == "psycopg" and one.extras & {"binary"}:
            continue
        for package in (*needs.always, *(needs.linked if compiled else ())):
            run.setdefault(package, (one.name, one.where))
        for package in (needs.build or GCC) if compiled else ():
            build.setdefault(package, (one.name, one.where))
        if one.url.startswith("git+"):
            build.setdefault("git", (one.name, one.where))
    if dependencies.has("psycopg-binary"):
        run.pop("libpq5", None)
    _of_settings(settings, run)
    _of_code(tree, source, run)
    build |= _node_tool(settings)
    if "compilemessages" in steps:
        build.setdefault("gettext", ("compilemessages", Evidence("", 0, "")))
    return [
        *_decision("system_packages", run, "at run time"),
        *_decision("build_packages", build, "to be built, as there is no wheel of it"),
    ]


def _with_c(one: Needed) -> bool:
    """psycopg[c], which a list without a lock has of psycopg-c."""
    return one.name == "psycopg" and "c" in one.extras


def _node_tool(settings: Settings) -> dict[str, tuple[str, Evidence]]:
    """Node, where settings name a program of npm's for collectstatic: django-pipeline's compressors."""
    values = [(value, 0) for name, value in settings.values.items() if name.isupper()]
    while values:
        value, depth = values.pop()
        if "node_modules/.bin/" in (value.text or ""):
            where = value.where or Evidence(settings.path, 0, "")
            return {"nodejs": ("a program of npm's", where)}
        if depth < 4:
            values += [(one, depth + 1) for one in (*value.items, *value.table.values())]
    return {}


def _of_settings(settings: Settings, run: dict[str, tuple[str, Evidence]]) -> None:
    apps = settings.get("INSTALLED_APPS")
    engine = settings.get("DATABASES").get("default").get("ENGINE").text or ""
    if "django.contrib.gis" in apps.texts or "gis" in engine or "spatialite" in engine:
        where = apps.where or Evidence(settings.path, 0, "")
        # It brings GEOS and PROJ, too:
        # https://docs.djangoproject.com/en/stable/ref/contrib/gis/install/geolibs/
        run.setdefault("gdal-bin", ("django.contrib.gis", where))
        if "spatialite" in engine:
            run.setdefault("libsqlite3-mod-spatialite", ("SpatiaLite", where))


#: Of GeoDjango what is used without its application: points and shapes, which GEOS and GDAL make.
_GEO = re.compile(
    r"(?m)^(?:from|import) django\.contrib\.gis\.(?:geos|gdal|db|forms|admin|utils|serializers)\b"
    r"|^from django\.contrib\.gis import"
)
_TEST = re.compile(r"(^|/)(tests?|docs|commands)/|(^|/)(test_\w+|tests|conftest)\.py$")


def _of_code(tree: Tree, source: str, run: dict[str, tuple[str, Evidence]]) -> None:
    if "gdal-bin" in run:
        return
    for path in tree.under(source, ".py"):
        hit = None if _TEST.search(path) else tree.search(path, _GEO)
        if hit:
            run["gdal-bin"] = ("django.contrib.gis", hit[1])
            return


def _decision(key: str, found: dict[str, tuple[str, Evidence]], why: str) -> list[Decision]:
    if not found:
        return []
    owners = list(dict.fromkeys(owner for owner, _ in found.values()))
    lines = tuple(dict.fromkeys(where for _, where in found.values() if where.path))
    more = " and more" if len(owners) > 6 else ""
    verb = "needs" if len(owners) == 1 else "need"
    reason = f"{', '.join(owners[:6])}{more} {verb} them {why}"
    return [Decision(key, tuple(sorted(found)), reason, lines[:6])]
