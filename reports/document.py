"""The results document, read into the model.

Whatever does not keep the contract is refused with one sentence that names the place, because a
report that guesses is worse than none.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from reports import model, words
from reports.text import line, quoted

SCHEMA = "wspcts-results/1"
FILE = "results.json"
_CASE_ID = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)+")
_LARGEST = 10**12
_REQUIREMENT_ID = re.compile(r"[A-Z]+-[0-9]{2}")
_CASE_VERDICTS = tuple(key for key in words.VERDICTS if key != "none")


class ResultsError(ValueError):
    """The document is not what the contract of results.json says."""


def load(path: Path) -> dict[str, Any]:
    """Return the results document in a file, or in the folder of a run.

    What is no JSON object raises ResultsError, what cannot be read OSError; whether it keeps the
    contract shows when it is read.
    """
    file = path / FILE if path.is_dir() else path
    try:
        results = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        raise ResultsError("it is not JSON") from None
    if not isinstance(results, dict):
        raise ResultsError("it is not a JSON object")
    return results


def read(results: Mapping[str, Any]) -> model.Results:
    """Return the typed view of a results document."""
    top = Node(results, "")
    if top.text("schema") != SCHEMA:
        raise ResultsError(f"schema is {line(repr(results['schema']), 60)}, expected {SCHEMA}")
    started = top.node("run").text("started")
    cases = tuple(
        sorted(
            (_case(node, started) for node in top.nodes("cases")),
            key=lambda case: (case.id, tuple(words.MODES).index(case.mode)),
        )
    )
    if not cases:
        raise ResultsError("cases is empty: a run of no cases has no report")
    run = _run(top.node("run"))
    if run.allows_known:
        cases = tuple(_with_excuses(cases))
    view = model.Results(
        suite=_suite(top.node("suite")),
        provider=_provider(top.node("provider")),
        platform=_platform(top.node("platform")),
        run=run,
        verdict=top.one_of("verdict", tuple(words.CONFORMANCE)),
        qualifier=top.optional_text("qualifier") or None,
        verdict_by_mode=_verdict_by_mode(top.node("verdict_by_mode")),
        counts={key: top.node("counts").whole(key) for key in _CASE_VERDICTS},
        cases=cases,
        requirements=tuple(_requirement(node) for node in top.nodes("requirements")),
    )
    _check(view)
    return view


def _suite(node: Node) -> model.Suite:
    return model.Suite(
        node.text("version"),
        node.optional_text("commit"),
        node.whole("cases"),
        node.text("cases_sha256"),
        _measured(node),
    )


def _measured(suite: Node) -> model.Measured | None:
    """Return what was measured of the suite, if anything was."""
    if suite.get("detection", None) is None:
        return None
    node = suite.node("detection")
    return model.Measured(
        node.whole("flaws"),
        node.whole("caught"),
        node.whole("variants"),
        node.whole("variants_failed"),
        node.text("measured"),
        node.optional_text("commit"),
    )


def _provider(node: Node) -> model.Provider:
    return model.Provider(
        node.text("name"),
        node.text("library"),
        node.text("sha256"),
        node.optional_text("file_version"),
        node.optional_text("description"),
        node.text("arch"),
    )


def _platform(node: Node) -> model.Platform:
    return model.Platform(node.text("os"), node.optional_text("wine"), node.whole("cpu_count"))


def _run(node: Node) -> model.Run:
    command = node.get("command")
    if isinstance(command, list):
        command = " ".join(str(word) for word in command)
    baseline = Node(node.get("baseline", None) or {}, "run.baseline")
    return model.Run(
        node.text("started"),
        node.text("finished"),
        node.number("duration_s"),
        node.whole("seed"),
        node.whole("jobs"),
        plain_text(node.get("selection")),
        str(command),
        node.get("allow_known_deviations", None) is True,
        (
            *(
                f"The known deviation {quoted(pattern)} names no case of this suite."
                for pattern in node.texts("unused_deviations", required=False)
            ),
            *(
                f"Worse than the baseline: {change}."
                for change in baseline.texts("worse", required=False)
            ),
        ),
    )


def _with_excuses(cases: Iterable[model.Case]) -> Iterator[model.Case]:
    """Mark what is open because of a known failure, where the run allows those."""
    cases = tuple(cases)
    failures = [case for case in cases if case.verdict == "fail"]
    known = {case.id for case in failures}
    excuses = all(case.deviation for case in failures)
    for case in cases:
        yield dataclasses.replace(case, excused=excuses and not known.isdisjoint(case.rests_on))


def _verdict_by_mode(node: Node) -> tuple[tuple[str, str], ...]:
    """Return the modes in our order; one that we do not know comes last."""
    order = [*words.MODES, *sorted(set(node.value) - set(words.MODES))]
    return tuple(
        (mode, node.one_of(mode, tuple(words.CONFORMANCE))) for mode in order if mode in node.value
    )


def _requirement(node: Node) -> model.Requirement:
    return model.Requirement(
        node.text("id"),
        node.one_of("level", words.LEVELS),
        node.text("text"),
        node.text("source"),
        node.one_of("verdict", tuple(words.VERDICTS)),
        node.texts("cases"),
    )


def _case(node: Node, started: str) -> model.Case:
    requirements = tuple(
        node.matching(_REQUIREMENT_ID, key, "requirements") for key in node.texts("requirements")
    )
    if not requirements:
        raise ResultsError(f"{node.where}.requirements is empty")
    verdict = node.one_of("verdict", _CASE_VERDICTS)
    by_requirement = _by_requirement(node)
    decisive = node.optional_text("requirement")
    if decisive is not None:
        node.matching(_REQUIREMENT_ID, decisive, "requirement")
    return model.Case(
        id=node.matching(_CASE_ID, node.text("id"), "id"),
        mode=node.one_of("mode", tuple(words.MODES)),
        function=node.text("function"),
        requirements=requirements,
        requirement=decisive or _decisive(requirements, dict(by_requirement), verdict),
        by_requirement=by_requirement,
        level=node.one_of("level", words.LEVELS),
        verdict=verdict,
        cause=node.optional_one_of("cause", tuple(words.CAUSES)),
        blame=node.optional_one_of("blame", words.BLAMES),
        reason=node.optional_text("reason") or "",
        choice=plain_text(node.get("choice")),
        deviation=_deviation(node.get("known_deviation"), started),
        control=node.optional_one_of("control", _CASE_VERDICTS),
        rests_on=node.texts("rests_on"),
        duration_ms=node.number("duration_ms"),
        evidence=node.optional_text("evidence"),
        stderr=node.optional_text("stderr"),
        repro=node.text("repro"),
        does=node.optional_text("does"),
        must=node.optional_text("must"),
        expected=node.texts("expected", required=False),
        seen=node.optional_text("seen"),
        file=node.optional_text("file"),
        timeline=_timeline(node, "timeline"),
        control_timeline=_timeline(node, "control_timeline"),
    )


def _timeline(node: Node, key: str) -> tuple[model.Step, ...]:
    if node.get(key, None) is None:
        return ()
    return tuple(
        model.Step(
            t=step.whole("t"),
            kind=step.text("kind"),
            start=step.text("start"),
            end=step.text("end"),
            text=step.text("text"),
            answer=step.optional_text("answer"),
            spi=None if step.get("spi", None) is None else step.whole("spi"),
        )
        for step in node.nodes(key)
    )


def _by_requirement(node: Node) -> tuple[tuple[str, str], ...]:
    if node.get("by_requirement", None) is None:
        return ()
    by = node.node("by_requirement")
    return tuple(
        (by.matching(_REQUIREMENT_ID, key, key), by.one_of(key, tuple(words.VERDICTS)))
        for key in sorted(by.value)
    )


def _decisive(requirements: tuple[str, ...], by: Mapping[str, str], verdict: str) -> str:
    """Return the first requirement that has the verdict of the case, else the first of all."""
    return next((key for key in requirements if by.get(key) == verdict), requirements[0])


def _deviation(value: Any, started: str) -> model.Deviation | None:
    """Read a known deviation; it has expired when the run began after its last day."""
    if value is None:
        return None
    node = Node(value, "known_deviation")
    expires = node.optional_text("expires")
    expired = value.get("expired")
    if not isinstance(expired, bool):
        expired = expires is not None and _day(started) > expires[:10]
    reason = node.optional_text("reason") or "no reason given"
    return model.Deviation(reason, node.optional_text("url"), expires, expired)


def _day(moment: str) -> str:
    try:
        return datetime.fromisoformat(moment).date().isoformat()
    except ValueError:
        return ""


def plain_text(value: Any) -> str | None:
    """Return a free value (selection, choice) as text a reader can follow; null says nothing."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict):
        named = {key: plain_text(value[key]) for key in sorted(value, key=str)}
        return "; ".join(f"{key}: {text}" for key, text in named.items() if text) or None
    if isinstance(value, list):
        return ", ".join(filter(None, map(plain_text, value))) or None
    return str(json.dumps(value, ensure_ascii=False))


