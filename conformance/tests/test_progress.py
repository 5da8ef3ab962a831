"""What is told of a run while it lasts."""

from __future__ import annotations

import io

from conformance.orchestration.cases import Item
from conformance.orchestration.progress import Progress
from conformance.orchestration.result import Result
from conformance.orchestration.verdict import Verdict


def result(name: str, verdict: str) -> Result:
    return Result(Item(name, "direct"), Verdict(verdict))


def test_a_terminal_has_one_living_line_that_leaves_no_trace():
    stream = io.StringIO()
    progress = Progress(2, stream, is_living=True)
    progress.started("recv/x[direct]")
    progress.finished(result("recv/x", "pass"))
    progress.close()
    text = stream.getvalue()
    assert "0 of 2  recv/x[direct]" in text
    assert "\n" not in text and text.endswith("\r\x1b[K")


def test_elsewhere_there_are_few_plain_lines():
    stream = io.StringIO()
    progress = Progress(3, stream, is_living=False)
    for name, verdict in (("recv/x", "pass"), ("recv/x", "pass"), ("recv/y", "fail")):
        progress.started(name)
        progress.finished(result(name, verdict))
    progress.close()
    assert stream.getvalue() == "2 of 3: 1 pass, 1 fail\n"


def test_nothing_done_is_nothing_told():
    stream = io.StringIO()
    Progress(3, stream, is_living=False).close()
    assert stream.getvalue() == ""
