"""Several providers in one page: what each case came to with each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from reports import html, words
from reports.arrangement import situation_of
from reports.model import Case, Results
from reports.text import line

FILE = "providers.html"
_TEMPLATES = Path(__file__).parent / "templates"
_STYLES = ("report.css", "several.css")


@dataclass(frozen=True)
class Column:
    """One run of one provider."""

    name: str  # told apart by a number where two are called the same
    results: Results


@dataclass(frozen=True)
class Line:
    """A case in one mode, or in all of them where they agree with every provider."""

    id: str
    mode: str | None
    cases: tuple[Case | None, ...]  # one for each column; None where the run has no such result

    @property
    def differs(self) -> bool:
        """Say whether two providers that were asked came to different verdicts."""
        return len({case.verdict for case in self.cases if case is not None}) > 1

    @property
    def verdicts(self) -> str:
        """The verdicts in this line, each once."""
        return " ".join(dict.fromkeys(case.verdict for case in self.cases if case is not None))


@dataclass(frozen=True)
class Group:
    """The lines of one situation."""

    situation: str
    lines: tuple[Line, ...]


def render(runs: Sequence[Results]) -> bytes:
    """Return the page of some runs, in the order given."""
    columns = _columns(runs)
    groups = _groups(columns)
    style = "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in _STYLES)
    script = (_TEMPLATES / "several.js").read_text(encoding="utf-8")
    lines = [each for group in groups for each in group.lines]
    text = (
        html.environment()
        .get_template("several.html.j2")
        .render(
            columns=columns,
            groups=groups,
            total=len(lines),
            differing=sum(each.differs for each in lines),
            words=words,
            style=Markup(style),
            script=Markup(script),
            policy=html.policy_of(style, script),
        )
    )
    return text.encode()


def _columns(runs: Sequence[Results]) -> tuple[Column, ...]:
    count = Counter(run.provider.name for run in runs)
    seen: Counter[str] = Counter()
    columns = []
    for run in runs:
        name = line(run.provider.name, 80)
        seen[run.provider.name] += 1
        if count[run.provider.name] > 1:
            name = f"{name} ({seen[run.provider.name]})"
        columns.append(Column(name, run))
    return tuple(columns)


def _groups(columns: Sequence[Column]) -> tuple[Group, ...]:
    by_name = [{(c.id, c.mode): c for c in column.results.cases} for column in columns]
    modes: dict[str, set[str]] = {}
    for key, mode in (key for cases in by_name for key in cases):
        modes.setdefault(key, set()).add(mode)
    groups: dict[str, list[Line]] = {}
    for key in sorted(modes):
        order = [mode for mode in words.MODES if mode in modes[key]]
        lines = [
            Line(key, mode, tuple(cases.get((key, mode)) for cases in by_name)) for mode in order
        ]
        groups.setdefault(situation_of(key), []).extend(_joined(lines))
    return tuple(Group(name, tuple(lines)) for name, lines in groups.items())


def _joined(lines: Sequence[Line]) -> Sequence[Line]:
    """Return one line for all modes, if each provider's verdict is the same in all of them."""
    verdicts = {tuple(case.verdict if case else None for case in each.cases) for each in lines}
    return [Line(lines[0].id, None, lines[0].cases)] if len(verdicts) == 1 else lines
