"""What the reference provider does in each case, from several runs of it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from conformance.detection.probe import Habits, Trace
from conformance.detection.runs import Certifier, Selected, trace_in
from conformance.orchestration.cases import Item
from conformance.orchestration.outfolder import write_whole
from conformance.orchestration.stop import Stop

# Few enough to be quick, and many enough to learn what varies; the last one shows how much more
# there is to learn, and is learned from, too.
RUNS = 4


class Baseline:
    """Runs of the reference provider in one setting, kept as long as nothing has changed."""

    def __init__(self, folder: Path, certifier: Certifier, provider: Path, key: str) -> None:
        self.folder = folder
        self.certifier = certifier
        self.provider = provider
        self.key = key

    @property
    def is_made(self) -> bool:
        """Say whether the runs are there, and of what is there now."""
        mark = self.folder / "key"
        return mark.is_file() and mark.read_text(encoding="ascii") == self.key

    def make(
        self,
        selected: Selected = Selected(),
        jobs: int = 1,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Run the reference as often as is needed, unless it was already."""
        if self.is_made:
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        for number in range(RUNS):
            tell(f"the reference provider, run {number + 1} of {RUNS}")
            run = self.certifier.certify(self.provider, self._run(number), selected, jobs)
            if run.results is None:
                said = run.log.strip().splitlines()
                raise Stop(
                    "the reference provider could not be run: "
                    f"{said[-1] if said else f'status {run.status}'}"
                )
        tell("what varies in the reference provider")
        write_whole(self.folder / "by-chance.json", json.dumps(self.by_chance()).encode())
        write_whole(self.folder / "key", self.key.encode("ascii"))

    def said_by_chance(self) -> dict[str, int] | None:
        """Return what was counted when the runs were made."""
        try:
            differing, total = json.loads((self.folder / "by-chance.json").read_bytes())
        except (OSError, ValueError):
            return None
        return {"results": total, "differing_by_chance": differing}

    def habits(self, item: Item, more: Iterable[Trace | None] = ()) -> Habits | None:
        """Return what the reference does in one item; None if it was not run there."""
        traces = [*self.traces(item), *(trace for trace in more if trace is not None)]
        return Habits(traces) if traces else None

    def traces(self, item: Item) -> list[Trace]:
        """Return the traces of the reference in one item."""
        found = (trace_in(self._run(number), item) for number in range(RUNS))
        return [trace for trace in found if trace is not None]

    def verdicts(self) -> dict[Item, set[str]]:
        """Return the verdicts on the reference, of all runs."""
        found: dict[Item, set[str]] = {}
        for number in range(RUNS):
            file = self._run(number) / "results.json"
            if file.is_file():
                for row in json.loads(file.read_bytes())["cases"]:
                    found.setdefault(Item(row["id"], row["mode"]), set()).add(row["verdict"])
        return found

    def by_chance(self) -> tuple[int, int]:
        """Return in how many items the last run is not like those before it, and of how many.

        So often the probe would have been wrong about the reference itself, had it learned from
        one run less and believed what it saw once.
        """
        evidence = self._run(RUNS - 1) / "evidence"
        differing = total = 0
        for file in sorted(evidence.glob("*.jsonl")):
            name, _, mode = file.name.removesuffix(".jsonl").rpartition(".")
            traces = self.traces(Item(name.replace("__", "/"), mode))
            if len(traces) == RUNS:
                total += 1
                differing += bool(Habits(traces[:-1]).differences(traces[-1]))
        return differing, total

    def _run(self, number: int) -> Path:
        return self.folder / f"run-{number}"


def digest_of(*parts: object) -> str:
    """Return one digest of files, which are read, and of texts."""
    total = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else str(part).encode()
        total.update(hashlib.sha256(content).digest())
    return total.hexdigest()

