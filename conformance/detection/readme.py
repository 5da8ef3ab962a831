"""The line of the README that tells the rates, written between two markers and never by hand."""

from __future__ import annotations

from pathlib import Path

from conformance.orchestration.outfolder import write_whole
from conformance.orchestration.stop import Stop

BEGIN = "<!-- detection: scripts/detection --publish writes what stands here -->"
END = "<!-- /detection -->"


def with_line(text: str, line: str) -> str:
    """Return a text with this line between the markers, whatever stood there."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in after or END in after:
        raise Stop(f"README.md has to hold {BEGIN} and then {END}, each once.")
    return f"{before}{begin}\n{line}\n{end}{after}"


def write(path: Path, line: str) -> bool:
    """Write the line into a README; say whether that changed it."""
    text = path.read_text(encoding="utf-8")
    changed = with_line(text, line)
    if changed != text:
        write_whole(path, changed.encode())
    return changed != text
