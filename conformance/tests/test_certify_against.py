"""The command, and what is known of a provider: deviations in its description, a baseline."""

from __future__ import annotations

import datetime
import json
import re

import jsonschema
import pytest

from conformance.tests.certified import OUTPUTS, SCHEMA, complaint_of, row_of

DEVIATION = '[[known_deviation]]\ncase = "recv/*"\nreason = "bug 7"\n'
FEW = ("--case", "[rs]e*", "--mode", "direct")


def test_known_deviations(checkout):
    failing = {"recv/cancelled": "fail"}
    file = checkout.describe(DEVIATION, failing)
    assert checkout.certify(file, *FEW).returncode == 1
    row = row_of(checkout.results(checkout.root.name), "recv/cancelled[direct]")
    assert row["known_deviation"]["reason"] == "bug 7" and not row["known_deviation"]["expired"]
    assert checkout.certify(file, "--allow-known-deviations", *FEW).returncode == 0
    checkout.describe(DEVIATION, {**failing, "send/cancelled": "fail"})
    assert checkout.certify(file, "--allow-known-deviations", *FEW).returncode == 1


def test_a_known_deviation_that_passes_is_a_wrong_expectation(checkout):
    done = checkout.certify(checkout.describe(DEVIATION), *FEW)
    assert done.returncode == 4
    assert "known deviation recv/* is out of date: recv/cancelled[direct] passes." in done.stdout


def test_a_known_deviation_that_has_expired_is_a_wrong_expectation(checkout):
    yesterday = datetime.date.today() - datetime.timedelta(1)
    text = f"{DEVIATION}expires = {yesterday.isoformat()}\n"
    file = checkout.describe(text, {"recv/cancelled": "fail"})
    assert checkout.certify(file, *FEW).returncode == 1
    done = checkout.certify(file, "--allow-known-deviations", *FEW)
    assert done.returncode == 4 and "has expired" in done.stdout


def test_a_known_deviation_that_names_no_case_is_a_wrong_expectation(checkout):
    done = checkout.certify(checkout.describe(DEVIATION.replace("recv/", "gone/")), *FEW)
    assert done.returncode == 4 and "gone/* names no case" in done.stdout


@pytest.mark.parametrize(("mode", "status"), [("direct", 0), ("ws2_32", 1)])
def test_a_known_deviation_speaks_of_its_mode_alone(checkout, mode, status):
    file = checkout.describe(f'{DEVIATION}mode = "{mode}"\n', {"recv/cancelled": "fail"})
    assert checkout.certify(file, "--allow-known-deviations", *FEW).returncode == status


def test_a_known_deviation_is_shown_with_its_reason_and_never_as_passed(checkout):
    file = checkout.describe(DEVIATION, {"recv/cancelled": "fail"})
    done = checkout.certify(file, "--allow-known-deviations", *FEW)
    results = checkout.results(checkout.root.name)
    out = checkout.root / "build/certify" / checkout.root.name
    assert done.returncode == 0
    assert results["verdict"] == "non-conforming" and "NON-CONFORMING" in done.stdout
    assert results["counts"]["fail"] == 1
    assert "fails, known: bug 7" in done.stdout
    assert "Fails, known.</strong> <bdi>bug 7" in (out / "report.html").read_text("utf-8")
    assert '<skipped message="fails, known: bug 7">' in (out / "junit.xml").read_text("utf-8")
    (point,) = re.findall(r".*# TODO .*", (out / "results.tap").read_text("utf-8"))
    assert re.match(r"not ok \d+ - recv/cancelled \[direct\] # TODO fails, known: bug 7$", point)


def test_an_expired_known_deviation_yields_to_one_that_has_not_expired(checkout):
    expired = f"{DEVIATION}expires = 2020-01-01\n"
    living = DEVIATION.replace("bug 7", "bug 8")
    file = checkout.describe(expired + living, {"recv/cancelled": "fail"})
    assert checkout.certify(file, "--allow-known-deviations", *FEW).returncode == 0
    row = row_of(checkout.results(checkout.root.name), "recv/cancelled[direct]")
    assert row["known_deviation"]["reason"] == "bug 8"


@pytest.fixture(name="baseline")
def _baseline(checkout):
    """Return the results of a provider whose few cases pass, but for one that warns."""
    assert checkout.certify(checkout.library({"send/cancelled": "warn"}), *FEW).returncode == 0
    path = checkout.root / "earlier" / "results.json"
    path.parent.mkdir()
    path.write_text(json.dumps(checkout.results()))
    return path


