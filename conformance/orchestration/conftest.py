"""Makes `pytest conformance/orchestration --provider X` run the cases of a provider.

scripts/certify comes with a plan of its own, and xdist's workers get theirs handed over.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from conformance.orchestration import plugin
from conformance.orchestration.direct import begin, end
from conformance.orchestration.machine import end_everything
from conformance.orchestration.options import add_pytest_options
from conformance.orchestration.stop import Stop


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that select a provider and its cases."""
    add_pytest_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the run that this process has a part in."""
    if config.pluginmanager.has_plugin(plugin.NAME):
        return
    workerinput = getattr(config, "workerinput", None)
    if workerinput is not None:
        if plugin.has_share(workerinput):
            _leave_signals_to_the_front_process()
            config.pluginmanager.register(plugin.Conduct.of_worker(workerinput), plugin.NAME)
        return
    here = Path(__file__).parent
    if any(Path(os.path.abspath(arg.split("::")[0])) == here for arg in config.args):
        try:
            begin(config)
        except Stop as stop:
            raise pytest.UsageError(stop.sentence) from None


def _leave_signals_to_the_front_process() -> None:
    """Do nothing when told to end: a Ctrl-C reaches everybody, and one process has to decide.

    Not by ignoring signals, which the processes that run the cases would inherit.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, frame: None)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave no process behind, and write the results of a run that was started here."""
    end_everything()
    end(session)
