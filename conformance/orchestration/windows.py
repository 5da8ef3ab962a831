"""Windows' side of the module `machine`: a process tree is a job object.

Nothing was run on Windows yet: what it is asked for is handed in, so that tests see it asked.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol


class Jobs(Protocol):
    """Windows' job objects; each method raises an OSError if the system refuses."""

    def create(self) -> int:
        """Return the handle of a new job, which ends its processes when the handle is closed."""

    def assign(self, job: int, process: int) -> None:
        """Put a process, given by its handle, into a job; what it starts will be in it, too."""

    def resume(self, process: int) -> None:
        """Let a process run that was started suspended."""

    def terminate(self, job: int) -> None:
        """End all processes of a job."""

    def close(self, job: int) -> None:
        """Give the handle of a job up."""


class Windows:
    """Windows: a tree is a job object, which ends with the process that holds its handle."""

    front_door = "certify.cmd"
    # Of winbase.h, CREATE_SUSPENDED and CREATE_NEW_PROCESS_GROUP: only Windows' subprocess has
    # the second, and none the first. Ctrl-C then reaches this process, and not the cases.
    creation_flags = 0x4 | 0x200

    def __init__(
        self,
        jobs: Callable[[], Jobs],
        popen: Callable[..., subprocess.Popen[bytes]] = subprocess.Popen,
        lock: Callable[[int], None] | None = None,
    ) -> None:
        self._make_jobs = jobs
        self._popen = popen
        self._lock = lock or _lock_first_byte
        self._jobs: Jobs | None = None
        self._job_of: dict[subprocess.Popen[bytes], int] = {}

    @property
    def jobs(self) -> Jobs:
        """The job objects, which are asked for when the first process is started."""
        if self._jobs is None:
            self._jobs = self._make_jobs()
        return self._jobs

    def start_tree(
        self, command: Sequence[str], environment: Mapping[str, str], **streams: Any
    ) -> subprocess.Popen[bytes]:
        """Start a process that is in a job of its own before its first instruction runs."""
        job = self.jobs.create()
        try:
            process = self._popen(
                command, env=environment, creationflags=self.creation_flags, **streams
            )
            try:
                handle = int(getattr(process, "_handle"))
                self.jobs.assign(job, handle)
                self.jobs.resume(handle)
            except OSError:
                process.kill()
                process.wait()
                raise
        except BaseException:
            self.jobs.close(job)
            raise
        self._job_of[process] = job
        return process

    def end_tree(self, process: subprocess.Popen[bytes]) -> None:
        """End the job."""
        job = self._job_of.pop(process, None)
        if job is not None:
            try:
                self.jobs.terminate(job)
            finally:
                self.jobs.close(job)
        process.wait()

    def lock_folder(self, folder: Path) -> int | None:
        """Lock a file that stands for the folder, which itself cannot be locked here."""
        key = hashlib.sha256(os.path.normcase(folder.resolve()).encode()).hexdigest()[:16]
        file = Path(tempfile.gettempdir()) / f"wspcts-{key}.lock"
        handle = os.open(file, os.O_RDWR | os.O_CREAT)
        try:
            self._lock(handle)
        except OSError:
            os.close(handle)
            return None
        return handle

    def name(self) -> str:
        """Return the name and version."""
        return f"{platform.system()} {platform.version()}"

    def shown_command(self, words: Sequence[str]) -> str:
        """Write a command for cmd.exe."""
        return subprocess.list2cmdline(words)


def _lock_first_byte(handle: int) -> None:
    """Lock a file until its descriptor is closed; an OSError if another process has it."""
    import msvcrt

    getattr(msvcrt, "locking")(handle, getattr(msvcrt, "LK_NBLCK"), 1)


class JobLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION of winnt.h, its last members as room."""

    _fields_ = [
        ("per_process_user_time", ctypes.c_int64),
        ("per_job_user_time", ctypes.c_int64),
        ("limit_flags", ctypes.c_uint32),
        ("minimum_working_set", ctypes.c_size_t),
        ("maximum_working_set", ctypes.c_size_t),
        ("active_process_limit", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority_class", ctypes.c_uint32),
        ("scheduling_class", ctypes.c_uint32),
        ("io_counters", ctypes.c_uint64 * 6),
        ("memory_limits", ctypes.c_size_t * 4),
    ]


class KernelJobs:
    """Job objects as kernel32 has them."""

    EXTENDED_LIMITS = 9
    KILL_ON_JOB_CLOSE = 0x2000

    def __init__(self, load: Callable[..., Any] | None = None) -> None:
        library = load or getattr(ctypes, "WinDLL")
        self._kernel = library("kernel32", use_last_error=True)
        self._ntdll = library("ntdll")
        # ctypes takes a handle for an int of 32 bits unless it is told.
        self._kernel.CreateJobObjectW.restype = ctypes.c_void_p

    def create(self) -> int:
        """Make a job that ends its processes when its last handle is closed."""
        job = self._kernel.CreateJobObjectW(None, None)
        self._demand(job, "CreateJobObject")
        limits = JobLimits(limit_flags=self.KILL_ON_JOB_CLOSE)
        done = self._kernel.SetInformationJobObject(
            ctypes.c_void_p(job),
            self.EXTENDED_LIMITS,
            ctypes.byref(limits),
            ctypes.sizeof(limits),
        )
        if not done:
            self.close(job)
        self._demand(done, "SetInformationJobObject")
        return int(job)

    def assign(self, job: int, process: int) -> None:
        """Put a process into a job."""
        done = self._kernel.AssignProcessToJobObject(
            ctypes.c_void_p(job), ctypes.c_void_p(process)
        )
        self._demand(done, "AssignProcessToJobObject")

    def resume(self, process: int) -> None:
        """Let a process run; Popen keeps no handle of the thread that ResumeThread would need."""
        status = self._ntdll.NtResumeProcess(ctypes.c_void_p(process))
        if status < 0:
            raise OSError(0, f"NtResumeProcess says 0x{status & 0xFFFFFFFF:08X}")

    def terminate(self, job: int) -> None:
        """End all processes of a job."""
        self._demand(
            self._kernel.TerminateJobObject(ctypes.c_void_p(job), 1), "TerminateJobObject"
        )

    def close(self, job: int) -> None:
        """Give the handle up."""
        self._kernel.CloseHandle(ctypes.c_void_p(job))

    def _demand(self, done: object, function: str) -> None:
        if not done:
            code = getattr(ctypes, "get_last_error", lambda: 0)()
            raise OSError(code, f"{function} fails with error {code}")
