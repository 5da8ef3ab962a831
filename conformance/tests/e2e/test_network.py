"""A provider's network that a case brings down comes up again, whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.tests.e2e.support import PROVIDERS, REFERENCE, Run, machine

Certify = Callable[..., Run]

CASE = "cancel/while_the_network_is_down"
ONE_RESULT = ("--case", CASE, "--mode", "direct", "--jobs", 1)


def described(folder: Path, library: Path, network: str) -> Path:
    """Describe a provider."""
    file = folder / "provider.toml"
    file.write_text(
        f"[provider]\nname = \"described\"\nlibrary = '{library}'\n[network]\n{network}\n",
        encoding="utf-8",
    )
    return file


def by_commands(log: Path, up: str = "exit 0") -> str:
    """Name two commands that leave a trace."""
    shown = machine().path_for_program(log)
    return f"down = 'echo down>>\"{shown}\"'\nup = 'echo up>>\"{shown}\"&& {up}'"


def done(log: Path) -> list[str]:
    """Return what the commands have left."""
    return log.read_text(encoding="ascii").split()


def test_commands_bring_it_down_and_up(tmp_path: Path, certify: Certify) -> None:
    """The reference provider does not care for them, so its cancel says that all is well."""
    log = tmp_path / "log"
    run = certify(*ONE_RESULT, described(tmp_path, REFERENCE, by_commands(log)))
    row = run.row(CASE, "direct")
    assert (row["verdict"], row["requirement"]) == ("fail", "NETDOWN-01"), row["reason"]
    assert done(log) == ["down", "up"]


@pytest.mark.parametrize(
    ("provider", "cause"), [("crash_in_cancel", "crash"), ("exit_in_cancel", "exit")]
)
def test_it_comes_up_after_a_process_that_could_not(
    provider: str, cause: str, tmp_path: Path, certify: Certify
) -> None:
    log = tmp_path / "log"
    library = PROVIDERS / "hostile" / f"{provider}.dll"
    run = certify(*ONE_RESULT, described(tmp_path, library, by_commands(log)))
    row = run.row(CASE, "direct")
    assert (row["verdict"], row["cause"]) == ("fail", cause), row["reason"]
    assert done(log) == ["down", "up"]


def test_a_run_ends_if_it_does_not_come_up(tmp_path: Path, certify: Certify) -> None:
    log = tmp_path / "log"
    library = PROVIDERS / "hostile" / "crash_in_cancel.dll"
    run = certify(*ONE_RESULT, described(tmp_path, library, by_commands(log, up="exit 7")))
    assert run.status == 2, run.said()
    assert "does not come up again" in run.complaint() and "status 7" in run.complaint()
    assert done(log) == ["down", "up"]


def test_a_function_that_is_not_there_is_not_called(tmp_path: Path, certify: Certify) -> None:
    run = certify(*ONE_RESULT, described(tmp_path, REFERENCE, 'function = "NoSuchFunction"'))
    row = run.row(CASE, "direct")
    assert row["verdict"] == "inconclusive" and "NoSuchFunction" in row["reason"], row


def test_a_provider_without_a_way_is_not_asked(certify: Certify) -> None:
    run = certify(*ONE_RESULT, REFERENCE)
    assert run.row(CASE, "direct")["verdict"] == "not-applicable"
