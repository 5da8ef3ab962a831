"""What differs between platforms: paths, process trees, and Wine's resident server."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conformance.orchestration import machine
from conformance.orchestration.layout import Layout
from conformance.orchestration.machine import Machine, WineMachine, machine_for
from conformance.orchestration.stop import Stop

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
