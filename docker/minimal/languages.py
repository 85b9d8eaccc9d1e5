"""Which translations a site can show."""

import re
from pathlib import Path

from .switching import switching

#: Where make_packages.py says which package switches languages.
NOTED = Path("/out/switching")


def switched(settings, site):
    """What shows the site in other languages than LANGUAGE_CODE, or None: a middleware, a file of the
    site's, or one of a package's.
    """
    names = getattr(settings, "MIDDLEWARE", None) or getattr(settings, "MIDDLEWARE_CLASSES", None)
    for name in names or ():
        if re.search("(?i)locale|lang|i18n|translat", str(name)):
            return str(name)
    if not NOTED.is_file():
        return "nobody knows whether a package"
    return NOTED.read_text(encoding="utf-8").strip() or switching(site)


def locales(settings, asked):
    """The names of locale folders that the site's languages lead to; None when it takes them all.

    ``asked`` is called, without arguments, where LANGUAGES is Django's own, which is all of them.
    """
    from django.conf import global_settings
    from django.conf.locale import LANG_INFO
    from django.utils.translation import to_locale

    if not settings.USE_I18N:
        codes = {settings.LANGUAGE_CODE}
    elif settings.LANGUAGES is global_settings.LANGUAGES:
        # Most sites have these, and nothing that ever activates one.
        if asked():
            return None
        codes = {settings.LANGUAGE_CODE}
    else:
        codes = {code for code, _ in settings.LANGUAGES} | {settings.LANGUAGE_CODE}
    codes = {code.lower() for code in codes} | {"en"}
    for code in list(codes):
        parts = code.split("-")
        codes |= {"-".join(parts[:n]) for n in range(1, len(parts))}
        codes |= set(LANG_INFO.get(code, {}).get("fallback", ()))
    # Packages may have named their folder after an alias, as zh_CN is one of zh_Hans.
    codes |= {code for code, info in LANG_INFO.items() if codes & set(info.get("fallback", ()))}
    return sorted({to_locale(code) for code in codes})
