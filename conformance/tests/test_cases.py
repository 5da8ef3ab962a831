"""The list of cases, and what is selected from it."""

from __future__ import annotations

import json

import pytest

from conformance.orchestration.cases import Case, CaseList, Item, Selection
from conformance.orchestration.stop import Stop
from conformance.tests.fake_executable import CASES, record


def listed(*records: dict[str, object]) -> CaseList:
    return CaseList.parse("".join(json.dumps(each) + "\n" for each in records).encode())


ALL = listed(*CASES)


def test_the_list_is_read_whole():
    assert len(ALL.cases) == len(CASES)
    case = ALL.by_id()["recv/cancelled"]
    assert (case.function, case.level, case.gate) == ("WSPRecv", "MUST", False)
    assert case.rests_on == ("startup/starts", "cancel/ends_the_call")


def test_the_digest_does_not_depend_on_line_ends():
    text = "".join(json.dumps(each) + "\n" for each in CASES).encode()
    assert CaseList.parse(text.replace(b"\n", b"\r\n")) == ALL == CaseList.parse(text)


def test_a_case_survives_its_plain_form():
    for case in ALL.cases:
        assert Case.of(json.loads(json.dumps(case.plain()))) == case


@pytest.mark.parametrize(
    ("output", "complaint"),
    [
        (b"", "lists no cases"),
        (b"not json\n", "in line 1"),
        (b"[]\n", "no object in line 1"),
        (b"{}\n", "in line 1"),
        (json.dumps(record("Bad/Id", ["CBC-01"])).encode(), "ill-formed id"),
        (json.dumps(record("a/b", ["CBC1"])).encode(), "ill-formed requirement"),
        (json.dumps(record("a/b", [])).encode(), "empty list requirements"),
        (json.dumps(record("a/b", ["CBC-01"], modes=("odd",))).encode(), "unknown mode"),
        (json.dumps(record("a/b", ["CBC-01"], level="OUGHT")).encode(), "unknown level"),
        (2 * (json.dumps(record("a/b", ["CBC-01"])) + "\n").encode(), "a/b twice"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused(output, complaint):
    with pytest.raises(Stop, match=complaint):
        CaseList.parse(output)


def test_everything_in_the_default_group_is_selected_by_default():
    items = Selection().items(ALL.cases)
    assert items[0] == Item("startup/starts", "direct")
    assert "connect/late" not in {item.case for item in items}
    assert Selection().is_full


def test_a_pattern_selects_by_the_whole_id():
    items = Selection(("accept/*",)).items(ALL.cases)
    assert {item.case for item in items} == {"accept/cancelled", "accept/advice", "accept/freedom"}
    assert not Selection(("accept/*",)).is_full


def test_modes_and_groups_select():
    assert {i.mode for i in Selection((), ("ws2_32",)).items(ALL.cases)} == {"ws2_32"}
    assert {i.case for i in Selection((), (), "endurance").items(ALL.cases)} == {"connect/late"}
    assert "connect/late" in {i.case for i in Selection((), (), "all").items(ALL.cases)}
    assert Selection((), (), "all").is_full


@pytest.mark.parametrize(
    ("selection", "complaint"),
    [
        (Selection(("nothing/*",)), "--case nothing/* matches no case"),
        (Selection(("recv/canceled",)), "is no case; did you mean recv/cancelled"),
        (Selection(("recv/*", "nothing")), "--case nothing is no case"),
        (Selection(("connect/late",)), "is of the group endurance"),
        (Selection(("recv/cancelled",), ("no-callback",)), "has the modes direct, ws2_32"),
    ],
)
def test_nothing_selected_is_never_silent(selection, complaint):
    with pytest.raises(Stop) as stop:
        selection.items(ALL.cases)
    assert complaint in stop.value.sentence
    assert stop.value.status == 2


def test_the_name_of_a_file_of_evidence():
    assert Item("recv/a/b", "no-callback").stem == "recv__a__b.no-callback"
