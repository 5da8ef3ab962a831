"""From findings to detection.json: kills, attribution, rates, what is open, the exit status."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.detection import matrix
from conformance.detection.matrix import (
    DegenerateFinding,
    FlawFinding,
    Row,
    VariantFinding,
)
from conformance.orchestration.catalogue import Catalogue, load_catalogue

SCHEMA = json.loads(Path(matrix.__file__).with_name("detection.schema.json").read_text())
CASES = ["recv/a", "recv/b", "send/c"]
DIFFERENCE = {"case": "recv/a", "mode": "direct", "kind": "boundary", "family": [], "text": "x"}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def row(case: str, verdict: str, requirement: str | None = None, **more: Any) -> Row:
    by_requirement = {requirement: verdict} if requirement else {}
    more.setdefault("mode", "direct")
    return Row(
        case=case,
        level="MUST",
        verdict=verdict,
        requirement=requirement,
        by_requirement=more.pop("by_requirement", by_requirement),
        reason=f"{case}: expected this, got that",
        **more,
    )


def flaw(name: str = "lazy", requirement: str = "CBC-02", *rows: Row, **more: Any) -> FlawFinding:
    finding = FlawFinding(
        id=name,
        requirement=requirement,
        function="WSPRecv",
        what="does nothing",
        alters=("WSPCancelBlockingCall",),
        built=True,
        loaded=True,
        reached=True,
        difference=DIFFERENCE,
        rows=rows,
    )
    return replace(finding, **more)


CAUGHT = flaw("lazy", "CBC-02", row("recv/a", "fail", "CBC-02"), row("recv/b", "pass"))
VARIANT = VariantFinding("slow", "BHK-02", "the texts say so", (row("recv/a", "pass"),))
DEGENERATE = DegenerateFinding(
    "hostile/dies", "dies", "non-conforming", "non-conforming", (row("recv/a", "fail", "CBC-02"),)
)


def made(
    catalogue: Catalogue,
    *flaws: FlawFinding,
    variants: tuple[VariantFinding, ...] = (VARIANT,),
    degenerate: tuple[DegenerateFinding, ...] = (DEGENERATE,),
) -> dict[str, Any]:
    found = matrix.document(
        suite={"version": "1.0", "commit": "4f2a91c07be8", "modified": False},
        finished="2026-01-14T09:26:53+01:00",
        flaws=flaws,
        degenerate=degenerate,
        variants=variants,
        cases=CASES,
        catalogue=catalogue,
        more={"matrix": "near"},
    )
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    json.dumps(found, allow_nan=False)
    return found


def test_a_measurement_in_which_all_is_well(catalogue: Catalogue) -> None:
    found = made(catalogue, CAUGHT)

    assert found["problems"] == [] and matrix.exit_status(found) == 0
    assert found["rates"] == {"must": 1.0, "all": 1.0, "attributed": 1.0}
    (one,) = found["flaws"]
    assert one["killed_by"] == ["recv/a"] and one["attributed"] and one["level"] == "MUST"
    assert one["reason"] == "recv/a: expected this, got that"
    assert found["cases"][0] == {"id": "recv/a", "kills": ["lazy"], "sole_killer_of": ["lazy"]}
    assert found["cases"][1] == {"id": "recv/b", "kills": [], "sole_killer_of": []}
    assert found["degenerate"][0]["must_passed_share"] == 0.0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"built": False, "loaded": False}, "is not built"),
        ({"loaded": False}, "was never loaded"),
        ({"reached": False}, "never acts"),
        ({"difference": None}, "was not shown to differ"),
        ({"rows": ()}, "is caught by no case (wanted: fail)"),
        ({"rows": (row("recv/a", "warn", "CBC-02"),)}, "is caught by no case"),
        ({"rows": (row("recv/a", "fail", "CBC-01"),)}, "no case that names CBC-02"),
        ({"rows": (row("recv/a", "inconclusive", "CBC-02"),)}, "is caught by no case"),
        ({"rows": (row("recv/a", "error", "CBC-02"),)}, "is caught by no case"),
    ],
)
def test_what_a_flaw_lacks_fails_the_measurement(
    catalogue: Catalogue, changes: dict[str, Any], said: str
) -> None:
    found = made(catalogue, replace(CAUGHT, **changes))
    assert any(said in sentence for sentence in found["problems"]), found["problems"]
    assert matrix.exit_status(found) == 1


def test_a_flaw_in_a_should_has_to_be_warned_of(catalogue: Catalogue) -> None:
    found = made(catalogue, flaw("busy", "BHK-02", row("recv/a", "warn", "BHK-02")))
    (one,) = found["flaws"]
    assert (one["level"], one["killed_by"], one["attributed"]) == ("SHOULD", ["recv/a"], True)
    # There is no flaw in a MUST, and of none not all are caught.
    assert found["rates"] == {"must": 0.0, "all": 1.0, "attributed": 1.0}


def test_a_requirement_of_mixed_level_has_the_level_of_the_part_that_was_broken(
    catalogue: Catalogue,
) -> None:
    mixed = next(
        one
        for one in catalogue.requirements.values()
        if one.level == "MUST" and "mixed level" in (one.note or "").lower()
    )
    for verdict, level in (("fail", "MUST"), ("warn", "SHOULD")):
        finding = flaw("x", mixed.id, row("recv/a", verdict, mixed.id))
        assert matrix.level_of(finding, catalogue) == level


def test_a_failure_names_a_requirement_among_others(catalogue: Catalogue) -> None:
    both = row("recv/a", "fail", "CBC-01", by_requirement={"CBC-01": "fail", "CBC-02": "fail"})
    assert made(catalogue, flaw("x", "CBC-02", both))["flaws"][0]["attributed"]


def test_who_catches_a_flaw_in_one_mode_catches_it(catalogue: Catalogue) -> None:
    rows = (
        row("recv/a", "fail", "CBC-02"),
        row("recv/a", "fail", "CBC-02", mode="ws2_32"),
        row("send/c", "fail", "CBC-01", mode="ws2_32"),
    )
    (one,) = made(catalogue, flaw("x", "CBC-02", *rows))["flaws"]
    assert one["killed_by"] == ["recv/a", "send/c"]


def test_nobody_alone_catches_what_two_catch(catalogue: Catalogue) -> None:
    rows = (row("recv/a", "fail", "CBC-02"), row("send/c", "fail", "CBC-02"))
    found = made(catalogue, flaw("x", "CBC-02", *rows), CAUGHT)
    assert [case["kills"] for case in found["cases"]] == [["x", "lazy"], [], ["x"]]
    assert [case["sole_killer_of"] for case in found["cases"]] == [["lazy"], [], []]
    assert found["summary"]["cases_that_catch"] == 2


def test_rates_never_round_up_to_all() -> None:
    caught = {"equivalent": None, "level": "MUST", "killed_by": ["recv/a"], "attributed": True}
    rows = [caught] * 29_999 + [{**caught, "killed_by": [], "attributed": False}]
    assert matrix.rates(rows) == {"must": 0.9999, "all": 0.9999, "attributed": 0.9999}


def test_an_equivalent_flaw_counts_for_nothing(catalogue: Catalogue) -> None:
    nobody = flaw("same", "CBC-02", equivalent="nobody can tell", reached=False)
    found = made(catalogue, CAUGHT, nobody)
    assert found["rates"]["all"] == 1.0 and matrix.exit_status(found) == 0
    assert (found["summary"]["flaws"], found["summary"]["equivalent"]) == (1, 1)
    assert found["requirements"] == [{"id": "CBC-02", "flaws": 1, "killed": 1, "attributed": 1}]


@pytest.mark.parametrize(
    ("verdict", "said"), [("fail", "is failed by recv/a"), ("error", "could not be judged")]
)
def test_a_variant_that_is_harmed_fails_the_measurement(
    catalogue: Catalogue, verdict: str, said: str
) -> None:
    harmed = replace(VARIANT, rows=(row("recv/a", verdict, "CBC-02"),))
    found = made(catalogue, CAUGHT, variants=(harmed,))
    assert any(said in sentence for sentence in found["problems"])
    assert matrix.exit_status(found) == 1
    assert found["summary"]["variants_failed"] == (verdict == "fail")


def test_a_variant_that_was_not_run_is_no_proof(catalogue: Catalogue) -> None:
    found = made(catalogue, CAUGHT, variants=(replace(VARIANT, rows=()),))
    assert found["problems"] == ["variants/slow was not run"]


def test_a_degenerate_provider_has_to_come_to_its_verdict(catalogue: Catalogue) -> None:
    found = made(catalogue, CAUGHT, degenerate=(replace(DEGENERATE, verdict="conforming"),))
    assert found["problems"] == [
        "hostile/dies comes to conforming, and has to come to non-conforming"
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "hollow", "rows": (row("recv/a", "pass"),)}, "passes 100.0% of the MUST"),
        ({"cause": "hang", "has_cause": False}, "does not fail by hang"),
        ({"kind": "rude", "unlike_reference": ("recv/a",)}, "verdict in recv/a"),
    ],
)
def test_each_kind_of_degenerate_provider_has_a_rule_of_its_own(
    catalogue: Catalogue, changes: dict[str, Any], said: str
) -> None:
    crashes = replace(DEGENERATE, rows=(row("recv/a", "fail", "CBC-02", cause="crash"),))
    assert made(catalogue, CAUGHT, degenerate=(crashes,))["problems"] == []
    assert matrix.fails_by("crash", ["recv/*"], crashes.rows)
    assert not matrix.fails_by("crash", ["send/*"], crashes.rows)
    assert not matrix.fails_by("hang", ["recv/*"], crashes.rows)
    found = made(catalogue, CAUGHT, degenerate=(replace(crashes, **changes),))
    (sentence,) = found["problems"]
    assert said in sentence and found["summary"]["degenerate_judged"] == 0


def test_an_empty_measurement_is_not_a_perfect_one(catalogue: Catalogue) -> None:
    found = made(catalogue, variants=(), degenerate=())
    assert len(found["problems"]) == 3 and matrix.exit_status(found) == 1
    assert set(found["rates"].values()) == {0.0}


def test_a_row_survives_being_kept() -> None:
    one = row("recv/a", "fail", "CBC-02", rests_on=("startup/starts",))
    assert Row.of(json.loads(json.dumps(one.plain()))) == one
