"""The HTML report: self-contained, accessible by construction, and nobody's mouthpiece."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

import reports
from reports.tests import samples
from reports.tests.readers import Element, read_html

HARMLESS = frozenset(
    "html head meta title style body a main header footer section article div p h1 h2 h3 h4"
    " ul li dl dt dd span strong em bdi code details summary"
    " table caption thead tbody tr th td wbr"
    " form fieldset legend label input select option button dialog kbd"
    " svg g path rect circle polygon text".split()
)


def _render(name: str) -> bytes:
    return reports.render_all(samples.SAMPLES[name]())["report.html"]


@pytest.fixture(params=list(samples.SAMPLES), name="page")
def _page(request: pytest.FixtureRequest) -> Element:
    return read_html(_render(request.param))


def test_nothing_can_load_run_or_be_sent(page: Element) -> None:
    for element in page.walk():
        assert element.tag in HARMLESS or not element.tag or element.tag == "script"
        for name, value in element.attributes.items():
            assert not name.startswith("on") and name not in ("style", "src", "srcset", "action")
            assert name != "href" or element.tag == "a", value


def test_links_lead_into_the_page_beside_it_or_to_the_specification(page: Element) -> None:
    ids = {element.attributes.get("id") for element in page.walk()}
    for link in page.all("a"):
        target = link.attributes["href"] or ""
        if target.startswith("#"):
            assert target[1:] in ids
        elif "://" in target:
            assert re.match(
                r"https://(learn\.microsoft\.com/en-us/windows/win32|bugs\.example)/", target
            )
        else:
            assert re.fullmatch(r"evidence/[a-z0-9_.-]+", target)


def test_the_policy_allows_this_style_and_nothing_else() -> None:
    page = _render("non_conforming").decode()
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', page)
    assert style and policy
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    allowed = policy.group(1).replace("&#39;", "'")
    assert allowed.split("; ")[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]
    assert "url(" not in style.group(1) and "@import" not in style.group(1)
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_ids_are_unique(page: Element) -> None:
    ids = [e.attributes["id"] for e in page.walk() if "id" in e.attributes]
    assert len(ids) == len(set(ids))


def test_the_page_has_the_structure_a_screen_reader_needs(page: Element) -> None:
    (html,) = page.all("html")
    assert html.attributes["lang"] == "en"
    assert len(page.all("h1")) == len(page.all("main")) == 1
    levels = [int(e.tag[1]) for e in page.walk() if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:]))
    skip = page.all("a")[0]
    assert skip.attributes["class"] == "skip-link"
    for table in page.all("table"):
        assert table.children[0].tag == "caption"
        assert all("scope" in cell.attributes for cell in table.all("th"))
    labels = [e.attributes["aria-label"] for e in page.walk() if "aria-label" in e.attributes]
    assert len(labels) == len(set(labels))
    for region in page.walk():
        if region.attributes.get("role") == "region":
            assert region.attributes["tabindex"] == "0" and region.attributes["aria-label"]
        label = region.attributes.get("aria-labelledby")
        assert label is None or any(e.attributes.get("id") == label for e in page.walk())


def test_a_verdict_is_never_a_colour_alone(page: Element) -> None:
    for element in page.walk():
        if (element.attributes.get("class") or "").startswith("verdict "):
            assert re.fullmatch(r"[✓!✗?–⊗·] ?([\d,]+ )?[a-z -]+", element.text), element.text


def test_the_first_screen_answers_the_three_questions() -> None:
    page = _render("non_conforming")
    text = re.sub(r"\s+", " ", read_html(page).text)
    for answer in (
        "✗ non-conforming “acme” does not conform.",
        "9 of 60 results fail (1 known deviation), breaking 4 requirements.",
        "The cancelled call fails with WSAEINTR",
        "WSPRecv after the cancel",
        "SOCKET_ERROR with WSAETIMEDOUT (10060) after 5003 ms",
        "the reference provider passes here, on the same machine",
        "--case 'recv/cancelled_from_blocking_callback_tcp4' --mode direct",
        "Fails, known. fixed in 4.3, ships in June",
        "acme/acmewsp.dll",
        "3f8a0b5c" * 8,
        "4.2.1108.0",
        "ACME Secure Transport 4.2 (TCP/IP)",
        "x86_64",
        "wine-8.0",
        "wspcts 1.0.0",
        "4f2a91c07be85d36a1f0c4e2b7d98e60153fa2bc",
        "none: every case",
        "20260114",
        "2026-01-14 09:26:53 UTC+01:00",
    ):
        assert answer in text, answer


def test_the_names_of_functions_break_between_their_words() -> None:
    page = _render("non_conforming").decode()
    assert '<th scope="col">WSP<wbr>Recv</th>' in page
    assert "WSP<wbr>Recv<wbr>From" in page or "WSP<wbr>Cancel<wbr>Blocking<wbr>Call" in page


def test_the_known_deviations_are_listed_on_the_first_screen() -> None:
    def told(**deviation: object) -> str:
        known: dict[str, object] = {"reason": "fixed in 4.3", **deviation}
        rows = [
            samples.case(f"recv/{name}", "direct", "CBC-02", verdict, known_deviation=known)
            for name, verdict in (("x", "fail"), ("y", "fail"), ("z", "pass"), ("i", "inconclusive"))
        ]
        page = read_html(reports.render_all(samples.document(rows))["report.html"])
        (aside,) = (it for it in page.all("section") if it.attributes.get("class") == "what")
        return re.sub(r"\s+", " ", aside.text)

    assert "2 results known to fail: fixed in 4.3" in told()
    assert "1 result passes; remove the entry: fixed in 4.3" in told()
    assert "1 result not seen to fail: fixed in 4.3" in told()
    assert "2 results expired: fixed in 4.3 (until 2020-01-01)" in told(expires="2020-01-01")
    assert "Known deviations" not in read_html(_render("conforming")).text


def test_only_when_called_directly_is_on_the_first_screen() -> None:
    (header,) = read_html(_render("only_direct")).all("header")
    assert "Only when called directly" in header.text
    assert "Qualification. a selection: --case 'recv/*'" in header.text
    (header,) = read_html(_render("non_conforming")).all("header")
    assert "called directly" not in header.text


def test_every_full_reason_is_in_the_page() -> None:
    text = read_html(_render("non_conforming")).text
    for case in samples.non_conforming()["cases"]:
        assert (case["reason"] or "") in text
        if case["verdict"] != "pass":
            assert case["repro"] in text


def test_hostile_text_is_shown_as_text() -> None:
    page = _render("hostile")
    text = page.decode()
    visible = read_html(page).text
    assert "<script>alert(1)</script>" in visible and text.count("<script") == 1
    assert "{{ 7 * 7 }}" in visible
    assert "#x1B[2J" in visible and "#x202E" in visible and "#xD800" in visible
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", text
    )
    assert "of 500,000 characters]" in visible


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://a b", "\x1bhttp://x"],
)
def test_a_link_of_the_provider_cannot_do_anything(url: str) -> None:
    deviation = {"reason": "x", "url": url}
    case = samples.case("recv/x", "direct", "CBC-02", "fail", known_deviation=deviation)
    case |= {"evidence": url, "stderr": "../../../etc/passwd"}
    page = read_html(reports.render_all(samples.document([case]))["report.html"])
    targets = [link.attributes["href"] or "" for link in page.all("a")]
    assert all(t.startswith(("#", "https://learn.microsoft.com/")) for t in targets)


def test_a_value_that_is_no_text_cannot_slip_into_the_page() -> None:
    for name in samples.SAMPLES:
        assert not re.search(r"\b(None|Undefined)\b", read_html(_render(name)).text)
