"""One provider, looked at: which cases are run on it, and what comes of that."""

from __future__ import annotations

import fnmatch
import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.detection.baseline import Baseline, digest_of
from conformance.detection.matrix import (
    KILLING,
    DegenerateFinding,
    FlawFinding,
    Row,
    VariantFinding,
    fails_by,
)
from conformance.detection.probe import BOUNDARY, Difference, calls_in
from conformance.detection.records import (
    NO_RUN,
    Degenerate,
    Flaw,
    RecordError,
    Variant,
    altered_by,
)
from conformance.detection.runs import Certified, Certifier, Selected
from conformance.orchestration.cases import Case, Item

# A difference that only chance made is rarely the first of several, and never comes back.
CANDIDATES = 3


@dataclass(frozen=True)
class Bench:
    """What every provider is looked at with."""

    certifier: Certifier
    cases: Mapping[str, Case]
    reference: Path  # its DLL
    baseline: Baseline
    folder: Path  # for runs that are thrown away
    library_of: Callable[[Path], Path]
    full: bool = False
    equivalents: Mapping[str, str] | None = None


def near(flaw: Flaw, cases: Iterable[Case]) -> list[str]:
    """Return the cases that are near a flaw: those it names, and those of its requirement."""
    chosen = named(flaw, cases)
    for case in cases:
        if flaw.requirement in case.requirements and case.group == "default":
            chosen.append(case.id)
    return list(dict.fromkeys(chosen))


def named(flaw: Flaw, cases: Iterable[Case]) -> list[str]:
    """Return the cases that a flaw names; each of its patterns has to match one."""
    found: list[str] = []
    for pattern in flaw.caught_by:
        matching = [case.id for case in cases if fnmatch.fnmatchcase(case.id, pattern)]
        if not matching:
            raise RecordError(f"caught_by names {pattern}, which matches no case")
        found += matching
    return list(dict.fromkeys(found))


def first_of(names: Sequence[str], flaw: Flaw, cases: Mapping[str, Case]) -> str:
    """Return the first of some cases that is about the requirement of a flaw."""
    about = (name for name in names if flaw.requirement in cases[name].requirements)
    return next(about, names[0])


def with_gates(names: Iterable[str], cases: Mapping[str, Case]) -> list[str]:
    """Return cases, and what they rest on."""
    wanted: dict[str, None] = {}

    def add(name: str) -> None:
        if name not in wanted:
            wanted[name] = None
            for gate in cases[name].rests_on:
                if gate in cases:
                    add(gate)

    for name in names:
        add(name)
    return list(wanted)


def merged(runs: Iterable[Iterable[Row]]) -> tuple[Row, ...]:
    """Return the rows of several runs of one provider; what was caught once stays caught."""
    found: dict[tuple[str, str], Row] = {}
    for rows in runs:
        for row in rows:
            before = found.get((row.case, row.mode))
            if before is None or _weight(row) > _weight(before):
                found[row.case, row.mode] = row
    return tuple(found.values())


def _weight(row: Row) -> int:
    return {"fail": 2, "warn": 1}.get(row.verdict, 0)


