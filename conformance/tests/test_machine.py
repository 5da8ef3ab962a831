"""What differs between platforms: paths, process trees, and Wine's resident server."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.orchestration import machine
from conformance.orchestration import windows as windows_side
from conformance.orchestration.layout import ROOT, Layout
from conformance.orchestration.machine import Machine, WineMachine, machine_for
from conformance.orchestration.stop import Stop
from conformance.tests import as_on_windows

NULL = subprocess.DEVNULL


def start(*words: str) -> subprocess.Popen[bytes]:
    return machine.start_tree([sys.executable, "-ISc", *words], dict(os.environ), NULL, NULL, NULL)


def is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


def ends(pid: int) -> bool:
    """Say whether a process that was told to end does, which takes it a moment."""
    deadline = time.monotonic() + 10
    while is_running(pid):
        if time.monotonic() > deadline:
            return False
    return True


# --- Starting and ending ----------------------------------------------------------------------


def test_waiting_ends_with_the_process():
    process = start("raise SystemExit(7)")
    assert machine.wait_for(process, 30) and process.returncode == 7


def test_waiting_ends_with_the_deadline():
    process = start("import time; time.sleep(60)")
    began = time.monotonic()
    assert not machine.wait_for(process, 0.3)
    assert 0.2 < time.monotonic() - began < 10
    machine.end_tree(process)
    assert process.returncode is not None


def test_waiting_ends_when_it_is_called_off():
    process = start("import time; time.sleep(60)")
    assert not machine.wait_for(process, None, lambda: True, tick_s=0.01)
    machine.end_tree(process)


def test_a_process_is_ended_with_what_it_started(tmp_path):
    told = tmp_path / "pid"
    process = start(
        "import subprocess, sys, time;"
        "child = subprocess.Popen(['sleep', '60']);"
        f"open({str(told)!r}, 'w').write(str(child.pid)); time.sleep(60)"
    )
    while not told.exists() or not told.read_text():
        assert not machine.wait_for(process, 0.05)
    machine.end_tree(process)
    assert ends(int(told.read_text()))


def test_what_outlives_its_parent_is_ended_all_the_same(tmp_path):
    told = tmp_path / "pid"
    process = start(
        "import subprocess;"
        "child = subprocess.Popen(['sleep', '60']);"
        f"open({str(told)!r}, 'w').write(str(child.pid))"
    )
    assert machine.wait_for(process, 30)
    assert is_running(int(told.read_text()))
    machine.end_tree(process)
    assert ends(int(told.read_text()))


def test_a_process_does_not_outlive_the_suite(tmp_path):
    """Whoever started it is killed without a chance to clean up."""
    told = tmp_path / "pid"
    script = (
        "import os, sys; sys.path.insert(0, sys.argv[1]);"
        "from conformance.orchestration.machine import start_tree;"
        "p = start_tree(['sleep', '60'], dict(os.environ), -3, -3, -3);"
        "open(sys.argv[2], 'w').write(str(p.pid)); os.kill(os.getpid(), 9)"
    )
    root = str(Path(machine.__file__).parents[2])
    subprocess.run([sys.executable, "-c", script, root, str(told)], check=False)
    assert ends(int(told.read_text()))


def test_a_program_that_is_not_there_is_one_sentence():
    with pytest.raises(Stop, match="cannot be started"):
        machine.start_tree(["/nonexistent/program"], {}, NULL, NULL, NULL)


def test_the_output_of_a_program_that_fails_is_one_sentence(tmp_path):
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho first >&2\necho last >&2\nexit 9\n")
    program.chmod(0o755)
    here = machine_for(program, Layout(tmp_path), dict(os.environ))
    with pytest.raises(Stop, match="ended with status 9: last"):
        here.output_of(["--list"])


def test_a_program_that_did_not_start_is_started_once_more(tmp_path):
    program = tmp_path / "program"
    count = "echo >>\"$0.starts\"; starts=$(wc -l <\"$0.starts\")"
    here = machine_for(program, Layout(tmp_path), dict(os.environ))
    for fails, starts in (("-lt 2", 2), ("-lt 9", 2)):
        program.write_text(f"#!/bin/sh\n{count}\n[ $starts {fails} ] && exit 1\necho done\n")
        program.chmod(0o755)
        if fails == "-lt 2":
            assert here.output_of([]) == b"done\n"
        else:
            with pytest.raises(Stop, match="ended with status 1"):
                here.output_of([])
        counted = tmp_path / "program.starts"
        assert len(counted.read_text().splitlines()) == starts
        counted.unlink()


# --- Paths ------------------------------------------------------------------------------------


def test_only_windows_programs_need_wine(tmp_path):
    layout = Layout(tmp_path)
    assert isinstance(machine_for(Path("a.exe"), layout, {}), WineMachine)
    assert type(machine_for(Path("a"), layout, {})) is Machine


def test_wine_sees_files_on_its_drive_z(tmp_path):
    wine = WineMachine(Path("a.exe"), Layout(tmp_path), {})
    assert wine.path_for_program(Path("/tmp/a b/c.dll")) == "Z:\\tmp\\a b\\c.dll"


def test_a_path_may_be_written_in_the_windows_way(tmp_path):
    layout = Layout(tmp_path)
    drive = tmp_path / "build/wine-prefix/dosdevices/c:"
    (drive / "Windows").mkdir(parents=True)
    (drive / "Windows" / "Some.DLL").touch()
    assert machine.local_path("Z:\\tmp\\a.dll", layout) == Path("/tmp/a.dll")
    found = machine.local_path("C:\\windows\\some.dll", layout)
    assert found == drive / "Windows" / "Some.DLL"
    assert machine.local_path("c:/windows/none.dll", layout).name == "none.dll"
    assert machine.local_path("some/a.dll", layout) == Path("some/a.dll")


def test_the_environment_reaches_the_provider_but_for_what_wine_needs(tmp_path):
    given = {"VENDOR": "x", "DISPLAY": ":0", "WINEDLLOVERRIDES": "vendor=n"}
    wine = WineMachine(Path("a.exe"), Layout(tmp_path), given)
    assert wine.environment == {
        "VENDOR": "x",
        "WINEPREFIX": str(tmp_path / "build/wine-prefix"),
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "vendor=n;winedbg.exe=d;mscoree,mshtml=d",
    }
    again = WineMachine(Path("a.exe"), Layout(tmp_path), wine.environment)
    assert again.environment == wine.environment


def test_what_is_missing_is_named(tmp_path):
    loader = tmp_path / "wine64"
    wine = WineMachine(Path("a.exe"), Layout(tmp_path), {"WSPCTS_WINE": str(loader)})
    assert "there is no Wine at" in (wine.why_not_runnable("x86_64") or "")
    loader.write_text("#!/bin/sh\n")
    loader.chmod(0o755)
    assert "there is no Wine prefix" in (wine.why_not_runnable("x86_64") or "")
    wine.prefix.mkdir(parents=True)
    assert wine.why_not_runnable("x86_64") is None
    assert "wine32" in (wine.why_not_runnable("x86") or "")


# --- The resident server ----------------------------------------------------------------------

_SERVER = """#!/bin/sh
echo "$1" >>{folder}/log
case $1 in
-p) if [ -e {folder}/runs ]; then exit 2; fi; touch {folder}/runs ;;
-k) rm -f {folder}/runs ;;
esac
"""


class Prefix:
    """A prefix whose server only writes down what is asked of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        loader, server = folder / "wine64", folder / "wineserver"
        loader.write_text(f"#!/bin/sh\necho program >>{folder}/log\n")
        server.write_text(_SERVER.format(folder=folder))
        for program in (loader, server):
            program.chmod(0o755)
        self.environment = {"WSPCTS_WINE": str(loader), "PATH": os.environ["PATH"]}

    def session(self) -> contextlib.AbstractContextManager[None]:
        return WineMachine(Path("a.exe"), Layout(self.folder), self.environment).session()

    def log(self) -> list[str]:
        return (self.folder / "log").read_text().split()


