"""Distributions by the modules that are imported of them, for a project that names no requirements.

The names are those of the packages' own documentation; a module that is not in the table has the name of
its distribution, which is so for most.
"""

from __future__ import annotations

import ast
import re
import sys

from djdock.inspect import syntax
from djdock.inspect.model import Evidence
from djdock.inspect.tree import SAMPLE, Tree

#: Modules that go by another name than their distribution.
TABLE = {
    "PIL": "pillow", "rest_framework": "djangorestframework", "corsheaders": "django-cors-headers",
    "rest_framework_simplejwt": "djangorestframework-simplejwt", "crispy_forms": "django-crispy-forms",
    "crispy_bootstrap4": "crispy-bootstrap4", "crispy_bootstrap5": "crispy-bootstrap5",
    "debug_toolbar": "django-debug-toolbar", "django_filters": "django-filter",
    "environ": "django-environ",
    "decouple": "python-decouple", "dotenv": "python-dotenv", "yaml": "pyyaml", "bs4": "beautifulsoup4",
    "allauth": "django-allauth", "storages": "django-storages", "ckeditor": "django-ckeditor",
    "ckeditor_uploader": "django-ckeditor", "django_ckeditor_5": "django-ckeditor-5",
    "mptt": "django-mptt",
    "taggit": "django-taggit", "phonenumber_field": "django-phonenumber-field", "import_export":
    "django-import-export", "django_extensions": "django-extensions",
    "widget_tweaks": "django-widget-tweaks",
    "bootstrap4": "django-bootstrap4", "bootstrap5": "django-bootstrap-v5", "django_bootstrap5":
    "django-bootstrap5", "tinymce": "django-tinymce", "django_summernote": "django-summernote",
    "colorfield": "django-colorfield", "model_utils": "django-model-utils",
    "django_redis": "django-redis",
    "channels_redis": "channels-redis", "django_celery_beat": "django-celery-beat",
    "django_celery_results": "django-celery-results", "django_countries": "django-countries",
    "social_django": "social-auth-app-django", "oauth2_provider": "django-oauth-toolkit",
    "simple_history":
    "django-simple-history", "guardian": "django-guardian", "reversion": "django-reversion",
    "compressor":
    "django-compressor", "pipeline": "django-pipeline", "sass_processor": "django-sass-processor",
    "webpack_loader": "django-webpack-loader", "django_vite": "django-vite",
    "tailwind": "django-tailwind",
    "drf_yasg": "drf-yasg", "drf_spectacular": "drf-spectacular", "graphene_django": "graphene-django",
    "djoser": "djoser", "cloudinary": "cloudinary", "cloudinary_storage": "django-cloudinary-storage",
    "jazzmin": "django-jazzmin", "imagekit": "django-imagekit", "easy_thumbnails": "easy-thumbnails",
    "sorl": "sorl-thumbnail", "psycopg2": "psycopg2-binary", "psycopg": "psycopg[binary]", "MySQLdb":
    "mysqlclient", "cv2": "opencv-python-headless", "sklearn": "scikit-learn", "jwt": "pyjwt", "magic":
    "python-magic", "dateutil": "python-dateutil", "slugify": "python-slugify", "docx": "python-docx",
    "pptx": "python-pptx", "serial": "pyserial", "Crypto": "pycryptodome", "OpenSSL": "pyopenssl",
    "ldap":
    "python-ldap", "django_auth_ldap": "django-auth-ldap", "git": "gitpython", "github": "pygithub",
    "telegram": "python-telegram-bot", "attr": "attrs", "google": "google-api-python-client",
    "whitenoise":
    "whitenoise", "django_htmx": "django-htmx", "formtools": "django-formtools", "captcha":
    "django-simple-captcha", "axes": "django-axes", "hijack": "django-hijack", "waffle": "django-waffle",
    "constance": "django-constance", "solo": "django-solo", "adminsortable2": "django-admin-sortable2",
    "rosetta": "django-rosetta", "modeltranslation": "django-modeltranslation",
    "parler": "django-parler",
    "haystack": "django-haystack", "elasticsearch_dsl": "elasticsearch-dsl", "django_elasticsearch_dsl":
    "django-elasticsearch-dsl", "anymail": "django-anymail", "post_office": "django-post-office",
    "django_q": "django-q2", "django_rq": "django-rq", "rq": "rq", "huey": "huey", "kombu": "kombu",
    "markdownx": "django-markdownx", "markdown": "markdown", "mdeditor": "django-mdeditor",
    "pytz": "pytz",
    "admin_honeypot": "django-admin-honeypot", "django_tables2": "django-tables2", "dal":
    "django-autocomplete-light", "select2": "django-select2", "django_select2": "django-select2",
    "configurations": "django-configurations", "dj_database_url": "dj-database-url", "django_heroku":
    "django-heroku", "sentry_sdk": "sentry-sdk", "raven": "raven", "qrcode": "qrcode", "weasyprint":
    "weasyprint", "xhtml2pdf": "xhtml2pdf", "razorpay": "razorpay", "stripe": "stripe", "paypal":
    "django-paypal", "paypalrestsdk": "paypalrestsdk", "boto": "boto",
    "embed_video": "django-embed-video",
    "star_ratings": "django-star-ratings", "notifications": "django-notifications-hq", "ratelimit":
    "django-ratelimit", "django_ratelimit": "django-ratelimit",
    "location_field": "django-location-field",
    "leaflet": "django-leaflet", "rest_framework_gis": "djangorestframework-gis",
    "knox": "django-rest-knox",
    "dj_rest_auth": "dj-rest-auth", "rest_auth": "django-rest-auth", "polymorphic": "django-polymorphic",
    "treebeard": "django-treebeard", "modelcluster": "django-modelcluster", "multiselectfield":
    "django-multiselectfield", "extra_views": "django-extra-views", "fontawesomefree": "fontawesomefree",
    "fontawesome_free": "fontawesome-free", "unfold": "django-unfold", "grappelli": "django-grappelli",
    "suit": "django-suit", "jet": "django-3-jet", "background_task": "django-background-tasks",
    "django_crontab":
    "django-crontab", "django_browser_reload": "django-browser-reload", "silk": "django-silk",
    "nested_admin":
    "django-nested-admin", "ninja": "django-ninja", "strawberry": "strawberry-graphql",
    "cms": "django-cms",
    "filer": "django-filer", "mailer": "django-mailer", "dbbackup": "django-dbbackup", "cachalot":
    "django-cachalot", "user_agents": "user-agents", "ipware": "django-ipware",
    "pkg_resources": "setuptools",
    "zxcvbn_password": "django-zxcvbn-password", "sslserver": "django-sslserver", "health_check":
    "django-health-check", "maintenance_mode": "django-maintenance-mode", "robots": "django-robots",
    "django_jinja": "django-jinja", "jinja2": "jinja2", "MySQLdb.cursors": "mysqlclient",
    "png": "pypng", "fitz": "pymupdf", "nacl": "pynacl", "zmq": "pyzmq", "usb": "pyusb",
    "speech_recognition": "speechrecognition", "googleapiclient": "google-api-python-client",
    "skimage": "scikit-image", "mpl_toolkits": "matplotlib", "pyrebase": "pyrebase4",
    "dns": "dnspython", "jose": "python-jose", "socketio": "python-socketio",
    "telebot": "pytelegrambotapi", "discord": "discord.py", "barcode": "python-barcode",
    "Levenshtein": "python-levenshtein", "ruamel": "ruamel.yaml", "mysql": "mysql-connector-python",
    "bson": "pymongo", "gridfs": "pymongo", "rest_framework_swagger": "django-rest-swagger",
    "drf_writable_nested": "drf-writable-nested", "ckeditor_5": "django-ckeditor-5",
    "django_user_agents": "django-user-agents", "active_link": "django-active-link",
    "admin_interface": "django-admin-interface", "bootstrap_datepicker_plus":
    "django-bootstrap-datepicker-plus", "bootstrap_modal_forms": "django-bootstrap-modal-forms",
    "hitcount": "django-hitcount", "sitetree": "django-sitetree", "ordered_model":
    "django-ordered-model", "smart_selects": "django-smart-selects", "cities_light":
    "django-cities-light", "rangefilter": "django-admin-rangefilter", "mathfilters":
    "django-mathfilters", "celery_progress": "celery-progress", "webpush": "django-webpush",
}  # fmt: skip

