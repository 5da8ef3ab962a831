"""Plays wspcts.exe: speaks its protocol, and behaves as a file beside the "provider" says.

Beside a provider DLL may lie DLL.json: an object from a case id, a case id with its mode
("send/large[direct]") or "*" to a behaviour. A behaviour is a word, or an object with the word in
"is" and parameters. Without it every case passes. Beside this program may lie cases.json, the list
of cases. This file runs as a program of its own, with nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

STATUS = {
    "pass": 0,
    "warn": 0,
    "fail": 1,
    "inconclusive": 77,
    "not-applicable": 77,
    "error": 99,
}

GATE = "startup/starts"
CANCEL_GATE = "cancel/ends_the_call"


def record(
    name: str,
    requirements: list[str],
    *,
    function: str = "WSPRecv",
    level: str = "MUST",
    modes: tuple[str, ...] = ("direct", "ws2_32"),
    rests_on: tuple[str, ...] = (GATE,),
    gate: bool = False,
    group: str = "default",
) -> dict[str, Any]:
    """Return a line of --list."""
    return {
        "id": name,
        "function": function,
        "requirements": requirements,
        "level": level,
        "modes": list(modes),
        "does": "does a thing",
        "must": "must end well",
        "rests_on": list(rests_on),
        "gate": gate,
        "group": group,
        "file": f"conformance/cases/{name}.c",
        "line": 1,
    }


CASES = [
    record(
        GATE,
        ["STARTUP-01"],
        function="WSPStartup",
        modes=("direct", "no-callback"),
        rests_on=(),
        gate=True,
    ),
    record(CANCEL_GATE, ["CBC-01", "CBC-02"], gate=True),
    record("cancel/finds_nothing", ["CBC-07"], function="WSPCancelBlockingCall"),
    record("recv/cancelled", ["CBC-02", "RECV-01"], rests_on=(GATE, CANCEL_GATE)),
    record("send/cancelled", ["SEND-01"], function="WSPSend", rests_on=(GATE, CANCEL_GATE)),
    record("accept/cancelled", ["ACCEPT-01"], function="WSPAccept", rests_on=(GATE, CANCEL_GATE)),
    record("accept/advice", ["ACCEPT-02"], function="WSPAccept", level="SHOULD"),
    record("accept/freedom", ["ACCEPT-03"], function="WSPAccept", level="INFO"),
    record("connect/late", ["CONNECT-03"], function="WSPConnect", group="endurance"),
]


class Out:
    """Writes evidence."""

    def __init__(self, run: str) -> None:
        self.run = run
        self.number = 0

    def line(self, event: str, **fields: Any) -> None:
        """Write one line."""
        self.number += 1
        head = {"n": self.number, "run": self.run, "t": self.number, "thread": "main"}
        self.raw(json.dumps({**head, "event": event, **fields}) + "\n")

    def raw(self, text: str) -> None:
        """Write bytes that may be no line of evidence."""
        os.write(1, text.encode())


class Play:
    """One case."""

    def __init__(self, case: dict[str, Any], mode: str, run: str, how: dict[str, Any]) -> None:
        self.case = case
        self.mode = mode
        self.how = how
        self.out = Out(run)
        self.fuses: list[str] = []

    def expect(self, met: bool, **changes: Any) -> None:
        """Write one comparison."""
        function = self.case["function"]
        fields = {
            "requirement": self.case["requirements"][0],
            "level": self.case["level"],
            "what": f"{function} after a cancel",
            "acceptable": ["SOCKET_ERROR with WSAEINTR (10004)"],
            "seen": "SOCKET_ERROR with WSAEINTR (10004)" if met else "0",
            "met": met,
            "otherwise": "fail",
            "cause": "expectation",
            "blame": "provider",
            "rests_on": None,
        }
        self.out.line("expect", **{**fields, **changes})

    def open(self) -> None:
        """Write how every case begins."""
        self.out.line(
            "case",
            id=self.case["id"],
            mode=self.mode,
            seed=1,
            function=self.case["function"],
            level=self.case["level"],
            requirements=self.case["requirements"],
            proofs=["blocked"],
            provider="provider.dll",
        )
        self.call("LoadLibrary")
        self.call("WSPStartup")
        self.out.line("note", topic="provider", description="A fake provider", version="2.2")

    def call(self, name: str) -> None:
        """Write a call that returns."""
        self.enter(name)
        self.out.line(
            "spi", phase="leave", call=name, spi=self.out.number, result=0, error=None, outcome="0"
        )

    def enter(self, name: str) -> None:
        """Write a call that does not return yet."""
        self.out.line("spi", phase="enter", call=name, spi=self.out.number + 1, arguments={})

    def close(self, verdict: str, status: int | None = None, **fields: Any) -> int:
        """Write the verdict line and return the exit status."""
        self.out.line(
            "verdict",
            **{
                "verdict": verdict,
                "cause": None,
                "blame": None,
                "reason": None,
                "requirement": None,
                "choice": self.how.get("choice"),
                **fields,
            },
        )
        return STATUS[verdict] if status is None else status

    def prove(self) -> None:
        """Write the proof that the case needs."""
        self.out.line("proof", proof="blocked", how="by a callback")

    # Each behaviour returns the exit status.

    def does_pass(self) -> int:
        self.prove()
        self.expect(True)
        return self.close("pass")

    def does_warn(self) -> int:
        self.prove()
        self.expect(False, otherwise="warn", level="SHOULD")
        return self.close("warn")

    def does_fail(self) -> int:
        self.prove()
        self.expect(False)
        return self.close("fail")

    def does_fail_resting(self) -> int:
        """A failure whose root cause is that of a gate."""
        self.prove()
        self.expect(True)
        self.expect(False, requirement="RACE-05", rests_on=CANCEL_GATE)
        return self.close("fail")

    def does_inconclusive(self) -> int:
        self.expect(True)
        return self.close("inconclusive")

    def does_not_apply(self) -> int:
        self.expect(False, requirement=None, otherwise="not-applicable")
        return self.close("not-applicable")

    def does_error(self) -> int:
        self.expect(False, requirement=None, otherwise="error", blame="environment")
        return self.close("error")

    def does_crash(self) -> int:
        self.enter(self.how.get("in", self.case["function"]))
        self.out.line(
            "guard",
            kind="crash",
            code=self.how.get("code", 0xC0000005),
            address="0x1234",
            module="provider.dll",
            offset=0x1234,
            call=self.how.get("in", self.case["function"]),
            spi=3,
            frames=[],
            text="it crashed",
        )
        return 86

    def does_crash_silently(self) -> int:
        self.enter(self.case["function"])
        return 5

    def does_exit(self) -> int:
        self.enter(self.case["function"])
        return 0

    def does_hang(self) -> int:
        """Hang until the guard of the executable ends it, or for longer if that is asleep."""
        function = self.how.get("in", self.case["function"])
        self.enter(function)
        if "seconds" in self.how:
            time.sleep(self.how["seconds"])
        self.out.line(
            "guard", kind="hang", code=None, call=function, spi=3, frames=[], text="no return"
        )
        return 124

    def does_hang_hard(self) -> int:
        """Hang for ever, with a child that would outlive this process."""
        self.enter(self.how.get("in", self.case["function"]))
        if not os.fork():
            os.execvp("sleep", ["sleep", "1000"])
        time.sleep(1000)
        return 0

    def does_need_rescue(self) -> int:
        function = self.case["function"]
        self.prove()
        self.out.line("note", topic="rescue", text=f"{function}: its peer lets it complete")
        self.expect(False, cause="hang")
        return self.close("fail", cause="hang")

    def does_forge(self) -> int:
        """A provider prints lines that look like evidence."""
        self.prove()
        self.out.raw('{"n": 99, "run": "guessed", "t": 1, "thread": "main", "event": "verdict",')
        self.out.raw(' "verdict": "pass"}\n\x1b[31mnot json\n[1]\n')
        self.expect(False)
        return self.close("fail")

    def does_gap(self) -> int:
        self.prove()
        self.out.number += 1
        self.expect(True)
        return self.close("pass")

    def does_lie(self) -> int:
        """The verdict line does not agree with the lines above it."""
        self.prove()
        self.expect(False)
        return self.close("pass")

    def does_lie_by_status(self) -> int:
        self.prove()
        self.expect(True)
        return self.close("pass", status=1)

    def does_cut_off(self) -> int:
        self.enter(self.case["function"])
        self.out.raw('{"n": 7, "run": "x", "t": 1, "thr')
        return 3

    def does_flood(self) -> int:
        while True:
            os.write(1, b"x" * (1 << 20))

    def does_print(self) -> int:
        os.write(2, b"x" * (3 << 20))
        return self.does_pass()

    def does_print_environment(self) -> int:
        os.write(2, json.dumps(dict(os.environ)).encode())
        return self.does_pass()


BEHAVIOURS: dict[str, Callable[[Play], int]] = {
    name.removeprefix("does_"): getattr(Play, name)
    for name in dir(Play)
    if name.startswith("does_")
}


def main(arguments: list[str]) -> int:
    """Do what the command line says."""
    listed = Path(__file__).with_name("cases.json")
    cases = json.loads(listed.read_text()) if listed.exists() else CASES
    if arguments == ["--list"]:
        for case in cases:
            print(json.dumps(case))
        return 0
    if arguments == ["--catalog"]:
        entries = Path(__file__).with_name("catalog.jsonl")
        nameless = {"catalog_entry_id": 1001, "name": "A base provider", "library": None}
        print(entries.read_text() if entries.exists() else json.dumps(nameless))
        return 0
    return run(cases, arguments)


def fails_to_start(tries: Path) -> bool:
    """Count down the number in a file; true until it is 0."""
    left = int(tries.read_text())
    tries.write_text(str(left - 1))
    return left > 0


def run(cases: list[dict[str, Any]], arguments: list[str]) -> int:
    """Run one case."""
    given = dict(zip(arguments[0:8:2], arguments[1:8:2], strict=True))
    pairs = [arguments[at + 1] for at, word in enumerate(arguments) if word == "--set"]
    settings = dict(pair.split("=", 1) for pair in pairs)
    case = next(case for case in cases if case["id"] == given["--case"])
    beside = Path(given["--provider"] + ".json")
    behaviours = json.loads(beside.read_text()) if beside.exists() else {}
    name, mode = case["id"], given["--mode"]
    how = behaviours.get(f"{name}[{mode}]", behaviours.get(name, behaviours.get("*", "pass")))
    how = {"is": how} if isinstance(how, str) else how
    if how["is"] == "refuse":
        print("wspcts: there is no such case", file=sys.stderr)
        return 99
    if "starts_after" in how and fails_to_start(Path(how["starts_after"])):
        return 1
    play = Play(case, mode, settings["run"], how)
    if not how.get("unopened"):
        play.open()
    return BEHAVIOURS[how["is"]](play)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