@pytest.fixture
def prefix(tmp_path):
    return Prefix(tmp_path)


WHOLE = ["-p", "program", "-k", "-w"]


def test_a_session_starts_the_server_and_ends_it(prefix):
    with prefix.session():
        assert prefix.log() == ["-p", "program"]
    assert prefix.log() == WHOLE


def test_two_users_share_a_server_and_the_last_ends_it(prefix):
    first, second = prefix.session(), prefix.session()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert prefix.log() == ["-p", "program"]
    second.__exit__(None, None, None)
    assert prefix.log() == WHOLE


def test_one_after_the_other_have_a_server_each(prefix):
    for _ in range(2):
        with prefix.session():
            pass
    assert prefix.log() == WHOLE * 2


def test_a_failure_inside_ends_the_server_all_the_same(prefix):
    with pytest.raises(KeyError), prefix.session():
        raise KeyError
    assert prefix.log() == WHOLE


def test_a_server_of_somebody_else_is_left_alone(prefix):
    (prefix.folder / "runs").touch()
    with prefix.session():
        pass
    assert prefix.log() == ["-p", "program"]


def test_a_start_that_fails_leaves_no_server(prefix):
    (prefix.folder / "wine64").unlink()
    with pytest.raises(Stop, match="cannot be started"), prefix.session():
        raise AssertionError
    assert prefix.log() == ["-p", "-k", "-w"]


