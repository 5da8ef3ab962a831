"""The HTML report: one file that needs no script and makes no request to anywhere."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from reports import arrangement, words
from reports.model import Results
from reports.parting import parting
from reports.sequence import KINDS, diagram
from reports.text import block, is_beside, line, quoted

_TEMPLATES = Path(__file__).parent / "templates"
_LEARN = "https://learn.microsoft.com/en-us/windows/win32"
_PAGES = re.compile(r"\bov:([a-z0-9-]+)|\b(WSPStartup|WP[UC]\w+|WSC\w+)\b|\b(WSP[A-Z]\w+)\b")


def render(results: Results) -> bytes:
    """Return the report."""
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    script = (_TEMPLATES / "report.js").read_text(encoding="utf-8")
    chapters = arrangement.chapters(results)
    page = environment().get_template("report.html.j2")
    text = page.render(
        r=results,
        words=words,
        style=Markup(style),
        script=Markup(script),
        policy=policy_of(style, script),
        chapters=chapters,
        table=arrangement.matrix(results),
        freedoms=arrangement.freedoms(results),
        known={it.id: it.rows[0].id for chapter in chapters for it in chapter.situations},
        known_kinds=KINDS,
        title=f"{words.CONFORMANCE[results.verdict].word}: {quoted(results.provider.name)}",
    )
    return text.encode()


def policy_of(style: str, script: str | None = None) -> str:
    """Return a content security policy that allows our own style and script, and nothing else."""
    scripts = f"script-src {_hash_of(script)}; " if script is not None else ""
    return (
        f"default-src 'none'; style-src {_hash_of(style)}; {scripts}base-uri 'none';"
        " form-action 'none'"
    )


def _hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@functools.cache
def environment() -> Environment:
    """Return what the pages are made by: every text escaped, and nothing undefined."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(
        line=line,
        breakable=_breakable,
        by_words=_by_words,
        command=_command,
        pages=_pages,
        beside=_beside,
        moment=_moment,
        duration=_duration,
        web=_web,
        anchor=arrangement.anchor,
        told=arrangement.is_told,
        situations=arrangement.situations_of,
        diagram=diagram,
        parting=parting,
    )
    return made


def _finalize(value: Any) -> Any:
    """Make every text of the page visible, whether or not a template remembered to."""
    if value is None or isinstance(value, bool):
        raise TypeError("a template shows a value that is no text")
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return block(value)


def _breakable(text: str) -> Markup:
    """Allow a line to break after the joints of an identifier."""
    return Markup(re.sub(r"([/_.])", r"\1<wbr>", str(escape(line(text)))))


def _by_words(name: str) -> Markup:
    """Allow a line to break between the words of a function's name."""
    return Markup(re.sub(r"(?<=^WSP)|(?<=[a-z])(?=[A-Z])", "<wbr>", str(escape(line(name, 80)))))


def _command(text: str) -> Markup:
    """Let a command break between its words only; browsers would break at a hyphen, too."""
    return Markup(" ").join(
        Markup("<span>{}</span>").format(word) for word in line(text, 2000).split(" ")
    )


def _pages(source: str) -> Markup:
    """Return the source of a requirement with the pages that it names linked."""
    parts: list[str] = []
    end = 0
    source = line(source)
    for match in _PAGES.finditer(source):
        overview, flat, entry = match.groups()
        if overview:
            url = f"{_LEARN}/winsock/{overview}"
        elif flat:
            url = f"{_LEARN}/api/ws2spi/nf-ws2spi-{flat.lower()}"
        else:
            url = f"{_LEARN}/api/ws2spi/nc-ws2spi-lp{entry.lower()}"
        parts.append(str(escape(source[end : match.start()])))
        parts.append(f'<a href="{url}" rel="noreferrer">{escape(match.group())}</a>')
        end = match.end()
    parts.append(str(escape(source[end:])))
    return Markup("".join(parts))


def _beside(path: str) -> str | None:
    """Return a link to a file beside the report, or None if it would lead anywhere else."""
    return quote(path) if is_beside(path) else None


def _web(url: str) -> str | None:
    """Return a link to the web, or None if it is anything else."""
    return url if re.fullmatch(r"https?://[!-~]{1,500}", url) else None


def _moment(text: str) -> str:
    """Return a moment of the results with its zone spelled out."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return line(text, 60)
    zone = moment.strftime("%z")
    if zone:
        zone = "UTC" if zone == "+0000" else f"UTC{zone[:3]}:{zone[3:5]}"
    return f"{moment:%Y-%m-%d %H:%M:%S} {zone or '(zone not recorded)'}"


def _duration(milliseconds: float) -> str:
    """Return a duration in the unit that suits it."""
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    if milliseconds < 120_000:
        return f"{milliseconds / 1000:.1f} s"
    return f"{milliseconds / 60_000:.1f} min"
