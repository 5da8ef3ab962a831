"""scripts/certify: the front door. Certifies one provider and says so by its exit status."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime
import io
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.orchestration import catalog, exits
from conformance.orchestration.interruption import Interruption
from conformance.orchestration.layout import ROOT, Layout
from conformance.orchestration.machine import end_everything, front_door
from conformance.orchestration.opening import Opened, open_run
from conformance.orchestration.options import (
    add_shared_options,
    cases_at_a_time,
    default_jobs,
    jobs,
    options_of,
    selection_of,
)
from conformance.orchestration.plugin import NAME, Conduct
from conformance.orchestration.preparation import Options, Setting, check_runnable, list_cases
from conformance.orchestration.progress import Progress
from conformance.orchestration.results import assemble
from conformance.orchestration.stop import InternalError, Stop

if TYPE_CHECKING:
    from reports.comparison import Comparison

_PYTEST_VARIABLES = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")

_EXIT_STATUSES = """\
exit status:
  0    conforming
  1    non-conforming
  3    incomplete: nothing fails, but a MUST was not judged
  2    no run: wrong usage, nothing built, nothing selected, or no usable DLL
  4    the verdict would do, but the expectations are wrong: a known deviation
       passed or has expired, or the run is worse than the baseline
  130  interrupted, no results written
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; whatever goes wrong is one sentence and an exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    environment = dict(os.environ)
    interruption = Interruption()
    interruption.be_heeded()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        return _command(given, environment, interruption)
    except Stop as stop:
        _complain(stop.sentence)
        return stop.status
    except KeyboardInterrupt:
        _complain("interrupted; no results were written.")
        return exits.INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone; nobody is left to be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.NO_RUN
    except InternalError as problem:
        _complain(f"internal error of the suite: {problem}")
        return exits.NO_RUN
    except Exception:  # noqa: BLE001 - no traceback is ever a user's to read
        _complain(f"internal error of the suite; see {_keep(traceback.format_exc())}.")
        return exits.NO_RUN
    finally:
        end_everything()


def _command(
    given: Sequence[str], environment: Mapping[str, str], interruption: Interruption
) -> int:
    values = _parser().parse_args(given)
    layout = Layout.of(environment)
    if values.list:
        return _list(values, layout, environment)
    if values.list_catalog:
        return _list_catalog(values, layout, environment)
    options = options_of(
        values,
        provider=values.provider,
        debug=values.debug,
        jobs=values.jobs,
        command=[front_door(), *given],
    )
    if values.catalog_entry is not None:
        options = _of_entry(values.catalog_entry, options, layout, environment)
    return certify(options, layout, environment, interruption)


def certify(
    options: Options,
    layout: Layout,
    environment: Mapping[str, str],
    interruption: Interruption,
) -> int:
    """Run the cases, write the results and return the exit status."""
    baseline = _baseline(options.baseline) if options.baseline else None
    results: dict[str, Any]
    with contextlib.ExitStack() as stack:
        opened = open_run(stack, options, layout, environment)
        if baseline is not None:
            _check_in_common(baseline, opened)
        conduct = _run(opened, interruption)
        now = datetime.datetime.now().astimezone()
        results = assemble(opened.preparation, conduct.results, now)
        comparison = _compared(baseline, results, opened) if baseline is not None else None
        _write_reports(results, opened.out.run_folder)
        opened.out.publish(results)
        _tell(results, opened, comparison)
    return exits.exit_status(results)


def _run(opened: Opened, interruption: Interruption) -> Conduct:
    """Have pytest run the items; raise unless it came to its end."""
    preparation, out = opened.preparation, opened.out
    plan = preparation.plan
    is_living = sys.stderr.isatty() and not plan.debug
    progress = Progress(len(plan.items), sys.stderr, is_living=is_living)
    conduct = Conduct(plan, on_start=progress.started, on_result=progress.finished)
    _announce(opened)
    log = out.run_folder / "pytest.log"
    try:
        with interruption.calls_off(plan.call_off):
            status = _pytest(conduct, cases_at_a_time(preparation.options.jobs), log)
    finally:
        progress.close()
    if conduct.stub is not None:
        raise Stop(
            f"WSPStartup of {preparation.provider.library.path} is a stub of Wine"
            " (exception 0x80000100), so there is nothing to test; give a real provider."
        )
    if conduct.left_down is not None:
        raise conduct.left_down
    if interruption.has_come:
        raise KeyboardInterrupt
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise InternalError(f"pytest ended with status {int(status)}; see {out.keep_log(log)}.")
    return conduct


