"""Whether an image is within its budget: one verdict for each limit.

A limit that cannot be checked, because its figure is not there, is not kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from djdock.errors import CheckFailed, DjdockError, MissingError
from djdock.images import baseline as baselines
from djdock.images import forbidden
from djdock.images.baseline import Snapshot
from djdock.images.limits import Limits
from djdock.images.owners import Owned
from djdock.units import human


@dataclass(frozen=True)
class Facts:
    """What is known of one variant's image; None is what was not measured.

    ``wasted`` is in bytes. ``problems`` says what of ``files`` is not known: with a package data base
    that cannot be read, nobody can tell that a package is not there.
    """

    variant: str
    snapshot: Snapshot | None = None
    wasted: int | None = None
    efficiency: float | None = None
    files: Sequence[Owned] | None = None
    problems: Sequence[str] = ()


@dataclass(frozen=True)
class Baseline:
    """The figures to compare with: a snapshot, or the reason why there is none."""

    snapshot: Snapshot | None = None
    problem: str = "there is no baseline"


def baseline_of(path: Path, variant: str) -> Baseline:
    """The baseline of a variant; one that is not there or cannot be read is a reason, no error."""
    try:
        snapshot = baselines.read(path).get(variant)
    except MissingError:  # its sentence names the whole path, which is another one on each machine
        return Baseline(problem=f"there is no {path.name}, which `invoke image.baseline` makes")
    except DjdockError as error:
        return Baseline(problem=error.problem)
    if snapshot is None:
        return Baseline(problem=f"the baseline has no {variant}")
    return Baseline(snapshot)


@dataclass(frozen=True)
class Verdict:
    """What became of one limit, as one sentence; ``checked`` says whether its figure was there."""

    variant: str
    rule: str
    ok: bool
    sentence: str
    checked: bool = True

    def as_dict(self) -> dict[str, Any]:
        """The verdict as JSON has it."""
        return {
            "variant": self.variant,
            "rule": self.rule,
            "ok": self.ok,
            "checked": self.checked,
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class _Case:
    limits: Limits
    facts: Facts
    baseline: Baseline
    sizes: Mapping[str, int] = field(default_factory=dict)
    earlier: Collection[str] = ()

    def verdict(self, rule: str, sentence: str, *, ok: bool) -> Verdict:
        return Verdict(self.facts.variant, rule, ok, f"{self.facts.variant} {sentence}.")

    def unknown(self, rule: str, why: str) -> Verdict:
        sentence = f"{rule} of {self.facts.variant} cannot be checked: {why.rstrip('.')}."
        return Verdict(self.facts.variant, rule, ok=False, sentence=sentence, checked=False)

    def grown(self) -> str:
        """What grew against the baseline, to stand behind a sentence; "" where that is not known."""
        try:
            return f": {self.compare().sentence()}"
        except DjdockError:
            return ""

    def compare(self) -> baselines.Comparison:
        """Against the baseline. Raises CheckFailed or UsageError where that cannot be."""
        before, after = self.baseline.snapshot, self.facts.snapshot
        if after is None:
            raise CheckFailed("its size was not measured")
        if before is None:
            raise CheckFailed(self.baseline.problem)
        return baselines.compare(before, after)


def evaluate(
    limits: Limits,
    facts: Facts,
    baseline: Baseline | None = None,
    sizes: Mapping[str, int] | None = None,
    earlier: Collection[str] = (),
) -> list[Verdict]:
    """A verdict for each limit that is set.

    ``sizes`` are the other variants', in bytes; ``earlier`` names those of them that were not built
    now, which their sentences say.
    """
    case = _Case(limits, facts, baseline or Baseline(), sizes or {}, earlier)
    return [
        verdict
        for check in (_size, _growth, _layers, _wasted, _efficiency, _ratio, _forbid)
        for verdict in check(case)
    ]


def _size(case: _Case) -> Iterator[Verdict]:
    limit, snapshot = case.limits.max_size, case.facts.snapshot
    if limit is None:
        return
    if snapshot is None:
        yield case.unknown("max_size", "its size was not measured")
        return
    has = f"has {_exact(snapshot.size)}"
    if snapshot.size <= limit:
        yield case.verdict("max_size", f"{has}, within max_size {human(limit)}", ok=True)
        return
    over = f"{has}, {human(snapshot.size - limit)} more than max_size {human(limit)}"
    yield case.verdict("max_size", over + case.grown(), ok=False)


def _growth(case: _Case) -> Iterator[Verdict]:
    limit = case.limits.max_growth
    if limit is None:
        return
    try:
        found = case.compare()
    except DjdockError as error:
        yield case.unknown("max_growth", error.problem)
        return
    share = isinstance(limit, Fraction)
    allowed = found.before.size * limit if share else limit
    shown = f"{float(limit * 100):g}%" if share else human(float(limit))
    word = "grew" if found.delta > 0 else "shrank"
    by = f"{word} by {human(abs(found.delta))}" if found.delta else "did not grow"
    sentence = f"{by} against the baseline"
    if found.delta <= allowed:
        yield case.verdict("max_growth", f"{sentence}, within max_growth {shown}", ok=True)
        return
    sentence = f"{sentence}, more than max_growth {shown}: {found.sentence()}"
    yield case.verdict("max_growth", sentence, ok=False)


def _layers(case: _Case) -> Iterator[Verdict]:
    limit, snapshot = case.limits.max_layers, case.facts.snapshot
    if limit is None:
        return
    if snapshot is None:
        yield case.unknown("max_layers", "its layers were not counted")
        return
    ok = snapshot.layers <= limit
    words = "within" if ok else "more than"
    yield case.verdict(
        "max_layers", f"has {snapshot.layers} layers, {words} max_layers {limit}", ok=ok
    )


def _wasted(case: _Case) -> Iterator[Verdict]:
    limit, found = case.limits.max_wasted, case.facts.wasted
    if limit is None:
        return
    if found is None:
        yield case.unknown("max_wasted", "its wasted bytes were not measured")
        return
    ok = found <= limit
    words = "within" if ok else "more than"
    sentence = f"wastes {_exact(found)} in its layers, {words} max_wasted {human(limit)}"
    yield case.verdict("max_wasted", sentence, ok=ok)


def _efficiency(case: _Case) -> Iterator[Verdict]:
    limit, found = case.limits.min_efficiency, case.facts.efficiency
    if limit is None:
        return
    if found is None or found != found:  # dive divides 0 by 0 for one layer, and lets NaN pass
        yield case.unknown("min_efficiency", "its efficiency was not measured")
        return
    ok = found >= limit
    words = "at least" if ok else "less than"
    # Rounded down: 0.8999 must not be shown as the 0.9 that it is not.
    shown = int(found * 10_000) / 10_000
    yield case.verdict(
        "min_efficiency", f"is {shown:g} efficient, {words} min_efficiency {limit:g}", ok=ok
    )


def _ratio(case: _Case) -> Iterator[Verdict]:
    for other, least in sorted(case.limits.min_ratio.items()):
        size = case.sizes.get(other)
        if case.facts.snapshot is None or case.facts.snapshot.size <= 0:
            yield case.unknown("min_ratio", "its size was not measured")
        elif size is None:
            why = f"{other} is neither measured nor built; add it to --only"
            yield case.unknown("min_ratio", why)
        else:
            own = case.facts.snapshot.size
            ok = Fraction(size, own) >= Fraction(str(least))
            words = "at least" if ok else "less than"
            which = f"{other} (as built before)" if other in case.earlier else other
            # Rounded down: 5.996 must not be shown as the 6 that it is not.
            small, large = sorted((own, size))
            shown = f"{large * 100 // small / 100:.2f}" if small else "many"
            if own <= size:
                sentence = f"is {shown} times smaller than {which}, {words} min_ratio {least:g}"
            else:
                words = "keeps" if ok else "breaks"
                sentence = (
                    f"is {shown} times as large as {which}, which {words} min_ratio {least:g}"
                )
            yield case.verdict("min_ratio", sentence, ok=ok)


def _forbid(case: _Case) -> Iterator[Verdict]:
    for word in case.limits.forbid:
        if case.facts.files is None:
            yield case.unknown("forbid", f"whether {word} is there was not looked at")
            continue
        found = forbidden.find(word, case.facts.files)
        if found:
            shown = forbidden.sentence(word, found)
            yield case.verdict("forbid", f"holds what forbid names: {shown}", ok=False)
        elif case.facts.problems and forbidden.is_name(word):
            why = f"whether {word} is there cannot be told, as {case.facts.problems[0]}"
            yield case.unknown("forbid", why)
        else:
            yield case.verdict("forbid", f"holds no {word}", ok=True)


def _exact(number: int) -> str:
    return f"{human(number)} ({number} bytes)"
