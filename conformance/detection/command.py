"""scripts/detection: which flaws the suite catches, and whether it harms whom it must not."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import fnmatch
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from conformance.detection import matrix, readme, records
from conformance.detection.baseline import RUNS, Baseline, digest_of
from conformance.detection.examine import (
    Bench,
    examine_degenerate,
    examine_flaw,
    examine_variant,
    kills,
    named,
    near,
    provider_of,
    with_gates,
)
from conformance.detection.kept import METHOD, Kept
from conformance.detection.matrix import DegenerateFinding, FlawFinding, VariantFinding
from conformance.detection.repeats import Repeater
from conformance.detection.runs import CalledOff, Certifier, Selected
from conformance.orchestration.cases import CaseList
from conformance.orchestration.catalogue import load_catalogue
from conformance.orchestration.interruption import Interruption
from conformance.orchestration.layout import Layout
from conformance.orchestration.machine import end_everything, lock_folder
from conformance.orchestration.options import default_jobs, jobs, seed
from conformance.orchestration.outfolder import write_whole
from conformance.orchestration.preparation import Options, Setting, check_runnable, list_cases
from conformance.orchestration.results import checkout
from conformance.orchestration.stop import Stop

ALL_WELL, NOT_WELL, NO_RUN, INTERRUPTED = 0, 1, 2, 130
DOCUMENT = "detection.json"
PAGE = "detection.html"
FINDINGS = "findings.json.xz"
ARCH = "x86_64"
SEED = 20260101

_EPILOG = """\
exit status:
  0    every flaw is built, loaded, reached, shown to differ, caught and attributed;
       no conforming variant is failed; every degenerate provider has its verdict
  1    something of that is not so; each thing is told in a sentence
  2    nothing was measured: wrong usage, or something is not built
  130  interrupted; what was found so far is kept for the next run
