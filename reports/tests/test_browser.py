"""The HTML report in a real browser: it is quiet, accessible, and a keyboard gets around in it.

Run by `make check` and `make browser`, which set up Chromium and axe-core.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import reports
from reports import document, several
from reports.comparison import page
from reports.comparison.model import compare
from reports.tests import samples

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "build" / "axe" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]
NARROW, WIDE = (360, 900), (1440, 900)
LAID_OUT_WITHIN_MS = 1_000


@pytest.fixture(scope="module", name="chromium")
def _chromium() -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    for argument in (
        "--headless=new",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--force-prefers-reduced-motion",
    ):
        options.add_argument(argument)
    if os.geteuid() == 0:  # its sandbox does not start for root
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture(scope="module", name="pages")
def _pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    documents = {name: make() for name, make in samples.SAMPLES.items()}
    documents |= {"small": samples.small(), "many": samples.huge(400)}
    # Evidence that can be given: a report of a real run.
    given = os.environ.get("WSPCTS_RESULTS")
    if given:
        documents["given"] = json.loads(Path(given).read_bytes())
    for name, made in documents.items():
        (folder / f"{name}.html").write_bytes(reports.render_all(made)["report.html"])
    pages = {name: folder / f"{name}.html" for name in documents}
    pages["several"] = folder / several.FILE
    runs = [samples.conforming(), samples.non_conforming(), samples.hostile()]
    pages["several"].write_bytes(several.render([document.read(run) for run in runs]))
    pages["compared"] = folder / "compared.html"
    compared = compare(runs[0], runs[1])
    pages["compared"].write_bytes(page.render(compared))
    return pages


def _open(driver: Any, page: Path, size: tuple[int, int] = WIDE, scheme: str = "light") -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.get_log("browser"), driver.get_log("performance")
    driver.get(page.as_uri())


def _press(driver: Any, *keys: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(driver).send_keys(*keys).perform()


@pytest.mark.axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize(
    "name", ["small", "non_conforming", "hostile", "conforming", "several", "compared"]
)
def test_axe_finds_nothing(
    chromium: Any, pages: dict[str, Path], name: str, size: tuple[int, int], scheme: str
) -> None:
    _open(chromium, pages[name], size, scheme)
    chromium.execute_script("for (const it of document.querySelectorAll('details')) it.open = true")
    chromium.execute_script(AXE.read_text(encoding="utf-8"))
    found = chromium.execute_async_script(
        "axe.run({runOnly: arguments[0]}).then(arguments[1])", TAGS
    )
    told = [
        f"{it['id']}: {node['html'][:160]} {node['failureSummary']}"
        for it in found["violations"]
        for node in it["nodes"][:3]
    ]
    assert not told, "\n".join(told)
    assert len(found["passes"]) > 20


@pytest.mark.parametrize("name", [*samples.SAMPLES, "small", "many", "several"])
def test_it_says_nothing_and_asks_nobody(
    chromium: Any, pages: dict[str, Path], name: str
) -> None:
    _open(chromium, pages[name])
    assert chromium.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in chromium.get_log("performance")]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert set(asked) == {pages[name].as_uri()}


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("name", [*samples.SAMPLES, "small", "several", "compared"])
def test_nothing_sticks_out_at_the_side(
    chromium: Any, pages: dict[str, Path], name: str, size: tuple[int, int]
) -> None:
    _open(chromium, pages[name], size)
    width = "return document.documentElement.scrollWidth"
    assert chromium.execute_script(width) <= size[0]
    opened = "for (const it of document.querySelectorAll('details')) it.open = true;"
    assert chromium.execute_script(opened + width) <= size[0]


def test_the_course_of_the_reference_opens_without_a_script(
    chromium: Any, pages: dict[str, Path]
) -> None:
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        _open(chromium, pages["small"])
        folded = chromium.find_element("css selector", "details.control")
        assert folded.size["height"] < 50
        folded.find_element("tag name", "summary").click()
        assert folded.size["height"] > 200
    finally:
        chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_on_paper_the_course_of_the_reference_is_there(
    chromium: Any, pages: dict[str, Path]
) -> None:
    _open(chromium, pages["small"])
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        shown = "return document.querySelector('details.control svg').getBoundingClientRect()"
        box = chromium.execute_script(shown)
        page = chromium.execute_script("return document.documentElement.clientWidth")
        assert box["height"] > 100 and box["left"] + box["width"] <= page
    finally:
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.timed
def test_many_results_are_laid_out_within_a_second(chromium: Any, pages: dict[str, Path]) -> None:
    page = pages.get("given", pages["many"])
    assert page.stat().st_size < 2_000_000
    _open(chromium, page)
    quickest = LAID_OUT_WITHIN_MS * 10.0
    for _ in range(5):
        chromium.refresh()
        took = chromium.execute_script(
            "document.body.offsetHeight;"
            "const [it] = performance.getEntriesByType('navigation');"
            "return it.domContentLoadedEventEnd - it.startTime;"
        )
        quickest = min(quickest, took)
    assert quickest < LAID_OUT_WITHIN_MS


def test_one_key_leads_to_the_cause_of_the_first_failure(
    chromium: Any, pages: dict[str, Path]
) -> None:
    _open(chromium, pages["small"])
    _press(chromium, "n")
    text = chromium.execute_script("return document.activeElement.innerText")
    assert "expected" in text and "WSAETIMEDOUT" in text
    _press(chromium, "n")
    other = chromium.execute_script("return document.activeElement.innerText")
    _press(chromium, "p")
    assert chromium.execute_script("return document.activeElement.innerText") == text != other


def test_the_filter_is_in_the_address_and_comes_back_with_it(
    chromium: Any, pages: dict[str, Path]
) -> None:
    rows = "return [...document.querySelectorAll('tr[data-level]')].filter(it =>"
    rows += " it.checkVisibility()).map(it => it.id).filter(it => it.includes('/'))"
    _open(chromium, pages["small"])
    _press(chromium, "/")
    _press(chromium, "sticky")
    assert chromium.current_url.endswith("?text=sticky")
    opened = "for (const it of document.querySelectorAll('.situation')) it.open = true;"
    assert chromium.execute_script(opened + rows) == ["recv/cancel_is_not_sticky"]
    assert "1 of 7" in chromium.execute_script(
        "return document.getElementById('filter-count').textContent"
    )
    chromium.get(pages["small"].as_uri() + "?verdict=fail&mode=direct")
    shown = chromium.execute_script(opened + rows)
    assert shown == ["recv/cancelled_from_blocking_callback"]


def test_a_link_to_a_case_opens_it(chromium: Any, pages: dict[str, Path]) -> None:
    _open(chromium, pages["conforming"])
    target = chromium.execute_script(
        "return document.querySelector('.situation:not([open]) td[id]').id"
    )
    chromium.get(f"{pages['conforming'].as_uri()}#{target}")
    assert chromium.execute_script(
        "return document.getElementById(arguments[0]).checkVisibility()", target
    )


def test_the_keys_are_listed_and_do_nothing_in_a_field(
    chromium: Any, pages: dict[str, Path]
) -> None:
    is_open = "return document.getElementById('help').open"
    _open(chromium, pages["small"])
    _press(chromium, "?")
    assert chromium.execute_script(is_open)
    _press(chromium, "?")
    assert not chromium.execute_script(is_open)
    _press(chromium, "/")
    _press(chromium, "n?")
    assert not chromium.execute_script(is_open)
    field = "return document.getElementById('filter-text').value"
    assert chromium.execute_script(field) == "n?"


def test_without_a_script_everything_is_there(chromium: Any, pages: dict[str, Path]) -> None:
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        _open(chromium, pages["small"])
        assert not chromium.find_element("id", "filter").is_displayed()
        assert chromium.find_element("id", "matrix-title").is_displayed()
    finally:
        chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_print_opens_everything(chromium: Any, pages: dict[str, Path]) -> None:
    _open(chromium, pages["small"])
    chromium.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert not chromium.execute_script("return document.querySelector('details:not([open])')")