#: The namespace of many distributions: what is in it has those of its second part, else of its first.
GOOGLE = {
    "google.generativeai": "google-generativeai", "google.genai": "google-genai",
    "google.auth": "google-auth", "google.oauth2": "google-auth", "google.protobuf": "protobuf",
    "google.api_core": "google-api-core", "google.adk": "google-adk",
}  # fmt: skip

#: Of the standard library once: they have no distributions, and a program that needs one of them tries
#: others, or runs on no Python that there is.
GONE = frozenset((
    "asynchat", "asyncore", "distutils", "imp", "smtpd", "aifc", "audioop", "cgi", "cgitb", "chunk",
    "crypt", "imghdr", "lib2to3", "mailcap", "msilib", "nis", "nntplib", "ossaudiodev", "pipes",
    "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib", "ConfigParser", "Queue", "StringIO",
    "cPickle", "cStringIO", "commands", "httplib", "urllib2", "urlparse",
))  # fmt: skip

#: Of Windows alone.
WINDOWS = frozenset((
    "win32api", "win32com", "win32con", "win32gui", "winsound", "winreg", "pythoncom", "pywintypes",
    "msvcrt",
))  # fmt: skip


def distributions(tree: Tree, source: str, apps: tuple[str, ...]) -> dict[str, Evidence]:
    """The distributions that the project's files import and its INSTALLED_APPS name, with the lines."""
    own = _own(tree, source)
    found: dict[str, Evidence] = {}
    for path in tree.under(source, ".py")[:SAMPLE]:
        if "/tests/" in path or path.rpartition("/")[2].startswith(("test_", "conftest")):
            continue
        for module, line in modules(tree.text(path) or ""):
            _add(found, module, own, tree.evidence(path, line))
    for app in apps:
        _add(found, app.partition(".")[0], own, Evidence("", 0, f"INSTALLED_APPS: {app}"))
    return found


