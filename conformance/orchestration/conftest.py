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
            # The front process decides when to stop; a Ctrl-C reaches everybody.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            config.pluginmanager.register(plugin.Conduct.of_worker(workerinput), plugin.NAME)
        return
    here = Path(__file__).parent
    if any(Path(os.path.abspath(arg.split("::")[0])) == here for arg in config.args):
        try:
            begin(config)
        except Stop as stop:
            raise pytest.UsageError(stop.sentence) from None


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the results of a run that was started here."""
    end(session)
