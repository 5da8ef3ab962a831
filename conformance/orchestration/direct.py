"""`pytest conformance/orchestration --provider X`: the same run, told by pytest itself.

It leaves results.json and the evidence; the reports are made from it by scripts/report.
"""

from __future__ import annotations

import contextlib
import datetime
import os

import pytest

from conformance.orchestration.layout import Layout
from conformance.orchestration.opening import Opened, open_run
from conformance.orchestration.options import options_of
from conformance.orchestration.plugin import NAME, Conduct
from conformance.orchestration.results import assemble

_OPENED = pytest.StashKey[tuple[Opened, Conduct]]()


def begin(config: pytest.Config) -> None:
    """Open the run that the options describe, for as long as this pytest lives."""
    stack = contextlib.ExitStack()
    config.add_cleanup(stack.close)
    options = options_of(
        config.option,
        provider=config.option.provider,
        debug=config.option.debug_case,
        jobs=getattr(config.option, "numprocesses", None) or 1,
        command=["pytest", *map(str, config.invocation_params.args)],
    )
    environment = dict(os.environ)
    opened = open_run(stack, options, Layout.of(environment), environment)
    conduct = Conduct(opened.preparation.plan)
    config.pluginmanager.register(conduct, NAME)
    config.stash[_OPENED] = (opened, conduct)


def end(session: pytest.Session) -> None:
    """Write the results, if the run came to its end."""
    if _OPENED not in session.config.stash or session.config.option.collectonly:
        return
    opened, conduct = session.config.stash[_OPENED]
    if session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        now = datetime.datetime.now().astimezone()
        opened.out.publish(assemble(opened.preparation, conduct.results, now))
