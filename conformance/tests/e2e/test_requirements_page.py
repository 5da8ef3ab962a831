"""docs/requirements.md says what the catalogue and the cases say."""

from __future__ import annotations

import subprocess

from conformance.orchestration.layout import ROOT
from conformance.tests.e2e.support import environment


def test_the_page_of_the_requirements_is_up_to_date() -> None:
    done = subprocess.run(
        [str(ROOT / "scripts" / "requirements-table"), "--check"],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
