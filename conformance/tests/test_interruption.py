"""What an interruption does: raise, or call off what is under way."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from conformance.orchestration.interruption import Interruption

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def interruption() -> Iterator[Interruption]:
    before = {name: signal.getsignal(name) for name in SIGNALS}
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    found = Interruption()
    found.be_heeded()
    yield found
    for name, handler in before.items():
        signal.signal(name, handler)


@pytest.mark.parametrize("name", SIGNALS)
def test_it_raises_where_nothing_is_to_be_called_off(
    interruption: Interruption, name: signal.Signals
) -> None:
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(name)
    assert interruption.has_come


@pytest.mark.parametrize("name", SIGNALS)
def test_it_calls_off_and_raises_nothing(
    interruption: Interruption, name: signal.Signals
) -> None:
    called_off: list[bool] = []
    with interruption.calls_off(lambda: called_off.append(True)):
        assert not interruption.has_come
        signal.raise_signal(name)
        assert called_off == [True]
    assert interruption.has_come


def test_it_raises_where_calling_off_fails(interruption: Interruption) -> None:
    def fail() -> None:
        raise OSError

    with interruption.calls_off(fail), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert interruption.has_come


def test_only_the_first_one_counts(interruption: Interruption) -> None:
    with interruption.calls_off(lambda: None):
        signal.raise_signal(signal.SIGINT)
    for name in SIGNALS:
        signal.raise_signal(name)


def test_it_raises_again_when_the_work_is_over(interruption: Interruption) -> None:
    with interruption.calls_off(lambda: None):
        pass
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)


def test_nohup_is_respected() -> None:
    before = {name: signal.getsignal(name) for name in SIGNALS}
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        Interruption().be_heeded()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
