"""results.json: everything that is known of a run; all that is written else is made from it."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.orchestration.cases import Case, Item
from conformance.orchestration.catalogue import load_catalogue
from conformance.orchestration.conformity import (
    conformity,
    conformity_by_mode,
    counts,
    requirement_verdicts,
)
from conformance.orchestration.description import KnownDeviation
from conformance.orchestration.layout import Layout
from conformance.orchestration.machine import front_door, name_of_system, shown_command
from conformance.orchestration.outfolder import EVIDENCE
from conformance.orchestration.preparation import Preparation, changed_settings
from conformance.orchestration.result import Result
from conformance.orchestration.verdict import error

SCHEMA = "wspcts-results/1"


def assemble(
    preparation: Preparation,
    results: Mapping[Item, Result],
    finished: datetime.datetime,
) -> dict[str, Any]:
    """Return the document of a run that came to its end."""
    plan = preparation.plan
    rows = [
        _row(preparation, plan.cases[item.case], results.get(item) or _lost(plan.cases, item))
        for item in sorted(plan.items, key=lambda item: _place(preparation, item))
    ]
    is_full = preparation.options.selection.is_full and not preparation.options.debug
    differences = changed_settings(preparation)
    return {
        "schema": SCHEMA,
        "suite": _suite(preparation),
        "provider": _provider(preparation, results),
        "platform": {
            "os": name_of_system(),
            "wine": preparation.setting.machine.version_of_wine(),
            "cpu_count": os.cpu_count() or 1,
        },
        "run": _run(preparation, finished),
        "verdict": conformity(rows, is_full=is_full),
        "qualifier": "; ".join(differences) or None,
        "verdict_by_mode": conformity_by_mode(rows),
        "counts": counts(rows),
        "cases": rows,
        "requirements": _requirements(rows),
    }


def _place(preparation: Preparation, item: Item) -> tuple[int, int]:
    ids = list(preparation.plan.cases)
    return ids.index(item.case), preparation.plan.cases[item.case].modes.index(item.mode)


def _lost(cases: Mapping[str, Case], item: Item) -> Result:
    """Return the result of an item whose worker died before it could tell."""
    reason = "the process of the suite that ran this case ended before it could tell the result"
    return Result(item, error("suite", reason, cases[item.case]))


def _row(preparation: Preparation, case: Case, result: Result) -> dict[str, Any]:
    plan = preparation.plan
    verdict = result.verdict
    return {
        "id": case.id,
        "mode": result.item.mode,
        "function": case.function,
        "requirements": list(case.requirements),
        "requirement": verdict.requirement,
        "by_requirement": dict(verdict.by_requirement),
        "level": case.level,
        "group": case.group,
        "gate": case.gate,
        "does": case.does,
        "must": case.must,
        "verdict": verdict.verdict,
        "cause": verdict.cause,
        "blame": verdict.blame,
        "reason": verdict.reason,
        "expected": list(verdict.expected),
        "seen": verdict.seen,
        "choice": verdict.choice,
        "known_deviation": _deviation(preparation, result.item),
        "control": result.control,
        "control_reason": result.control_reason,
        "rests_on": list(verdict.rests_on) or None,
        "duration_ms": result.duration_ms,
        "evidence": f"{EVIDENCE}/{result.evidence}" if result.evidence else None,
        "starts": result.starts,
        "stderr": f"{EVIDENCE}/{result.stderr}" if result.stderr else None,
        "timeline": result.timeline,
        "control_timeline": result.control_timeline,
        "file": case.file,
        "line": case.line,
        "repro": repro(preparation, result.item),
        "repro_by_hand": plan.runner().by_hand(plan.subject, result.item),
    }


def repro(preparation: Preparation, item: Item) -> str:
    """Return the command that shows one result again, without deadlines."""
    arch = preparation.options.arch
    words = [front_door(), "--debug", "--case", item.case, "--mode", item.mode]
    words += ["--seed", str(preparation.plan.seed)]
    words += ["--arch", arch] if arch != "x86_64" else []
    entry = preparation.options.catalog_entry
    which = [preparation.provider.argument] if entry is None else ["--catalog-entry", str(entry)]
    return shown_command([*words, *which])


def _deviation(preparation: Preparation, item: Item) -> dict[str, Any] | None:
    """Return the known deviation that speaks of a result; one that has expired yields to others."""
    today = preparation.started.date()
    found = [
        deviation.plain(today)
        for deviation in preparation.provider.description.deviations
        if deviation.covers(item.case, item.mode)
    ]
    living = [deviation for deviation in found if not deviation["expired"]]
    return next(iter([*living, *found]), None)


def _suite(preparation: Preparation) -> dict[str, Any]:
    layout = preparation.setting.layout
    return {
        **checkout(layout.root),
        "cases": len(preparation.case_list.cases),
        "cases_sha256": preparation.case_list.sha256,
        "detection": _last_measurement(layout),
    }


def checkout(root: Path) -> dict[str, Any]:
    """Return which state of the suite a checkout holds."""
    version = root / "VERSION"
    packed = root / "COMMIT"
    commit: str | None
    modified: str | None
    if packed.is_file():  # not a checkout, but a zip that scripts/dist packed
        commit, _, modified = packed.read_text(encoding="utf-8").strip().partition(" ")
    else:
        commit = _git(root, "rev-parse", "HEAD")
        modified = _git(root, "status", "--porcelain", "--untracked-files=no")
    return {
        "version": version.read_text(encoding="utf-8").strip() if version.is_file() else "unknown",
        "commit": commit,
        "modified": bool(modified),
    }


def _last_measurement(layout: Layout) -> dict[str, Any] | None:
    """Return what was measured here, or else what the checkout publishes."""
    folders = (layout.build / "detection", layout.published)
    found = (detection(folder / "detection.json") for folder in folders)
    return next((one for one in found if one is not None), None)


def detection(file: Path) -> dict[str, Any] | None:
    """Return what the last measurement says this suite catches; None if there was none."""
    try:
        found = json.loads(file.read_bytes())
        if found["schema"] != "wspcts-detection/1":
            return None
        return {
            "measured": str(found["finished"]),
            "commit": found["suite"]["commit"],
            "modified": bool(found["suite"].get("modified")),
            "rates": dict(found["rates"]),
            **{name: int(count) for name, count in found["summary"].items()},
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _git(root: os.PathLike[str], *arguments: str) -> str | None:
    """Return what git says of the checkout, or None if it is none."""
    if not os.path.exists(os.path.join(root, ".git")):
        return None
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    text = answer.stdout.decode("utf-8", "replace").strip()
    return text if answer.returncode == 0 and text else None


def _provider(preparation: Preparation, results: Mapping[Item, Result]) -> dict[str, Any]:
    provider = preparation.provider
    layout = preparation.setting.layout
    said = (result.provider_says for result in results.values())
    return {
        "name": provider.description.name,
        "library": layout.shown(provider.library.path),
        "sha256": provider.library.sha256,
        "file_version": provider.library.file_version,
        "description": next((text for text in said if text), None),
        "arch": provider.library.arch,
        "vendor": provider.description.vendor,
        "chain": list(provider.description.chain),
        "described_by": _described_by(layout, preparation),
        "startup_forwarded_to": provider.library.forwards_to,
        "settings": dict(provider.description.settings),
        "budgets": dict(provider.description.changed_budgets),
    }


def _described_by(layout: Layout, preparation: Preparation) -> str | None:
    file = preparation.provider.description.file
    return layout.shown(file) if file else None


def _run(
    preparation: Preparation,
    finished: datetime.datetime,
) -> dict[str, Any]:
    options = preparation.options
    selection: dict[str, Any] = options.selection.plain()
    if options.debug:
        selection["debug"] = True
    return {
        "started": preparation.started.isoformat(timespec="seconds"),
        "finished": finished.isoformat(timespec="seconds"),
        "duration_s": round((finished - preparation.started).total_seconds(), 3),
        "seed": preparation.plan.seed,
        "jobs": options.jobs,
        "shuffled": options.shuffle,
        "selection": selection or None,
        "command": list(options.command),
        "allow_known_deviations": options.allow_known_deviations,
        "unused_deviations": _unused_deviations(preparation),
        "baseline": None,
    }


def _unused_deviations(preparation: Preparation) -> list[str]:
    """Return the known deviations that speak of no case there is."""

    def is_of_use(deviation: KnownDeviation) -> bool:
        return any(
            deviation.covers(case.id, mode)
            for case in preparation.case_list.cases
            for mode in case.modes
        )

    deviations = preparation.provider.description.deviations
    return [deviation.case for deviation in deviations if not is_of_use(deviation)]


def _requirements(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return every row of the catalogue with its verdict and its cases."""
    verdicts = requirement_verdicts(rows)
    cases: dict[str, list[str]] = {}
    for row in rows:
        for key in dict.fromkeys([*row["requirements"], *row["by_requirement"]]):
            if row["id"] not in cases.setdefault(key, []):
                cases[key].append(row["id"])
    return [
        {
            "id": requirement.id,
            "level": str(requirement.level),
            "text": requirement.text,
            "source": requirement.source,
            "url": requirement.url,
            "verdict": verdicts.get(requirement.id, "none"),
            "cases": cases.get(requirement.id, []),
        }
        for requirement in load_catalogue().requirements.values()
    ]
