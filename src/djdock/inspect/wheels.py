"""Which pins, and which newest versions below a bound, have a wheel for which Python: asked of the
package index, within seconds or not at all.

The index's JSON: https://packaging.python.org/en/latest/specifications/simple-repository-api/.
"""

from __future__ import annotations

import configparser
import contextlib
import json
import os
import re
import ssl
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import urllib3
from packaging.tags import Tag
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from djdock.inspect.requirement import Needed

#: Seconds for one answer, and for all of them.
ONE, ALL = 2.0, 6.0
#: Requests under way at once.
AT_ONCE = 16
#: Bytes of one answer: the longest lists of files have a few million.
MOST = 40_000_000

#: Distributions that have compiled parts. The others' wheels are for every Python, or made in a moment.
COMPILED = frozenset(
    {
        "aiohttp", "argon2-cffi-bindings", "asyncpg", "bcrypt", "brotli",
        "brotlicffi",
        "cairocffi", "cbor2", "cchardet", "cffi", "charset-normalizer", "ciso8601", "confluent-kafka",
        "coverage", "cryptography", "cytoolz", "dlib", "editdistance", "fiona", "frozenlist",
        "gdal", "gevent",
        "gmpy2", "greenlet", "grpcio", "grpcio-tools", "h5py", "hiredis", "httptools", "ijson",
        "jiter", "jq",
        "kiwisolver", "levenshtein", "libsass", "lightgbm", "lxml", "lz4", "markupsafe",
        "matplotlib", "maxminddb",
        "mmh3", "msgpack", "multidict", "murmurhash", "mysqlclient", "nh3", "numba", "numpy",
        "opencv-python",
        "opencv-python-headless", "orjson", "pandas", "pikepdf", "pillow", "preshed", "propcache",
        "protobuf",
        "psutil", "psycopg-binary", "psycopg-c", "psycopg2", "psycopg2-binary", "pyarrow",
        "pycairo", "pycares",
        "pycrypto", "pycryptodome", "pycryptodomex", "pycurl", "pydantic-core", "pygraphviz",
        "pyicu", "pylibmc",
        "pymongo", "pymssql", "pymupdf", "pynacl", "pyodbc", "pyproj", "pyrsistent", "python-ldap",
        "python-levenshtein", "python-snappy", "pyyaml", "pyzmq", "rapidfuzz", "rcssmin", "regex",
        "reportlab",
        "rjsmin", "rpds-py", "ruamel-yaml-clib", "scikit-image", "scikit-learn", "scipy",
        "sentencepiece", "shapely",
        "simplejson", "spacy", "sqlalchemy", "tensorflow", "thinc", "tiktoken", "time-machine",
        "tokenizers", "torch",
        "torchvision", "typed-ast", "ujson", "uvloop", "uwsgi", "watchfiles", "websockets",
        "wrapt", "xmlsec",
        "yarl", "zope-interface", "zstandard", "cmarkgfm", "pyahocorasick", "python-magic-bin",
        "tree-sitter",
    }
)  # fmt: skip

#: Where the index has no answer: the first version with wheels for a Python, of what is pinned most. The
#: index's lists of files, September 2025.
FIRST = {
    "psycopg2-binary": {
        "3.10": "2.9.2",
        "3.11": "2.9.5",
        "3.12": "2.9.8",
        "3.13": "2.9.10",
        "3.14": "2.9.11",
    },
    "pillow": {
        "3.10": "8.4.0",
        "3.11": "9.3.0",
        "3.12": "10.1.0",
        "3.13": "11.0.0",
        "3.14": "12.0.0",
    },
    "lxml": {"3.10": "4.7.1", "3.11": "4.9.2", "3.12": "4.9.4", "3.13": "5.3.0", "3.14": "6.0.1"},
    "numpy": {
        "3.10": "1.21.3",
        "3.11": "1.23.3",
        "3.12": "1.26.0",
        "3.13": "2.1.0",
        "3.14": "2.3.2",
    },
    "pandas": {"3.10": "1.3.4", "3.11": "1.5.1", "3.12": "2.1.1", "3.13": "2.2.3", "3.14": "2.3.3"},
    "cffi": {
        "3.10": "1.15.0",
        "3.11": "1.15.1",
        "3.12": "1.16.0",
        "3.13": "1.17.1",
        "3.14": "2.0.0",
    },
    "greenlet": {
        "3.10": "1.1.2",
        "3.11": "2.0.0",
        "3.12": "3.0.0",
        "3.13": "3.1.0",
        "3.14": "3.2.4",
    },
    "pyyaml": {"3.10": "6.0", "3.11": "6.0", "3.12": "6.0.1", "3.13": "6.0.2", "3.14": "6.0.3"},
}
#: Made from source in seconds, without a compiler where need be: their compiled parts are an extra.
OPTIONAL = frozenset(
    {"markupsafe", "simplejson", "wrapt", "sqlalchemy", "coverage", "zope-interface",
        "charset-normalizer", "msgpack",
     "websockets", "rcssmin", "rjsmin", "pymongo", "pyrsistent", "protobuf", "ruamel-yaml-clib",
     "reportlab", "pycryptodome"}
)  # fmt: skip