def _add(found: dict[str, Evidence], module: str, own: frozenset[str], where: Evidence) -> None:
    if module in own or module in sys.stdlib_module_names or module in ("", "django"):
        return
    if module in GONE or module in WINDOWS:
        return
    # pylint's or the project's generated names are no distributions.
    if module.startswith("_") or not module.isascii():
        return
    found.setdefault(_distribution(module), where)


def _distribution(module: str) -> str:
    cloud = re.match(r"google\.cloud\.([a-z]\w*?)(_v\d\w*)?$", module)
    if cloud:
        return f"google-cloud-{cloud[1].replace('_', '-')}"
    if module.startswith("google."):
        return GOOGLE.get(module, TABLE["google"])
    return TABLE.get(module, module.lower().replace("_", "-"))


def _own(tree: Tree, source: str) -> frozenset[str]:
    """The names of the project's own modules, wherever they stand."""
    names = set()
    start = f"{source}/" if source else ""
    for path in tree.under(source, ".py"):
        parts = path.removeprefix(start).removesuffix(".py").split("/")
        names.update(parts)
    return frozenset(names)


def modules(text: str) -> list[tuple[str, int]]:
    """The first names of what a module imports outside of any ``try``, with the lines; of google's
    namespace those below it.
    """
    found = []
    stack: list[ast.stmt] = list(syntax.parse(text).body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import):
            found += [(_first(alias.name), node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [(one, node.lineno) for one in dict.fromkeys(map(_first, names))]
        elif not isinstance(node, ast.Try):
            stack += [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.stmt)]
    return found


def _first(dotted: str) -> str:
    parts = dotted.split(".")
    if parts[0] != "google":
        return parts[0]
    return ".".join(parts[: 3 if parts[1:2] == ["cloud"] else 2])
