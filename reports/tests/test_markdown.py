"""The summary in Markdown, read back by a renderer."""

from __future__ import annotations

import re

import pytest

import reports
from reports import markdown
from reports.tests import samples
from reports.tests.readers import Element, read_markdown, reading_of_markdown


def _render(results: samples.Document) -> bytes:
    return reports.render_all(results, ["summary.md"])["summary.md"]


def _text(page: Element) -> str:
    return re.sub(r"\s+", " ", page.text)


def test_it_says_what_a_reviewer_asks_first() -> None:
    page = read_markdown(_render(samples.non_conforming()))
    assert [e.text for e in page.all("h2")] == ["✗ non-conforming"]
    assert [e.text for e in page.all("h3")] == [
        "What is wrong",
        "What is open",
        "Advice not taken",
        "What it was run on",
    ]
    for part in (
        "acme does not conform: 9 of 60 results fail (1 known deviation), breaking 4 requirements.",
        "CBC-02 (MUST): The cancelled call fails with WSAEINTR: SOCKET_ERROR, or INVALID_SOCKET",
        "✗ fail: recv/cancelled_from_blocking_callback_tcp4 [direct]",
        "expected: SOCKET_ERROR with WSAEINTR (10004) seen: SOCKET_ERROR with WSAETIMEDOUT",
        "✗ fail, a known deviation: idle/no_call_ever_made [direct]",
        "control: the reference provider passes here, on the same machine",
        "Also: accept/listener_survives_cancel [direct], accept/listener_survives_cancel [ws2_32]",
        "provider.sha256: 3f8a0b5c",
        "platform.wine: wine-8.0",
    ):
        assert part in _text(page), part


def test_verdicts_by_mode_are_a_table() -> None:
    _, modes = read_markdown(_render(samples.only_direct())).all("table")
    rows = [[cell.text for cell in row.all("td")] for row in modes.all("tr")[1:]]
    assert rows == [
        ["direct", "✗ non-conforming"],
        ["ws2_32", "✓ conforming"],
        ["no-callback", "✓ conforming"],
    ]


def test_a_run_over_a_selection_says_so() -> None:
    text = _text(read_markdown(_render(samples.only_direct())))
    assert "Qualification: a selection: --case 'recv/*'; budget cancel 5000 ms (2000)" in text
    assert "Only when called directly" in text


def test_expectations_that_do_not_hold_are_named() -> None:
    results = samples.conforming()
    results["cases"][0]["known_deviation"] = {"reason": "x"}
    results["run"]["baseline"] = {"worse": ["recv/y[direct] was pass and is warn"]}
    page = read_markdown(_render(results))
    titles = [e.text for e in page.all("h3")]
    assert titles[0] == "Known deviations that passed: remove their entries"
    assert titles[1] == "What was expected and does not hold"
    assert "Worse than the baseline: recv/y[direct] was pass and is warn." in _text(page)


def test_of_many_results_of_one_requirement_the_first_are_told() -> None:
    page = read_markdown(_render(samples.huge(3000)))
    assert "… 990 more results in report.html." in _text(page)


def _too_large() -> samples.Document:
    """Every catalogued requirement broken in ways that take much room to tell."""
    cases = [
        samples.case(f"recv/x_{place}", "direct", "CBC-02", "fail", reason="\U0001f600" * 2000)
        for place in range(2000)
    ]
    for place, one in enumerate(cases):
        key = f"CBC-{place // 10:02}" if place < 1000 else f"BHK-{place // 10 - 100:02}"
        one |= {"requirement": key, "requirements": [key], "by_requirement": {key: "fail"}}
        one |= {"does": one["reason"], "must": one["reason"], "seen": one["reason"]}
    return samples.document(cases)


def test_what_no_page_of_a_job_would_show_is_cut_and_says_so() -> None:
    results = _too_large()
    text = _render(results)
    assert markdown.LARGEST - 100_000 < len(text) <= markdown.LARGEST < 1024 * 1024
    page = read_markdown(text)
    told = sum(e.text.startswith(("CBC-", "BHK-")) for e in page.all("strong"))
    notice = f"Cut here, as no page of a job takes more than 1 MiB: {200 - told} more entries"
    assert notice in _text(page)
    assert page.all("h3")[-1].text == "What it was run on"
    assert reading_of_markdown(text).counts == {"fail": 2000}


def test_what_fits_is_not_cut() -> None:
    assert b"Cut here" not in _render(samples.huge(3000))


@pytest.mark.parametrize(
    "text",
    ["`", "``", "a`", "`a", "a``b`c", " a", "a ", " ", "", "```", "~~~", "\\", "\\`", "a|b\\|"],
)
def test_code_in_a_line_is_shown_as_it_is(text: str) -> None:
    results = samples.conforming()
    results["provider"]["name"] = text
    (first, *_) = read_markdown(_render(results)).all("p")
    (code,) = first.all("code")
    assert code.text.strip() == (text.strip() or "“”" * (text == ""))
    assert first.text.endswith("conforms: no MUST is broken and none is left open, in 60 results.")


def test_a_block_of_code_cannot_be_ended_from_within() -> None:
    content = "```\nx\n`````\n# y"
    page = read_markdown(markdown._block([content]).encode())
    assert [code.text for code in page.all("code")] == [f"{content}\n"]