def test_a_server_that_a_killed_run_left_is_ended(prefix):
    script = (
        "import os, sys; sys.path.insert(0, sys.argv[1]);"
        "from conformance.tests.test_machine import Prefix; from pathlib import Path;"
        "session = Prefix(Path(sys.argv[2])).session(); session.__enter__();"
        "os.kill(os.getpid(), 9)"
    )
    root = str(Path(machine.__file__).parents[2])
    words = [sys.executable, "-c", script, root, str(prefix.folder)]
    subprocess.run(words, check=False)
    assert prefix.log() == ["-p", "program"]
    with prefix.session():
        pass
    assert not (prefix.folder / "runs").exists()


# --- Windows, which is only asked here, and never answers ---------------------------------------


class Kernel:
    """kernel32 and ntdll: write down what they are asked, and refuse what they are told to."""

    def __init__(self, refuse: str = "") -> None:
        self.refuse = refuse
        self.asked: list[tuple[Any, ...]] = []
        self.limits: Any = None

    def __call__(self, name: str, **how: object) -> Kernel:
        return self

    def __getattr__(self, function: str) -> Any:
        def call(*given: Any) -> int:
            values = tuple(getattr(value, "value", value) for value in given)
            if function == "SetInformationJobObject":
                self.limits = given[2]._obj
                values = (values[0], values[1], values[3])
            self.asked.append((function, *values))
            if function == "NtResumeProcess":
                return -1073741790 if function == self.refuse else 0
            return 0 if function == self.refuse else 41

        self.__dict__[function] = call  # whose result type can be set, as ctypes has it
        return call


class Process:
    """A process of Windows, as Popen has it."""

    _handle = 7

    def __init__(self, command: Any, **how: Any) -> None:
        self.command, self.how, self.said = command, how, []  # type: ignore[var-annotated]

    def kill(self) -> None:
        self.said.append("kill")

    def wait(self) -> None:
        self.said.append("wait")


def windows(kernel: Kernel, popen: Any = Process) -> windows_side.Windows:
    return windows_side.Windows(lambda: windows_side.KernelJobs(kernel), popen, lambda handle: None)


