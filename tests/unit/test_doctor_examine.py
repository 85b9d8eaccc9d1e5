"""The order of the doctor's checks, what is skipped, and how results are shown."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from support import Project

from djdock.doctor import (
    view,
)
from djdock.doctor.check import Check
from djdock.doctor.examine import examine, root_cause
from djdock.doctor.finding import Finding, Status, fault, listed, note, ok, worst
from djdock.doctor.patient import Patient
from djdock.errors import UsageError
from djdock.shell import Shell


def status(found: Finding) -> str:
    return str(found.status)


def test_of_several_findings_the_worst_speak() -> None:
    both = worst([note("A.", "a"), fault("B.", "b", fixable=True), fault("C.", "b")], "Well.")
    assert both == Finding(Status.FAULT, "B. C.", "b", fixable=True)
    assert worst([ok("X."), note("A.")], "Well.") == note("A.")
    assert worst([ok("X.")], "Well.") == ok("Well.")


@pytest.mark.parametrize(
    ("names", "text"), [(["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")]
)
def test_names_are_listed_as_one_says_them(names: list[str], text: str) -> None:
    assert listed(names) == text


def patient(project: Project, **environ: str) -> Patient:
    return Patient(project.load(), Shell(), environ)


def check(name: str, look: Any, *requires: str) -> Check:
    return Check(name, "Why.", look, requires)


def raising(error: Exception) -> Any:
    def look(_: Patient) -> Finding:
        raise error

    return look


def test_what_needs_a_faulty_check_is_skipped_and_so_is_what_needs_that(project: Project) -> None:
    results = examine(
        patient(project),
        [
            check("a", lambda _: note("Noted.")),
            check("b", lambda _: fault("Broken.", "Mend."), "a"),
            check("c", lambda _: ok("Fine."), "b"),
            check("d", lambda _: ok("Fine."), "c"),
            check("e", lambda _: ok("Fine."), "a"),
        ],
    )
    assert [status(one.finding) for one in results] == ["note", "fault", "skipped", "skipped", "ok"]
    assert results[3].finding.sentence == "Not looked at: it needs `c`."
    root = root_cause(results)
    assert root is not None
    assert root.check.name == "b"


def test_what_ran_beside_a_faulty_check_is_dropped(project: Project) -> None:
    beside = Check("b", "Why.", lambda _: fault("Follows.", "-"), beside=("a",))
    results = examine(patient(project), [check("a", raising(UsageError("Root.", "-"))), beside])
    assert results[1].finding == Finding(Status.SKIPPED, "Not looked at: it needs `a`.")


def test_an_error_of_ours_is_a_fault_and_any_other_one_no_verdict(project: Project) -> None:
    looks = [raising(UsageError("Wrong.", "Right it.")), raising(ValueError("what"))]
    first, second = examine(patient(project), [check(str(n), one) for n, one in enumerate(looks)])
    assert first.finding == fault("Wrong.", "Right it.")
    assert second.finding == note("This could not be found out: ValueError: what.")


def test_nobody_waits_for_a_check_that_hangs(project: Project) -> None:
    stop = threading.Event()

    def hang(_: Patient) -> Finding:
        stop.wait(30)
        return ok("Late.")

    try:
        results = examine(
            patient(project), [check("a", hang), check("b", lambda _: ok("B."), "a")], limit=0.05
        )
    finally:
        stop.set()
    assert results[0].finding == Finding(Status.SKIPPED, "It had found nothing out after 0.05 s.")
    assert results[1].finding.status is Status.SKIPPED


def test_checks_that_need_nothing_of_each_other_run_at_once(project: Project) -> None:
    both = threading.Barrier(2, timeout=30)

    def meet(_: Patient) -> Finding:
        both.wait()
        return ok("Met.")

    results = examine(patient(project), [check("a", meet), check("b", meet)])
    assert [one.finding.sentence for one in results] == ["Met.", "Met."]


def test_a_fact_is_found_out_once(project: Project) -> None:
    found: list[int] = []
    asked = patient(project)

    def find() -> int:
        found.append(1)
        return len(found)

    results = examine(
        asked, [check(str(n), lambda p: ok(str(p.fact("x", find)))) for n in range(8)]
    )
    assert {one.finding.sentence for one in results} == {"1"}


def test_the_remedy_says_what_fix_does_and_json_has_all_of_it(project: Project) -> None:
    results = examine(
        patient(project), [check("a", lambda _: fault("Broken.", "Mend it.", fixable=True))]
    )
    assert view.lines(results, colour=False) == [
        "fault    a  Broken.",
        "            → Mend it. `invoke doctor --fix` does that.",
    ]
    assert view.lines(results, colour=True)[0].startswith("\033[31mfault  \033[0m  a")
    report = json.loads(view.as_json(results, ["Mended."]))
    seconds = report["checks"][0].pop("seconds")
    assert seconds >= 0
    assert report == {
        "version": 1,
        "healthy": False,
        "root": "a",
        "fixed": ["Mended."],
        "checks": [
            {
                "name": "a",
                "status": "fault",
                "sentence": "Broken.",
                "remedy": "Mend it.",
                "fixable": True,
                "reason": "Why.",
                "requires": [],
            }
        ],
    }
