"""The page of detection.json: what the suite catches, and whom it must not harm.

Made from that document alone, self-contained and without a script, as the report is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from reports import html, words
from reports.document import Node, ResultsError
from reports.model import Measured
from reports.text import line

SCHEMA = "wspcts-detection/1"

_TEMPLATES = Path(__file__).parent / "templates"
_STEPS = ("built", "loaded", "reached", "differs")


@dataclass(frozen=True)
class Flaw:
    """A flaw, and what became of it."""

    id: str
    requirement: str
    level: str
    function: str
    what: str
    steps: tuple[tuple[str, bool], ...]
    killed_by: tuple[str, ...]
    attributed: bool
    difference: str | None
    reason: str | None
    equivalent: str | None
    repeats: tuple[int, int] | None  # caught in how many, of how many

    @property
    def is_well(self) -> bool:
        """Say whether everything is shown of it that has to be."""
        return self.equivalent is not None or (
            all(done for _, done in self.steps)
            and bool(self.killed_by)
            and self.attributed
            and (self.repeats is None or self.repeats[0] == self.repeats[1])
        )


@dataclass(frozen=True)
class Case:
    """A case, and what it catches."""

    id: str
    kills: tuple[str, ...]
    sole_killer_of: tuple[str, ...]

    @property
    def group(self) -> str:
        """What it stands under in the tree of cases."""
        return self.id.partition("/")[0]

    @property
    def situation(self) -> str:
        """The file that it stands in."""
        return "/".join(self.id.split("/")[:2])


@dataclass(frozen=True)
class Variant:
    """A conforming variant, and whether it was harmed."""

    id: str
    requirement: str
    why_allowed: str
    failed: tuple[str, ...]
    warned: tuple[str, ...]


@dataclass(frozen=True)
class Degenerate:
    """A provider that is no provider, and what the suite says of it."""

    id: str
    what: str
    verdict: str
    expected: str | None
    must_passed_share: float
    killed_by: tuple[str, ...]


@dataclass(frozen=True)
class Requirement:
    """A requirement, and how many of the flaws that break it are caught."""

    id: str
    flaws: int
    killed: int
    attributed: int


@dataclass(frozen=True)
class Block:
    """A part of the matrix: the situations of one group, and the flaws that they catch."""

    group: str
    situations: tuple[str, ...]
    rows: tuple[tuple[Flaw, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Detection:
    """The document, read."""

    version: str
    commit: str | None
    finished: str
    measured: Measured
    rates: tuple[tuple[str, float], ...]
    flaws: tuple[Flaw, ...]
    degenerate: tuple[Degenerate, ...]
    variants: tuple[Variant, ...]
    cases: tuple[Case, ...]
    problems: tuple[str, ...]
    is_full: bool

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """The requirements that flaws break, in the order of their ids."""
        by_id: dict[str, list[Flaw]] = {}
        for flaw in self.flaws:
            if flaw.equivalent is None:
                by_id.setdefault(flaw.requirement, []).append(flaw)
        return tuple(
            Requirement(
                key,
                len(flaws),
                sum(1 for flaw in flaws if flaw.killed_by),
                sum(1 for flaw in flaws if flaw.attributed),
            )
            for key, flaws in sorted(by_id.items())
        )

    @property
    def flaws_by_family(self) -> tuple[tuple[str, tuple[Flaw, ...]], ...]:
        """The flaws under the family of the requirement that they break."""
        found: dict[str, list[Flaw]] = {}
        for flaw in sorted(self.flaws, key=lambda flaw: (flaw.requirement, flaw.id)):
            found.setdefault(flaw.requirement.rpartition("-")[0], []).append(flaw)
        return tuple((family, tuple(flaws)) for family, flaws in found.items())

    @property
    def cases_by_group(self) -> tuple[tuple[str, tuple[Case, ...]], ...]:
        """The cases under their place in the tree."""
        found: dict[str, list[Case]] = {}
        for case in self.cases:
            found.setdefault(case.group, []).append(case)
        return tuple((group, tuple(cases)) for group, cases in sorted(found.items()))

    @property
    def matrix(self) -> tuple[Block, ...]:
        """The matrix of flaws and cases, a block for each group, without what is empty in it."""
        blocks = []
        for group, cases in self.cases_by_group:
            catching = [case for case in cases if case.kills]
            situations = tuple(dict.fromkeys(case.situation for case in catching))
            rows = []
            for _, flaws in self.flaws_by_family:
                for flaw in flaws:
                    counts = tuple(
                        sum(
                            1
                            for case in catching
                            if case.situation == situation and flaw.id in case.kills
                        )
                        for situation in situations
                    )
                    if any(counts):
                        rows.append((flaw, counts))
            if rows:
                blocks.append(Block(group, situations, tuple(rows)))
        return tuple(blocks)

    @property
    def idle(self) -> tuple[Case, ...]:
        """The cases that catch nothing."""
        return tuple(case for case in self.cases if not case.kills)


def render(document: Mapping[str, Any]) -> bytes:
    """Return the page."""
    view = read(document)
    style = "".join(
        (_TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "detection.css")
    )
    text = html.environment().get_template("detection.html.j2").render(
        d=view,
        words=words,
        style=Markup(style),
        policy=html.policy_of(style),
        title=f"Detection: {view.measured.sentence}",
    )
    return text.encode()


def measured(document: Mapping[str, Any]) -> Measured:
    """Return the figures of the document."""
    return read(document).measured


def sentence(figures: Measured) -> str:
    """Return the figures in one sentence."""
    return figures.sentence


def read(document: Mapping[str, Any]) -> Detection:
    """Return the typed view of the document; what breaks its contract raises ResultsError."""
    top = Node(document, "")
    if top.text("schema") != SCHEMA:
        raise ResultsError(f"schema is {line(repr(document['schema']), 60)}, expected {SCHEMA}")
    suite = top.node("suite")
    flaws = tuple(_flaw(node) for node in top.nodes("flaws"))
    variants = tuple(_variant(node) for node in top.nodes("variants"))
    counted = [flaw for flaw in flaws if flaw.equivalent is None]
    rates = top.node("rates")
    return Detection(
        version=suite.text("version"),
        commit=suite.optional_text("commit"),
        finished=top.text("finished"),
        measured=Measured(
            flaws=len(counted),
            caught=sum(1 for flaw in counted if flaw.killed_by),
            variants=len(variants),
            variants_failed=sum(1 for variant in variants if variant.failed),
            finished=top.text("finished"),
            commit=suite.optional_text("commit"),
        ),
        rates=tuple((name, _share(rates, name)) for name in ("must", "all", "attributed")),
        flaws=flaws,
        degenerate=tuple(_degenerate(node) for node in top.nodes("degenerate")),
        variants=variants,
        cases=tuple(
            Case(node.text("id"), node.texts("kills"), node.texts("sole_killer_of"))
            for node in top.nodes("cases")
        ),
        problems=top.texts("problems", required=False),
        is_full=top.optional_text("matrix") == "full",
    )


def _share(node: Node, key: str) -> float:
    value = node.number(key)
    if value > 1:
        raise ResultsError(f"{node.where}.{key} is not a share from 0 to 1")
    return value


def _flag(node: Node, key: str) -> bool:
    value = node.get(key)
    if not isinstance(value, bool):
        raise ResultsError(f"{node.where}.{key} is neither true nor false")
    return value


def _flaw(node: Node) -> Flaw:
    return Flaw(
        id=node.matching(re.compile(r"\w+"), node.text("id"), "id"),
        requirement=node.text("requirement"),
        level=node.one_of("level", ("MUST", "SHOULD")),
        function=node.text("function"),
        what=node.text("what"),
        steps=tuple((step, _flag(node, step)) for step in _STEPS),
        killed_by=node.texts("killed_by"),
        attributed=_flag(node, "attributed"),
        difference=_difference(node),
        reason=node.optional_text("reason"),
        equivalent=node.optional_text("equivalent"),
        repeats=_repeats(node),
    )


def _repeats(node: Node) -> tuple[int, int] | None:
    if node.get("repeats", None) is None:
        return None
    found = node.node("repeats")
    return found.whole("caught"), found.whole("of")


def _difference(node: Node) -> str | None:
    if node.get("difference", None) is None:
        return None
    found = node.node("difference")
    where = f"{found.text('case')} [{found.text('mode')}]"
    return f"{where}, {found.text('kind')}: {found.text('text')}"


def _variant(node: Node) -> Variant:
    return Variant(
        node.text("id"),
        node.text("requirement"),
        node.text("why_allowed"),
        node.texts("failed"),
        node.texts("warned", required=False),
    )


def _degenerate(node: Node) -> Degenerate:
    return Degenerate(
        node.text("id"),
        node.text("what"),
        node.text("verdict"),
        node.optional_text("expected"),
        _share(node, "must_passed_share"),
        node.texts("killed_by"),
    )
