"""The comparison as a page: one file, no script, no request to anywhere, as the report is."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from reports import html, words
from reports.comparison import titles
from reports.comparison.model import Comparison, Kind

_TEMPLATES = Path(__file__).parents[1] / "templates"
_STYLES = ("report.css", "comparison.css")


def render(comparison: Comparison) -> bytes:
    """Return the page."""
    style = "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in _STYLES)
    text = html.environment().get_template("comparison.html.j2").render(
        c=comparison,
        kinds=Kind,
        titles=titles,
        words=words,
        style=Markup(style),
        policy=html.policy_of(style),
    )
    return text.encode()
