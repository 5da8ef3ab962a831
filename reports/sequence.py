"""The course of a case as a sequence diagram: where each step of a timeline is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reports.model import Step
from reports.text import line

PROVIDER = "provider"
PEER = "peer"
KINDS = ("call", "return", "callback", "answer", "upcall", "cancel", "note", "unmet", "guard") + (
    "several",
    "gap",
)

# In pixels, which are the units of the picture.
_ROW = 30
_SECOND_LINE = 14
_HEAD = 44
_LEFT = 118
_BETWEEN_THREADS = 84
_TO_PROVIDER = (300, 430)  # as far as the labels need, within these
_TO_PEER = 110
_RIGHT = 330
_LETTER = 6.7  # of the diagram's font, at its size
_SMALLEST_TEXT = 24


@dataclass(frozen=True)
class Lane:
    """A vertical line: a thread, the provider, or the peer."""

    name: str
    x: int


@dataclass(frozen=True)
class Arrow:
    """A step where it is drawn; one that stays on its lane has no length."""

    step: Step
    time: str
    label: str
    full: str | None  # the whole label, if it was cut
    x1: int
    x2: int
    y: int
    below: str | None = None  # what was seen, where it has a line of its own
    marked: bool = False

    @property
    def text_x(self) -> int:
        """Where its label begins."""
        return min(self.x1, self.x2) + (10 if self.x1 != self.x2 else 12)

    @property
    def points(self) -> str:
        """The head of the arrow."""
        back = -7 if self.x2 > self.x1 else 7
        return f"{self.x2},{self.y} {self.x2 + back},{self.y - 4} {self.x2 + back},{self.y + 4}"


@dataclass(frozen=True)
class Bar:
    """The time that a thread spends in a call; one that never returned stays open below."""

    x: int
    top: int
    bottom: int
    returned: bool


@dataclass(frozen=True)
class Diagram:
    """Everything that is drawn of a timeline."""

    width: int
    height: int
    lanes: tuple[Lane, ...]
    arrows: tuple[Arrow, ...]
    bars: tuple[Bar, ...]


def diagram(steps: Sequence[Step], marked: int | None = None) -> Diagram:
    """Return where the steps are drawn; the one at the place `marked` stands out."""
    lanes = _lanes(steps)
    places = {lane.name: lane.x for lane in lanes}
    width = places[PROVIDER] + _RIGHT
    start = steps[0].t if steps else 0
    arrows = []
    height = _HEAD
    for place, step in enumerate(steps):
        height += _ROW
        arrow = _arrow(step, places, width, start, height - 8)
        arrows.append(replace(arrow, marked=place == marked))
        if arrow.below is not None:
            height += _SECOND_LINE
    height += 16
    return Diagram(width, height, lanes, tuple(arrows), tuple(_bars(arrows, places, height)))


def _lanes(steps: Sequence[Step]) -> tuple[Lane, ...]:
    named = dict.fromkeys(name for step in steps for name in (step.start, step.end))
    threads = [name for name in named if name not in (PROVIDER, PEER)]
    threads.sort(key=lambda name: (name != "main", len(name), name))
    lanes = [Lane(name, _LEFT + _BETWEEN_THREADS * place) for place, name in enumerate(threads)]
    nearest = lanes[-1].x if lanes else _LEFT
    places = {lane.name: lane.x for lane in lanes}
    ends = [
        places[name] + 20 + _LETTER * len(_told(step))
        for step in steps
        for name in (step.start, step.end)
        if name in places and PROVIDER in (step.start, step.end) and step.kind != "several"
    ]
    least, most = _TO_PROVIDER
    x = int(min(max([nearest + least, *ends]), nearest + most))
    lanes.append(Lane(PROVIDER, x))
    if PEER in named:
        lanes.append(Lane(PEER, x + _TO_PEER))
    return tuple(lanes)


def _arrow(step: Step, places: dict[str, int], width: int, start: int, y: int) -> Arrow:
    x1, x2 = places[step.start], places[step.end]
    told, answer = _told(step), None
    if step.kind == "unmet" and step.answer is not None:
        answer = f"→ {line(step.answer, 200)}"
    room = max(_SMALLEST_TEXT, int((width - min(x1, x2) - 20) / _LETTER))
    time = f"{(step.t - start) / 1000:,.1f} ms"
    full = told if answer is None else f"{told} {answer}"
    label, below = _cut(told, room), None if answer is None else _cut(answer, room)
    is_cut = label != told or below != answer
    return Arrow(step, time, label, full if is_cut else None, x1, x2, y, below)


def _told(step: Step) -> str:
    """Return what stands above the arrow of a step; of what was not met, without what was seen."""
    told = line(step.text, 400)
    if step.answer is None or step.kind == "unmet":
        return told
    return f"{told} → {line(step.answer, 200)}"


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _bars(arrows: Sequence[Arrow], places: dict[str, int], height: int) -> list[Bar]:
    """Return a bar for each call that did not come back at once."""
    bars = []
    for place, arrow in enumerate(arrows):
        step = arrow.step
        if step.kind not in ("call", "cancel") or step.answer is not None:
            continue
        ends = (
            later.y
            for later in arrows[place + 1 :]
            if (later.step.kind, later.step.end, later.step.spi)
            == ("return", step.start, step.spi)
        )
        end = next(ends, None)
        bars.append(Bar(places[step.start], arrow.y, end or height, end is not None))
    return bars
