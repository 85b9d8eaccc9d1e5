"""The project's own settings, with what OVERRIDES names set from the stack's environment.

Used inside of containers only, in the place of the project's settings module (DJDOCK_SETTINGS), and
only where ``overrides`` of [tool.djdock] names something: a value that is written into the settings and
cannot be right in a container. Everything else stays as the project has it.
"""

import importlib
import os
import re
import sys
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

#: Whoever reads settings has imported Django.
DJANGO = getattr(sys.modules.get("django"), "VERSION", (9,))

#: The volume of what the site writes.
DATA = Path("/srv/data")

ENGINES = {
    "postgres": "postgresql", "postgresql": "postgresql", "pgsql": "postgresql", "psql": "postgresql",
    "postgis": "postgis", "mysql": "mysql", "mysql2": "mysql", "mariadb": "mysql", "sqlite": "sqlite3",
    "sqlite3": "sqlite3", "spatialite": "spatialite",
}  # fmt: skip

#: Engines with geometry, by those without.
SPATIAL = {"postgresql": "postgis", "mysql": "mysql", "sqlite3": "spatialite"}


#: This machine, and the add-ons by the ports that they answer on.
HERE = ("localhost", "127.0.0.1", "::1")
SERVERS = {"6379": "redis", "11211": "memcached"}
LOCAL = re.compile(
    r"^(?P<head>(?:(?P<scheme>\w+)://)?(?:[^/@\s]*@)?)(?:localhost|127\.0\.0\.1|\[::1\])"
    r"(?P<tail>(?::(?P<port>\d+))?(?:[/?,]|$))"
)


def variable(*names):
    """The first of these variables that has a value, or the content of the file that NAME_FILE names."""
    for name in names:
        if os.environ.get(name):
            return os.environ[name]
        path = os.environ.get(name + "_FILE")
        if path and Path(path).is_file():
            return Path(path).read_text(encoding="utf-8").strip()
    return ""


def words(*names):
    """A list, separated by commas."""
    return [word.strip() for word in variable(*names).split(",") if word.strip()]


def engine(name, old, apps):
    """The dotted path of an engine: the project's own where it is of this kind."""
    kind = ENGINES.get(name.rpartition(".")[2].replace("postgresql_psycopg2", "postgresql"), name)
    plain = {"postgis": "postgresql", "spatialite": "sqlite3"}.get(kind, kind)
    mine = old.rpartition(".")[2].replace("postgresql_psycopg2", "postgresql")
    # The add-on's DATABASE_ENGINE is a word, which settings may take for the whole name.
    whole = "." in old and ("psycopg2" not in old or DJANGO < (1, 9))
    if whole and mine in (plain, SPATIAL.get(plain)):
        return old
    if kind == "postgresql" and DJANGO < (1, 9):
        kind = "postgresql_psycopg2"
    if "django.contrib.gis" in apps:
        return "django.contrib.gis.db.backends." + SPATIAL.get(plain, plain)
    return "django.db.backends." + kind if "." not in kind else kind


def database(old, apps):
    """The default database, from DATABASE_URL or from DATABASE_ENGINE and its like; the old one
    without them.
    """
    url = variable("DATABASE_URL")
    if url:
        parts = urlsplit(url)
        name = unquote(parts.path[1:])
        new = {
            "ENGINE": parts.scheme.split("+")[0],
            "NAME": name, "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "", "PORT": str(parts.port or ""),
        }  # fmt: skip
        more = dict(parse_qsl(parts.query))
    elif variable("DATABASE_ENGINE", "DATABASE_HOST"):
        new = {
            "ENGINE": variable("DATABASE_ENGINE") or "postgresql", "NAME": variable("DATABASE_NAME"),
            "USER": variable("DATABASE_USERNAME", "DATABASE_USER"),
            "PASSWORD": variable("DATABASE_PASSWORD"),
            "HOST": variable("DATABASE_HOST"), "PORT": variable("DATABASE_PORT"),
        }  # fmt: skip
        more = {}
    else:
        return old
    before = old.get("ENGINE", "")
    new["ENGINE"] = engine(new["ENGINE"], before, apps)
    same = before.rpartition(".")[2][:5] == new["ENGINE"].rpartition(".")[2][:5]
    kept = {
        key: value for key, value in old.items() if key not in new and (same or key != "OPTIONS")
    }
    if "sslmode" in kept.get("OPTIONS", {}):
        # The address says it where it is wanted: the stack's own database has no certificate.
        kept["OPTIONS"] = {k: v for k, v in kept["OPTIONS"].items() if k != "sslmode"}
    if more:
        kept["OPTIONS"] = {**kept.get("OPTIONS", {}), **more}
    if new["ENGINE"].endswith(("sqlite3", "spatialite")):
        new = {"ENGINE": new["ENGINE"], "NAME": new["NAME"] or str(DATA / "db.sqlite3")}
    return {**kept, **new}


