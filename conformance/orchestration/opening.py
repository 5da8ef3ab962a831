"""Opens a run: provider, machine, cases, folder and plan, in the order in which they can fail."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.orchestration.layout import Layout
from conformance.orchestration.outfolder import OutFolder
from conformance.orchestration.preparation import (
    Options,
    Preparation,
    Setting,
    check_runnable,
    choose,
    identify,
    identify_reference,
    list_cases,
    prepare,
)


@dataclass(frozen=True)
class Opened:
    """A run that can begin, and the folder that its results go to."""

    preparation: Preparation
    out: OutFolder


def open_run(
    stack: contextlib.ExitStack,
    options: Options,
    layout: Layout,
    environment: Mapping[str, str],
) -> Opened:
    """Check everything and open the run; what it holds is let go with the stack.

    Nothing is removed and no process is started before all that the user gave has been checked.
    """
    setting = Setting.of(options, layout, environment)
    provider = identify(options.provider, options.arch, setting, options.settings)
    reference = identify_reference(options.arch, setting)
    check_runnable(options.arch, setting)
    stack.enter_context(setting.machine.session())
    case_list = list_cases(setting)
    choose(options, case_list)
    key = f"{provider.key}.debug" if options.debug else provider.key
    out = OutFolder(options.out.absolute() if options.out else layout.results_of(key))
    stack.callback(out.close)
    out.open()
    preparation = prepare(options, setting, provider, reference, case_list, out.run_folder)
    return Opened(preparation, out)
