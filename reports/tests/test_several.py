"""Several providers in one page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from reports import cli, document, several
from reports.tests import samples
from reports.tests.readers import Element, read_html


def _document(name: str, *cases: dict[str, Any]) -> dict[str, Any]:
    made = samples.document(list(cases))
    made["provider"] = made["provider"] | {"name": name}
    return made


def _page(*documents: dict[str, Any]) -> Element:
    return read_html(several.render([document.read(it) for it in documents]))


def _lines(page: Element) -> dict[str, tuple[bool, list[str]]]:
    return {
        str(row.attributes["id"]): (
            row.attributes.get("class") == "differs",
            [re.sub(r"^\W+", "", cell.text.strip()) for cell in row.all("td")],
        )
        for row in page.all("tr")
        if "data-verdicts" in row.attributes
    }


ONE = samples.case("recv/x", "direct", "CBC-02")
OTHER_MODE = samples.case("recv/x", "ws2_32", "CBC-02")
FAILED = samples.case("recv/x", "direct", "CBC-02", "fail")


def test_a_line_shows_what_each_provider_came_to() -> None:
    page = _page(_document("acme", ONE), _document("zorn", FAILED))
    assert _lines(page) == {"recv/x": (True, ["all", "pass", "fail"])}
    assert "They differ in 1 of 1 line." in re.sub(r"\s+", " ", page.text)


def test_modes_stand_apart_only_where_they_come_to_something_else() -> None:
    page = _page(_document("acme", ONE, OTHER_MODE), _document("zorn", FAILED, OTHER_MODE))
    assert _lines(page) == {
        "recv/x:direct": (True, ["direct", "pass", "fail"]),
        "recv/x:ws2_32": (False, ["ws2_32", "pass", "pass"]),
    }


def test_what_a_run_does_not_have_is_no_difference() -> None:
    other = samples.case("recv/y", "direct", "CBC-02")
    page = _page(_document("acme", ONE), _document("zorn", other))
    assert _lines(page) == {
        "recv/x": (False, ["all", "pass", "not run"]),
        "recv/y": (False, ["all", "not run", "pass"]),
    }


def test_two_runs_of_one_provider_are_told_apart() -> None:
    page = _page(_document("acme", ONE), _document("acme", ONE))
    names = [head.text for head in page.all("th") if head.text.startswith("acme")]
    assert names == ["acme (1)", "acme (2)"] * 2


def test_hostile_names_are_text() -> None:
    page = several.render([document.read(_document(text, ONE)) for text in samples.HOSTILE])
    assert page.decode().count("<script") == 1 and b"\x1b" not in page
    assert "<script>alert(1)" in read_html(page).text


def test_the_command_writes_one_page_for_several(tmp_path: Path, capsys: Any) -> None:
    for name, case in (("a", ONE), ("b", FAILED)):
        (tmp_path / f"{name}.json").write_text(json.dumps(_document(name, case)))
    paths = [str(tmp_path / f"{name}.json") for name in "ab"]
    assert cli.main([*paths, "--out", str(tmp_path / "out")]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == [several.FILE]
    (tmp_path / "b.json").write_text('{"schema": "other"}')
    assert cli.main(paths) == 2
    assert "b.json is no results document: schema is 'other'" in capsys.readouterr().err
    (tmp_path / "b.json").write_text("{")
    assert cli.main(paths) == 2
    assert capsys.readouterr().err.endswith("b.json is no results document: it is not JSON\n")
    with pytest.raises(SystemExit) as stop:
        cli.main([*paths, "--only", "junit.xml"])
    assert stop.value.code == 2