def _check(view: model.Results) -> None:
    """Refuse a document whose parts contradict each other."""
    names = Counter(case.name for case in view.cases)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise ResultsError(f"cases has {twice[0]} {names[twice[0]]} times")
    tally = Counter(case.verdict for case in view.cases)
    for verdict, count in view.counts.items():
        if count != tally[verdict]:
            raise ResultsError(f"counts.{verdict} is {count}, but cases has {tally[verdict]}")
    broken = any(case.verdict == "fail" and case.level == "MUST" for case in view.cases)
    if view.verdict != "non-conforming" and broken:
        raise ResultsError(f"verdict is {view.verdict}, but a MUST case fails")
    if view.verdict == "non-conforming" and not view.counts["fail"]:
        raise ResultsError("verdict is non-conforming, but no case fails")


class Node:
    """One object of the document, and where it stands in it."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, Mapping):
            raise ResultsError(f"{where or 'the document'} is not an object")
        self.value: Mapping[str, Any] = value
        self.where = where or "the document"
        self._prefix = f"{where}." if where else ""

    def _wrong(self, key: str, expected: str) -> ResultsError:
        return ResultsError(f"{self._prefix}{key} is not {expected}")

    def get(self, key: str, *default: Any) -> Any:
        """Return a value that has to be there unless a default is given."""
        if key in self.value:
            return self.value[key]
        if default:
            return default[0]
        raise ResultsError(f"{self._prefix}{key} is missing")

    def node(self, key: str) -> Node:
        """Return the object at `key`."""
        return Node(self.get(key), f"{self._prefix}{key}")

    def nodes(self, key: str) -> list[Node]:
        """Return the objects in the list at `key`."""
        values = self.get(key)
        if not isinstance(values, list):
            raise self._wrong(key, "a list")
        where = f"{self._prefix}{key}"
        return [Node(value, f"{where}[{place}]") for place, value in enumerate(values)]

    def text(self, key: str) -> str:
        """Return the text at `key`."""
        value = self.get(key)
        if not isinstance(value, str):
            raise self._wrong(key, "a text")
        return value

    def optional_text(self, key: str) -> str | None:
        """Return the text at `key`, or None where it is null or missing."""
        return None if self.get(key, None) is None else self.text(key)

    def texts(self, key: str, required: bool = True) -> tuple[str, ...]:
        """Return the texts in the list at `key`; a single text is a list of one, null is none."""
        value = self.get(key) if required else self.get(key, None)
        values = [] if value is None else [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
            raise self._wrong(key, "a list of texts")
        return tuple(values)

    def number(self, key: str) -> float:
        """Return the number at `key`, which cannot be negative or beyond all measure."""
        value = self.get(key)
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not 0 <= value <= _LARGEST:
            raise self._wrong(key, f"a number from 0 to {_LARGEST:,}")
        return float(value)

    def whole(self, key: str) -> int:
        """Return the whole number at `key`."""
        value = self.get(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._wrong(key, "a whole number")
        return value

    def one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        """Return the text at `key`, one of `allowed`."""
        value = self.text(key)
        if value not in allowed:
            raise self._wrong(key, f"one of {', '.join(allowed)}: {quoted(value)}")
        return value

    def optional_one_of(self, key: str, allowed: tuple[str, ...]) -> str | None:
        """Return the text at `key`, one of `allowed`, or None where it is null."""
        return None if self.get(key) is None else self.one_of(key, allowed)

    def matching(self, pattern: re.Pattern[str], value: str, key: str) -> str:
        """Return `value` if it has the form that the contract gives it."""
        if not pattern.fullmatch(value):
            raise ResultsError(f"{self._prefix}{key} has no well-formed id: {quoted(value)}")
        return value
