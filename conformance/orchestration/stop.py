"""How a command ends early."""

from __future__ import annotations


class Stop(Exception):
    """No run is possible; the sentence names the thing and says what to do."""

    def __init__(self, sentence: str, status: int = 2) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


class InternalError(Exception):
    """The suite itself is at fault; the message says where."""
