"""The catalogue is complete and well written, and a faulty one is refused in one clear sentence."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conformance.orchestration.layout import ROOT
from conformance.orchestration.catalogue import (
    DEFAULT_PATH,
    Catalogue,
    CatalogueError,
    Level,
    load_catalogue,
)

LONGEST_SENTENCE = 300

# How many rows each family has; the ids of a family run from 01 without a gap.
FAMILIES = {
    "STARTUP": 8,
    "CLEANUP": 8,
    "CBC": 26,
    "BHK": 17,
    "PSB": 8,
    "THR": 7,
    "RACE": 7,
    "STICKY": 5,
    "CONNECT": 13,
    "ACCEPT": 14,
    "SELECT": 12,
    "RECV": 4,
    "RECVFROM": 3,
    "SEND": 4,
    "SENDTO": 1,
    "STREAM": 8,
    "PCS": 6,
    "CLOSE": 6,
    "LINGER": 4,
    "REENT": 9,
    "NB": 5,
    "OVL": 6,
    "JOINLEAF": 2,
    "IOCTL": 3,
    "UPC": 6,
    "NETDOWN": 3,
    "LSP": 5,
    "NOBLOCK": 4,
    "PLATFORM": 1,
}

# A catalogue of one entry each, to be spoiled in one place.
SOUND = """\
[[requirement]]
id = "CBC-01"
level = "MUST"
text = "A cancel succeeds."
source = "WSPCancelBlockingCall: S1"
url = "https://learn.microsoft.com/en-us/windows/win32/winsock/blocking-hook-2"
note = "Inconclusive at night."
derived = true

[[statement]]
id = "S1"
text = "It cancels."
requirements = ["CBC-01"]

[[contradiction]]
id = "K1"
text = "One page says so, another does not."
settled = "It does."

[[rule]]
id = "G1"
text = "The call did not block."
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The suite's own catalogue."""
    return load_catalogue()


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a catalogue of the given text and returns its path."""

    def write(text: str) -> Path:
        path = tmp_path / "spoiled.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def sentences(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Every sentence of the catalogue that stands alone, after the id of its entry."""
    for requirement in catalogue.requirements.values():
        yield requirement.id, requirement.text
    for statement in catalogue.statements.values():
        yield statement.id, statement.text
    for contradiction in catalogue.contradictions.values():
        yield contradiction.id, contradiction.text
        yield contradiction.id, contradiction.settled
    for rule in catalogue.rules.values():
        yield rule.id, rule.text


