"""Reading reports/images.json back: what djdock wrote is taken, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import reports

from djdock.errors import MissingError, UsageError
from djdock.report import data, read

Edit = Callable[[dict[str, Any]], object]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "images.json"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    data = reports.report()
    assert read.read(written(tmp_path, json.dumps(data))) == data


def test_measurements_may_be_missing_or_have_failed(tmp_path: Path) -> None:
    data = reports.report()
    first = data["variants"][0]
    first["measurements"].update(cold_build=None, first_200={"problem": "It did not answer."})
    first["baseline"] = {"problem": "there is no baseline"}
    first["figures"]["compressed_size"] = None
    assert read.read(written(tmp_path, json.dumps(data))) == data


def test_what_djdock_makes_has_that_shape(tmp_path: Path) -> None:
    contents = {
        key: value
        for key, value in reports.variant("x", unit=1).items()
        if key not in ("variant", "dockerfile", "base_image", "measurements", "baseline")
    }
    made = data.report("shop", [data.variant("python:3.13", contents)], engine="", store="archive")
    assert read.read(written(tmp_path, json.dumps(made))) == made


def test_a_report_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="There is no report") as caught:
        read.read(tmp_path / "images.json")
    assert "nox -s images" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[]", "it says no version"),
        ("null", "it says no version"),
        ("{}", "it says no version"),
        ('{"version": NaN}', "is of version nan"),
        ('{"version": 1}', "is of version 1, and this djdock draws 2"),
        ('{"version": "2"}', "is of version '2'"),
        ('{"version": true}', "is of version True"),
        ('{"version": 2}', "djdock is missing"),
        ("[" * 100_000, "too deep"),
    ],
)
def test_what_is_no_report_is_2(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=r"images\.json is ") as caught:
        read.read(written(tmp_path, text))
    assert problem in caught.value.problem


def test_bytes_that_are_no_text_are_2(tmp_path: Path) -> None:
    path = tmp_path / "images.json"
    path.write_bytes(b"\xff\xfe{")
    with pytest.raises(UsageError, match="cannot be read"):
        read.read(path)


def drop(*way: str | int) -> Edit:
    return lambda data: inner(data, way[:-1]).pop(way[-1])


def put(value: object, *way: str | int) -> Edit:
    return lambda data: inner(data, way[:-1]).__setitem__(way[-1], value)


def inner(data: Any, way: tuple[str | int, ...]) -> Any:
    for step in way:
        data = data[step]
    return data


FIRST = ("variants", 0)


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (drop("variants"), "variants is missing"),
        (put({}, "variants"), "variants is no list"),
        (put([1], "variants"), "variants[0] is no object"),
        (put("yes", "ok"), "ok is no true or false"),
        (put(1, "ok"), "ok is no true or false"),
        (put([1], "complaints"), "complaints[0] is no text"),
        (drop("budget", 0, "sentence"), "budget[0].sentence is missing"),
        (drop(*FIRST, "figures", "size"), "variants[0].figures.size is missing"),
        (put(-1, *FIRST, "figures", "size"), "variants[0].figures.size is no size or count"),
        (put("1 MB", *FIRST, "figures", "size"), "variants[0].figures.size is no size or count"),
        (put(1.5, *FIRST, "bytes"), "variants[0].bytes is no size or count"),
        (put(True, *FIRST, "bytes"), "variants[0].bytes is no size or count"),
        (put(10**400, *FIRST, "bytes"), "variants[0].bytes is no size or count"),
        (put(float("inf"), *FIRST, "figures", "efficiency"),
         "variants[0].figures.efficiency is no number"),
        (put("x", *FIRST, "groups", "system"), "variants[0].groups.system is no size or count"),
        (put(None, *FIRST, "layers", 0, "waste"), "variants[0].layers[0].waste is no size or count"),
        (put(None, *FIRST, "owners", 0, "tree"), "variants[0].owners[0].tree is no list"),
        (put("x", *FIRST, "owners", 0, "tree", 0, "children", 0, "children", 0, "bytes"),
         "variants[0].owners[0].tree[0].children[0].children[0].bytes is no size or count"),
        (put(3, *FIRST, "measurements", "first_200"),
         "variants[0].measurements.first_200 is no object"),
        (put({"problem": 3}, *FIRST, "measurements", "first_200"),
         "variants[0].measurements.first_200.problem is no text"),
        (drop(*FIRST, "measurements", "first_200", "median"),
         "variants[0].measurements.first_200.median is missing"),
        (put(None, *FIRST, "baseline"), "variants[0].baseline is no object"),
        (put(0.5, *FIRST, "baseline", "changes", 0, "bytes"),
         "variants[0].baseline.changes[0].bytes is no number of bytes"),
    ],
)  # fmt: skip
def test_an_edited_report_is_2_and_names_the_place(
    tmp_path: Path, edit: Edit, problem: str
) -> None:
    data = reports.report()
    edit(data)
    with pytest.raises(UsageError) as caught:
        read.read(written(tmp_path, json.dumps(data)))
    assert caught.value.problem.endswith(f"is no report that djdock wrote: {problem}.")
    assert "nox -s images" in caught.value.remedy


def test_a_report_that_was_cut_off_anywhere_is_2(tmp_path: Path) -> None:
    text = json.dumps(reports.report())
    for end in range(0, len(text), 997):
        with pytest.raises(UsageError):
            read.read(written(tmp_path, text[:end]))
