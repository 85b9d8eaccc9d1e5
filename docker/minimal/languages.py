"""Which translations a site can show. As a program it prints the names of their folders, one per line.

Run in the project's folder, with its settings; `*` means all of them.
"""

import sys
from pathlib import Path


def locales(settings):
    """The names of locale folders that the site's languages lead to; None when it takes them all."""
    from django.conf import global_settings
    from django.conf.locale import LANG_INFO
    from django.utils.translation import to_locale

    if not settings.USE_I18N:
        codes = {settings.LANGUAGE_CODE}
    elif settings.LANGUAGES is global_settings.LANGUAGES:
        return None
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


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    from django.conf import settings

    print("\n".join(locales(settings) or ["*"]))
