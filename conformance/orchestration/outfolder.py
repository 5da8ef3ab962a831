"""The folder of the results: cleared of an earlier run, and filled at the end or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.orchestration.machine import lock_folder
from conformance.orchestration.stop import Stop

RESULTS = "results.json"
ERROR_LOG = "internal-error.log"
REPORTS = ("report.html", "junit.xml", "results.tap", "ctrf.json", "summary.md")
COMPARISON = ("comparison.html", "comparison.md", "comparison.json")
OUTPUTS = (RESULTS, *REPORTS, *COMPARISON, ERROR_LOG)
EVIDENCE = "evidence"

_RUN_FOLDER = ".wspcts-run-"
_EVIDENCE_FILE = re.compile(
    r"[a-z0-9_]+(__[a-z0-9_]+)*\.(direct|ws2_32|no-callback)(\.control)?\.(jsonl|stderr)"
)
_DRAFT = re.compile(rf"\.({'|'.join(map(re.escape, OUTPUTS))})\.\d+\.draft")


class OutFolder:
    """One folder for one run at a time; files of others in it are left alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run_folder = path
        self._lock: int | None = None
        self._is_new = False

    def open(self) -> None:
        """Take the folder and make one of the run's own in it."""
        try:
            self._is_new = not self.path.exists()
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = lock_folder(self.path)
            if self._lock is None:
                raise Stop(f"another run is writing to {self.path}; wait for it, or give --out.")
            self._remove_earlier()
            self.run_folder = Path(tempfile.mkdtemp(prefix=_RUN_FOLDER, dir=self.path))
            (self.run_folder / EVIDENCE).mkdir()
        except OSError as problem:
            raise Stop(
                f"{self.path} cannot be written: {problem.strerror}; give another --out."
            ) from None

    def _remove_earlier(self) -> None:
        for name in OUTPUTS:
            (self.path / name).unlink(missing_ok=True)
        for entry in list(self.path.iterdir()):
            if _DRAFT.fullmatch(entry.name):
                entry.unlink()
            elif entry.name.startswith(_RUN_FOLDER) and not entry.is_symlink():
                shutil.rmtree(entry)
        evidence = self.path / EVIDENCE
        if evidence.is_dir():
            for entry in list(evidence.iterdir()):
                if _EVIDENCE_FILE.fullmatch(entry.name):
                    entry.unlink()

    def publish(self, results: Mapping[str, Any]) -> None:
        """Put the evidence and everything that was written for this run in their places."""
        write_whole(self.run_folder / RESULTS, document(results))
        try:
            target = self.path / EVIDENCE
            target.mkdir(exist_ok=True)
            for entry in sorted((self.run_folder / EVIDENCE).iterdir()):
                os.replace(entry, target / entry.name)
            # results.json comes last: where it is, everything is.
            for name in reversed(OUTPUTS):
                if (self.run_folder / name).exists():
                    os.replace(self.run_folder / name, self.path / name)
        except OSError as problem:
            self._remove_earlier()
            raise Stop(f"{self.path} cannot be written: {problem.strerror}.") from None

    def close(self) -> None:
        """Remove what is left of the run itself."""
        if self.run_folder != self.path:
            shutil.rmtree(self.run_folder, ignore_errors=True)
        if self._lock is not None and self._lock >= 0:
            os.close(self._lock)
        self._lock = None
        _remove_if_empty(self.path / EVIDENCE)
        if self._is_new:
            _remove_if_empty(self.path)

    def keep_log(self, log: Path) -> Path | None:
        """Keep the log of a run that went wrong; None if there is none."""
        if not log.exists():
            return None
        kept = self.path / ERROR_LOG
        os.replace(log, kept)
        return kept


def document(results: Mapping[str, Any]) -> bytes:
    """Return results as the bytes of a JSON document."""
    return (json.dumps(results, indent=1, ensure_ascii=True, allow_nan=False) + "\n").encode()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
