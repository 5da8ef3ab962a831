"""What the reader of the document refuses, and what it makes of what is optional."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from reports import ResultsError, document
from reports.tests import samples


def _set(*path: Any, value: Any) -> Callable[[Any], None]:
    def change(node: Any) -> None:
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = value

    return change


def _drop(*path: Any) -> Callable[[Any], None]:
    def change(node: Any) -> None:
        for step in path[:-1]:
            node = node[step]
        del node[path[-1]]

    return change


def _twice(node: Any) -> None:
    node["cases"].append(node["cases"][0])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_set("schema", value="wspcts-results/2"), "schema is 'wspcts-results/2', expected"),
        (_drop("provider"), "provider is missing"),
        (_drop("provider", "sha256"), "provider.sha256 is missing"),
        (_set("provider", value=[]), "provider is not an object"),
        (_set("suite", "version", value=None), "suite.version is not a text"),
        (_set("cases", value=[]), "cases is empty"),
        (_set("cases", value={}), "cases is not a list"),
        (_set("cases", 3, value=7), "cases[3] is not an object"),
        (_set("cases", 0, "verdict", value="great"), "cases[0].verdict is not one of pass, "),
        (_set("cases", 0, "mode", value="\x1b"), "“#x1B”"),
        (_set("cases", 0, "id", value="../../x"), "cases[0].id has no well-formed id"),
        (_set("cases", 0, "requirements", value=[]), "cases[0].requirements is empty"),
        (_set("cases", 0, "requirements", value=["<b>"]), "has no well-formed id: “<b>”"),
        (_set("cases", 0, "by_requirement", value={"x": "pass"}), "no well-formed id: “x”"),
        (_set("cases", 0, "cause", value="bad luck"), "cases[0].cause is not one of"),
        (_set("cases", 0, "duration_ms", value=-1), "duration_ms is not a number from 0"),
        (_set("cases", 0, "duration_ms", value=float("inf")), "duration_ms is not a number from 0"),
        (_set("cases", 0, "duration_ms", value=float("nan")), "duration_ms is not a number from 0"),
        (_set("cases", 0, "duration_ms", value=10**400), "duration_ms is not a number from 0"),
        (_set("cases", 0, "duration_ms", value=float("nan")), "duration_ms is not a number"),
        (_set("cases", 0, "expected", value=[1]), "cases[0].expected is not a list of texts"),
        (_set("counts", "fail", value=99), "counts.fail is 99, but cases has 9"),
        (_set("verdict", value="conforming"), "verdict is conforming, but a MUST case fails"),
        (_set("verdict", value="none"), "verdict is not one of conforming, "),
        (_twice, "cases has startup/exports_wspstartup [no-callback] 2 times"),
    ],
)
def test_a_broken_document_gets_one_sentence(change: Callable[[Any], None], sentence: str) -> None:
    broken = copy.deepcopy(samples.non_conforming())
    change(broken)
    with pytest.raises(ResultsError) as caught:
        document.read(broken)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_failure_that_nobody_counted_is_refused() -> None:
    with pytest.raises(ResultsError, match="non-conforming, but no case fails"):
        document.read(samples.conforming() | {"verdict": "non-conforming"})


def test_only_what_the_contract_names_is_needed() -> None:
    bare = copy.deepcopy(samples.non_conforming())
    del bare["qualifier"]
    for case in bare["cases"]:
        for key in ("requirement", "by_requirement", "does", "must", "expected", "seen"):
            case.pop(key, None)
    view = document.read(bare)
    full = document.read(samples.non_conforming())
    assert view.qualifier is None
    assert view.counts == full.counts
    assert {case.requirement for case in view.cases} == {case.requirement for case in full.cases}


@pytest.mark.parametrize(
    ("expires", "expired"),
    [(None, False), ("2026-01-14", False), ("2026-01-13", True), ("2026-01-15", False)],
)
def test_a_known_deviation_holds_until_the_end_of_its_day(expires: str, expired: bool) -> None:
    results = samples.non_conforming()
    (case,) = (case for case in results["cases"] if case["known_deviation"])
    case["known_deviation"]["expires"] = expires
    (known,) = (case for case in document.read(results).cases if case.deviation)
    assert known.deviation is not None
    assert known.deviation.expired is expired


@pytest.mark.parametrize(
    ("selection", "text"),
    [
        (None, None),
        ({}, None),
        ({"mode": None, "case": ["recv/*", "send/*"]}, "case: recv/*, send/*"),
        ({"mode": "direct", "case": ["recv/*"]}, "case: recv/*; mode: direct"),
    ],
)
def test_the_selection_reads_like_a_sentence(selection: Any, text: str | None) -> None:
    results = samples.conforming()
    results["run"]["selection"] = selection
    assert document.read(results).run.selection == text