def test_windows_puts_a_process_into_a_job_before_it_runs():
    kernel = Kernel()
    process: Any = windows(kernel).start_tree(["a.exe", "--list"], {"A": "1"}, stdout=NULL)
    size = ctypes.sizeof(windows_side.JobLimits)
    assert kernel.asked == [
        ("CreateJobObjectW", None, None),
        ("SetInformationJobObject", 41, 9, size),
        ("AssignProcessToJobObject", 41, 7),
        ("NtResumeProcess", 7),
    ]
    assert process.command == ["a.exe", "--list"]
    assert process.how == {"env": {"A": "1"}, "creationflags": 0x204, "stdout": NULL}


def test_a_job_of_windows_ends_with_the_suite():
    kernel = Kernel()
    windows(kernel).start_tree(["a.exe"], {})
    assert kernel.limits.limit_flags == 0x2000
    assert windows_side.JobLimits.limit_flags.offset == 16
    assert ctypes.sizeof(windows_side.JobLimits) == 144


def test_windows_ends_a_job_with_all_that_is_in_it_once():
    kernel = Kernel()
    here = windows(kernel)
    process: Any = here.start_tree(["a.exe"], {})
    del kernel.asked[:]
    here.end_tree(process)
    assert kernel.asked == [("TerminateJobObject", 41, 1), ("CloseHandle", 41)]
    here.end_tree(process)
    assert len(kernel.asked) == 2 and process.said == ["wait", "wait"]


@pytest.mark.parametrize("refused", ["AssignProcessToJobObject", "NtResumeProcess"])
def test_a_process_that_windows_keeps_out_of_its_job_is_ended(refused):
    kernel, processes = Kernel(refused), []

    def popen(*command: Any, **how: Any) -> Process:
        processes.append(Process(*command, **how))
        return processes[-1]

    with pytest.raises(OSError, match=refused):
        windows(kernel, popen).start_tree(["a.exe"], {})
    assert processes[0].said == ["kill", "wait"]
    assert kernel.asked[-1] == ("CloseHandle", 41)


@pytest.mark.parametrize("refused", ["CreateJobObjectW", "SetInformationJobObject"])
def test_without_a_job_windows_starts_nothing(refused):
    def popen(*command: Any, **how: Any) -> Process:
        raise AssertionError("started")

    with pytest.raises(OSError, match=refused.removesuffix("W")):
        windows(Kernel(refused), popen).start_tree(["a.exe"], {})


def test_a_program_that_windows_cannot_start_leaves_no_job(monkeypatch):
    def popen(*command: Any, **how: Any) -> Process:
        raise FileNotFoundError(2, "The system cannot find the file specified")

    kernel = Kernel()
    monkeypatch.setattr(machine, "_system", windows(kernel, popen))
    with pytest.raises(Stop, match="a.exe cannot be started .The system cannot find"):
        machine.start_tree(["a.exe"], {}, NULL, NULL, NULL)
    assert kernel.asked[-1] == ("CloseHandle", 41)


def test_windows_locks_a_folder_by_a_file_beside_all_others(tmp_path, monkeypatch):
    monkeypatch.setattr(windows_side.tempfile, "gettempdir", lambda: str(tmp_path))
    taken: set[int] = set()

    def lock(handle: int) -> None:
        file = os.fstat(handle).st_ino
        if file in taken:
            raise PermissionError
        taken.add(file)

    here = windows_side.Windows(lambda: windows_side.KernelJobs(Kernel()), lock=lock)
    first, other = tmp_path / "first", tmp_path / "other"
    for folder in (first, other):
        folder.mkdir()
    held = [here.lock_folder(first), here.lock_folder(other)]
    assert here.lock_folder(first) is None
    assert here.lock_folder(first / ".." / "first") is None
    assert list(first.iterdir()) == []
    for handle in held:
        assert handle is not None
        os.close(handle)


def test_windows_locks_by_its_own_c_library(tmp_path, monkeypatch):
    asked = []
    library = SimpleNamespace(LK_NBLCK=2, locking=lambda *given: asked.append(given))
    monkeypatch.setitem(sys.modules, "msvcrt", library)
    handle = windows_side.Windows(lambda: windows_side.KernelJobs(Kernel())).lock_folder(tmp_path)
    assert handle is not None and asked == [(handle, 2, 1)]
    os.close(handle)