@dataclass
class Answer:
    """What is known of the pins: by Python, those without a wheel; and a word on how it is known."""

    lacking: dict[str, dict[str, str]] = field(default_factory=dict)
    #: Versions that the index does not have at all.
    gone: dict[str, str] = field(default_factory=dict)
    word: str = ""
    #: Pins that have a wheel for no Python: always built from source.
    source_only: frozenset[str] = frozenset()


Ask = Callable[[str], object]


def look(needed: Iterable[Needed], pythons: Iterable[str], ask: Ask | None = None) -> Answer:
    """The pins without a wheel for each Python. ``ask`` gives a project's page, or raises OSError."""
    pins = [one for one in needed if one.name in COMPILED and not one.url and _bounded(one)]
    answer = Answer()
    if not pins:
        return answer
    pages = _pages([one.name for one in pins], ask or of_index)
    source_only = set()
    versions = list(pythons)
    for one in pins:
        pin = one.pin or _newest(pages.get(one.name), one)
        if not pin:
            continue
        files = _files(pages.get(one.name), pin)
        without = [v for v in versions if one.applies(v) and not _has(one, files, v)]
        if files is not None and not files:
            answer.gone[one.name] = pin
            continue
        if len(without) == len(versions):
            source_only.add(one.name)
            continue
        for version in without:
            if one.name not in OPTIONAL:
                said = f"{one.name} {pin} has no wheel for Python {version}"
                answer.lacking.setdefault(version, {})[one.name] = said
    answer.source_only = frozenset(source_only)
    if len(pages) < len({one.name for one in pins}):
        answer.word = "The package index did not answer for all pins: a table stands in for it."
    return answer


def _bounded(one: Needed) -> bool:
    """Whether it is kept to a version, or below one."""
    return not one.specifier.contains("99999", prereleases=True)


def _newest(page: object, one: Needed) -> str:
    """The newest version of a page that is allowed; "" where none is known."""
    rows = page.get("files") if isinstance(page, dict) else None
    names = [row.get("filename") for row in rows or () if isinstance(row, dict)]
    found = {_version(name) for name in names if isinstance(name, str)}
    allowed = [version for version in found if version and one.specifier.contains(version)]
    return str(max(allowed)) if allowed else ""


def _has(one: Needed, files: list[str] | None, python: str) -> bool:
    if files is None:
        first = FIRST.get(one.name, {}).get(python)
        try:
            return first is None or Version(one.pin) >= Version(first)
        except InvalidVersion:
            return True
    return any(fits(name, python) for name in files)


def fits(name: str, python: str) -> bool:
    """Whether a wheel's name fits a Python on x86-64 Linux with glibc."""
    try:
        tags = parse_wheel_filename(name)[3]
    except (InvalidWheelFilename, InvalidVersion, ValueError):
        return False
    return any(_tag_fits(tag, python) for tag in tags)


def _tag_fits(tag: Tag, python: str) -> bool:
    if not (tag.platform == "any" or re.match(r"(many)?linux.*x86_64$", tag.platform)):
        return False
    mine = "cp" + python.replace(".", "")
    if tag.interpreter == mine:
        return tag.abi in (mine, "abi3", "none")
    if tag.interpreter in ("py3", "py2.py3"):
        return True
    other = re.match(r"cp3(\d+)$", tag.interpreter)
    return bool(other) and tag.abi == "abi3" and int(other[1]) <= int(python.partition(".")[2])  # type: ignore[index]


