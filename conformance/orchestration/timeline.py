"""The course of one case, told in few steps: what a reader of a failure wants to see of it.

A step goes from one lane to another: the threads of the harness, the provider, the peer. What the
case prepares and cleans up is one step each, but for the options and events it sets; callbacks that
only let the call go on are one step together, and a long course is cut in the middle. The whole of
it is the evidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import asdict, dataclass, replace
from typing import Any

from conformance.orchestration.evidence import Evidence, Line

PROVIDER = "provider"
PEER = "peer"
MAIN = "main"
OTHERS = "its threads"  # those that the provider made itself: one lane, however many there are
_UNNAMED = "thread-"
CANCEL = "WSPCancelBlockingCall"

# What fits on one screen.
MOST_STEPS = 36
_AT_THE_END = 18
_AFTER_WHAT_IS_WRONG = 4
_LONGEST_TEXT = 160
_WORTH_COUNTING = 3
_TIDYING = frozenset({"WSPCloseSocket", "WSPCleanup", "FreeLibrary"})
_BOOK_KEEPING = frozenset({"WPUCreateSocketHandle", "WPUCloseSocketHandle"})
_SETTING = frozenset({"WSPSetSockOpt", "WSPIoctl", "WSPEventSelect", "WSPAsyncSelect"})
_MOST_SETTINGS = 4
_NOISE = frozenset({"callback", "answer", "upcall"})
# What a note is about, and how its text is introduced.
_TOLD_NOTES = {
    "rescue": "the suite steps in: ",
    "peer": "",
    "progress": "",
    "stray callback": "",
    "world": "as both ends see it, the stream is ",
    "network": "the network is ",
    "completion routine": "completion routine: ",
}


@dataclass(frozen=True)
class Step:
    """One arrow of the course, or, where both ends are the same, one remark on a lane."""

    t: int  # microseconds since the case began
    kind: str  # call, return, callback, answer, upcall, cancel, note, unmet, guard, several, gap
    start: str  # the lane it leaves
    end: str  # the lane it comes to
    text: str
    answer: str | None = None  # what came back at once
    spi: int | None = None  # the number of the call that it belongs to


def timeline(evidence: Evidence, beside: Evidence | None = None) -> list[dict[str, Any]]:
    """Return the steps of a case in types that JSON can carry, in the order they happened.

    `beside` is the evidence of the failure that this course is to be compared with: it begins where
    that one does, or earlier, and tells of the same upcalls.
    """
    lines = evidence.lines
    first = _first_of_interest(lines)
    left_out = _BOOK_KEEPING - _named_as_unmet(evidence if beside is None else beside)
    if beside is not None:
        first = min(first, _entry(lines, _prepared(beside.lines)))
    steps = _counted(_joined(_steps(lines[first:], left_out)))
    return [asdict(step) for step in _cut(_tidied([*_preparation(lines[:first]), *steps]))]


def _preparation(lines: Sequence[Line]) -> list[Step]:
    """Return what comes before the case proper: the calls by name, then the last things it set."""
    calls = Counter(line.text("call") for line in lines if _is_entry(line))
    if not calls:
        return []
    count = calls.total()
    named = ", ".join(f"{many} {name}" if many > 1 else f"{name}" for name, many in calls.items())
    told = f"prepares: {count} call{'s' if count > 1 else ''} ({named})"
    set_up = [step for step in _joined(_steps(lines, _BOOK_KEEPING)) if _is_setting(step)]
    several = Step(_time(lines[0]), "several", MAIN, PROVIDER, _shortened(told))
    return [several, *set_up[-_MOST_SETTINGS:]]


def _is_setting(step: Step) -> bool:
    return step.kind == "call" and step.text.partition("(")[0] in _SETTING


def _is_entry(line: Line) -> bool:
    return line.event == "spi" and line.text("phase") == "enter"


def _prepared(lines: Sequence[Line]) -> int:
    """Return the number of calls before the case comes to what it is about."""
    return sum(map(_is_entry, lines[: _first_of_interest(lines)]))


def _entry(lines: Sequence[Line], number: int) -> int:
    """Return where a call is entered, counted from 0, or the end if there are not so many."""
    entries = [place for place, line in enumerate(lines) if _is_entry(line)]
    return entries[number] if number < len(entries) else len(lines)


def _named_as_unmet(evidence: Evidence) -> set[str]:
    """Return the upcalls left out elsewhere that an unmet expectation is about."""
    unmet = [line for line in evidence.expectations if not line.fields["met"]]
    return {call for call in _BOOK_KEEPING for line in unmet if call in (line.text("what") or "")}


def _first_of_interest(lines: Sequence[Line]) -> int:
    """Return where the case comes to what it is about.

    Where client threads make calls, what the main thread calls before is its preparation.
    """
    entries = [line for line in lines if _is_entry(line)]
    about = {CANCEL}
    if all(line.text("thread") == MAIN for line in entries):
        about |= {line.text("function") or "" for line in lines if line.event == "case"}
    for place, line in enumerate(lines):
        if line.event == "guard" or (line.event == "expect" and not line.fields["met"]):
            return _entry_before(lines, place)
        if _is_entry(line) and (line.text("thread") != MAIN or line.text("call") in about):
            return place
    return len(lines)


def _entry_before(lines: Sequence[Line], place: int) -> int:
    """Return the call that what stands at `place` is about: the last one entered before it."""
    for before in range(place, -1, -1):
        if _is_entry(lines[before]):
            return before
    return place


def _steps(lines: Sequence[Line], left_out: Set[str]) -> Iterator[Step]:
    for line in lines:
        thread = line.text("thread") or "?"
        if thread.startswith(_UNNAMED):
            thread = OTHERS
        told = _step(line, thread, left_out)
        if told is not None:
            text = _shortened(told.text)
            yield replace(told, t=_time(line), spi=line.number_of("spi"), text=text)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _step(line: Line, thread: str, left_out: Set[str]) -> Step | None:
    call = line.text("call") or ""
    is_entry = line.text("phase") == "enter"
    match line.event:
        case "spi" if is_entry:
            told = _arguments(line)
            kind = "cancel" if call == CANCEL else "call"
            return Step(0, kind, thread, PROVIDER, f"{call}({told})" if told else call)
        case "spi":
            return Step(0, "return", PROVIDER, thread, line.text("outcome") or "")
        case "callback" if is_entry:
            return Step(0, "callback", PROVIDER, thread, f"callback {line.number_of('nth')}")
        case "callback" if line.text("phase") == "more":
            told = f"{line.number_of('count')} more callbacks"
            return Step(0, "callback", PROVIDER, thread, told)
        case "callback":
            return Step(0, "answer", thread, PROVIDER, line.text("answer") or "")
        case "upcall" if call not in left_out:
            return Step(0, "upcall", PROVIDER, thread, call, line.text("outcome"))
        case "expect" if not line.fields["met"]:
            return Step(0, "unmet", thread, thread, line.text("what") or "", line.text("seen"))
        case "guard":
            return Step(0, "guard", PROVIDER, PROVIDER, line.text("text") or line.fields["kind"])
        case "note" if line.text("topic") in _TOLD_NOTES:
            topic, text = line.text("topic") or "", line.text("text") or ""
            to = PEER if topic == "peer" or "peer" in text else thread
            return Step(0, "note", thread, to, f"{_TOLD_NOTES[topic]}{text}")
    return None


def _arguments(line: Line) -> str:
    arguments = line.fields.get("arguments")
    told = arguments.get("text") if isinstance(arguments, dict) else None
    return told if isinstance(told, str) else ""


def _joined(steps: Iterable[Step]) -> list[Step]:
    """Join what came back at once with what it came back from.

    A callback may be joined over the callbacks of other threads, which say nothing about its time.
    """
    done: list[Step] = []
    for step in steps:
        place = len(done) - 1
        while step.kind == "answer" and place >= 0 and _is_of_others(done[place], step.start):
            place -= 1
        if place >= 0 and _answers(step, done[place]):
            done[place] = replace(done[place], answer=step.text)
        else:
            done.append(step)
    return done


def _is_of_others(step: Step, thread: str) -> bool:
    return step.kind in _NOISE and thread not in (step.start, step.end)


def _answers(step: Step, to: Step) -> bool:
    """Say whether a step is what came back from the one right before it."""
    pairs = {"return": ("call", "cancel"), "answer": ("callback",)}
    is_back = to.kind in pairs.get(step.kind, ()) and to.answer is None
    return is_back and (step.start, step.end, step.spi) == (to.end, to.start, to.spi)


def _counted(steps: Sequence[Step]) -> list[Step]:
    """Tell callbacks of one call that only let it go on, until anything else is done, as one step.

    Those of several threads in turn are one step for each of the threads.
    """
    runs: list[list[int]] = []
    of_thread: dict[str, list[int]] = {}
    for place, step in enumerate(steps):
        run = of_thread.get(step.end, [])
        if _lets_go_on(step) and run and steps[run[0]].spi == step.spi:
            run.append(place)
            continue
        runs.append([place])
        if step.kind not in _NOISE:
            of_thread.clear()
        of_thread.pop(step.start, None)
        of_thread.pop(step.end, None)
        if _lets_go_on(step):
            of_thread[step.end] = runs[-1]
    many = [run for run in runs if len(run) >= _WORTH_COUNTING]
    joined = {run[0]: [steps[place] for place in run] for run in many}
    gone = {place for run in many for place in run[1:]}
    return [
        _as_one(joined[place]) if place in joined else step
        for place, step in enumerate(steps)
        if place not in gone
    ]


def _lets_go_on(step: Step) -> bool:
    return step.kind == "callback" and step.answer == "TRUE"


def _as_one(run: Sequence[Step]) -> Step:
    last = run[-1].text.removeprefix("callback ")
    return replace(run[0], text=f"{run[0].text.replace('callback', 'callbacks', 1)} to {last}")


def _tidied(steps: Sequence[Step]) -> list[Step]:
    """Return the steps with the clean-up, if all went well, as one of them."""
    place = len(steps)
    while place and _is_tidying(steps[place - 1]):
        place -= 1
    tidying = [step for step in steps[place:] if step.kind == "call"]
    if len(tidying) < 2:
        return list(steps)
    told = f"cleans up: {len(tidying)} calls"
    return [*steps[:place], Step(tidying[0].t, "several", MAIN, PROVIDER, told)]


def _is_tidying(step: Step) -> bool:
    return (
        step.kind == "call"
        and step.start == MAIN
        and step.answer == "0"
        and step.text.partition("(")[0] in _TIDYING
    )


def _cut(steps: Sequence[Step]) -> list[Step]:
    """Return at most MOST_STEPS of the steps, a gap being one of them: the beginning and the end.

    Where what was not met would be left out, its surroundings stand in the place of the end.
    """
    if len(steps) <= MOST_STEPS:
        return list(steps)
    head, end = MOST_STEPS - _AT_THE_END - 1, len(steps)
    wrong = [place for place, step in enumerate(steps) if step.kind in ("unmet", "guard")]
    if wrong and head <= wrong[0] <= end - _AT_THE_END:
        head, end = head - 1, wrong[0] + _AFTER_WHAT_IS_WRONG
    tail = max(head, end - _AT_THE_END)
    return [*steps[:head], *_gap(steps[head:tail]), *steps[tail:end], *_gap(steps[end:])]


def _gap(left_out: Sequence[Step]) -> list[Step]:
    """Return the step that says how many are left out, if there are any."""
    if not left_out:
        return []
    told = f"{len(left_out)} step{'s' if len(left_out) > 1 else ''} left out"
    return [Step(left_out[0].t, "gap", MAIN, MAIN, told)]


def _time(line: Line) -> int:
    return line.number_of("t") or 0
