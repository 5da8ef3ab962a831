"""The colours can be read: WCAG contrast, computed from the style itself, light and dark."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

STYLE = (Path(__file__).parents[1] / "templates" / "report.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", rule))
    for rule in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
)
TEXT = ("ink", "soft", "link", "pass", "warn", "fail", "inconclusive", "absent", "error")


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else math.pow((v + 0.055) / 1.055, 2.4) for v in channels]
    return math.fsum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), linear))


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["ground", "panel"])
@pytest.mark.parametrize("text", TEXT)
def test_text_can_be_read(scheme: dict[str, str], ground: str, text: str) -> None:
    assert _contrast(scheme[text], scheme[ground]) >= 4.5


def test_both_schemes_name_the_same_colours() -> None:
    assert LIGHT.keys() == DARK.keys()


def test_every_colour_is_one_of_the_scheme() -> None:
    rules = re.sub(r":root \{.*?\}", "", STYLE, flags=re.DOTALL)
    assert not re.search(r"#[0-9a-f]{3,8}\b|rgba?\(", rules)
    assert set(re.findall(r"var\(--([a-z]+)\)", rules)) <= {*LIGHT, "hue"}


def test_the_style_loads_nothing_and_ends_nowhere_early() -> None:
    assert "url(" not in STYLE and "@import" not in STYLE and "</" not in STYLE
