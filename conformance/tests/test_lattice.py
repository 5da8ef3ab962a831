"""The two orders of verdicts."""

from __future__ import annotations

import itertools

import pytest

from conformance.orchestration.lattice import VERDICTS, worst_across, worst_within

WITHIN = ["none", "not-applicable", "pass", "warn", "inconclusive", "fail", "error"]
ACROSS = ["none", "not-applicable", "pass", "warn", "inconclusive", "error", "fail"]


@pytest.mark.parametrize(("order", "worst"), [(WITHIN, worst_within), (ACROSS, worst_across)])
def test_the_worse_of_every_pair_wins(order, worst):
    for (low, first), (high, second) in itertools.combinations_with_replacement(
        enumerate(order), 2
    ):
        assert low <= high
        assert worst([first, second]) == worst([second, first]) == second


def test_nothing_is_none():
    assert worst_within([]) == "none"
    assert worst_across([]) == "none"


def test_an_error_hides_a_failure_within_a_case_and_not_across_cases():
    assert worst_within(["fail", "error"]) == "error"
    assert worst_across(["fail", "error"]) == "fail"


def test_the_verdicts_of_a_case_are_those_of_the_order():
    assert set(VERDICTS) == set(WITHIN) - {"none"} == set(ACROSS) - {"none"}