def notes(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Every note, after the id of its requirement."""
    for requirement in catalogue.requirements.values():
        if requirement.note is not None:
            yield requirement.id, requirement.note


# ---- The suite's own catalogue ---------------------------------------------------------------


def test_every_family_has_all_its_rows(catalogue: Catalogue) -> None:
    expected = [
        f"{family}-{number:02d}"
        for family, count in FAMILIES.items()
        for number in range(1, count + 1)
    ]

    assert sorted(catalogue.requirements) == sorted(expected)
    assert len(catalogue.requirements) == 205
    assert catalogue.families() == tuple(FAMILIES)


def test_rows_stand_in_the_order_of_their_numbers(catalogue: Catalogue) -> None:
    for family in catalogue.families():
        ids = [each for each in catalogue.requirements if each.rpartition("-")[0] == family]
        assert ids == sorted(ids)


def test_levels(catalogue: Catalogue) -> None:
    levels = Counter(each.level for each in catalogue.requirements.values())

    assert levels == {Level.MUST: 144, Level.SHOULD: 33, Level.MAY: 7, Level.INFO: 21}


@pytest.mark.parametrize(
    ("requirement", "level"),
    [
        ("CBC-02", Level.MUST),
        ("CBC-16", Level.SHOULD),
        ("RACE-01", Level.MAY),
        ("CBC-06", Level.INFO),
        ("PCS-04", Level.INFO),
        ("SELECT-04", Level.INFO),
        ("RECV-02", Level.SHOULD),
        ("REENT-01", Level.MUST),
        ("NOBLOCK-04", Level.MUST),
        ("CLOSE-03", Level.INFO),
    ],
)
def test_level_of(catalogue: Catalogue, requirement: str, level: Level) -> None:
    assert catalogue.requirement(requirement).level is level


def test_every_statement_yields_requirements(catalogue: Catalogue) -> None:
    assert list(catalogue.statements) == [f"S{number}" for number in range(1, 26)]
    for statement in catalogue.statements.values():
        assert statement.requirements, statement.id
        assert set(statement.requirements) <= set(catalogue.requirements), statement.id
    assert catalogue.statements["S19"].requirements == ("PCS-04",)


def test_ranges_of_requirements_are_written_out(catalogue: Catalogue) -> None:
    assert catalogue.statements["S6"].requirements == tuple(
        f"CBC-{number:02d}" for number in range(7, 14)
    )
    assert len(catalogue.statements["S15"].requirements) == 12 + 9 + 2


def test_contradictions_and_rules_are_complete(catalogue: Catalogue) -> None:
    assert list(catalogue.contradictions) == [f"K{number}" for number in range(1, 12)]
    assert list(catalogue.rules) == [f"G{number}" for number in range(1, 10)]


def test_sentences_end_with_a_period_and_are_single(catalogue: Catalogue) -> None:
    for name, text in sentences(catalogue):
        assert text.endswith("."), name
        assert not re.search(r"[.!?]\s", text), f"{name} has more than one sentence"


def test_texts_are_short_and_tidy(catalogue: Catalogue) -> None:
    for name, text in [*sentences(catalogue), *notes(catalogue)]:
        assert len(text) <= LONGEST_SENTENCE, f"{name} has {len(text)} characters"
        assert text.isascii() and text.isprintable(), name
        assert "  " not in text and text == text.strip(), name


def test_no_sentence_stands_twice(catalogue: Catalogue) -> None:
    texts = Counter(text for _, text in sentences(catalogue))

    assert [text for text, count in texts.items() if count > 1] == []


def test_entries_that_are_referred_to_exist(catalogue: Catalogue) -> None:
    known = {
        *catalogue.requirements,
        *catalogue.statements,
        *catalogue.contradictions,
        *catalogue.rules,
    }
    sources = [(each.id, each.source) for each in catalogue.requirements.values()]
    for name, text in [*sentences(catalogue), *notes(catalogue), *sources]:
        referred = re.findall(r"\b(?:[A-Z]+-[0-9]{2}|[SKG][0-9]{1,2})\b", text)
        assert set(referred) <= known, name


def test_only_what_is_marked_in_its_source_is_derived(catalogue: Catalogue) -> None:
    for requirement in catalogue.requirements.values():
        marked = re.search(r"derived|inference", requirement.source) is not None
        assert requirement.derived is marked, requirement.id


def test_every_requirement_names_its_page(catalogue: Catalogue) -> None:
    page = re.compile(
        r"https://learn\.microsoft\.com/en-us/windows/win32/"
        r"(?:api/ws2spi/(?:nc-ws2spi-lpwsp|nf-ws2spi-wpu|nf-ws2spi-wspstartup)[a-z]*"
        r"|winsock/[a-z0-9-]+-2)"
    )
    for requirement in catalogue.requirements.values():
        assert requirement.url and page.fullmatch(requirement.url), requirement.id


def test_statements_behind_a_requirement(catalogue: Catalogue) -> None:
    assert [each.id for each in catalogue.statements_behind("CBC-02")] == ["S1", "S10"]
    assert catalogue.statements_behind("BHK-03") == ()


def test_an_unknown_requirement_is_named(catalogue: Catalogue) -> None:
    with pytest.raises(CatalogueError, match=r"requirements\.toml: .* 'CBC-99'"):
        catalogue.requirement("CBC-99")


def test_the_catalogue_cannot_be_changed(catalogue: Catalogue) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        catalogue.requirement("CBC-01").level = Level.MAY  # type: ignore[misc]
    with pytest.raises(TypeError):
        catalogue.requirements["CBC-01"] = None  # type: ignore[index]


def test_a_level_is_written_to_json_as_its_name(catalogue: Catalogue) -> None:
    assert json.dumps(catalogue.requirement("CBC-01").level) == '"MUST"'


def test_the_default_path_is_beside_the_cases() -> None:
    assert DEFAULT_PATH.parent.name == "conformance"
    assert load_catalogue(str(DEFAULT_PATH)) == load_catalogue()


# ---- Faulty catalogues -------------------------------------------------------------------------


def test_a_sound_catalogue_is_read(written: Callable[[str], Path]) -> None:
    catalogue = load_catalogue(written(SOUND))

    requirement = catalogue.requirement("CBC-01")
    assert requirement.family == "CBC"
    assert requirement.level is Level.MUST
    assert requirement.note == "Inconclusive at night."
    assert requirement.derived
    assert catalogue.statements["S1"].requirements == ("CBC-01",)
    assert catalogue.contradictions["K1"].settled == "It does."
    assert catalogue.rules["G1"].text == "The call did not block."


def test_url_note_and_derived_can_be_left_out(written: Callable[[str], Path]) -> None:
    shorter = re.sub(r"(?m)^(url|note|derived) = .*\n", "", SOUND)

    requirement = load_catalogue(written(shorter)).requirement("CBC-01")

    assert (requirement.url, requirement.note, requirement.derived) == (None, None, False)


SPOILED = {
    "unknown section": ("[[rule]]", "[[ruel]]", "unknown section 'ruel'"),
    "section of one table": ("[[rule]]", "[rule]", r"written as \[\[rule\]\] tables"),
    "unknown key": ('level = "MUST"', 'level = "MUST"\nseverity = 1', "CBC-01 .* key 'severity'"),
    "mistyped key": ("level =", "levle =", "CBC-01 has the unknown key 'levle'; keys are id"),
    "unknown key of a statement": ('text = "It c', 'source = "x"\ntext = "It c', "S1 .* 'source'"),
    "bad level": ('"MUST"', '"must"', "requirement CBC-01 has the unknown level 'must'"),
    "level that is no text": ('"MUST"', "1", "requirement CBC-01 has a level that is no text"),
    "no level": ('level = "MUST"\n', "", "requirement CBC-01 has no level"),
    "no source": ('source = "WSPCancelBlockingCall: S1"\n', "", "CBC-01 has no source"),
    "empty text": ('"A cancel succeeds."', '" "', "CBC-01 has a text that is no text"),
    "no period": ("A cancel succeeds.", "A cancel succeeds", "CBC-01 has a text that does not end"),
    "no period in a note": ("at night.", "at night", "CBC-01 has a note that does not end"),
    "foreign url": ("https://learn.microsoft.com", "http://example.com", "CBC-01 has a url"),
    "derived that is no flag": ("derived = true", 'derived = "yes"', "CBC-01 has a derived"),
    "no id": ('id = "CBC-01"\n', "", "requirement number 1 has no id"),
    "bad id": ('id = "CBC-01"', 'id = "CBC-1"', "requirement CBC-1 has an id .* form CBC-01"),
    "bad id of a statement": ('id = "S1"', 'id = "T1"', "statement T1 has an id .* form S1"),
    "unknown requirement": ('["CBC-01"]', '["CBC-07"]', "statement S1 names .* 'CBC-07'"),
    "requirement named twice": ('["CBC-01"]', '["CBC-01", "CBC-01"]', "S1 names CBC-01 more than"),
    "statement of nothing": ('["CBC-01"]', "[]", "statement S1 names no requirements"),
    "requirements that are no list": ('["CBC-01"]', '"CBC-01"', "statement S1 needs requirements"),
    "no settlement": ('settled = "It does."\n', "", "contradiction K1 has no settled"),
    "bad TOML": ('id = "G1"', 'id = "G1', "is not valid TOML: .*line"),
}


@pytest.mark.parametrize(("old", "new", "complaint"), SPOILED.values(), ids=SPOILED.keys())
def test_a_fault_is_named(
    written: Callable[[str], Path], old: str, new: str, complaint: str
) -> None:
    assert SOUND.count(old) == 1
    path = written(SOUND.replace(old, new))

    with pytest.raises(CatalogueError, match=complaint) as caught:
        load_catalogue(path)

    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert message.endswith(".")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("section", "name"),
    [("requirement", "CBC-01"), ("statement", "S1"), ("contradiction", "K1"), ("rule", "G1")],
)
def test_a_duplicate_id_is_named(
    written: Callable[[str], Path], section: str, name: str
) -> None:
    tables = re.split(r"(?m)^(?=\[\[)", SOUND)
    again = next(each for each in tables if each.startswith(f"[[{section}]]"))

    with pytest.raises(CatalogueError, match=f"{section} {name} appears more than once"):
        load_catalogue(written(f"{SOUND}\n{again}"))


def test_a_catalogue_without_requirements_is_refused(written: Callable[[str], Path]) -> None:
    with pytest.raises(CatalogueError, match="holds no requirement"):
        load_catalogue(written(""))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"nowhere\.toml: cannot be read: No such file"):
        load_catalogue(tmp_path / "nowhere.toml")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "binary.toml"
    path.write_bytes(b"MZ\x90\x00")

    with pytest.raises(CatalogueError, match=r"binary\.toml: is not UTF-8 text"):
        load_catalogue(path)


def test_what_shows_that_the_suite_keeps_a_rule_is_there() -> None:
    files = [each.shown_by for each in load_catalogue().requirements.values() if each.shown_by]
    assert files and all((ROOT / file).is_file() for file in files)
