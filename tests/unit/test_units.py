from __future__ import annotations

import pytest

from djdock import units
from djdock.errors import UsageError


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("1000000", 1_000_000),
        ("12B", 12),
        ("150MB", 150_000_000),
        ("133MiB", 133 * 1024**2),
        ("1.5GB", 1_500_000_000),
        ("1.5GiB", 1_610_612_736),
        ("2TB", 2 * 10**12),
        (" 150 mb ", 150_000_000),
        ("2.3MB", 2_300_000),  # binary floating point makes 2 299 999 of it
        ("1.001kB", 1001),
        ("9007199254740993", 2**53 + 1),  # beyond what a float holds
    ],
)
def test_sizes_are_exact(text: str, number: int) -> None:
    assert units.size(text) == number


@pytest.mark.parametrize(
    "text", ["", "MB", "150M", "150k", "150iB", "-1MB", "1e6", "1,5MB", "150 MB x", "150PB", "nan"]
)
def test_what_is_no_size_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        units.size(text, what="--max")
    assert str(caught.value) == (
        f"--max `{text}` is not a size.\nWrite it like 150MB (decimal) or 133MiB (binary)."
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("64m", 64 * 1024**2),
        ("64M", 64 * 1024**2),
        ("64mb", 64 * 1024**2),
        ("64MiB", 64 * 1024**2),
        ("0.5g", 512 * 1024**2),
        ("134217728", 134217728),
        ("131072k", 131072 * 1024),
    ],
)
def test_dockers_limits_are_powers_of_1024(text: str, number: int) -> None:
    assert units.docker_limit(text, what="WEB_MEMORY", least=1) == number


@pytest.mark.parametrize("text", ["lots", "512q", "-1", "1.5.2m", "512ib"])
def test_a_limit_that_docker_cannot_parse_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        units.docker_limit(text, what="WEB_MEMORY", least=1)
    assert str(caught.value) == f"WEB_MEMORY `{text}` is not a size.\nWrite it like 512m or 1g."


def test_a_limit_that_is_too_small_is_refused_with_the_least() -> None:
    least = 64 * 1024**2
    assert units.docker_limit(str(least), what="WEB_MEMORY", least=least) == least
    with pytest.raises(UsageError) as caught:
        units.docker_limit("1k", what="WEB_MEMORY", least=least)
    assert str(caught.value) == "WEB_MEMORY `1k` is too small: 1024 bytes.\nGive it at least 64m."


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (9994, "9.99 kB"),
        (9996, "10.0 kB"),
        (99_960, "100 kB"),
        (123_456_789, "123 MB"),
        (999_499_999, "999 MB"),
        (999_500_000, "1.00 GB"),  # never "1000 MB"
        (1_100_000_000, "1.10 GB"),
        (2.5e12, "2.50 TB"),
        (-1500, "-1.50 kB"),
    ],
)
def test_people_read_three_significant_digits(number: float, text: str) -> None:
    assert units.human(number) == text
