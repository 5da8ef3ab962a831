"""Where the course of a failure and that of the reference provider in the same case part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.model import Case, Step
from reports.text import line

NEVER = "no return"
_MADE_BY_THE_HARNESS = ("main", "T")


@dataclass(frozen=True)
class Parting:
    """The first call that came to something else than in the hands of the reference provider."""

    own: int  # the place of its outcome in the provider's course
    control: int  # the same, in the reference provider's
    call: str
    thread: str
    seen: str
    reference: str

    @property
    def sentence(self) -> str:
        """The two outcomes, side by side."""
        return (
            f"{self.call} on {self.thread}: {line(self.seen, 200)}; the reference provider:"
            f" {line(self.reference, 200)}"
        )


@dataclass(frozen=True)
class _Outcome:
    place: int
    call: str
    text: str


def parting(case: Case) -> Parting | None:
    """Return where the courses part, or None where no outcome of a call differs.

    Each thread is followed for itself, as who of two threads is first is chance, and only as long
    as it makes the same calls on both sides.
    """
    own, control = _by_thread(case.timeline), _by_thread(case.control_timeline)
    found = [
        Parting(mine.place, other.place, mine.call, thread, mine.text, other.text)
        for thread in own
        if thread.startswith(_MADE_BY_THE_HARNESS)
        for mine, other in _first_difference(own[thread], control.get(thread, ()))
    ]
    return min(found, key=lambda one: one.own) if found else None


def _first_difference(
    own: Sequence[_Outcome], control: Sequence[_Outcome]
) -> Iterator[tuple[_Outcome, _Outcome]]:
    for mine, other in zip(own, control):
        if mine.call != other.call:
            return
        if mine.text != other.text:
            yield mine, other
            return


def _by_thread(steps: Sequence[Step]) -> dict[str, list[_Outcome]]:
    """Return what the calls of each thread came to, as far as no step is left out."""
    found: dict[str, list[_Outcome]] = {}
    under_way: dict[int | None, tuple[int, Step]] = {}
    for place, step in enumerate(steps):
        if step.kind == "gap":
            return found
        if step.kind in ("call", "cancel"):
            if step.answer is None:
                under_way[step.spi] = (place, step)
            else:
                _add(found, place, step, step.answer)
        elif step.kind == "return" and step.spi in under_way:
            _add(found, place, under_way.pop(step.spi)[1], step.text)
    for place, step in reversed(under_way.values()):
        _add(found, place, step, NEVER)
    return found


def _add(found: dict[str, list[_Outcome]], place: int, call: Step, text: str) -> None:
    outcome = _Outcome(place, call.text.partition("(")[0], text)
    found.setdefault(call.start, []).append(outcome)