def _files(page: object, pin: str) -> list[str] | None:
    """The names of a version's files; None when the page is not known."""
    rows = page.get("files") if isinstance(page, dict) else None
    if not isinstance(rows, list):
        return None
    try:
        wanted = Version(pin)
    except InvalidVersion:
        return None
    names = [
        row["filename"]
        for row in rows
        if isinstance(row, dict) and isinstance(row.get("filename"), str)
    ]
    return [name for name in names if _version(name) == wanted]


def _version(name: str) -> Version | None:
    try:
        return (
            parse_wheel_filename(name)[1]
            if name.endswith(".whl")
            else parse_sdist_filename(name)[1]
        )
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion, ValueError):
        return None


def _pages(names: Iterable[str], ask: Ask) -> dict[str, object]:
    """The pages that answered in time."""
    found: dict[str, object] = {}
    pool = ThreadPoolExecutor(AT_ONCE)
    futures = {pool.submit(ask, name): name for name in dict.fromkeys(names)}
    with contextlib.suppress(TimeoutError):
        for future in as_completed(futures, timeout=ALL):
            with contextlib.suppress(OSError, ValueError):
                found[futures[future]] = future.result()
    # Those that still wait have a timeout of their own; nothing waits for them.
    pool.shutdown(wait=False, cancel_futures=True)
    return found


def of_index(name: str) -> object:
    """A project's page of the user's index, from the cache of the day. Raises OSError, ValueError."""
    cached = _cache() / f"{name}.json"
    with contextlib.suppress(OSError, ValueError):
        if time.time() - cached.stat().st_mtime < 86_400:
            return json.loads(cached.read_text(encoding="utf-8"))
    headers = {"Accept": "application/vnd.pypi.simple.v1+json"}
    try:
        got = _pool(proxy()).request(
            "GET", f"{index()}/{name}/", headers=headers, timeout=ONE, retries=False
        )
    except (urllib3.exceptions.HTTPError, ssl.SSLError) as error:
        raise OSError(str(error)) from error
    if (
        got.status != 200
        or "json" not in got.headers.get("Content-Type", "")
        or len(got.data) > MOST
    ):
        raise OSError(f"{got.status}")
    page = json.loads(got.data)
    # Names are all that is looked at.
    short = {"files": [{"filename": row.get("filename")} for row in page.get("files", [])]}
    with contextlib.suppress(OSError):
        cached.parent.mkdir(parents=True, exist_ok=True)
        cached.write_text(json.dumps(short), encoding="utf-8")
    return short


def status(address: str) -> int:
    """The status of a GET. Raises OSError when nothing answers within :data:`ONE` seconds."""
    try:
        got = _pool(proxy()).request(
            "GET", address, timeout=ONE, retries=False, redirect=True, preload_content=False
        )
    except (urllib3.exceptions.HTTPError, ssl.SSLError, ValueError) as error:
        raise OSError(str(error)) from error
    got.close()
    return int(got.status)


@cache
def _pool(address: str) -> urllib3.PoolManager:
    bundles = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
    bundle = next((os.environ[name] for name in bundles if os.environ.get(name)), None)
    if address:
        return urllib3.ProxyManager(address, maxsize=AT_ONCE, ca_certs=bundle)
    return urllib3.PoolManager(maxsize=AT_ONCE, ca_certs=bundle)


def proxy() -> str:
    """The proxy for https, or ""."""
    return os.environ.get("https_proxy") or os.environ.get("HTTPS_PROXY") or ""


def index() -> str:
    """The user's index, as pip and uv are told of it."""
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        if os.environ.get(name):
            return os.environ[name].rstrip("/")
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    places = [os.environ.get("PIP_CONFIG_FILE", ""), "/etc/pip.conf"]
    with contextlib.suppress(RuntimeError):
        places += [str(Path.home() / ".config/pip/pip.conf"), str(Path.home() / ".pip/pip.conf")]
    with contextlib.suppress(configparser.Error, OSError, UnicodeDecodeError):
        parser.read([place for place in places if place])
    return parser.get("global", "index-url", fallback=usual()).rstrip("/")


def usual() -> str:
    """The index that pip asks when it is told of none; "" where there is no pip."""
    try:
        from pip._internal.models.index import PyPI
    except ImportError:
        return ""
    return str(PyPI.simple_url)


def _cache() -> Path:
    folder = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - no home is no error
    return Path(folder) / "djdock" / "index"