"""


@dataclass(frozen=True)
class Job:
    """One provider to look at."""

    kind: str  # flaw, variant or degenerate
    source: Path
    label: str

    @property
    def name(self) -> str:
        """The name under which what is found is kept."""
        return f"{self.source.parent.name}/{self.source.stem}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    values = _parser().parse_args(arguments)
    layout = Layout.of(os.environ)
    interruption = Interruption()
    interruption.be_heeded()
    try:
        if values.publish:
            return _publish(values, layout)
        return _measure(values, layout, interruption)
    except (Stop, records.RecordError) as problem:
        _complain(str(problem))
        return NO_RUN
    except (KeyboardInterrupt, CalledOff):
        _complain("interrupted; nothing was written, what was found is kept for the next run.")
        return INTERRUPTED
    finally:
        end_everything()


def _measure(values: argparse.Namespace, layout: Layout, interruption: Interruption) -> int:
    folder = (values.out or layout.build / "detection").absolute()
    setting = Setting.of(Options(arch=ARCH), layout, os.environ)
    check_runnable(ARCH, setting)
    with _locked(folder), setting.machine.session():
        measurement = Measurement(values, setting, folder, list_cases(setting))
        with interruption.calls_off(measurement.certifier.call_off):
            found = measurement.run()
    if interruption.has_come:
        raise KeyboardInterrupt
    if values.only:
        _say("only a part was looked at, so nothing was written.")
    else:
        _write(found, folder)
        _say(f"report: {layout.shown(folder / PAGE)}")
        _say(f"results: {layout.shown(folder / DOCUMENT)}")
    for sentence in found["problems"]:
        _say(f"  {sentence}.")
    _say(_sentence(found))
    return matrix.exit_status(found)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Have the folder for this measurement alone."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = lock_folder(folder)
    if lock is None:
        raise Stop(f"another measurement is writing to {folder}; wait for it, or give --out.")
    try:
        yield
    finally:
        if lock >= 0:
            os.close(lock)


class Measurement:
    """One measurement: every provider is looked at, or what is known of it still holds."""

    def __init__(
        self, values: argparse.Namespace, setting: Setting, folder: Path, case_list: CaseList
    ) -> None:
        self.values = values
        self.layout = layout = setting.layout
        self.folder = folder
        self.case_list = case_list
        self.catalogue = load_catalogue()
        self.kept = Kept(folder / "kept", layout.published / FINDINGS)
        self.executable = layout.executable(ARCH)
        self.reference = layout.build / ARCH / "providers" / "reference.dll"
        self.certifier = Certifier(layout.root, os.environ, values.seed)
        self.progress = Progress(sys.stderr, is_living=sys.stderr.isatty())
        self.key = digest_of(METHOD, self.executable, self.reference, values.seed)
        self.bench = Bench(
            certifier=self.certifier,
            cases=case_list.by_id(),
            reference=self.reference,
            baseline=Baseline(
                folder / "reference", self.certifier, self.reference, self.key
            ),
            folder=folder / "runs",
            library_of=self.library_of,
            full=values.full,
            equivalents=records.equivalents(records.EQUIVALENT),
        )
        self.repeater = Repeater(
            setting, ARCH, case_list.by_id(), values.seed, self.certifier.is_called_off
        )

    def run(self) -> dict[str, Any]:
        """Look at every provider, and return the document."""
        todo = jobs_of(self.values.only)
        for name in self.bench.equivalents or {}:
            if not any(source.stem == name for source in records.FLAWED):
                ledger = records.EQUIVALENT.name
                raise Stop(f"{ledger} speaks of {name}, and there is no such flaw.")
        self.progress.begin(todo)
        found: dict[str, Any] = {}
        for job in todo:
            known = None if self.values.again else self._known(job)
            if known is not None and not self._is_to_be_repeated(known):
                found[job.name] = known
                self.progress.done(job, known)
        left = [job for job in todo if job.name not in found]
        if found:
            _say(f"{len(found)} of {len(todo)} are known already; --again looks at them anew.")
        try:
            self._make_baseline(left)
            found.update(self._look_at(left))
        finally:
            self.progress.close()
            shutil.rmtree(self.bench.folder, ignore_errors=True)
        return self._document([found[job.name] for job in todo])

    def _make_baseline(self, left: Sequence[Job]) -> None:
        """Run the reference provider in all cases; for a few flaws, in what is near them."""
        flaws = [job for job in left if job.kind == "flaw"]
        is_rude = any(
            records.Degenerate.read(job.source).kind == "rude"
            for job in left
            if job.kind == "degenerate"
        )
        if not flaws and not is_rude:
            return
        names: dict[str, None] = {}
        if self.values.only and not self.bench.full and not is_rude:
            for job in flaws:
                close = near(records.Flaw.read(job.source), self.case_list.cases)
                names.update(dict.fromkeys(with_gates(close, self.bench.cases)))
        baseline = self.bench.baseline
        if names and not baseline.is_made:
            baseline.folder = self.folder / "reference-in-part"
            baseline.key = digest_of(baseline.key, *sorted(names))
        if self.bench.full and not baseline.is_made:
            baseline.folder = self.folder / "reference-in-full"
        selected = Selected(tuple(names), is_all=self.bench.full)
        baseline.make(selected, self.values.jobs, self.progress.doing)

    def _look_at(self, left: Sequence[Job]) -> dict[str, Any]:
        """Look at providers, as many at a time as there are jobs."""
        found: dict[str, Any] = {}
        pool = ThreadPoolExecutor(self.values.jobs)
        try:
            running = {pool.submit(self._examine, job): job for job in left}
            for future in as_completed(running):
                job = running[future]
                found[job.name] = future.result()
                self.progress.done(job, found[job.name])
        except BaseException:
            # Nobody is there for what goes on: it is ended, and nothing more is begun.
            self.certifier.call_off()
            end_everything()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
        return found

    def _examine(self, job: Job) -> Any:
        self.progress.doing(job.name)
        finding = None if self.values.again else self._known(job)
        if finding is None:
            finding = self._look_at_one(job)
            self._keep(job, finding)
        if self._is_to_be_repeated(finding):
            finding = self._repeated(job, finding)
            self._keep(job, finding)
        return finding

    def _keep(self, job: Job, finding: Any) -> None:
        if self.library_of(job.source).is_file():
            self.kept.save(self._kept_as(job), self._key(job), finding)

    def _look_at_one(self, job: Job) -> Any:
        look: Callable[[Path, Bench], Any] = {
            "flaw": examine_flaw,
            "variant": examine_variant,
            "degenerate": examine_degenerate,
        }[job.kind]
        return look(job.source, self.bench)

    def _is_to_be_repeated(self, finding: Any) -> bool:
        return (
            isinstance(finding, FlawFinding)
            and finding.repeats < self.values.repeats
            and bool(self._killing_rows(finding))
        )

    def _killing_rows(self, finding: FlawFinding) -> list[matrix.Row]:
        return matrix.killing_rows(finding, matrix.level_of(finding, self.catalogue))

    def _repeated(self, job: Job, finding: FlawFinding) -> FlawFinding:
        # What a flaw names is what always catches it; others may have caught it by chance.
        always = set(named(records.Flaw.read(job.source), self.case_list.cases))
        rows = self._killing_rows(finding)
        caught = self.repeater.times_caught(
            provider_of(job.source, self.library_of(job.source)),
            sorted(rows, key=lambda row: row.case not in always),
            self.values.repeats,
            self.bench.folder / "repeats" / job.source.stem,
        )
        return replace(finding, repeats=self.values.repeats, caught_again=caught)

    def _known(self, job: Job) -> Any:
        if not self.library_of(job.source).is_file():
            return None
        kinds: dict[str, Any] = {
            "flaw": FlawFinding,
            "variant": VariantFinding,
            "degenerate": DegenerateFinding,
        }
        return self.kept.load(self._kept_as(job), self._key(job), kinds[job.kind])

    def _kept_as(self, job: Job) -> str:
        is_full = self.bench.full and job.kind != "degenerate"
        return f"{job.name}.full" if is_full else job.name

    def _key(self, job: Job) -> str:
        """Return the digest of all that a finding depends on."""
        parts: list[object] = [self.key, self.library_of(job.source)]
        description = job.source.with_suffix(".toml")
        parts.append(description if description.is_file() else "no description")
        if job.kind == "flaw":
            parts.append((self.bench.equivalents or {}).get(job.source.stem))
            parts.append(records.altered_by(job.source))
        if job.kind == "degenerate":
            parts.append(records.Degenerate.read(job.source))
        return digest_of(*parts)

    def publish(self) -> tuple[int, int]:
        """Pack what is known of what is built now; return of how many providers, of how many."""
        built = [job for job in jobs_of([]) if self.library_of(job.source).is_file()]
        keys = {self._kept_as(job): self._key(job) for job in built}
        return self.kept.publish(keys, self.layout.published / FINDINGS), len(jobs_of([]))

    def library_of(self, source: Path) -> Path:
        """Return the DLL that is built from a source, whether or not it is there."""
        folder = self.layout.build / ARCH / "providers"
        return folder / source.parent.name / f"{source.stem}.dll"

    def _document(self, findings: Sequence[Any]) -> dict[str, Any]:
        now = datetime.datetime.now().astimezone()
        return matrix.document(
            suite={**checkout(self.layout.root), "cases_sha256": self.case_list.sha256},
            finished=now.isoformat(timespec="seconds"),
            flaws=[one for one in findings if isinstance(one, FlawFinding)],
            degenerate=[one for one in findings if isinstance(one, DegenerateFinding)],
            variants=[one for one in findings if isinstance(one, VariantFinding)],
            cases=[case.id for case in self.case_list.cases],
            catalogue=self.catalogue,
            more={
                "in_part": bool(self.values.only),
                "matrix": "full" if self.bench.full else "near",
                "run": {
                    "seed": self.values.seed,
                    "jobs": self.values.jobs,
                    "repeats": self.values.repeats,
                },
                "probe": {
                    "reference_runs": RUNS,
                    **(self.bench.baseline.said_by_chance() or {}),
                },
            },
        )


def jobs_of(patterns: Sequence[str]) -> list[Job]:
    """Return the providers to look at; patterns match NAME or FOLDER/NAME, each at least one."""
    every = [Job("flaw", source, "flaws") for source in records.FLAWED]
    every += [Job("variant", source, "variants") for source in records.VARIANTS]
    every += [
        Job("degenerate", source, "degenerate")
        for source in (*records.DEGENERATE, *records.HOSTILE)
    ]
    if not patterns:
        return every

    def matches(job: Job, pattern: str) -> bool:
        return any(fnmatch.fnmatchcase(name, pattern) for name in (job.name, job.source.stem))

    for pattern in patterns:
        if not any(matches(job, pattern) for job in every):
            raise Stop(f"--only {pattern} matches no flawed, degenerate or varied provider.")
    return [job for job in every if any(matches(job, pattern) for pattern in patterns)]


class Progress:
    """How far things are: one living line on a terminal, one line now and then elsewhere."""

    SPARSE_S = 30.0

    def __init__(self, stream: TextIO, *, is_living: bool) -> None:
        self.stream = stream
        self.is_living = is_living
        self._totals: dict[str, int] = {}
        self._done: dict[str, int] = {}
        self._bad: dict[str, int] = {}
        self._current = ""
        self._told = time.monotonic()
        self._lock = threading.Lock()

    def begin(self, todo: Sequence[Job]) -> None:
        """Take note of what there is to do."""
        for job in todo:
            self._totals[job.label] = self._totals.get(job.label, 0) + 1

    def doing(self, what: str) -> None:
        """Take note of what goes on."""
        with self._lock:
            self._current = what
            self._draw()

    def done(self, job: Job, finding: Any) -> None:
        """Take note of what was found."""
        with self._lock:
            self._done[job.label] = self._done.get(job.label, 0) + 1
            self._bad[job.label] = self._bad.get(job.label, 0) + _is_bad(finding)
            self._draw()

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self.is_living:
            self._write("\r\x1b[K")
        else:
            self._write(self.state() + "\n")

    def state(self) -> str:
        """Return how far things are."""
        words = {"flaws": "missed", "variants": "failed", "degenerate": "misjudged"}
        parts = []
        for label, total in self._totals.items():
            bad = self._bad.get(label, 0)
            told = f", {bad} {words[label]}" if bad else ""
            parts.append(f"{label} {self._done.get(label, 0)} of {total}{told}")
        return " · ".join(parts)

    def _draw(self) -> None:
        if self.is_living:
            width = shutil.get_terminal_size().columns - 1
            self._write("\r\x1b[K" + f"{self.state()}  {self._current}"[:width])
        elif time.monotonic() - self._told >= self.SPARSE_S:
            self._told = time.monotonic()
            self._write(f"{self.state()}  {self._current}\n")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self.stream.write(text)
            self.stream.flush()


def _is_bad(finding: Any) -> bool:
    if isinstance(finding, FlawFinding):
        return not kills(finding) and finding.equivalent is None
    if isinstance(finding, DegenerateFinding):
        return bool(matrix.misjudged(matrix.degenerate_row(finding)))
    return any(row.verdict == "fail" for row in finding.rows)


def _write(found: Mapping[str, Any], folder: Path) -> None:
    """Write the page and then the document, so that where the document is, the page is."""
    from reports import detection as page

    content = page.render(found)
    write_whole(folder / PAGE, content)
    text = json.dumps(found, indent=1, ensure_ascii=True, allow_nan=False) + "\n"
    write_whole(folder / DOCUMENT, text.encode())


def _sentence(found: Mapping[str, Any]) -> str:
    from reports import detection as page

    return page.sentence(page.measured(found))


def _publish(values: argparse.Namespace, layout: Layout) -> int:
    """Put into the checkout what was found of what is built now, and the line of a whole one."""
    folder = (values.out or layout.build / "detection").absolute()
    setting = Setting.of(Options(arch=ARCH), layout, os.environ)
    check_runnable(ARCH, setting)
    with setting.machine.session():
        measurement = Measurement(values, setting, folder, list_cases(setting))
    published, total = measurement.publish()
    _say(f"{layout.shown(layout.published / FINDINGS)}: {published} of {total} providers")
    try:
        found = json.loads((folder / DOCUMENT).read_bytes())
        is_ours = found["suite"]["cases_sha256"] == measurement.case_list.sha256
    except (OSError, ValueError, KeyError, TypeError):
        is_ours = False
    if not is_ours:
        _say("nothing built now has been measured as a whole; the README stays as it was.")
        return ALL_WELL
    write_whole(layout.published / DOCUMENT, (folder / DOCUMENT).read_bytes())
    line = _sentence(found)
    is_new = readme.write(layout.root / "README.md", f"{line[0].upper()}{line[1:]}.")
    _say(f"README.md: {line}" + ("" if is_new else " (as it was)"))
    return ALL_WELL


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError(text)
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/detection",
        description="Runs the flawed, degenerate and varied providers against the suite, and"
        " writes build/detection/detection.json and detection.html. What was found of a provider"
        " is kept as long as its DLL, the reference provider and the executable are the same.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--full",
        action="store_true",
        help="each flaw against all cases, not only those near it",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="PATTERN",
        help="only the providers whose name matches this shell pattern (repeatable);"
        " tells what it finds and writes nothing",
    )
    parser.add_argument(
        "--again", action="store_true", help="take nothing from an earlier measurement"
    )
    parser.add_argument(
        "--repeats",
        type=_count,
        metavar="N",
        default=0,
        help="run what caught a flaw N times more, each time with another seed"
        " (make detection: 20)",
    )
    parser.add_argument(
        "--publish",
        action="store_true",
        help="measure nothing; put what was found into the checkout, where other machines take it"
        " up, and of a whole measurement the line into README.md",
    )
    parser.add_argument(
        "--jobs",
        type=jobs,
        metavar="N",
        default=default_jobs(),
        help="how many providers are looked at at a time (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=seed,
        metavar="N",
        default=SEED,
        help="what the cases draw their random numbers from (default: %(default)s)",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where to write (default: build/detection)"
    )
    return parser


def _complain(sentence: str) -> None:
    print(f"detection: {sentence}", file=sys.stderr, flush=True)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
