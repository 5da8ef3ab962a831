"""The course of a case as a diagram: lanes, arrows, and how long a thread was in a call."""

from __future__ import annotations

import re

import reports
from reports import document
from reports.model import Step
from reports.sequence import diagram
from reports.tests import samples
from reports.tests.readers import read_html


def _steps() -> tuple[Step, ...]:
    (case,) = (case for case in document.read(samples.small()).cases if case.timeline)
    return case.timeline


def test_threads_stand_left_of_the_provider_and_main_is_the_first() -> None:
    lanes = diagram(_steps()).lanes
    assert [lane.name for lane in lanes] == ["main", "T1", "provider"]
    assert [lane.x for lane in lanes] == sorted(lane.x for lane in lanes)


def test_threads_stand_in_the_order_of_their_numbers() -> None:
    names = ("T10", "main", "T2", "T1")
    steps = [Step(0, "call", name, "provider", "WSPRecv()", "0", 1) for name in names]
    lanes = [lane.name for lane in diagram(steps).lanes]
    assert lanes == ["main", "T1", "T2", "T10", "provider"]


def test_the_peer_stands_beyond_the_provider() -> None:
    let_go = Step(1, "note", "main", "peer", "its peer lets it complete", None, None)
    assert [lane.name for lane in diagram([let_go]).lanes] == ["main", "provider", "peer"]


def test_the_blocked_call_is_a_bar_from_its_entry_to_its_return() -> None:
    picture = diagram(_steps())
    (bar,) = picture.bars
    entry, back = (picture.arrows[place] for place in (1, 5))
    assert (bar.top, bar.bottom, bar.returned) == (entry.y, back.y, True)
    assert bar.x == entry.x1 == back.x2


def test_a_call_that_never_returned_stays_open_to_the_end() -> None:
    picture = diagram(_steps()[:5])
    (bar,) = picture.bars
    assert not bar.returned and bar.bottom == picture.height


def test_times_count_from_the_first_step() -> None:
    times = [arrow.time for arrow in diagram(_steps()).arrows]
    assert times[:2] == ["0.0 ms", "9.1 ms"] and times[-1] == "5,012.7 ms"


def test_a_long_text_is_cut_in_the_picture_and_kept_behind_it() -> None:
    (arrow,) = diagram([Step(0, "call", "T1", "provider", "x" * 300, "0", 1)]).arrows
    assert arrow.label.endswith("…") and arrow.full == "x" * 300 + " → 0"


def test_hostile_steps_are_drawn_as_text() -> None:
    evil = {"t": 1, "kind": "</g>", "start": "<T1>", "end": "provider", "text": samples.HOSTILE[0]}
    both = {"timeline": [evil], "control_timeline": [evil]}
    failing = samples.case("recv/x", "direct", "CBC-02", "fail", **both)
    page = reports.render_all(samples.document([failing]))["report.html"]
    drawn = {"svg", "g", "path", "polygon", "text", "title"}
    for picture in read_html(page).all("svg"):
        assert "<script>alert(1)" in picture.text and "<T1>" in picture.text
        assert {element.tag for element in picture.walk()} <= drawn
    assert len(read_html(page).all("svg")) == 2
    assert b'class="k-note"' in page


def test_the_diagram_stands_in_the_page_of_what_failed() -> None:
    page = reports.render_all(samples.small())["report.html"]
    (article,) = (
        element
        for element in read_html(page).all("article")
        if re.match("recv/cancelled.*:direct", element.attributes.get("id") or "")
    )
    own, control = article.all("svg")
    assert "WSPCancelBlockingCall → 0" in own.text and "WSAETIMEDOUT" in own.text
    assert "WSAEINTR" in control.text and "WSAETIMEDOUT" not in control.text
    (folded,) = (it for it in article.all("details") if it.attributes.get("class") == "control")
    assert folded.all("summary")[0].text == "The reference provider in the same case"
    assert [control] == folded.all("svg")


def test_where_the_courses_part_is_marked_in_both_and_said() -> None:
    page = reports.render_all(samples.small())["report.html"]
    (article,) = (
        element
        for element in read_html(page).all("article")
        if re.match("recv/cancelled.*:direct", element.attributes.get("id") or "")
    )
    own, control = (
        [it for it in picture.all("rect") if it.attributes.get("class") == "marked"]
        for picture in article.all("svg")
    )
    assert len(own) == len(control) == 1
    (arrow,) = (it for it in diagram(_steps(), 5).arrows if it.marked)
    assert own[0].attributes["y"] == str(arrow.y - 20) and "WSAETIMEDOUT" in arrow.label
    assert (
        "WSPRecv on T1: SOCKET_ERROR with WSAETIMEDOUT (10060); the reference provider:"
        " SOCKET_ERROR with WSAEINTR (10004)" in article.text
    )


def test_what_was_seen_instead_stands_below_what_was_not_met() -> None:
    unmet = Step(1, "unmet", "main", "main", "WSPRecv after a cancel", "0", None)
    (arrow,) = diagram([unmet]).arrows
    assert (arrow.label, arrow.below, arrow.full) == ("WSPRecv after a cancel", "→ 0", None)


def test_two_lines_have_room_before_the_next_step() -> None:
    unmet = Step(0, "unmet", "main", "main", "what was to be", "what was", None)
    after = Step(1, "call", "main", "provider", "WSPCleanup()", "0", 1)
    plain = diagram([after, after]).arrows
    arrows = diagram([unmet, after]).arrows
    assert arrows[1].y - arrows[0].y > plain[1].y - plain[0].y


def test_the_provider_may_do_something_by_itself() -> None:
    (arrow,) = diagram([Step(0, "guard", "provider", "provider", "it crashed", None, None)]).arrows
    assert arrow.x1 == arrow.x2


def test_the_provider_stands_as_far_away_as_the_words_need() -> None:
    def gap(text: str) -> int:
        main, provider = diagram([Step(0, "call", "main", "provider", text, "0", 1)]).lanes
        return provider.x - main.x

    assert gap("WSPRecv()") < gap("x" * 40) < gap("x" * 50) < gap("x" * 90) == gap("x" * 300)


def test_the_courses_of_fifty_failures_cost_less_than_a_megabyte() -> None:
    """A full run stays under 2 MB without them, so under 3 MB with them."""
    (blank,) = samples.course()[1:2]
    longest = [
        {**blank, "t": place * 1000, "spi": place, "answer": "SOCKET_ERROR with WSAEINTR (10004)"}
        for place in range(36)
    ]
    both = {"timeline": longest, "control_timeline": longest}
    without = samples.huge(150)
    told = [case | both if case["verdict"] == "fail" else case for case in without["cases"]]
    sizes = []
    for results, pictures in ((without, 0), (samples.document(told), 100)):
        page = reports.render_all(results)["report.html"]
        assert len(read_html(page).all("svg")) == pictures
        sizes.append(len(page))
    assert sizes[1] - sizes[0] < 1_000_000
