"""The languages that a site offers, by its settings."""

from __future__ import annotations

import pytest
from images import own

from djdock.images import findings
from djdock.images.owners import keep
from djdock.images.owners.languages import languages

SITE = "usr/local/lib/python3.13/site-packages"

HANS = b'LANGUAGE_CODE = "en-us"\nLANGUAGES = [("en", _("English")), ("zh-hans", "\xe7\xae\x80")]\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HANS, {"en", "en_us", "zh_hans"}),
        (b'LANGUAGES = (("pt-br", "x"),)', {"en", "pt_br"}),
        (b'PATTERN = "\\d"\nLANGUAGES: list = [("pt", "x")]', {"en", "pt"}),
        (b'LANGUAGE_CODE = "de"', None),
        (b"from .base import *", None),
        (b"LANGUAGES = [language for language in ALL]", None),
        (b"LANGUAGES = [*MORE, 3, ()]", None),
        (b"LANGUAGES = [(", None),
        (b"\0", None),
    ],
)
def test_languages_are_read_as_text(text: bytes, said: set[str] | None) -> None:
    assert languages({"app/config/settings.py": text}) == said


def test_of_several_settings_all_count_and_packages_none() -> None:
    contents = {
        "app/site/settings/base.py": HANS,
        "app/site/settings/local.py": b'LANGUAGES = [("fr", "x")]',
        "venv/lib/python3.13/site-packages/shop/settings.py": b'LANGUAGES = [("it", "x")]',
    }
    assert languages(contents) == {"en", "en_us", "zh_hans", "fr"}
    assert [keep(path, 10) for path in contents] == [True, True, False]
    assert not keep("app/site/settings.py", 10**8)


def test_translations_that_the_settings_do_not_offer_are_found() -> None:
    codes = ("de", "en", "fr", "zh_Hans", "zh_CN")
    names = {f"{SITE}/django/conf/locale/{code}/LC_MESSAGES/django.mo": 9 for code in codes}
    files = {
        **names,
        "app/manage.py": 1,
        "app/locale/de/LC_MESSAGES/django.mo": 9,  # translated, and not offered yet
        "app/config/settings.py": HANS.decode(),
    }
    [found] = [item for item in findings.find(own(files)) if item.rule == "locales"]
    assert {file.path.split("/")[-3] for file in found.files} == {"de", "fr"}