COMPARISON = {"comparison.html", "comparison.md", "comparison.json"}


@pytest.mark.parametrize(
    ("behaviours", "status", "worse"),
    [
        ({"send/cancelled": "warn"}, 0, []),
        ({}, 0, []),
        (
            {"recv/cancelled": "warn", "send/cancelled": "warn"},
            4,
            ["recv/cancelled[direct] was pass and is warn"],
        ),
        (
            {"recv/cancelled": "fail", "send/cancelled": "fail"},
            1,
            [
                "recv/cancelled[direct] was pass and is fail",
                "send/cancelled[direct] was warn and is fail",
            ],
        ),
    ],
)
def test_compared_with_the_baseline(checkout, baseline, behaviours, status, worse):
    done = checkout.certify(checkout.library(behaviours), "--baseline", baseline, *FEW)
    assert done.returncode == status
    out = checkout.root / "build/certify/vendor"
    assert {path.name for path in out.iterdir()} == OUTPUTS | COMPARISON
    jsonschema.Draft202012Validator(SCHEMA).validate(checkout.results())
    told = checkout.results()["run"]["baseline"]
    assert told["file"] == str(baseline) and told["worse"] == worse
    assert told["counts"]["worse"] == len(worse)
    document = json.loads((out / "comparison.json").read_text())
    assert document["worse"] == worse and document["counts"]["cases"] == told["counts"]
    assert "Compared with the baseline:\n" in done.stdout
    more = ", and 1 more." if len(worse) > 1 else "."
    if worse:
        assert f"worse than the baseline {baseline}: {worse[0]}{more}" in done.stdout
        assert "was pass and is" not in done.stdout.replace(worse[0], "")
    else:
        assert "Nothing got worse" in done.stdout and "worse than" not in done.stdout
    assert "comparison: build/certify/vendor/comparison.html" in done.stdout


def test_the_folder_of_the_very_run_that_is_replaced_can_be_the_baseline(checkout, baseline):
    worse = checkout.library({"recv/cancelled": "warn"})
    out = checkout.root / "build/certify/vendor"
    assert checkout.certify(worse, "--baseline", out, *FEW).returncode == 4
    assert {path.name for path in out.iterdir()} == OUTPUTS | COMPARISON
    assert checkout.certify(worse, *FEW).returncode == 0
    assert {path.name for path in out.iterdir()} == OUTPUTS


def test_the_comparison_is_that_of_the_command_compare(checkout, baseline):
    from reports import comparison, document

    checkout.certify(checkout.library({"recv/cancelled": "warn"}), "--baseline", baseline, *FEW)
    out = checkout.root / "build/certify/vendor"
    found = comparison.compare(document.load(baseline), document.load(out))
    for name, content in comparison.render_all(found).items():
        assert (out / name).read_bytes() == content


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"schema": "wspcts-results/2"}, "is no results document: schema is"),
        ({"counts": {}}, "is no results document: counts."),
    ],
)
def test_a_baseline_that_is_damaged_stops_the_run(checkout, baseline, change, complaint):
    baseline.write_text(json.dumps(json.loads(baseline.read_text()) | change))
    before = (checkout.root / "build/certify/vendor/report.html").read_bytes()
    assert complaint in complaint_of(checkout.certify("vendor.dll", "--baseline", baseline))
    assert (checkout.root / "build/certify/vendor/report.html").read_bytes() == before


def test_a_baseline_with_nothing_in_common_stops_before_anything_is_run(checkout, baseline):
    done = checkout.certify(
        "--baseline", baseline, "--case", "recv/cancelled", "--mode", "ws2_32"
    )
    assert "has no result in common with what is selected here" in complaint_of(done)
    assert "certifying" not in done.stderr


def test_with_a_baseline_known_deviations_count_as_what_they_are(checkout, baseline):
    file = checkout.describe(DEVIATION, {"recv/cancelled": "fail", "send/cancelled": "warn"})
    allowed = ("--allow-known-deviations", "--baseline")
    done = checkout.certify(file, *allowed, baseline, *FEW)
    assert done.returncode == 4 and "fails, known: bug 7" in done.stdout
    again = checkout.root / "build/certify" / checkout.root.name
    assert checkout.certify(file, *allowed, again, *FEW).returncode == 0
