"""scripts/certify: the front door. Certifies one provider and says so by its exit status."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import io
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from conformance.orchestration import catalog, exits
from conformance.orchestration.baseline import Baseline
from conformance.orchestration.layout import ROOT, Layout
from conformance.orchestration.machine import end_everything
from conformance.orchestration.opening import Opened, open_run
from conformance.orchestration.options import (
    add_shared_options,
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
    _be_interruptible()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        return _command(given, environment)
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


def _command(given: Sequence[str], environment: Mapping[str, str]) -> int:
    values = _parser().parse_args(given)
    layout = Layout.of(environment)
    if values.list:
        return _list(values, layout, environment)
    if values.list_catalog:
        return _list_catalog(values, layout, environment)
    provider = values.provider
    if values.catalog_entry is not None:
        provider = str(_library_of_entry(values, layout, environment))
    options = options_of(
        values,
        provider=provider,
        debug=values.debug,
        jobs=values.jobs,
        command=["scripts/certify", *given],
    )
    return certify(options, layout, environment)


def certify(options: Options, layout: Layout, environment: Mapping[str, str]) -> int:
    """Run the cases, write the results and return the exit status."""
    baseline = Baseline.read(options.baseline) if options.baseline else None
    results: dict[str, Any]
    with contextlib.ExitStack() as stack:
        opened = open_run(stack, options, layout, environment)
        conduct = _run(opened)
        now = datetime.datetime.now().astimezone()
        results = assemble(opened.preparation, conduct.results, now, baseline)
        _write_reports(results, opened.out.run_folder)
        opened.out.publish(results)
        _tell(results, opened)
    return exits.exit_status(results)


def _run(opened: Opened) -> Conduct:
    """Have pytest run the items; raise unless it came to its end."""
    preparation, out = opened.preparation, opened.out
    plan = preparation.plan
    is_living = sys.stderr.isatty() and not plan.debug
    progress = Progress(len(plan.items), sys.stderr, is_living=is_living)
    conduct = Conduct(plan, on_start=progress.started, on_result=progress.finished)
    _announce(opened)
    log = out.run_folder / "pytest.log"
    try:
        status = _pytest(conduct, preparation.options.jobs, log)
    finally:
        progress.close()
    if conduct.stub is not None:
        raise Stop(
            f"WSPStartup of {preparation.provider.library.path} is a stub of Wine"
            " (exception 0x80000100), so there is nothing to test; give a real provider."
        )
    if conduct.left_down is not None:
        raise conduct.left_down
    if conduct.was_interrupted:
        raise KeyboardInterrupt
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise InternalError(f"pytest ended with status {int(status)}; see {out.keep_log(log)}.")
    return conduct


def _pytest(conduct: Conduct, job_count: int, log: Path) -> int:
    """Run pytest in this process, its own report going to a log."""
    words = [str(Path(__file__).parent), f"--rootdir={ROOT}", "-s"]
    words += ["-o", f"cache_dir={log.parent / 'cache'}"]
    if (ROOT / "pyproject.toml").is_file():
        words += ["-c", str(ROOT / "pyproject.toml")]
    if job_count > 1:
        words += ["-n", str(job_count)]
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


def _tell(results: Mapping[str, Any], opened: Opened) -> None:
    """Say how it ended, and where it can be read."""
    sys.stdout.write(_summary(results))
    for sentence in exits.wrong_expectations(results):
        _say(printable(sentence))
    out, layout = opened.out.path, opened.preparation.setting.layout
    for name in ("report.html", "results.json"):
        if (out / name).exists():
            _say(f"{name.partition('.')[0]}: {printable(layout.shown(out / name))}")
    sys.stdout.flush()


def _summary(results: Mapping[str, Any]) -> str:
    from reports.terminal import summary

    width = shutil.get_terminal_size((100, 24)).columns
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return str(summary(results, colour=colour, width=width))


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
    for entry in entries:
        _say(printable(str(entry)))
    return exits.CONFORMING


def _library_of_entry(
    values: argparse.Namespace, layout: Layout, environment: Mapping[str, str]
) -> Path:
    if values.provider is not None:
        raise Stop("give a PROVIDER or --catalog-entry, not both.")
    with _asking(Options(arch=values.arch), layout, environment) as setting:
        return catalog.library_of(setting, values.catalog_entry)


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
        prog="scripts/certify",
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
        help="how many cases run at a time (default: %(default)s)",
    )
    parser.add_argument(
        "--debug", action="store_true", help="run the one selected case without deadlines"
    )
    parser.add_argument(
        "--baseline",
        type=Path,
        metavar="RESULTS.json",
        help="results of an earlier run that this one may not be worse than",
    )
    parser.add_argument(
        "--allow-known-deviations",
        action="store_true",
        help="status 0 if every failure is a known deviation",
    )
    return parser


def _be_interruptible() -> None:
    """Have Ctrl-C, and a request to end, unwind everything, once."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        for name in names:
            signal.signal(name, signal.SIG_IGN)
        raise KeyboardInterrupt

    names = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        names.append(signal.SIGHUP)
    for name in names:
        signal.signal(name, interrupt)


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
