"""The one module where platforms differ: starting the executable, paths, ending a process tree.

Three machines: Wine on Linux, Windows itself, and a native program that plays the executable in
tests. Two systems below them: `Posix`, and that of the module `windows`, which only this one uses.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import ntpath
import os
import platform
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any, Protocol

from conformance.orchestration.layout import Layout
from conformance.orchestration.stop import Stop
from conformance.orchestration.windows import KernelJobs, Windows

ON_WINDOWS = sys.platform == "win32"

if not ON_WINDOWS:
    import fcntl

_WINE = "/usr/lib/wine/wine64"
_OVERRIDES = {"winedbg.exe": "d", "mscoree,mshtml": "d"}
_SET_PRIVILEGES = ("/usr/bin/setpriv", "--pdeathsig", "KILL", "--")
_DRIVE = re.compile(r"^([A-Za-z]):[\\/]")


class Machine:
    """Runs a native program: Windows, or a program that plays the executable."""

    def __init__(self, executable: Path, layout: Layout, environment: Mapping[str, str]) -> None:
        self.executable = executable
        self.layout = layout
        self.environment = dict(environment)

    def command(self, arguments: Sequence[str]) -> list[str]:
        """Return the command line that runs the executable."""
        return [str(self.executable), *arguments]

    def path_for_program(self, path: Path) -> str:
        """Write a path as the executable understands it."""
        return str(path)

    def shown_environment(self) -> dict[str, str]:
        """Return what a user has to set to run the executable by hand."""
        return {}

    def why_not_runnable(self, arch: str) -> str | None:
        """Return why programs of an architecture cannot be run here, or None."""
        return None

    def version_of_wine(self) -> str | None:
        """Return the version of Wine, or None where there is none."""
        return None

    @contextlib.contextmanager
    def session(self) -> Iterator[None]:
        """Hold what has to be there while programs are run."""
        yield

    def start(
        self,
        arguments: Sequence[str],
        stdout: int | IO[bytes] | None = subprocess.DEVNULL,
        stderr: int | IO[bytes] | None = subprocess.DEVNULL,
        stdin: int | IO[bytes] | None = subprocess.DEVNULL,
    ) -> subprocess.Popen[bytes]:
        """Start the executable at the head of a process tree of its own."""
        return start_tree(self.command(arguments), self.environment, stdout, stderr, stdin)

    def output_of(self, arguments: Sequence[str], deadline_s: float = 60) -> bytes:
        """Run the executable to its end and return what it printed; a Stop if it fails."""
        status, printed, complaint = self._to_its_end(arguments, deadline_s)
        # Once in some thousand times Wine does not start a process, without a word.
        if status == 1 and not printed and not complaint.strip():
            status, printed, complaint = self._to_its_end(arguments, deadline_s)
        if status != 0:
            lines = complaint.decode("utf-8", "replace").strip().splitlines()
            detail = f": {lines[-1]}" if lines else ""
            raise Stop(
                f"{self.executable} {' '.join(arguments)} ended with status {status}{detail}."
            )
        return printed

    def _to_its_end(
        self, arguments: Sequence[str], deadline_s: float
    ) -> tuple[int, bytes, bytes]:
        process = self.start(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            printed, complaint = process.communicate(timeout=deadline_s)
        except subprocess.TimeoutExpired:
            raise Stop(
                f"{self.executable} {' '.join(arguments)} did not end within {deadline_s:g} s;"
                " is the machine overloaded?"
            ) from None
        finally:
            end_tree(process)
        return process.returncode, printed, complaint


class WineMachine(Machine):
    """Runs Windows programs by Wine, in a prefix of the suite's own."""

    def __init__(self, executable: Path, layout: Layout, environment: Mapping[str, str]) -> None:
        super().__init__(executable, layout, environment)
        self.loader = environment.get("WSPCTS_WINE") or _WINE
        server = Path(self.loader).with_name("wineserver")
        self.server = environment.get("WSPCTS_WINESERVER") or str(server)
        # Never the caller's: a user's own prefix may hold anything, and is not ours to touch.
        self.prefix = layout.build / "wine-prefix"
        self.environment["WINEPREFIX"] = str(self.prefix)
        self.environment.setdefault("WINEDEBUG", "-all")
        self.environment["WINEDLLOVERRIDES"] = _overrides(environment.get("WINEDLLOVERRIDES", ""))
        # A display that cannot be reached costs seconds in every process.
        self.environment.pop("DISPLAY", None)

    def command(self, arguments: Sequence[str]) -> list[str]:
        """Return the command line that runs the executable by Wine."""
        return [self.loader, str(self.executable), *arguments]

    def path_for_program(self, path: Path) -> str:
        """Write a path of this machine as Windows programs see it, on the drive Z:."""
        return "Z:" + str(PurePosixPath(path.absolute())).replace("/", "\\")

    def shown_environment(self) -> dict[str, str]:
        """Return what a user has to set to run the executable by hand."""
        names = ("WINEPREFIX", "WINEDEBUG", "WINEDLLOVERRIDES")
        return {name: self.environment[name] for name in names}

    def why_not_runnable(self, arch: str) -> str | None:
        """Return why programs of an architecture cannot be run here, or None."""
        if not os.access(self.loader, os.X_OK):
            return f"there is no Wine at {self.loader}; run scripts/setup."
        if not self.prefix.is_dir():
            return f"there is no Wine prefix {self.prefix}; run scripts/setup."
        if arch == "x86" and not has_32_bit_wine(Path(self.loader)):
            return (
                "x86 programs need 32-bit Wine, the Debian package wine32,"
                " and it is not installed; run with --arch x86_64 or on a machine that has it."
            )
        return None

    def version_of_wine(self) -> str | None:
        """Return the version of Wine."""
        try:
            answer = subprocess.run(
                [self.loader, "--version"],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=60,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return answer.stdout.decode("utf-8", "replace").strip() or None

    @contextlib.contextmanager
    def session(self) -> Iterator[None]:
        """Keep the prefix's server resident; the first user starts it, the last one ends it."""
        with WineSession(self).held():
            yield


class WineSession:
    """The resident wineserver of a prefix, shared by all runs that need it.

    Two locks beside the prefix count the users. `guard` is held while the number changes; every
    user holds `users` shared, so whoever gets it alone is the first, or the last. Locks end with
    their process, so a run that was killed leaves none behind.
    """

    def __init__(self, machine: WineMachine) -> None:
        self.machine = machine
        key = hashlib.sha256(str(machine.prefix.resolve()).encode()).hexdigest()[:12]
        folder = machine.layout.build
        folder.mkdir(parents=True, exist_ok=True)
        self.guard = folder / f"wine-{key}.guard"
        self.users = folder / f"wine-{key}.users"
        # It is there while a server runs that one of us has started, and not ended yet.
        self.ours = folder / f"wine-{key}.ours"

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Be a user of the server."""
        with self.users.open("ab") as users:
            try:
                with self._guarded():
                    if _try_lock(users):
                        self._start_server()
                    fcntl.flock(users, fcntl.LOCK_SH)
                yield
            finally:
                with self._guarded():
                    if _try_lock(users):
                        self._end_server()

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        with self.guard.open("ab") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            yield

    def _start_server(self) -> None:
        was_ours = self.ours.exists()
        self.ours.touch()
        # A failure says that one runs already: a stranger's, unless a killed run of ours left it.
        if self._server("-p") != 0 and not was_ours:
            self.ours.unlink()
        # The first program of a prefix starts Wine's services, which inherit its streams and keep
        # them open: a program whose streams nobody waits for has to be the first.
        self._run([self.machine.loader, "cmd.exe", "/c", "exit"])

    def _end_server(self) -> None:
        if self.ours.exists():
            self._server("-k")
            self._server("-w")
            self.ours.unlink(missing_ok=True)

    def _server(self, option: str) -> int:
        return self._run([self.machine.server, option])

    def _run(self, command: Sequence[str]) -> int:
        try:
            return subprocess.run(
                command,
                env=self.machine.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                timeout=120,
                check=False,
            ).returncode
        except OSError as problem:
            raise Stop(
                f"{command[0]} cannot be started ({problem.strerror}); run scripts/setup."
            ) from None
        except subprocess.TimeoutExpired:
            raise Stop(f"{' '.join(command)} does not end; is the Wine prefix damaged?") from None


def machine_for(
    executable: Path,
    layout: Layout,
    environment: Mapping[str, str],
    on_windows: bool = ON_WINDOWS,
) -> Machine:
    """Return the machine that can run this executable here."""
    if on_windows or executable.suffix.lower() != ".exe":
        return Machine(executable, layout, environment)
    return WineMachine(executable, layout, environment)


class System(Protocol):
    """What an operating system is asked for."""

    front_door: str

    def start_tree(
        self, command: Sequence[str], environment: Mapping[str, str], **streams: Any
    ) -> subprocess.Popen[bytes]:
        """Start a process at the head of a tree; an OSError says why it cannot be started."""

    def end_tree(self, process: subprocess.Popen[bytes]) -> None:
        """End a process with all it has started; idempotent."""

    def lock_folder(self, folder: Path) -> int | None:
        """Take a folder for this process alone; a descriptor, or None if another one has it."""

    def name(self) -> str:
        """Return the name and version of the system."""

    def shown_command(self, words: Sequence[str]) -> str:
        """Write a command as a user types it."""


class Posix:
    """Linux: a tree is a process group, which ends with the process that started it."""

    front_door = "scripts/certify"

    def start_tree(
        self, command: Sequence[str], environment: Mapping[str, str], **streams: Any
    ) -> subprocess.Popen[bytes]:
        """Start a process at the head of a session of its own."""
        # The shell would fail instead, in the child and too late to say so.
        if shutil.which(command[0], path=environment.get("PATH")) is None:
            number = errno.EACCES if os.path.exists(command[0]) else errno.ENOENT
            raise OSError(number, os.strerror(number), command[0])
        return subprocess.Popen(
            [*_ends_with_us(environment), *command],
            env=environment,
            start_new_session=True,
            **streams,
        )

    def end_tree(self, process: subprocess.Popen[bytes]) -> None:
        """End the process and its group."""
        # A group keeps its number for as long as it has members, the zombie at its head included.
        if process.returncode is None or _group_lives(process.pid):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def lock_folder(self, folder: Path) -> int | None:
        """Lock the folder itself."""
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        return handle

    def name(self) -> str:
        """Return the name of the distribution, and the kernel's version."""
        try:
            name = platform.freedesktop_os_release()["PRETTY_NAME"]
        except (OSError, KeyError):
            name = platform.system()
        return f"{name}, {platform.system()} {platform.release()}"

    def shown_command(self, words: Sequence[str]) -> str:
        """Write a command for a shell."""
        return shlex.join(words)


def _ends_with_us(environment: Mapping[str, str]) -> list[str]:
    """Return what to put before a command, so that it ends when this process does.

    setpriv has the kernel see to that, and the shell looks whether this process went before it did.
    With a function of ours for this, Popen would copy the interpreter, which costs a fifth of a
    run. A shell also exports PWD of its own accord, so it is told what the command is given.
    """
    us = str(os.getpid())
    if "PWD" in environment:
        script = '[ "$PPID" = "$0" ] && PWD=$1 && shift && exec "$@"'
        return [*_SET_PRIVILEGES, "/bin/sh", "-c", script, us, environment["PWD"]]
    script = '[ "$PPID" = "$0" ] && unset PWD && exec "$@"'
    return [*_SET_PRIVILEGES, "/bin/sh", "-c", script, us]


def system_here(on_windows: bool = ON_WINDOWS) -> System:
    """Return the system that this process runs on."""
    if on_windows:
        return Windows(KernelJobs)
    return Posix()


_system = system_here()


def front_door() -> str:
    """Return the command of the suite as it is called on this system."""
    return _system.front_door


def shown_command(words: Sequence[str]) -> str:
    """Write a command as a user of this system types it."""
    return _system.shown_command(words)


def name_of_system() -> str:
    """Return the name and version of the operating system."""
    return _system.name()


def lock_folder(folder: Path) -> int | None:
    """Take a folder for this process alone, until it ends; None if another one has it."""
    return _system.lock_folder(folder)


def start_tree(
    command: Sequence[str],
    environment: Mapping[str, str],
    stdout: int | IO[bytes] | None,
    stderr: int | IO[bytes] | None,
    stdin: int | IO[bytes] | None,
) -> subprocess.Popen[bytes]:
    """Start a process at the head of a tree that can be ended as a whole."""
    try:
        with interruptions_held():
            process = _system.start_tree(
                command, environment, stdin=stdin, stdout=stdout, stderr=stderr
            )
            _living.add(process)
    except OSError as problem:
        what = problem.filename or command[0]
        raise Stop(f"{what} cannot be started ({problem.strerror}){_what_to_do()}") from None
    return process


def _what_to_do() -> str:
    return "." if ON_WINDOWS else "; run scripts/setup and make."


# What was started and not ended yet, so that an interruption at any moment leaves nothing behind.
_living: set[subprocess.Popen[bytes]] = set()


def end_everything() -> None:
    """End every process tree that was started by this process."""
    for process in list(_living):
        end_tree(process)


@contextlib.contextmanager
def interruptions_held() -> Iterator[None]:
    """Put off what a signal does to the end, so that nothing is left half begun."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    held = (signal.SIGINT, signal.SIGTERM)
    before = {name: signal.getsignal(name) or signal.SIG_DFL for name in held}
    for name in held:
        signal.signal(name, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
        for number in came:
            signal.raise_signal(number)


def end_tree(process: subprocess.Popen[bytes]) -> None:
    """End a process that start_tree started, with all it has started; idempotent."""
    _system.end_tree(process)
    _living.discard(process)


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def wait_for(
    process: subprocess.Popen[bytes],
    deadline_s: float | None,
    is_over: Callable[[], bool] = lambda: False,
    tick_s: float = 0.25,
) -> bool:
    """Wait for a process; False if the deadline came first, or `is_over` said so."""
    end = None if deadline_s is None else time.monotonic() + deadline_s
    with _exit_waiter(process) as waiter:
        while True:
            left = tick_s if end is None else min(tick_s, end - time.monotonic())
            if waiter(max(left, 0)):
                return True
            if is_over() or (end is not None and time.monotonic() >= end):
                return process.poll() is not None


@contextlib.contextmanager
def _exit_waiter(process: subprocess.Popen[bytes]) -> Iterator[Callable[[float], bool]]:
    """Yield a function that waits some seconds and says whether the process has ended."""

    def by_waiting(seconds: float) -> bool:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    if not hasattr(os, "pidfd_open"):
        yield by_waiting
        return
    # Popen.wait with a time-out sleeps in steps of up to 50 ms, as long as a whole case takes.
    try:
        handle = os.pidfd_open(process.pid)
    except OSError:
        yield by_waiting
        return
    try:
        poller = select.poll()
        poller.register(handle, select.POLLIN)

        def by_handle(seconds: float) -> bool:
            if not poller.poll(seconds * 1000):
                return False
            process.wait()
            return True

        yield by_handle
    finally:
        os.close(handle)


def _try_lock(file: IO[bytes]) -> bool:
    """Take a lock for oneself alone, unless others share it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def has_32_bit_wine(loader: Path) -> bool:
    """Say whether Wine can run x86 programs."""
    libraries = (Path("/usr/lib/i386-linux-gnu/wine"), loader.parent / "i386-windows")
    return loader.with_name("wine").exists() and any(path.exists() for path in libraries)


def _overrides(given: str) -> str:
    """Add our overrides of DLLs to the ones that are given."""
    parts = [part for part in given.split(";") if part]
    for name, how in _OVERRIDES.items():
        if not any(part.partition("=")[0] == name for part in parts):
            parts.append(f"{name}={how}")
    return ";".join(parts)


def local_path(text: str, layout: Layout, on_windows: bool = ON_WINDOWS) -> Path:
    """Return the file that a path names, which may be written in the Windows way."""
    if on_windows or not _DRIVE.match(text):
        return Path(text)
    windows = PureWindowsPath(text)
    drive = windows.drive.lower()
    start = Path("/")
    if drive != "z:":
        start = layout.build / "wine-prefix" / "dosdevices" / drive
    for part in windows.parts[1:]:
        start = _entry(start, part)
    return start


def as_x86_sees_it(path: str, environment: Mapping[str, str], on_windows: bool = ON_WINDOWS) -> str:
    """Return the path of the file that an x86 program opens by a path.

    64-bit Windows gives such a program SysWOW64 in the place of System32, and other programs not.
    """
    root = environment.get("SystemRoot") or environment.get("SYSTEMROOT")
    if not on_windows or root is None:
        return path
    for_x86 = ntpath.join(root, "SysWOW64")
    parts, system = PureWindowsPath(path).parts, PureWindowsPath(root, "System32").parts
    begins = [part.casefold() for part in parts[: len(system)]]
    if begins != [part.casefold() for part in system] or not os.path.isdir(for_x86):
        return path
    return str(PureWindowsPath(for_x86, *parts[len(system) :]))


def _entry(folder: Path, name: str) -> Path:
    """Return an entry of a folder, whatever its case."""
    exact = folder / name
    if not exact.exists() and folder.is_dir():
        for entry in folder.iterdir():
            if entry.name.lower() == name.lower():
                return entry
    return exact