def examine_flaw(source: Path, bench: Bench) -> FlawFinding:
    """Run a flawed provider against what is near it, and, in a full run, against all the rest."""
    flaw = Flaw.read(source)
    every = list(bench.cases.values())
    business = named(flaw, every)
    first = first_of(business, flaw, bench.cases)
    finding = FlawFinding(
        id=source.stem,
        requirement=flaw.requirement,
        function=bench.cases[first].function,
        what=flaw.what,
        alters=altered_by(source),
        equivalent=(bench.equivalents or {}).get(source.stem),
    )
    library = bench.library_of(source)
    if not library.is_file():
        return finding
    provider = provider_of(source, library)
    out = bench.folder / "flawed" / source.stem
    close = near(flaw, every)
    baseline = bench.baseline
    if provider != library:
        baseline = _baseline_as_described(source, library, close, bench)

    probing = _Probing(bench, baseline, provider, out, business)
    runs: list[tuple[Row, ...]] = []
    # A gate that the flaw breaks keeps cases from being run; on their own they are.
    for names in (with_gates(close, bench.cases), [first], business):
        run = bench.certifier.certify(provider, out / "near", Selected(tuple(names)))
        runs.append(run.rows)
        probing.look_at(run, finding.alters)
        finding = replace(finding, rows=merged(runs))
        if _is_caught(finding):
            break
    if bench.full:
        run = bench.certifier.certify(provider, out / "full", Selected(is_all=True))
        runs.append(run.rows)
        if probing.found is None:
            probing.look_at(run, finding.alters)
        finding = replace(finding, rows=merged(runs))
    shutil.rmtree(out, ignore_errors=True)
    return replace(
        finding,
        built=True,
        loaded=probing.loaded,
        reached=probing.reached or probing.found is not None and not finding.alters,
        difference=probing.found,
    )


def provider_of(source: Path, library: Path) -> Path:
    """Return what is certified: the description beside a source, or else its DLL."""
    description = source.with_suffix(".toml")
    return description if description.is_file() else library


def _is_caught(finding: FlawFinding) -> bool:
    return any(row.blames(finding.requirement) for row in finding.rows)


class _Probing:
    """Looks at the traces of runs until a difference has been shown, twice."""

    def __init__(
        self,
        bench: Bench,
        baseline: Baseline,
        provider: Path,
        out: Path,
        business: Sequence[str],
    ) -> None:
        self.bench = bench
        self.baseline = baseline
        self.provider = provider
        self.out = out
        self.business = business
        self.loaded = False
        self.reached = False
        self.found: dict[str, object] | None = None

    def look_at(self, run: Certified, alters: Sequence[str]) -> None:
        """Look at all that was run."""
        candidates: list[tuple[Item, list[Difference]]] = []
        for item in run.items():
            trace = run.trace(item)
            if trace is None:
                continue
            calls = calls_in(trace)
            self.loaded = self.loaded or ("WSPStartup" in calls)
            habits = self.baseline.habits(item, [run.trace(item, ".control")])
            if not self.reached:
                self.reached = any(
                    name in calls
                    # An upcall that the flaw keeps to itself shows by being made beneath it.
                    or (name.startswith("WPU") and habits is not None and habits.knows(name))
                    for name in alters
                )
            if habits is not None and self.found is None:
                differences = habits.differences(trace)
                candidates += [(item, differences)] if differences else []
        if self.found is None:
            # What the flaw is about tells a reader most.
            candidates.sort(
                key=lambda pair: (pair[1][0].kind != BOUNDARY, pair[0].case not in self.business)
            )
            for item, differences in candidates[:CANDIDATES]:
                difference = self._coming_back(item, differences)
                if difference is not None:
                    self.found = {"case": item.case, "mode": item.mode, **difference.plain()}
                    return

    def _coming_back(self, item: Item, differences: Sequence[Difference]) -> Difference | None:
        """Return the first that a second run shows again, and the reference beside it does not."""
        selected = Selected((item.case,), item.mode)
        again = self.bench.certifier.certify(self.provider, self.out / "again", selected)
        beside = self.bench.certifier.certify(
            self.baseline.provider, self.out / "beside", selected
        )
        habits = self.baseline.habits(item)
        one, other = again.trace(item), beside.trace(item)
        if habits is None or one is None or other is None:
            return None
        families = {it.family for it in habits.differences(one)}
        families -= {it.family for it in habits.differences(other)}
        return next((it for it in differences if it.family in families), None)


def _baseline_as_described(
    source: Path, library: Path, close: Sequence[str], bench: Bench
) -> Baseline:
    """Run the reference provider as the description of a flawed one has it."""
    description = source.with_suffix(".toml")
    folder = bench.baseline.folder.parent / "as-described" / source.stem
    file = folder.with_name(f"{source.stem}.toml")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        with_library(description.read_text(encoding="utf-8"), bench.reference), encoding="utf-8"
    )
    names = with_gates(close, bench.cases)
    key = digest_of(bench.baseline.key, file, json.dumps(names))
    baseline = Baseline(folder, bench.certifier, file, key)
    baseline.make(Selected(tuple(names)))
    return baseline


