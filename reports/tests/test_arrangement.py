"""How the HTML report lays the results out."""

from __future__ import annotations

from typing import Any

from reports import arrangement, document
from reports.model import Results
from reports.tests import samples


def _results(*cases: dict[str, Any]) -> Results:
    return document.read(samples.document(list(cases)))


def test_rows_of_one_situation_stand_together() -> None:
    results = _results(
        samples.case("recv/ends/ipv4", "direct", "CBC-02"),
        samples.case("recv/ends/ipv6", "direct", "CBC-02", "fail"),
        samples.case("recv/other", "direct", "CBC-02"),
        samples.case("accept/ends/ipv4", "direct", "CBC-02"),
    )
    found = [(c.name, [s.id for s in c.situations]) for c in arrangement.chapters(results)]
    assert found == [("accept", ["accept/ends"]), ("recv", ["recv/ends", "recv/other"])]
    ends = arrangement.chapters(results)[1].situations[0]
    assert [ends.name_of(row) for row in ends.rows] == ["ipv4", "ipv6"]
    assert ends.counts == (("fail", 1), ("pass", 1)) and ends.is_open


def test_what_passes_is_closed_and_told_nowhere_else() -> None:
    ((situation,),) = (
        chapter.situations
        for chapter in arrangement.chapters(_results(samples.case("recv/x", "direct", "CBC-02")))
    )
    assert not situation.is_open and not situation.told
    assert situation.name_of(situation.rows[0]) == ""


def test_a_cell_shows_the_worst_and_names_modes_that_differ() -> None:
    results = _results(
        samples.case("recv/x", "direct", "CBC-02", "fail"),
        samples.case("recv/x", "ws2_32", "CBC-02"),
        samples.case("accept/x", "direct", "CBC-02"),
    )
    table = arrangement.matrix(results)
    assert table.functions == ("WSPAccept", "WSPRecv")
    ((row, cells),) = table.rows
    assert row.id == "CBC-02"
    assert cells["WSPAccept"].is_alike and not cells["WSPRecv"].is_alike
    assert cells["WSPRecv"].worst.mode == "direct"
    assert [mode for mode, _ in cells["WSPRecv"].by_mode] == ["direct", "ws2_32"]


def test_what_is_looked_at_in_passing_is_in_the_matrix_only_where_it_was_not_met() -> None:
    both = {"CBC-02": "fail", "CBC-01": "pass", "RACE-05": "fail"}
    case = samples.case("recv/x", "direct", "CBC-02", "fail", by_requirement=both)
    assert [row.id for row, _ in arrangement.matrix(_results(case)).rows] == ["CBC-02", "RACE-05"]


def test_a_choice_is_told_once_with_its_modes() -> None:
    results = _results(
        samples.case("recv/x/a", "direct", "CBC-06", choice="it crashes"),
        samples.case("recv/x/b", "ws2_32", "CBC-06", choice="it crashes"),
        samples.case("recv/x/c", "ws2_32", "CBC-06", choice="it fails"),
    )
    found = [(f.choice, f.modes, len(f.cases)) for f in arrangement.freedoms(results)]
    assert found == [("it crashes", ("direct", "ws2_32"), 2), ("it fails", ("ws2_32",), 1)]