def _pytest(conduct: Conduct, worker_count: int, log: Path) -> int:
    """Run pytest in this process, its own report going to a log."""
    words = [str(Path(__file__).parent), f"--rootdir={ROOT}", "-s"]
    words += ["-o", f"cache_dir={log.parent / 'cache'}"]
    if (ROOT / "pyproject.toml").is_file():
        words += ["-c", str(ROOT / "pyproject.toml")]
    if worker_count > 1:
        words += ["-n", str(worker_count)]
    kept = {name: os.environ.pop(name, None) for name in _PYTEST_VARIABLES}
    try:
        with (
            log.open("w", encoding="utf-8", errors="backslashreplace") as file,
            contextlib.redirect_stdout(file),
            contextlib.redirect_stderr(file),
        ):
            return int(pytest.main(words, plugins=[_Named(conduct)]))
    finally:
        os.environ.update({name: value for name, value in kept.items() if value is not None})


class _Named:
    """Registers the run under its name, which the conftest looks for."""

    def __init__(self, conduct: Conduct) -> None:
        self.conduct = conduct

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Register the run before the conftest would make one of its own."""
        config.pluginmanager.register(self.conduct, NAME)


def _write_reports(results: Mapping[str, Any], folder: Path) -> None:
    from reports import write_all

    write_all(results, folder)


def _baseline(path: Path) -> dict[str, Any]:
    """Read the results of an earlier run, and see to it that they can be compared."""
    from reports import document

    try:
        baseline = document.load(path)
        document.read(baseline)
    except OSError as problem:
        raise Stop(f"the baseline {path} cannot be read: {problem.strerror}.") from None
    except document.ResultsError as problem:
        raise Stop(f"the baseline {path} is no results document: {problem}.") from None
    return baseline


def _check_in_common(baseline: Mapping[str, Any], opened: Opened) -> None:
    """Stop before anything is run that could not be compared afterwards."""
    before = {(row["id"], row["mode"]) for row in baseline["cases"]}
    if not any((item.case, item.mode) in before for item in opened.preparation.plan.items):
        raise Stop(
            f"the baseline {opened.preparation.options.baseline} has no result in common with what"
            " is selected here; give the results of a run with these cases and modes."
        )


def _compared(
    baseline: Mapping[str, Any], results: dict[str, Any], opened: Opened
) -> Comparison:
    """Compare with the baseline, write that beside the report, and note it in the results."""
    from reports.comparison import compare, write_all

    found = compare(baseline, results)
    write_all(found, opened.out.run_folder)
    results["run"]["baseline"] = {
        "file": str(opened.preparation.options.baseline),
        "worse": list(found.worse),
        "counts": found.case_counts,
        "cause": found.cause,
    }
    return found


def _announce(opened: Opened) -> None:
    preparation = opened.preparation
    plan = preparation.plan
    count = f"{len(plan.items)} result{'s' if len(plan.items) != 1 else ''}"
    job_count = preparation.options.jobs
    name = printable(preparation.provider.description.name)
    _say(
        f"certifying {name} ({preparation.provider.library.arch}): {count},"
        f" {job_count} job{'s' if job_count != 1 else ''}, seed {plan.seed}",
        sys.stderr,
    )
    if plan.debug:
        _say(plan.runner().by_hand(plan.subject, plan.items[0]), sys.stderr)


def _tell(results: Mapping[str, Any], opened: Opened, comparison: Comparison | None) -> None:
    """Say how it ended, and where it can be read."""
    sys.stdout.write(_summary(results))
    if comparison is not None:
        sys.stdout.write(_summary_of_comparison(comparison))
    for sentence in exits.wrong_expectations(results):
        _say(printable(sentence))
    out, layout = opened.out.path, opened.preparation.setting.layout
    for name in ("report.html", "comparison.html", "results.json"):
        if (out / name).exists():
            _say(f"{name.partition('.')[0]}: {printable(layout.shown(out / name))}")
    sys.stdout.flush()


def _summary(results: Mapping[str, Any]) -> str:
    from reports.terminal import summary

    return str(summary(results, **_look_of_terminal()))


def _summary_of_comparison(comparison: Comparison) -> str:
    from reports.comparison.terminal import summary

    return f"\nCompared with the baseline:\n{summary(comparison, **_look_of_terminal())}\n"


def _look_of_terminal() -> dict[str, Any]:
    """Return what the summaries have to know of the terminal."""
    return {
        "colour": sys.stdout.isatty() and not os.environ.get("NO_COLOR"),
        "width": shutil.get_terminal_size((100, 24)).columns,
    }


def _list(values: argparse.Namespace, layout: Layout, environment: Mapping[str, str]) -> int:
    options = Options(arch=values.arch, selection=selection_of(values))
    with _asking(options, layout, environment) as setting:
        case_list = list_cases(setting)
    by_id = case_list.by_id()
    modes: dict[str, list[str]] = {}
    for item in options.selection.items(case_list.cases):
        modes.setdefault(item.case, []).append(item.mode)
    for name, chosen in modes.items():
        case = by_id[name]
        _say(f"{name}  [{', '.join(chosen)}]  {case.level}  {', '.join(case.requirements)}")
        _say(f"    {case.does}: {case.must}")
    return exits.CONFORMING


def _list_catalog(
    values: argparse.Namespace, layout: Layout, environment: Mapping[str, str]
) -> int:
    with _asking(Options(arch=values.arch), layout, environment) as setting:
        entries = catalog.read(setting)
        problem = catalog.why_none_can_be_loaded(entries, setting)
    for entry in entries:
        _say(printable(str(entry)))
    if problem is not None:
        _say(problem)
    return exits.CONFORMING


def _of_entry(
    identifier: int, options: Options, layout: Layout, environment: Mapping[str, str]
) -> Options:
    """Return the options of a run of the installed provider behind a catalog entry."""
    if options.provider is not None:
        raise Stop("give a PROVIDER or --catalog-entry, not both.")
    with _asking(options, layout, environment) as setting:
        found = catalog.installed(setting, identifier, options.arch)
    return dataclasses.replace(
        options,
        provider=str(found.library),
        catalog_entry=identifier,
        settings=found.settings,
    )


@contextlib.contextmanager
def _asking(
    options: Options, layout: Layout, environment: Mapping[str, str]
) -> Iterator[Setting]:
    """Hold what is needed to ask the executable something."""
    setting = Setting.of(options, layout, environment)
    check_runnable(options.arch, setting)
    with setting.machine.session():
        yield setting


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=front_door(),
        description="Certifies a Winsock service provider.",
        epilog=_EXIT_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "provider",
        nargs="?",
        metavar="PROVIDER",
        help="a folder name under providers, a provider.toml or a DLL (default: reference)",
    )
    parser.add_argument(
        "--catalog-entry",
        type=int,
        metavar="ID",
        help="an installed provider, by its id in the Winsock catalog",
    )
    parser.add_argument("--list-catalog", action="store_true", help="list the installed providers")
    parser.add_argument("--list", action="store_true", help="list the cases")
    add_shared_options(parser)
    parser.add_argument(
        "--jobs",
        type=jobs,
        metavar="N",
        default=default_jobs(),
        help="how many cores to keep busy; 2 run 3 cases at a time, 1 runs one after the other"
        " (default: %(default)s)",
    )
    parser.add_argument(
        "--debug", action="store_true", help="run the one selected case without deadlines"
    )
    parser.add_argument(
        "--baseline",
        type=Path,
        metavar="RESULTS.json",
        help="results of an earlier run, or its folder, that this one may not be worse than;"
        " comparison.html, .md and .json are written beside the report",
    )
    parser.add_argument(
        "--allow-known-deviations",
        action="store_true",
        help="status 0 if every failure is a known deviation of the provider's description that"
        " has not expired; the verdict stays non-conforming",
    )
    return parser


def _keep(text: str) -> Path:
    handle, path = tempfile.mkstemp(prefix="wspcts-internal-error-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
        file.write(text)
    return Path(path)


def printable(text: str) -> str:
    """Make control characters visible as such, so that no name can play with the terminal."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _complain(sentence: str) -> None:
    _say(f"certify: {printable(sentence)}", sys.stderr)


def _say(text: str, stream: Any = None) -> None:
    print(text, file=stream or sys.stdout, flush=True)


if __name__ == "__main__":
    sys.exit(main())
