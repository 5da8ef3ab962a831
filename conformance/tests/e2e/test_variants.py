"""No conforming variant is failed: providers that are right, and differ where the texts let them.

Here each meets the cases that its freedom touches most; all cases on all of them take minutes.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.detection.records import VARIANTS, Variant, library_of, name_of
from conformance.orchestration.cases import CaseList
from conformance.orchestration.catalogue import Catalogue
from conformance.tests.e2e.support import Run

Certify = Callable[..., Run]

# Those that lack a part of TCP/IP have a description that says so; each is run without it, too.
_DESCRIBED = [source for source in VARIANTS if source.with_suffix(".toml").is_file()]
_EASY = {"pass", "not-applicable"}


def _touching(sources: Iterable[Path]) -> list[Any]:
    """Return each variant with each pattern of cases that its freedom touches, a test for each."""
    return [
        pytest.param(source, pattern, id=f"{name_of(source)} {pattern}")
        for source in sources
        for pattern in Variant.read(source).touches
    ]


@pytest.mark.parametrize(("source", "touched"), _touching(VARIANTS))
def test_a_variant_is_not_failed(source: Path, touched: str, certify: Certify) -> None:
    variant = Variant.read(source)
    described = source in _DESCRIBED

    run = _judged(certify, library_of(source), touched)

    for row in run.rows:
        allowed = set(_EASY)
        if _is_one_of(row, variant.warned_by):
            allowed |= {"warn"}
        if described or _is_one_of(row, variant.hidden_from):
            allowed |= {"inconclusive"}
        assert row["verdict"] in allowed, _told(row)


@pytest.mark.parametrize("source", _DESCRIBED, ids=name_of)
def test_what_a_variant_says_it_lacks_is_not_asked_of_it(source: Path, certify: Certify) -> None:
    run = _judged(certify, source.with_suffix(".toml"), *Variant.read(source).touches)

    for row in run.rows:
        assert row["verdict"] in _EASY, _told(row)
    assert {"pass", "not-applicable"} == {row["verdict"] for row in run.rows}


@pytest.mark.parametrize("source", VARIANTS, ids=name_of)
def test_the_record_of_a_variant_holds(
    source: Path, case_list: CaseList, catalogue: Catalogue
) -> None:
    variant = Variant.read(source)

    assert catalogue.requirement(variant.requirement).id == variant.requirement
    for pattern in (*variant.touches, *variant.warned_by, *variant.hidden_from):
        assert any(fnmatch.fnmatchcase(case.id, pattern) for case in case_list.cases), (
            f"{pattern} matches no case"
        )


def test_the_provider_is_not_unloaded_beneath_a_peer(certify: Certify, tmp_path: Path) -> None:
    """A thread that reads for a peer may still be in the provider when all else is cleaned up."""
    library = next(path for path in VARIANTS if path.stem == "much_takes_long_to_receive")
    file = tmp_path / "provider.toml"
    file.write_text(
        f'[provider]\nname = "slow"\nlibrary = "{library_of(library)}"\npeer = "provider"\n',
        encoding="utf-8",
    )

    run = _judged(certify, file, "nested/what_never_waits_works/send_ipv4")

    assert {row["verdict"] for row in run.rows} == {"pass"}, [_told(row) for row in run.rows]


def _judged(certify: Certify, provider: Path, *touched: str) -> Run:
    """Run the cases that a variant's freedom touches."""
    words: list[object] = ["--jobs", 1]
    for pattern in touched:
        words += ["--case", pattern]
    run = certify(*words, provider)
    assert run.status in (0, 3), run.said()
    assert run.rows
    assert run.left_behind == ()
    return run


def _is_one_of(row: Mapping[str, Any], patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(row["id"], pattern) for pattern in patterns)


def _told(row: Mapping[str, Any]) -> str:
    """Return what a result says, for the message of a failed test."""
    return f"{row['verdict']} {row['id']} [{row['mode']}]: {row['reason']}"
