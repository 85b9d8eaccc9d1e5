"""Settings of the demo site; whatever differs between machines comes from the environment."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import toolbar
from config.caches import caches, shared
from config.database import database
from config.env import Env
from config.jobs import celery_settings
from config.logs import LEVELS, logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
TESTING = sys.argv[1:2] == ["test"]

env = Env()

DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = env.secret("DJANGO_SECRET_KEY")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(
            "DJANGO_SECRET_KEY is not set; set it (or DJANGO_SECRET_KEY_FILE) to a long random "
            "text, or set DEBUG=1 while developing."
        )
    SECRET_KEY = "django-insecure-for-development-only"  # noqa: S105  (only ever with DEBUG)

ALLOWED_HOSTS = env.words("DJANGO_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.words("DJANGO_CSRF_TRUSTED_ORIGINS")

# --- application ---------------------------------------------------------------------------------

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

INSTALLED_APPS = [
    "polls",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    # Before staticfiles: `runserver` then serves files the way production does.
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    # First, so that neither the host check nor the HTTPS redirect stands between it and a probe.
    "config.health.HealthMiddleware",
    "config.metrics.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

CACHES = caches(env)
# Read from the cache, kept in the database: nobody is logged out when the cache forgets, or is away.
SESSION_ENGINE = f"django.contrib.sessions.backends.{'cached_db' if shared(CACHES) else 'db'}"

# A visitor who only votes gets no session: the thank-you travels in a signed cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

DATABASES = {"default": database(env, BASE_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator"},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
]

LOGGING = logging_settings(
    env.choice("DJANGO_LOGLEVEL", "error" if TESTING else "info", LEVELS), DEBUG
)

# --- languages and time --------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = env.text("DJANGO_TIME_ZONE", "UTC")

# --- jobs ----------------------------------------------------------------------------------------

globals().update(celery_settings(env, TIME_ZONE))

# --- static files, and those that the site makes --------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("DJANGO_STATIC_ROOT", str(BASE_DIR / "staticfiles")))

MEDIA_URL = "media/"
MEDIA_ROOT = Path(env.text("DJANGO_MEDIA_ROOT", str(BASE_DIR / "media")))
# Worker and web then share a folder; elsewhere an export is answered at once, and needs neither.
EXPORT_IN_BACKGROUND = bool(env.text("CELERY_BROKER_URL") and env.text("DJANGO_MEDIA_ROOT"))

# Development and tests serve the sources, so neither needs collectstatic first.
_FROM_SOURCES = DEBUG or TESTING
_FILES = "django.contrib.staticfiles.storage.StaticFilesStorage"
_HASHED = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _FILES if _FROM_SOURCES else _HASHED},
}
WHITENOISE_USE_FINDERS = _FROM_SOURCES
WHITENOISE_AUTOREFRESH = _FROM_SOURCES
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # halves what collectstatic adds to an image

# --- what developers see ---------------------------------------------------------------------------

if DEBUG and find_spec("django_watchfiles"):
    INSTALLED_APPS.append("django_watchfiles")  # `runserver` is told of edits, and need not look
DEBUG_TOOLBAR = DEBUG and toolbar.wanted(env) and not TESTING
if DEBUG_TOOLBAR:
    INSTALLED_APPS.append("debug_toolbar")
    MIDDLEWARE.insert(
        MIDDLEWARE.index("config.csp.ContentSecurityPolicyMiddleware"), toolbar.MIDDLEWARE
    )
    DEBUG_TOOLBAR_CONFIG = {"SHOW_TOOLBAR_CALLBACK": "config.toolbar.is_shown"}

# --- mail ----------------------------------------------------------------------------------------

EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 25, 1, 65535)

# --- security ------------------------------------------------------------------------------------

X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

# True behind a proxy that ends TLS, and that sets (never passes on) X-Forwarded-Proto.
HTTPS = env.boolean("DJANGO_HTTPS", default=False) and not TESTING  # tests speak plain HTTP
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
