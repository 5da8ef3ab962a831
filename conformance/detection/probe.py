"""Whether a flawed provider differs from the reference: told from traces, not from verdicts.

A trace is what the evidence of one process says of the boundary between harness and provider:
each call's outcome, the upcalls and their arguments, the blocking callbacks with thread and
context, and the order of all this on each thread. The acceptable sets of the expectations are not
in it, and that one was not met only makes the comparison stricter; what a check has *seen* is in
it as a weaker kind of trait, because memory that was written and bytes that were lost show
nowhere else.

Traits come in families, "the outcomes of WSPRecv" say. Runs of the reference in the same case,
mode and seed teach how finely each family repeats itself there: to the letter, but for its
numbers, or only by which texts occur at all. A family is compared as finely as that and no finer,
so that what varies by chance on the reference itself never counts as a difference.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

BOUNDARY = "boundary"
OBSERVED = "observed"

# Of every family, how its traits are looked at, from fine to coarse.
_NUMBER = re.compile(r"0x[0-9A-Fa-f]+|\d+")
_VIEWS = ("exact", "but for numbers", "how many")

# Fields of a line that tell of this one run alone, and such as say what the suite makes of it.
_NOISE = {"n", "run", "t", "thread", "event", "spi", "result", "phase", "call", "nth"}

# What a case does once it has seen something wrong follows from its judgement: it leaves out
# calls, and does not unload the DLL. So then only what was done counts, and not what was left out.
_CURTAILED = ("curtailed",)

# How long a call takes is no trait, as these machines are shared; but that it takes this long is.
LONG_US = 1_000_000

# Which calls are made, and what is looked at, is the doing of the harness: it answers to what the
# provider did, and so shows it only at second hand.
_OF_THE_HARNESS = ("seen", "note", "enter", "order")

Family = tuple[str, ...]
Trace = Mapping[Family, tuple[str, ...]]


@dataclass(frozen=True)
class Difference:
    """A family of traits in which a provider differs from the reference."""

    kind: str  # BOUNDARY or OBSERVED
    family: Family
    text: str

    def plain(self) -> dict[str, Any]:
        """Return the difference in types that JSON can carry."""
        return {"kind": self.kind, "family": list(self.family), "text": self.text}


@dataclass(frozen=True)
class _Habit:
    """How the reference behaves in one family, and how finely it repeats itself."""

    view: int  # an index of _VIEWS
    counted: bool  # or only which texts occur
    texts: tuple[str, ...]


class Habits:
    """What runs of the reference in one case, mode and seed have in common."""

    def __init__(self, traces: Sequence[Trace]) -> None:
        families = {family for trace in traces for family in trace}
        self._habits: dict[Family, _Habit | None] = {
            family: _habit(family, [trace.get(family, ()) for trace in traces])
            for family in families
        }

    def knows(self, call: str) -> bool:
        """Say whether a call, or an upcall, was made in a run of the reference."""
        return any(call in family for family in self._habits)

    def differences(self, trace: Trace) -> list[Difference]:
        """Return the families in which a trace is not like the reference's, boundary first."""
        found = []
        for family in sorted({*trace, *self._habits} - {_CURTAILED}):
            told = self._difference(family, trace)
            if told is not None:
                kind = OBSERVED if family[0] in _OF_THE_HARNESS else BOUNDARY
                found.append(Difference(kind, family, told))
        return sorted(found, key=_by_what_it_tells)

    def _difference(self, family: Family, trace: Trace) -> str | None:
        texts = trace.get(family, ())
        is_curtailed = _CURTAILED in trace
        if is_curtailed and family[0] == "order":
            return None
        if family not in self._habits:
            return f"{' '.join(family)}: {texts[0]}; the reference has none of it"
        habit = self._habits[family]
        if habit is None:
            return None
        if family[0] == "leave" and self._is_called_otherwise(family[1], trace):
            habit = replace(habit, counted=False)
        usual, now = _seen_as(habit, habit.texts), _seen_as(habit, texts)
        if usual == now:
            return None
        if isinstance(usual, frozenset) or isinstance(now, frozenset):
            more, less = sorted(set(now) - set(usual)), sorted(set(usual) - set(now))
        else:
            more, less = sorted((now - usual).elements()), sorted((usual - now).elements())
        if is_curtailed and not more:
            return None
        return f"{' '.join(family)}: {_shown(more)}; the reference: {_shown(less)}"

    def _is_called_otherwise(self, call: str, trace: Trace) -> bool:
        """Say whether a call was made more or less often than in the reference."""
        habit = self._habits.get(("enter", call))
        return habit is None or len(habit.texts) != len(trace.get(("enter", call), ()))


def _by_what_it_tells(difference: Difference) -> tuple[bool, bool]:
    is_consequence = difference.family[0] in ("order", "enter", "thread of", "takes long")
    return difference.kind != BOUNDARY, is_consequence


def _habit(family: Family, runs: Sequence[tuple[str, ...]]) -> _Habit | None:
    """Return the finest way of looking in which all runs are alike; None if there is none."""
    # How often a callback comes while a call is blocked is a matter of time, and so of chance.
    is_of_time = "callback" in family[:2] or family[0] == "context of callback"
    for counted in (False,) if is_of_time else (True, False):
        for view in range(len(_VIEWS)):
            habit = _Habit(view, counted, runs[0])
            if len({_key(_seen_as(habit, texts)) for texts in runs}) == 1:
                return habit
    return None


