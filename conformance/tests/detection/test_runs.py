"""The certifier, which is called off by whatever interrupts the command."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from conformance.detection.runs import Certifier

# Seconds, of which none is needed.
LONG_ENOUGH = 5


def test_it_may_be_called_off_amid_being_called_off(tmp_path: Path) -> None:
    """As by a signal, whose handler runs between any two steps of the thread that it meets."""
    certifier = Certifier(tmp_path, {}, 1)

    def amid(frame: FrameType, event: str, argument: Any) -> Any:
        certifier.call_off()
        return amid

    def call_off() -> None:
        sys.settrace(amid)
        certifier.call_off()

    assert not certifier.is_called_off()
    thread = threading.Thread(target=call_off, daemon=True)
    thread.start()
    thread.join(LONG_ENOUGH)
    assert not thread.is_alive() and certifier.is_called_off()
