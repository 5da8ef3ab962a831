"""The results as the HTML report lays them out: by situation, as a matrix, and as a profile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from reports import words
from reports.model import Case, Requirement, Results, Row, grouped

_STEPS_OF_A_SITUATION = 2


@dataclass(frozen=True)
class Situation:
    """The rows of one file of cases: the same situation for several calls and families."""

    id: str
    rows: tuple[Row, ...]

    @property
    def first(self) -> Case:
        """The result that speaks for what all rows have in common."""
        return self.rows[0].first

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """All results, row by row."""
        return tuple(case for row in self.rows for case in row.cases)

    @cached_property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """How many results have which verdict, the worst first."""
        tally = Counter(case.verdict for case in self.cases)
        return tuple((verdict, tally[verdict]) for verdict in words.WORST_FIRST if tally[verdict])

    @cached_property
    def told(self) -> tuple[Case, ...]:
        """The results that there is something to tell of."""
        return tuple(case for case in self.cases if is_told(case))

    @property
    def is_open(self) -> bool:
        """Say whether a reader has to see more of it than its name."""
        return any(case.standing.is_red or case.verdict in ("fail", "warn") for case in self.told)

    def name_of(self, row: Row) -> str:
        """Return what a row is called within its situation."""
        return row.id.removeprefix(self.id).lstrip("/")


@dataclass(frozen=True)
class Chapter:
    """The situations in one folder of cases."""

    name: str
    situations: tuple[Situation, ...]


@dataclass(frozen=True)
class Cell:
    """What became of one requirement in one function."""

    cases: tuple[Case, ...]

    @cached_property
    def by_mode(self) -> tuple[tuple[str, Case], ...]:
        """The worst result in each mode."""
        modes = grouped(self.cases, lambda case: case.mode)
        return tuple((mode, worst(modes[mode])) for mode in words.MODES if mode in modes)

    @property
    def is_alike(self) -> bool:
        """Say whether every mode comes to the same verdict."""
        return len({case.verdict for _, case in self.by_mode}) == 1

    @property
    def worst(self) -> Case:
        """The result that a reader of this cell is led to."""
        return worst(self.cases)


@dataclass(frozen=True)
class Matrix:
    """Requirements by functions."""

    functions: tuple[str, ...]
    rows: tuple[tuple[Requirement, dict[str, Cell]], ...]


@dataclass(frozen=True)
class Freedom:
    """What the provider does where the texts leave it the choice."""

    situation: str
    requirements: tuple[str, ...]
    choice: str
    cases: tuple[Case, ...]

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes in which it chooses so."""
        return tuple(mode for mode in words.MODES if any(c.mode == mode for c in self.cases))


def is_told(case: Case) -> bool:
    """Say whether a result gets a place of its own, and not only a cell of a table."""
    return case.verdict != "pass" or case.deviation is not None


def situation_of(case_id: str) -> str:
    """Return the situation that a case is a row of: the folder and the file."""
    return "/".join(case_id.split("/")[:_STEPS_OF_A_SITUATION])


def anchor(case: Case) -> str:
    """Return the id at which a result stands in the page."""
    return f"{case.id}:{case.mode}"


def worst(cases: Iterable[Case]) -> Case:
    """Return the first result with the worst verdict."""
    return min(cases, key=lambda case: words.WORST_FIRST.index(case.verdict))


def chapters(results: Results) -> tuple[Chapter, ...]:
    """Return all results as the folders of the cases have them."""
    by_case = grouped(results.cases, lambda case: case.id)
    rows = [Row(key, cases) for key, cases in by_case.items()]
    situations = [
        Situation(key, of_it)
        for key, of_it in grouped(rows, lambda row: situation_of(row.id)).items()
    ]
    folders = grouped(situations, lambda situation: situation.id.partition("/")[0])
    return tuple(Chapter(name, folders[name]) for name in sorted(folders))


def matrix(results: Results) -> Matrix:
    """Return what became of each requirement that the results are about, function by function.

    What every case looks at in passing counts only where it was not met.
    """
    cells: dict[str, dict[str, list[Case]]] = {}
    for case in results.cases:
        unmet = [key for key, verdict in case.by_requirement if verdict == case.verdict != "pass"]
        for key in dict.fromkeys((*case.requirements, case.requirement, *unmet)):
            cells.setdefault(key, {}).setdefault(case.function, []).append(case)
    functions = sorted({case.function for case in results.cases})
    return Matrix(
        tuple(functions),
        tuple(
            (row, {name: Cell(tuple(cases)) for name, cases in cells[key].items()})
            for key, row in results.catalogue.items()
            if key in cells
        ),
    )


def freedoms(results: Results) -> tuple[Freedom, ...]:
    """Return the choices of the provider, each distinct one of a situation once."""
    choosing = (case for case in results.cases if case.choice)
    chosen = grouped(choosing, lambda case: (situation_of(case.id), case.choice or ""))
    return tuple(
        Freedom(situation, tuple(dict.fromkeys(k for c in cases for k in c.requirements)), *rest)
        for (situation, choice), cases in sorted(chosen.items())
        for rest in [(choice, cases)]
    )


def situations_of(requirement: Requirement) -> tuple[tuple[str, int], ...]:
    """Return the situations in which a requirement is judged, with their number of cases."""
    counted = Counter(situation_of(key.split(" ")[0]) for key in requirement.cases)
    return tuple(sorted(counted.items()))