def test_on_windows_the_executable_is_run_as_it_is_and_paths_are_its_own(tmp_path):
    here = machine_for(Path("build/wspcts.exe"), Layout(tmp_path), {"A": "1"}, on_windows=True)
    assert type(here) is Machine and here.environment == {"A": "1"}
    assert here.command(["--list"]) == [str(Path("build/wspcts.exe")), "--list"]
    assert here.path_for_program(Path("C:\\vendor\\a.dll")) == "C:\\vendor\\a.dll"
    assert here.shown_environment() == {} and here.version_of_wine() is None
    assert here.why_not_runnable("x86") is None
    path = "C:\\Windows\\a.dll"
    assert machine.local_path(path, Layout(tmp_path), on_windows=True) == Path(path)


def test_a_command_is_shown_as_it_is_typed():
    here = machine.system_here(on_windows=True)
    assert isinstance(here, windows_side.Windows)
    assert here.shown_command(["certify", "a b", "x's"]) == 'certify "a b" x\'s'
    here = machine.system_here(on_windows=False)
    assert here.shown_command(["certify", "a b", "x"]) == "certify 'a b' x"


def test_only_one_module_uses_what_windows_has_not():
    only_posix = re.compile(
        r"\b(fcntl|resource|pwd|grp|termios|select)\.\w|/proc\b|signal\.SIGKILL|preexec_fn"
        r"|os\.(killpg|setsid|getpgid|fork|pidfd_open|O_DIRECTORY|getuid|geteuid|waitpid)\b"
        r"|start_new_session"
    )
    files = [*Path(machine.__file__).parent.glob("*.py"), *(ROOT / "reports").glob("*.py")]
    using = {file.name for file in files if only_posix.search(file.read_text(encoding="utf-8"))}
    assert using == {"machine.py"}


def test_a_whole_run_as_on_windows_touches_nothing_of_posix(checkout, tmp_path):
    """Every process is in a job from its start to its end, the one that hangs as well."""
    checkout.library({"recv/cancelled": "hang", "send/cancelled": "fail"})
    log = tmp_path / "asked"
    words = ["--jobs", "1", "--seed", "1", str(checkout.root / "vendor.dll")]
    done = subprocess.run(
        [sys.executable, "-P", as_on_windows.__file__, str(ROOT), str(log), *words],
        env=checkout.environment(),
        cwd=checkout.root,
        stdin=NULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    asked = [json.loads(line) for line in log.read_text().splitlines()]
    count = max(job for _, job in asked)
    assert count > 10
    for job in range(1, count + 1):
        life = [what for what, which in asked if which == job]
        assert life == ["create", "assign", "resume", "terminate", "close"]
    rows = checkout.results()["cases"]
    assert all(row["repro"].startswith("certify.cmd --debug") for row in rows)
    assert checkout.remaining() == []


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        (r"C:\Windows\system32\mswsock.dll", r"C:\Windows\SysWOW64\mswsock.dll"),
        (r"c:\WINDOWS\System32\vendor\a.dll", r"C:\Windows\SysWOW64\vendor\a.dll"),
        (r"C:\Windows\system32x\a.dll", r"C:\Windows\system32x\a.dll"),
        (r"C:\Vendor\a.dll", r"C:\Vendor\a.dll"),
        ("a.dll", "a.dll"),
    ],
)
def test_x86_programs_find_another_system_folder(monkeypatch, path, seen):
    environment = {"SystemRoot": r"C:\Windows"}
    folders = {r"C:\Windows\SysWOW64"}
    monkeypatch.setattr(machine.os.path, "isdir", lambda it: it in folders)
    assert machine.as_x86_sees_it(path, environment, on_windows=True) == seen
    assert machine.as_x86_sees_it(path, environment, on_windows=False) == path
    folders.clear()  # Windows itself has 32 bits
    assert machine.as_x86_sees_it(path, environment, on_windows=True) == path