def _seen_as(habit: _Habit, texts: Iterable[str]) -> Counter[str] | frozenset[str]:
    seen = [_VIEW_OF[habit.view](text) for text in texts]
    return Counter(seen) if habit.counted else frozenset(seen)


def _key(seen: Counter[str] | frozenset[str]) -> object:
    return frozenset(seen.items()) if isinstance(seen, Counter) else seen


_VIEW_OF = (
    lambda text: text,
    lambda text: _NUMBER.sub("#", text),
    lambda text: "",
)


def _shown(texts: Sequence[str]) -> str:
    if not texts:
        return "nothing"
    shown = ", ".join(text[:160] or "one more" for text in texts[:2])
    return shown + (f" and {len(texts) - 2} more" if len(texts) > 2 else "")


def trace_of(lines: Iterable[Mapping[str, Any]]) -> dict[Family, tuple[str, ...]]:
    """Return the trace that the lines of evidence of one process hold."""
    families: dict[Family, list[str]] = {}
    order: dict[str, list[str]] = {}
    mode = None
    made: Counter[tuple[str, str]] = Counter()
    entered: dict[object, int] = {}
    for line in lines:
        mode = line.get("mode", mode) if line["event"] == "case" else mode
        for family, text in _traits(line):
            families.setdefault(family, []).append(text)
        if _takes_long(line, entered):
            families[("takes long", str(line.get("call")))] = ["a second or more"]
        which = (str(line.get("thread")), str(line.get("call")))
        made[which] += line["event"] == "spi" and line.get("phase") == "enter"
        # There, it is the provider's own cancel entry, which lies elsewhere in every DLL.
        if line["event"] == "callback" and "context" in line and mode != "ws2_32":
            family = ("context of callback", *which, f"call {made[which]}")
            families.setdefault(family, []).append(str(line["context"]))
        if line["event"] == "expect" and line.get("met") is False:
            if line.get("otherwise") != "none":
                families[_CURTAILED] = [""]
        if line["event"] == "guard":
            families[_CURTAILED] = [""]
        step = _step(line)
        if step is not None:
            steps = order.setdefault(str(line.get("thread")), [])
            steps.append(step)
            # However often a callback is repeated in one call, it is one trait.
            if len(steps) >= 4 and steps[-2:] == steps[-4:-2]:
                del steps[-2:]
    for thread, steps in order.items():
        families[("order", thread)] = [" ".join(steps)]
    return {family: tuple(texts) for family, texts in families.items()}


def _takes_long(line: Mapping[str, Any], entered: dict[object, int]) -> bool:
    """Say whether a line tells that a call has returned late; remembers when calls began."""
    if line["event"] != "spi" or not isinstance(line.get("t"), int):
        return False
    if line.get("phase") == "enter":
        entered[line.get("spi")] = line["t"]
    return line.get("phase") == "leave" and (
        line["t"] - entered.get(line.get("spi"), line["t"]) >= LONG_US
    )


def lines_of(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield the lines of an evidence file that carry the token of its first line."""
    token: object = None
    for piece in data.split(b"\n"):
        try:
            line = json.loads(piece)
        except ValueError:
            continue
        if not isinstance(line, dict) or not isinstance(line.get("event"), str):
            continue
        token = token or line.get("run")
        if line.get("run") == token:
            yield line


def calls_in(trace: Trace) -> set[str]:
    """Return the calls into the provider, and the upcalls out of it, that a trace tells of."""
    return {family[1] for family in trace if family[0] in ("enter", "upcall", "leave")}


def _step(line: Mapping[str, Any]) -> str | None:
    """Return what a line adds to the order of events on its thread."""
    call = str(line.get("call"))
    match line["event"]:
        case "spi" if call not in ("LoadLibrary", "FreeLibrary"):
            return f"{line.get('phase')}:{call}"
        case "upcall":
            return f"up:{call}"
        case "callback":
            return f"callback-{line.get('phase')}:{call}"
    return None


def _traits(line: Mapping[str, Any]) -> Iterator[tuple[Family, str]]:
    call = str(line.get("call"))
    phase = str(line.get("phase"))
    match line["event"]:
        case "spi" if call in ("LoadLibrary", "FreeLibrary"):
            return
        case "spi":
            yield (phase, call), _rest(line)
        case "upcall":
            yield ("upcall", call), _rest(line)
            yield ("thread of", "upcall", call), str(line.get("thread"))
        case "callback":
            yield ("callback", phase, call), _rest(line, {"context"})
            yield ("thread of", "callback", call), str(line.get("thread"))
        case "guard":
            yield ("guard", str(line.get("kind"))), call
        case "note" if line.get("topic") != "provider":
            yield ("note", str(line.get("topic"))), _rest(line, {"topic"})
        case "expect":
            yield ("seen", str(line.get("what"))), str(line.get("seen"))


def _rest(line: Mapping[str, Any], but: set[str] = set()) -> str:  # noqa: B006 - only read
    """Return what a line says besides what names it."""
    kept = {name: value for name, value in line.items() if name not in _NOISE | but}
    return json.dumps(kept, sort_keys=True)
