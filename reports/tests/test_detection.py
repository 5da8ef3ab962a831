"""The page of detection.json, and the sentence that every report and the README tell."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

import reports
from reports import detection
from reports.model import Measured
from reports.tests import samples
from reports.tests.readers import Element, read_html
from reports.tests.test_html import HARMLESS

SENTENCE = (
    "this suite: 2 flaws, all caught; 2 conforming variants, none failed;"
    " measured 2026-01-14 at 4f2a91c07be8"
)


def flaw(name: str, requirement: str, killed_by: list[str], **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "requirement": requirement,
        "level": "MUST",
        "function": "WSPRecv",
        "what": f"{name} is what it does",
        "built": True,
        "loaded": True,
        "reached": True,
        "differs": True,
        "killed_by": killed_by,
        "attributed": bool(killed_by),
        **more,
    }


def variant(name: str, failed: list[str]) -> dict[str, Any]:
    return {"id": name, "requirement": "BHK-02", "why_allowed": "they say so", "failed": failed}


def document(**more: Any) -> dict[str, Any]:
    """Return a document with what the contract asks for and no more."""
    cases = ["cancel/ends/recv", "cancel/ends/send", "recv/keeps/ipv4", "recv/idle/ipv4"]
    return {
        "schema": "wspcts-detection/1",
        "suite": {"version": "1.0.0", "commit": "4f2a91c07be85d36a1f0c4e2b7d98e60153fa2bc"},
        "finished": "2026-01-14T09:26:53+01:00",
        "flaws": [
            flaw("lazy", "CBC-02", cases[:2]),
            flaw("sticky", "STICKY-01", [cases[2], cases[0]]),
        ],
        "degenerate": [
            {
                "id": "hostile/dies",
                "what": "dies",
                "verdict": "non-conforming",
                "must_passed_share": 0.05,
                "killed_by": [cases[0]],
            }
        ],
        "variants": [variant("slow", []), variant("rare", [])],
        "cases": [
            {"id": cases[0], "kills": ["lazy", "sticky"], "sole_killer_of": []},
            {"id": cases[1], "kills": ["lazy"], "sole_killer_of": []},
            {"id": cases[2], "kills": ["sticky"], "sole_killer_of": []},
            {"id": cases[3], "kills": [], "sole_killer_of": []},
        ],
        "rates": {"must": 1.0, "all": 1.0, "attributed": 1.0},
        **more,
    }


def hostile() -> dict[str, Any]:
    """Return a document whose every text tries to be something else."""
    evil = samples.HOSTILE[0]
    found = document(problems=[evil])
    found["flaws"][0] |= {"what": evil, "function": evil, "requirement": evil, "reason": evil}
    found["variants"][0] |= {"id": evil, "why_allowed": evil}
    found["degenerate"][0] |= {"id": evil, "what": evil, "verdict": evil, "killed_by": [evil]}
    found["cases"][0]["id"] = evil
    found["suite"] = {"version": evil, "commit": evil}
    return found


def page_of(found: dict[str, Any]) -> Element:
    return read_html(detection.render(found))


@pytest.fixture(params=["plain", "open", "hostile"], name="page")
def _page(request: pytest.FixtureRequest) -> Element:
    made = {
        "plain": document(),
        "open": document(problems=["flawed/lazy never acts"], matrix="full"),
        "hostile": hostile(),
    }
    return page_of(made[request.param])


def test_nothing_can_load_run_or_be_sent(page: Element) -> None:
    for element in page.walk():
        assert element.tag in HARMLESS or not element.tag
        for name, value in element.attributes.items():
            assert not name.startswith("on") and name not in ("style", "src", "srcset", "action")
            assert name != "href" or (value or "").startswith("#"), value


def test_the_page_has_the_structure_a_screen_reader_needs(page: Element) -> None:
    assert len(page.all("h1")) == len(page.all("main")) == 1
    levels = [int(e.tag[1]) for e in page.walk() if re.fullmatch("h[1-6]", e.tag)]
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:]))
    for table in page.all("table"):
        assert table.children[0].tag == "caption"
        assert all("scope" in cell.attributes for cell in table.all("th"))
    ids = [e.attributes["id"] for e in page.walk() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for link in page.all("a"):
        assert (link.attributes["href"] or "")[1:] in ids


def test_the_page_answers_what_it_is_asked() -> None:
    text = re.sub(r"\s+", " ", page_of(document()).text)
    for answer in (
        SENTENCE[1:],
        "100 % of the flaws in a MUST are caught",
        "Nothing: every flaw was built",
        "lazy is what it does",
        "4 cases; 1 case caught nothing",
        "in which no flaw was run against all of them",
        "they say so",
        "5.00 %",
        "2026-01-14 09:26:53 UTC+01:00",
    ):
        assert answer in text, answer


def test_what_is_open_stands_first() -> None:
    found = document(problems=["flawed/lazy never acts"], matrix="full")
    found["flaws"][0] |= {"reached": False, "equivalent": None}
    text = page_of(found).text
    assert text.index("flawed/lazy never acts.") < text.index("Requirements")
    assert "✗ not reached" in text and "each flaw was run against all cases" in text


def test_the_matrix_shows_who_catches_what_by_the_tree_of_cases() -> None:
    blocks = detection.read(document()).matrix
    assert [(block.group, block.situations) for block in blocks] == [
        ("cancel", ("cancel/ends",)),
        ("recv", ("recv/keeps",)),
    ]
    rows = [(row.id, counts) for row, counts in blocks[0].rows]
    assert rows == [("lazy", (2,)), ("sticky", (1,))]


def test_an_equivalent_flaw_is_shown_and_not_counted() -> None:
    found = document()
    found["flaws"].append(flaw("same", "CBC-04", [], equivalent="nobody can tell"))
    view = detection.read(found)
    assert view.measured.sentence == SENTENCE
    assert [row.id for row in view.requirements] == ["CBC-02", "STICKY-01"]
    assert "nobody can tell" in page_of(found).text


def test_hostile_text_is_shown_as_text() -> None:
    page = detection.render(hostile()).decode()
    assert "<script" not in page and "<script>alert(1)</script>" in read_html(page.encode()).text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("schema", "wspcts-detection/2"),
        ("flaws", {}),
        ("cases", [{"id": "a"}]),
        ("rates", {"must": 2, "all": 1, "attributed": 1}),
        ("suite", None),
    ],
)
def test_what_breaks_the_contract_is_refused(key: str, value: Any) -> None:
    with pytest.raises(reports.ResultsError):
        detection.render(document(**{key: value}))


def test_the_sentence_says_what_was_missed_and_whom_it_harmed() -> None:
    found = document()
    found["flaws"][0]["killed_by"] = []
    found["variants"][1]["failed"] = ["recv/keeps/ipv4"]
    figures = detection.measured(found)
    assert detection.sentence(figures) == (
        "this suite: 2 flaws, 1 caught; 2 conforming variants, 1 failed;"
        " measured 2026-01-14 at 4f2a91c07be8"
    )
    assert not figures.is_well and detection.measured(document()).is_well
    assert not Measured(0, 0, 0, 0, "2026-01-14", None).is_well
    assert "0 flaws, none caught" in Measured(0, 0, 0, 0, "2026-01-14", None).sentence


def test_every_report_tells_the_sentence_that_its_results_hold() -> None:
    results = copy.deepcopy(samples.SAMPLES["non_conforming"]())
    without = reports.render_all(results)["report.html"].decode()
    assert "Detection" not in without
    results["suite"]["detection"] = {
        "flaws": 2,
        "caught": 2,
        "variants": 2,
        "variants_failed": 0,
        "measured": "2026-01-14T09:26:53+01:00",
        "commit": "4f2a91c07be85d36a1f0c4e2b7d98e60153fa2bc",
    }
    assert SENTENCE in reports.render_all(results)["report.html"].decode()
