"""What the tests of the command ask of a run that has ended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conformance.orchestration import certify

SCHEMA = json.loads(Path(certify.__file__).with_name("results.schema.json").read_text())
OUTPUTS = {
    "results.json",
    "report.html",
    "junit.xml",
    "results.tap",
    "ctrf.json",
    "summary.md",
    "evidence",
}


def verdicts(results: dict[str, Any]) -> dict[str, str]:
    return {f"{row['id']}[{row['mode']}]": row["verdict"] for row in results["cases"]}


def row_of(results: dict[str, Any], name: str) -> dict[str, Any]:
    return next(row for row in results["cases"] if f"{row['id']}[{row['mode']}]" == name)


def complaint_of(done: Any) -> str:
    """Return the one sentence that a command without a run ends with."""
    assert done.returncode == 2, done
    assert "Traceback" not in done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert lines[-1].startswith("certify: ") and lines[-1].endswith(".")
    return str(lines[-1])
