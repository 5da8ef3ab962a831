"""From what the user asked for to a plan: every check that can be made before a case is run."""

from __future__ import annotations

import datetime
import os
import random
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from conformance.orchestration import description as descriptions
from conformance.orchestration import library as libraries
from conformance.orchestration.cases import CaseList, Item, Selection
from conformance.orchestration.description import DEFAULT_BUDGETS, ProviderDescription
from conformance.orchestration.layout import Layout
from conformance.orchestration.library import Library
from conformance.orchestration.machine import Machine, local_path, machine_for
from conformance.orchestration.plan import Plan
from conformance.orchestration.runner import Subject
from conformance.orchestration.stop import Stop

LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True)
class Options:
    """What the user asked for."""

    provider: str | None = None
    catalog_entry: int | None = None
    # Of that entry; they come before what a description sets.
    settings: tuple[tuple[str, str], ...] = ()
    arch: str = "x86_64"
    selection: Selection = Selection()
    seed: int | None = None
    shuffle: bool = False
    jobs: int = 1
    out: Path | None = None
    debug: bool = False
    allow_known_deviations: bool = False
    baseline: Path | None = None
    command: tuple[str, ...] = ()


@dataclass(frozen=True)
class Setting:
    """The machine and the checkout that a run takes place in."""

    layout: Layout
    environment: Mapping[str, str]
    machine: Machine
    is_own_executable: bool

    @classmethod
    def of(cls, options: Options, layout: Layout, environment: Mapping[str, str]) -> Setting:
        """Find the executable; WSPCTS_EXECUTABLE names another one, for tests of the suite."""
        other = environment.get("WSPCTS_EXECUTABLE")
        executable = Path(other) if other else layout.executable(options.arch)
        if not executable.is_file():
            raise Stop(f"{layout.shown(executable)} is not built; run make.")
        machine = machine_for(executable, layout, environment)
        return cls(layout, environment, machine, other is None)


@dataclass(frozen=True)
class Identity:
    """A provider that was found and looked at, and not run yet."""

    description: ProviderDescription
    library: Library
    key: str  # the name of its folder of results
    argument: str  # how a command names it again
    subject: Subject


@dataclass(frozen=True)
class Preparation:
    """A run that can begin."""

    options: Options
    setting: Setting
    provider: Identity
    case_list: CaseList
    plan: Plan
    started: datetime.datetime = field(
        default_factory=lambda: datetime.datetime.now().astimezone()
    )


def identify(
    argument: str | None,
    arch: str,
    setting: Setting,
    settings: Sequence[tuple[str, str]] = (),
) -> Identity:
    """Find a provider by what the user calls it, and check its DLL."""
    description, key, shown = _find(argument or "reference", setting)
    if settings:
        description = replace(description, settings=(*settings, *description.settings))
    path = Path(os.path.abspath(description.library(arch)))
    library = libraries.inspect(path, arch)
    return Identity(description, library, key, shown, _subject(description, library))


def identify_reference(arch: str, setting: Setting) -> Identity:
    """Find the reference provider, which every failure is checked against."""
    try:
        return identify(str(setting.layout.reference), arch, setting)
    except Stop as stop:
        raise Stop(f"the reference provider, the baseline, is not there: {stop.sentence}") from None


def list_cases(setting: Setting) -> CaseList:
    """Ask the executable for its cases; needs a session of the machine."""
    return CaseList.parse(setting.machine.output_of(["--list"]))


def prepare(
    options: Options,
    setting: Setting,
    provider: Identity,
    reference: Identity,
    case_list: CaseList,
    run_folder: Path,
) -> Preparation:
    """Make the plan of a run."""
    seed = secrets.randbelow(LARGEST_SEED) + 1 if options.seed is None else options.seed
    items = choose(options, case_list)
    if options.shuffle:
        random.Random(seed).shuffle(items)
    is_reference = provider.library.sha256 == reference.library.sha256
    plan = Plan(
        root=setting.layout.root,
        executable=setting.machine.executable,
        environment=setting.environment,
        folder=run_folder,
        token=secrets.token_hex(8),
        seed=seed,
        debug=options.debug,
        provider_file=provider.description.file or provider.library.path,
        subject=provider.subject,
        reference=None if is_reference or options.debug else reference.subject,
        cases=case_list.by_id(),
        items=tuple(items),
    )
    return Preparation(options, setting, provider, case_list, plan)


