"""docs/requirements.md says what the catalogue and the cases say."""

from __future__ import annotations

import subprocess

from conformance.orchestration.cases import CaseList
from conformance.orchestration.catalogue import Catalogue
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


def test_every_statement_of_the_page_is_judged(case_list: CaseList, catalogue: Catalogue) -> None:
    judged = {name for case in case_list.cases for name in case.requirements}
    judged |= {each.id for each in catalogue.requirements.values() if each.shown_by}
    without = [
        statement.id
        for statement in catalogue.statements.values()
        if judged.isdisjoint(statement.requirements)
    ]
    assert without == []