def cache(old):
    """The default cache, from CACHE_URL or REDIS_URL; in memory where there is neither."""
    url = variable("CACHE_URL", "REDIS_URL")
    backend = old.get("BACKEND", "")
    if url.startswith(("redis", "valkey")):
        mine = "redis" in backend.lower()
        new = {
            "BACKEND": backend if mine else "django.core.cache.backends.redis.RedisCache",
            "LOCATION": url,
        }
        return {**(old if mine else {}), **new}
    if url.startswith("memcache"):
        mine = "memcache" in backend.lower()
        new = backend if mine else "django.core.cache.backends.memcached.PyMemcacheCache"
        return {"BACKEND": new, "LOCATION": urlsplit(url).netloc}
    if backend.endswith(("LocMemCache", "DummyCache", "DatabaseCache")):
        return old
    return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}


def to_console(logging):
    """LOGGING whose handlers write to the console where they wrote to files."""
    handlers = {}
    for name, handler in logging.get("handlers", {}).items():
        if "filename" in handler or str(handler.get("class", "")).endswith("FileHandler"):
            kept = {
                key: handler[key] for key in ("level", "formatter", "filters") if key in handler
            }
            handler = {**kept, "class": "logging.StreamHandler"}
        handlers[name] = handler
    return {**logging, "handlers": handlers}


def like(old, path):
    """A path of the kind that the settings have it as: code may put a slash behind it."""
    return Path(path) if isinstance(old, Path) else path


def with_whitenoise(middleware):
    """MIDDLEWARE with WhiteNoise behind Django's own for security, as its documentation has it."""
    name = "whitenoise.middleware.WhiteNoiseMiddleware"
    found = [item for item in middleware if item != name]
    at = next((i for i, item in enumerate(found) if item.endswith("SecurityMiddleware")), -1)
    return [*found[: at + 1], name, *found[at + 1 :]]


def changed(values, what):  # noqa: C901 - one branch for each name
    """The settings among ``values`` that change, for the names in ``what``; see docs/projects.md."""
    new = {}
    apps = values.get("INSTALLED_APPS") or ()
    if "database" in what:
        every = dict(values.get("DATABASES") or {})
        entry = every.get("default")
        # A URL in the place of an entry is a mistake that Django finds only where it is used.
        every["default"] = database(dict(entry) if isinstance(entry, dict) else {}, apps)
        new["DATABASES"] = every
        if isinstance(values.get("DATABASE"), dict):
            new["DATABASE"] = database(dict(values["DATABASE"]), apps)
    if "static_root" in what:
        start = os.environ.get("DJDOCK_STATIC", os.environ.get("STATIC")) == "start"
        root = str(DATA / "static") if start else "/app/collected-static"
        new["STATIC_ROOT"] = like(values.get("STATIC_ROOT"), root)
        new["STATIC_URL"] = values.get("STATIC_URL") or "/static/"
    if "media_root" in what:
        root = variable("DJANGO_MEDIA_ROOT", "MEDIA_ROOT") or str(DATA / "media")
        new["MEDIA_ROOT"] = like(values.get("MEDIA_ROOT"), root)
        new["MEDIA_URL"] = values.get("MEDIA_URL") or "/media/"
    if "allowed_hosts" in what:
        hosts = words("DJANGO_ALLOWED_HOSTS", "ALLOWED_HOSTS") or [
            "127.0.0.1",
            "localhost",
            "[::1]",
        ]
        new["ALLOWED_HOSTS"] = list(dict.fromkeys([*(values.get("ALLOWED_HOSTS") or ()), *hosts]))
    if "secret_key" in what:
        new["SECRET_KEY"] = variable("DJANGO_SECRET_KEY", "SECRET_KEY") or values.get(
            "SECRET_KEY", ""
        )
    if "debug" in what:
        new["DEBUG"] = variable("DJANGO_DEBUG", "DEBUG").lower() in ("1", "true", "yes", "on")
    if "cache" in what:
        every = dict(values.get("CACHES") or {})
        new["CACHES"] = {name: cache(dict(one)) for name, one in (every or {"default": {}}).items()}
    if "broker" in what:
        url = variable("CELERY_BROKER_URL", "BROKER_URL", "REDIS_URL")
        for name in ("CELERY_BROKER_URL", "BROKER_URL"):
            if url and (name in values or name.startswith("CELERY")):
                new[name] = url
        result = values.get("CELERY_RESULT_BACKEND")
        if url.startswith("redis") and result and "://" in str(result):
            new["CELERY_RESULT_BACKEND"] = url
    if "channel_layers" in what and variable("REDIS_URL", "CACHE_URL"):
        url = variable("REDIS_URL", "CACHE_URL")
        new["CHANNEL_LAYERS"] = {
            "default": {
                "BACKEND": "channels_redis.core.RedisChannelLayer",
                "CONFIG": {"hosts": [url]},
            }
        }
    if "csrf_trusted_origins" in what:
        more = words("DJANGO_CSRF_TRUSTED_ORIGINS", "CSRF_TRUSTED_ORIGINS")
        new["CSRF_TRUSTED_ORIGINS"] = list(
            dict.fromkeys([*(values.get("CSRF_TRUSTED_ORIGINS") or ()), *more])
        )
    if "email" in what and variable("EMAIL_HOST"):
        new["EMAIL_HOST"], new["EMAIL_PORT"] = (
            variable("EMAIL_HOST"),
            int(variable("EMAIL_PORT") or 25),
        )
    if "https" in what and variable("DJANGO_HTTPS").lower() not in ("1", "true", "yes", "on"):
        new.update(SECURE_SSL_REDIRECT=False, SESSION_COOKIE_SECURE=False, CSRF_COOKIE_SECURE=False)
    if "services" in what:
        for key, value in values.items():
            if key not in new and isinstance(value, (str, dict, list, tuple)):
                new[key] = redirected(value)
    if "compress" in what:
        new["COMPRESS_ENABLED"] = False
    if "logging" in what and values.get("LOGGING"):
        new["LOGGING"] = to_console(values["LOGGING"])
    if "whitenoise" in what:
        new["MIDDLEWARE"] = with_whitenoise(values.get("MIDDLEWARE") or ())
    return new


