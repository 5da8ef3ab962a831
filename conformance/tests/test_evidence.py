"""Evidence: read whole, cut off, mixed with what is none, and hostile."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.orchestration import evidence

RUN = "token"


def line(number: int, event: str, **fields: Any) -> bytes:
    head = {"n": number, "run": RUN, "t": number, "thread": "main", "event": event}
    return json.dumps({**head, **fields}).encode() + b"\n"


CASE = line(1, "case", id="recv/x", mode="direct", proofs=["blocked"])
LOAD = line(2, "spi", phase="enter", call="LoadLibrary", spi=1)
VERDICT = line(3, "verdict", verdict="pass")


def test_whole_evidence():
    found = evidence.parse(CASE + LOAD + VERDICT, RUN)
    assert [each.event for each in found.lines] == ["case", "spi", "verdict"]
    assert found.verdict is not None and found.verdict.text("verdict") == "pass"
    assert (found.cut_off, found.gap, found.malformed, found.foreign) == (False, None, None, 0)


def test_windows_line_ends_are_line_ends():
    found = evidence.parse((CASE + LOAD + VERDICT).replace(b"\n", b"\r\n"), RUN)
    assert len(found.lines) == 3


def test_a_file_that_is_not_there_holds_nothing(tmp_path):
    assert evidence.read(tmp_path / "none.jsonl", RUN) == evidence.Evidence()


def test_every_way_to_cut_it_off_is_read_without_a_gap():
    data = CASE + LOAD + VERDICT
    for length in range(len(data)):
        found = evidence.parse(data[:length], RUN)
        assert found.gap is None and found.malformed is None and found.foreign == 0
        # A line that lacks nothing but its end is whole.
        is_whole = length >= len(data) - 1
        assert (found.verdict is not None) == is_whole


def test_a_gap_is_seen():
    found = evidence.parse(CASE + line(3, "note"), RUN)
    assert found.gap == "line 3 stands where line 2 is due"


def test_the_same_number_twice_is_a_gap():
    assert evidence.parse(CASE + CASE, RUN).gap == "line 1 stands where line 2 is due"


def test_numbers_begin_at_one():
    assert evidence.parse(LOAD, RUN).gap is not None


@pytest.mark.parametrize(
    "foreign",
    [
        b"hello\n",
        b"\x00\xff\xfe\n",
        b"[]\n",
        b"null\n",
        b"{}\n",
        b'{"n": 2}\n',
        b'{"n": 2, "run": "guessed", "t": 1, "thread": "main", "event": "verdict"}\n',
        b'{"n": true, "run": "token", "t": 1, "thread": "main", "event": "verdict"}\n',
        b'{"n": 1.0, "run": "token", "t": 1, "thread": "main", "event": "verdict"}\n',
        b'{"n": 0, "run": "token"}\n',
        b'{"n": NaN, "run": "token"}\n',
        b'{"n": 2, "run": ["token"]}\n',
        b"[" * 100_000 + b"\n",
        b'{"a":' * 100_000 + b"\n",
        b'{"n": ' + b"9" * 5000 + b', "run": "token"}\n',
        b'"' + b"x" * 500_000 + b'"\n',
        "{“n”: 2}\n".encode("utf-16"),
        b"no line end",
        b'{"n": 2, "half": ',
    ],
)
def test_what_is_not_the_harness_is_no_evidence(foreign):
    found = evidence.parse(CASE + foreign + LOAD + VERDICT, RUN)
    assert [each.number for each in found.lines] == [1, 2, 3]
    assert found.gap is None and found.foreign >= 1


@pytest.mark.parametrize(
    ("event", "fields", "complaint"),
    [
        ("expect", {"what": "x", "met": 1, "otherwise": "fail"}, "has no met"),
        ("expect", {"what": "x", "met": True}, "has no otherwise"),
        ("expect", {"what": "x", "met": True, "otherwise": "bad"}, "unknown verdict"),
        (
            "expect",
            {"what": "x", "met": False, "otherwise": "fail", "blame": "suite"},
            "blames another",
        ),
        ("spi", {"phase": "enter"}, "has no call"),
        ("proof", {}, "has no proof"),
        ("guard", {"kind": "sneeze"}, "unknown kind"),
        ("case", {"id": "x", "mode": "direct"}, "has no proofs"),
        ("verdict", {"verdict": None}, "has no verdict"),
    ],
)
def test_a_line_of_ours_that_cannot_be_judged_is_named(event, fields, complaint):
    found = evidence.parse(CASE + line(2, event, **fields), RUN)
    assert found.malformed is not None
    assert found.malformed.startswith("line 2") and complaint in found.malformed


def test_nothing_may_follow_the_verdict():
    found = evidence.parse(CASE + LOAD + VERDICT + line(4, "note"), RUN)
    assert found.malformed == "line 4 follows the verdict line"
    assert found.verdict is None


def test_an_unknown_event_and_unknown_fields_do_no_harm():
    found = evidence.parse(CASE + line(2, "novelty", more={"a": [1]}), RUN)
    assert found.malformed is None and len(found.lines) == 2


def test_half_a_surrogate_pair_is_replaced():
    raw = line(2, "note", topic="provider", description="a").replace(b'"a"', b'"x\\ud800y"')
    found = evidence.parse(CASE + raw, RUN)
    text = next(found.notes("provider")).text("description")
    assert text == "x\N{REPLACEMENT CHARACTER}y"
    text.encode()


def test_a_file_beyond_the_limit_is_said_to_be(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(CASE + b"x" * (5 << 20))
    found = evidence.read(path, RUN)
    assert found.oversize and len(found.lines) == 1


def test_the_open_call_is_the_last_one_that_did_not_return():
    def call(number: int, phase: str, name: str, spi: int) -> bytes:
        return line(number, "spi", phase=phase, call=name, spi=spi)

    data = (
        CASE
        + call(2, "enter", "WSPRecv", 1)
        + call(3, "enter", "WSPCancelBlockingCall", 2)
        + call(4, "leave", "WSPCancelBlockingCall", 2)
    )
    assert evidence.parse(data, RUN).open_call == "WSPRecv"
    data += call(5, "leave", "WSPRecv", 1)
    assert evidence.parse(data, RUN).open_call is None


def test_the_guard_knows_best_which_call_was_open():
    data = CASE + LOAD + line(3, "guard", kind="hang", call="WSPSend")
    assert evidence.parse(data, RUN).open_call == "WSPSend"
