"""The summary on the terminal."""

from __future__ import annotations

import re

import pytest

from reports import terminal
from reports.tests import samples

SGR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_colour_is_only_colour(name: str) -> None:
    results = samples.SAMPLES[name]()
    plain = terminal.summary(results, colour=False, width=80)
    coloured = terminal.summary(results, colour=True, width=80)
    assert SGR.sub("", coloured) == plain
    assert coloured != plain
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", plain)


@pytest.mark.parametrize("name", samples.SAMPLES)
@pytest.mark.parametrize("width", [40, 80, 200])
def test_only_a_command_or_a_name_is_wider_than_the_terminal(name: str, width: int) -> None:
    summary = terminal.summary(samples.SAMPLES[name](), colour=False, width=width)
    for text in summary.split("\n"):
        told = text.lstrip().startswith(("again:", "✗ ", "! "))
        assert len(text) <= width or told, text


def test_failures_come_with_all_that_is_needed() -> None:
    text = terminal.summary(samples.non_conforming(), colour=False, width=100)
    for part in (
        "✗ NON-CONFORMING",
        "“acme” does not conform: 9 of 60 results fail",
        "CBC-02 MUST The cancelled call fails with WSAEINTR",
        "✗ recv/cancelled_from_blocking_callback_tcp4 [direct]",
        "got SOCKET_ERROR with",
        "control: the reference provider passes here",
        "again: scripts/certify --debug --case 'recv/cancelled_from_blocking_callback_tcp4'",
        "... 3 more results in the report",
        "idle/no_call_ever_made [direct]\n      fails, known: fixed in 4.3, ships in June\n",
        "rests on recv/cancelled_from_blocking_callback_tcp4",
    ):
        assert part in text


def test_inconclusive_results_stand_by_reason() -> None:
    text = terminal.summary(samples.incomplete(), colour=False, width=100)
    assert "? 8 inconclusive (environment): G1: WSPConnect returned before it was seen" in text
    assert "and 2 more" in text


def test_many_failures_do_not_flood_the_terminal() -> None:
    text = terminal.summary(samples.huge(), colour=False, width=100)
    assert text.count("\n") < 60
    assert "997 more results" in text


def test_expectations_that_do_not_hold_are_named() -> None:
    results = samples.conforming()
    results["run"] |= {"unused_deviations": ["recv/gone"], "baseline": {"worse": ["x was pass"]}}
    text = terminal.summary(results, colour=False, width=100)
    assert (
        "What was expected and does not hold\n"
        "  The known deviation “recv/gone” names no case of this suite.\n"
        "  Worse than the baseline: x was pass.\n"
    ) in text


def test_it_ends_with_one_newline() -> None:
    for make in samples.SAMPLES.values():
        text = terminal.summary(make(), colour=False, width=100)
        assert text.endswith("\n") and not text.endswith("\n\n")