def server(found):
    """The host for a match of LOCAL: as it is where no add-on answers there."""
    redis = (found["scheme"] or "").startswith("redis") and not found["port"]
    old = found[0][len(found["head"]) : len(found[0]) - len(found["tail"])]
    return "redis" if redis else SERVERS.get(found["port"], old)


def redirected(value):
    """A value whose addresses of this very machine are those of the stack's services."""
    if isinstance(value, str):
        return LOCAL.sub(lambda found: found["head"] + server(found) + found["tail"], value)
    if isinstance(value, dict):
        names = {str(key).lower(): key for key in value}
        host, port = names.get("host"), str(value.get(names.get("port"), ""))
        new = {key: redirected(one) for key, one in value.items()}
        if host is not None and value[host] in HERE and port in SERVERS:
            new[host] = SERVERS[port]
        return new
    if type(value) in (list, tuple):
        if len(value) == 2 and value[0] in HERE and str(value[1]) in SERVERS:
            return type(value)((SERVERS[str(value[1])], value[1]))
        return type(value)(redirected(one) for one in value)
    return value


def configure(what):
    """Changes the modules that the image made of examples, before settings are read that rest on
    them.
    """
    # While the image is built this file is in another folder, too.
    places = (Path(__file__).parent, Path("/opt/djdock/settings"))
    lists = [place / "djdock_examples.txt" for place in places]
    names = next((path.read_text() for path in lists if path.is_file()), "")
    for name in names.split():
        module = importlib.import_module(name)
        values = {key: value for key, value in vars(module).items() if key.isupper()}
        for key, value in changed(values, what).items():
            if key in values:
                setattr(module, key, value)


def project(name):
    """The project's own settings module.

    A package may ask for Django's settings as it is imported (`django.setup()` in a Celery module that
    it begins with). Then this one is imported once more, and not found half made. The module itself
    finds its own name in the environment: of that it may make the path of its package.
    """
    this = sys.modules.pop(__name__, None)
    asked = os.environ.get("DJANGO_SETTINGS_MODULE")
    try:
        if "." in name:
            importlib.import_module(name.rpartition(".")[0])
        # (django-configurations would set up the class of a module by that name as it is imported.)
        if asked is not None and not os.environ.get("DJANGO_CONFIGURATION"):
            os.environ["DJANGO_SETTINGS_MODULE"] = name
        return importlib.import_module(name)
    finally:
        if asked is not None:
            os.environ["DJANGO_SETTINGS_MODULE"] = asked
        if this is not None:
            sys.modules[__name__] = this


def settings_of(name, what):
    """The module's settings by name, changed."""
    module = project(name)
    values = {key: getattr(module, key) for key in dir(module) if key.isupper()}
    return {**values, **changed(values, what)}


def configuration(name, what):
    """For django-configurations: the project's class, which changes what it has come to in the end."""
    base = getattr(importlib.import_module(os.environ["DJDOCK_SETTINGS"]), name)

    def post_setup(cls):
        super(found, cls).post_setup()
        module = sys.modules[__name__]
        for key, value in changed(vars(module), what).items():
            setattr(module, key, value)

    found = type(name, (base,), {"post_setup": classmethod(post_setup), "__module__": __name__})
    return found


_project = os.environ.get("DJDOCK_SETTINGS")
_what = os.environ.get("DJDOCK_OVERRIDES", "").split()
if _project:
    configure(_what)
    _class = os.environ.get("DJANGO_CONFIGURATION")
    if _class and hasattr(project(_project), _class):
        globals()[_class] = configuration(_class, _what)
    else:
        globals().update(settings_of(_project, _what))