def choose(options: Options, case_list: CaseList) -> list[Item]:
    """Return the items of a run; a debugged one has a single item."""
    items = options.selection.items(case_list.cases)
    if not options.debug:
        return items
    if len({item.case for item in items}) > 1:
        raise Stop("--debug runs one case, and several are selected; name one with --case.")
    return items[:1]


def check_runnable(arch: str, setting: Setting) -> None:
    """Stop if programs of this architecture cannot be run here."""
    problem = setting.machine.why_not_runnable(arch)
    if problem is not None:
        raise Stop(problem)


def _find(argument: str, setting: Setting) -> tuple[ProviderDescription, str, str]:
    """Return the description, the name of the folder of results, and how to call it again."""
    layout = setting.layout
    file = _description_file(argument, layout)
    if file is not None:
        description = descriptions.read(file)
        folder = file.parent
        if folder.is_relative_to(layout.providers) and folder != layout.providers:
            name = folder.relative_to(layout.providers).as_posix()
            return description, _key(name), name if file.name == "provider.toml" else str(file)
        return description, _key(folder.name), str(file)
    path = local_path(argument, layout)
    if not path.exists() and not re.search(r"[\\/.]", argument):
        raise Stop(_no_such_provider(argument, layout))
    path = Path(os.path.abspath(path))
    return descriptions.of_library(path), _key(path.stem), layout.shown(path)


def _description_file(argument: str, layout: Layout) -> Path | None:
    """Return the provider.toml that an argument means, or None if it means a DLL."""
    named = layout.providers / argument / "provider.toml"
    if argument and not os.path.isabs(argument) and named.is_file():
        return Path(os.path.abspath(named))
    path = Path(os.path.abspath(argument))
    if path.is_dir() and (path / "provider.toml").is_file():
        return path / "provider.toml"
    if path.suffix.lower() == ".toml":
        if not path.is_file():
            raise Stop(f"there is no file {argument}; name a provider.toml, a DLL or a provider.")
        return path
    return None


def _no_such_provider(argument: str, layout: Layout) -> str:
    known = sorted(
        file.parent.relative_to(layout.providers).as_posix()
        for file in layout.providers.rglob("provider.toml")
    )
    there = f"there are {', '.join(known)}" if known else "there are none"
    return (
        f"there is no provider {argument} in providers ({there}) and no such file;"
        " name one of them, a provider.toml or a DLL."
    )


def _key(name: str) -> str:
    """Make a name that is safe as the name of a folder."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.") or "provider"


def _subject(description: ProviderDescription, library: Library) -> Subject:
    budgets = {**DEFAULT_BUDGETS, **description.budgets}
    return Subject(
        name=description.name,
        library=library.path,
        settings=tuple(description.settings),
        budgets=tuple(description.changed_budgets.items()),
        case_budget_ms=budgets["case"],
        late_budget_ms=budgets["late"],
    )


def changed_settings(preparation: Preparation) -> Sequence[str]:
    """Say in words what differs from a full run with the default budgets."""
    differences = []
    chosen = preparation.options.selection
    if not chosen.is_full:
        parts = [f"--case {pattern}" for pattern in chosen.patterns]
        parts += [f"--mode {mode}" for mode in chosen.modes]
        parts += [f"--group {chosen.group}"] if chosen.group not in ("default", "all") else []
        differences.append(f"only the selection {' '.join(parts)}")
    if preparation.options.debug:
        differences.append("without deadlines (--debug)")
    for name, ms in preparation.provider.description.changed_budgets.items():
        differences.append(f"the budget {name} is {ms} ms instead of {DEFAULT_BUDGETS[name]} ms")
    if not preparation.setting.is_own_executable:
        differences.append(f"run by {preparation.plan.executable}")
    return differences