def with_library(description: str, library: Path) -> str:
    """Return a description that is the same, but names another DLL."""
    lines = [
        f'library = "{library.as_posix()}"' if line.split("=")[0].strip() == "library" else line
        for line in description.splitlines()
    ]
    return "\n".join(lines) + "\n"


def examine_variant(source: Path, bench: Bench) -> VariantFinding:
    """Run a conforming variant against everything; where it has a description, with it as well."""
    variant = Variant.read(source)
    library = bench.library_of(source)
    out = bench.folder / "variants" / source.stem
    rows: list[tuple[Row, ...]] = []
    providers = [library, source.with_suffix(".toml")]
    ran = library.is_file()
    for provider in providers:
        if provider.is_file():
            run = bench.certifier.certify(provider, out, Selected(is_all=bench.full))
            rows.append(run.rows)
            ran = ran and run.results is not None
    shutil.rmtree(out, ignore_errors=True)
    return VariantFinding(
        source.stem, variant.requirement, variant.why_allowed, _worst(rows), ran
    )


def _worst(runs: Iterable[Iterable[Row]]) -> tuple[Row, ...]:
    """Return the rows of several runs, of each the worst one."""
    order = ("pass", "not-applicable", "warn", "inconclusive", "error", "fail")
    found: dict[tuple[str, str], Row] = {}
    for rows in runs:
        for row in rows:
            before = found.get((row.case, row.mode))
            if before is None or order.index(row.verdict) > order.index(before.verdict):
                found[row.case, row.mode] = row
    return tuple(found.values())


def examine_degenerate(source: Path, bench: Bench) -> DegenerateFinding:
    """Run a provider that crashes, hangs, lies or does nothing against everything."""
    record = Degenerate.read(source)
    library = bench.library_of(source)
    finding = DegenerateFinding(
        id=f"{source.parent.name}/{source.stem}",
        what=record.what,
        expected=record.verdict,
        verdict="not built",
        kind=record.kind,
        cause=record.cause,
    )
    if not library.is_file():
        return finding
    provider = library
    out = bench.folder / source.parent.name / source.stem
    if record.cause == "hang":
        # Whoever hangs, hangs; waiting longer for it shows nothing more.
        out.mkdir(parents=True, exist_ok=True)
        provider = out.with_name(f"{source.stem}.toml")
        provider.write_text(
            f'[provider]\nname = "{source.stem}"\nlibrary = "{library.as_posix()}"\n'
            "[budgets]\ncase = 5000\n",
            encoding="utf-8",
        )
    run = bench.certifier.certify(provider, out)
    has_cause = record.cause is None or run.verdict is None
    if record.cause is not None and not has_cause:
        has_cause = fails_by(record.cause, record.caught_by, run.rows)
        if not has_cause:
            # Most often a gate fails first, by the same cause, and keeps them from being run.
            alone = bench.certifier.certify(provider, out, Selected(record.caught_by))
            has_cause = fails_by(record.cause, record.caught_by, alone.rows)
    shutil.rmtree(out, ignore_errors=True)
    unlike: dict[str, None] = {}
    if record.kind == "rude":
        usual = bench.baseline.verdicts()
        unlike = dict.fromkeys(
            row.case
            for row in run.rows
            if row.verdict not in usual.get(Item(row.case, row.mode), {row.verdict})
        )
    return replace(
        finding,
        verdict=run.verdict or NO_RUN,
        rows=run.rows,
        has_cause=has_cause,
        unlike_reference=tuple(unlike),
    )


def kills(finding: FlawFinding) -> bool:
    """Say whether anything noticed a flaw; for the line that tells how far things are."""
    return any(row.verdict in KILLING.values() for row in finding.rows)
