"""provider.toml: what is read from it, and what is refused in one sentence."""

from __future__ import annotations

import datetime

import pytest

from conformance.orchestration import description
from conformance.orchestration.stop import Stop

PLAIN = '[provider]\nlibrary = "a.dll"\n'


def read(tmp_path, text):
    file = tmp_path / "provider.toml"
    file.write_text(text, encoding="utf-8")
    return description.read(file)


def test_a_plain_description(tmp_path):
    found = read(tmp_path, PLAIN)
    assert found.name == tmp_path.name
    assert found.library("x86_64") == found.library("x86") == tmp_path / "a.dll"
    assert (found.settings, found.budgets, found.deviations) == ((), {}, ())


def test_everything_that_can_be_said(tmp_path):
    found = read(
        tmp_path,
        """
        [provider]
        name = "Example"
        vendor = "Example Ltd"
        library = { x86_64 = "bin/a64.dll", x86 = "bin/a32.dll" }
        chain = [1005, 1001]
        peer = "provider"
        [protocol]
        catalog_entry_id = 7
        name = "Example TCP"
        [protocol.udp4]
        message_size = 1400
        [addresses]
        local4 = "10.0.0.1"
        second6 = "fe80::2"
        unresponsive4 = "192.0.2.1:9"
        unresponsive6 = "[2001:db8::1]:9"
        [budgets]
        hook = 8000
        cancel = 2000
        [claims]
        tcp4 = true
        udp6 = false
        [[known_deviation]]
        case = "connect/*"
        mode = "direct"
        reason = "bug 7"
        url = "https://example.com/7"
        expires = 2030-01-31
        [[known_deviation]]
        case = "recv/x"
        reason = "bug 8"
        expires = "2031-01-31"
        """,
    )
    assert (found.name, found.vendor, found.chain) == ("Example", "Example Ltd", ("1005", "1001"))
    assert found.library("x86") == tmp_path / "bin/a32.dll"
    assert found.settings == (
        ("peer", "provider"),
        ("protocol.chain", "1005,1001"),
        ("protocol.catalog_entry_id", "7"),
        ("protocol.name", "Example TCP"),
        ("protocol.udp4.message_size", "1400"),
        ("address.local4", "10.0.0.1"),
        ("address.second6", "fe80::2"),
        ("address.unresponsive4", "192.0.2.1:9"),
        ("address.unresponsive6", "[2001:db8::1]:9"),
        ("claim.tcp4", "yes"),
        ("claim.udp6", "no"),
    )
    assert found.changed_budgets == {"hook": 8000}
    first, second = found.deviations
    assert first.covers("connect/a", "direct") and not first.covers("connect/a", "ws2_32")
    assert second.covers("recv/x", "ws2_32") and not second.covers("recv/xy", "direct")
    assert first.expires == datetime.date(2030, 1, 31)
    assert second.expires == datetime.date(2031, 1, 31)


def test_addresses_without_a_family_take_it_from_their_form(tmp_path):
    found = read(
        tmp_path,
        PLAIN
        + '[addresses]\nlocal = "10.0.0.1"\nsecond_local = "fe80::1"\nunresponsive = "[::1]:9"\n',
    )
    assert dict(found.settings) == {
        "address.local4": "10.0.0.1",
        "address.second6": "fe80::1",
        "address.unresponsive6": "[::1]:9",
    }


@pytest.mark.parametrize(
    ("claims", "absent"),
    [
        ("udp = false", {"udp4", "udp6"}),
        ("ipv6 = false", {"tcp6", "udp6"}),
        ("ipv6 = false\nudp = false", {"tcp6", "udp6", "udp4"}),
        ("tcp = true\nipv6 = false", {"tcp6", "udp6"}),
        ("ipv6 = false\ntcp6 = true", {"udp6"}),
        ("udp6 = false\naddress_list_change = false", {"udp6", "address_list_change"}),
        ("overlapped = false", {"overlapped"}),
        ("overlapped = true", set()),
    ],
)
def test_general_claims_cover_several_entries(tmp_path, claims, absent):
    found = dict(read(tmp_path, f"{PLAIN}[claims]\n{claims}\n").settings)
    assert {key.removeprefix("claim.") for key, value in found.items() if value == "no"} == absent


@pytest.mark.parametrize(
    ("network", "settings"),
    [
        ('function = "AcmeNetwork"', {"network.function": "AcmeNetwork"}),
        (
            'down = "net stop acme"\nup = "net start acme && exit 0"',
            {"network.down": "net stop acme", "network.up": "net start acme && exit 0"},
        ),
    ],
)
def test_a_network_is_brought_down_and_up_in_one_of_two_ways(tmp_path, network, settings):
    assert dict(read(tmp_path, f"{PLAIN}[network]\n{network}\n").settings) == settings


def test_a_deviation_expires_after_its_last_day():
    day = datetime.date(2030, 1, 31)
    deviation = description.KnownDeviation("a/b", None, "why", None, day)
    assert not deviation.plain(day)["expired"]
    assert deviation.plain(day + datetime.timedelta(1))["expired"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[provider\n", "is not TOML"),
        ("", "no table [provider]"),
        ("[provider]\n", "names no library"),
        ("provider = 1\n", "provider has to be a table"),
        ("[provider]\nlibrary = 1\n", "provider.library has to be"),
        ("[provider]\nlibrary = {}\n", "provider.library has to be"),
        ('[provider]\nlibrary = { arm = "a" }\n', "unknown key provider.library.arm"),
        (PLAIN + "colour = 1\n", "unknown key provider.colour"),
        (PLAIN + "[extra]\n", "unknown key extra"),
        (PLAIN + 'name = "a\\u001bb"\n', "provider.name has to be a text"),
        (PLAIN + 'peer = "both"\n', "provider.peer has to be one of auto, system, provider"),
        (PLAIN + "chain = [true]\n", "provider.chain has to be"),
        (PLAIN + "[protocol]\nport = 1\n", "unknown key protocol.port"),
        (PLAIN + "[protocol]\nname = [1]\n", "protocol.name has to be a number or a text"),
        (PLAIN + "[protocol.tcp4]\nport = 1\n", "unknown key protocol.tcp4.port"),
        (PLAIN + "[protocol]\ntcp4 = 1\n", "protocol.tcp4 has to be a table"),
        (PLAIN + "[addresses]\nremote = 1\n", "unknown key addresses.remote"),
        (PLAIN + '[addresses]\nlocal4 = "host"\n', "addresses.local4 has to be a numeric"),
        (PLAIN + '[addresses]\nlocal4 = "::1"\n', "addresses.local4 has to be an IPv4"),
        (PLAIN + "[addresses]\nlocal4 = 1\n", "addresses.local4 has to be a numeric"),
        (PLAIN + '[addresses]\nunresponsive4 = "10.0.0.1"\n', "ADDRESS:PORT"),
        (PLAIN + '[addresses]\nunresponsive6 = "::1:80"\n', "ADDRESS:PORT"),
        (PLAIN + '[addresses]\nunresponsive4 = "10.0.0.1:99999"\n', "ADDRESS:PORT"),
        (PLAIN + "[network]\n", "network has to be either"),
        (PLAIN + '[network]\ndown = "a"\n', "network has to be either"),
        (PLAIN + '[network]\nup = "a"\nfunction = "b"\n', "network has to be either"),
        (PLAIN + '[network]\nrestart = "a"\n', "unknown key network.restart"),
        (PLAIN + "[network]\nfunction = 1\n", "network.function has to be a text"),
        (PLAIN + '[network]\ndown = "a"\nup = ""\n', "network.up has to be a text"),
        (PLAIN + f'[network]\nfunction = "{501 * "a"}"\n', "network.function has to be a text of"),
        (PLAIN + "network = 1\n", "unknown key provider.network"),
        (PLAIN + "[budgets]\nhok = 1\n", "unknown key budgets.hok"),
        (PLAIN + "[budgets]\nhook = 1.5\n", "budgets.hook has to be a whole number"),
        (PLAIN + "[budgets]\nhook = true\n", "budgets.hook has to be a whole number"),
        (PLAIN + "[budgets]\nhook = 0\n", "budgets.hook has to be 1 to"),
        (PLAIN + "[claims]\nsctp = true\n", "unknown key claims.sctp"),
        (PLAIN + '[claims]\ntcp = "yes"\n', "claims.tcp has to be true or false"),
        (PLAIN + "[known_deviation]\n", "known_deviation has to be a list of tables"),
        (PLAIN + '[[known_deviation]]\nreason = "a"\n', "a known_deviation has no case"),
        (PLAIN + '[[known_deviation]]\ncase = "a"\n', "a known_deviation has no reason"),
        (PLAIN + '[[known_deviation]]\ncases = "a"\n', "unknown key known_deviation.cases"),
        (
            PLAIN + '[[known_deviation]]\ncase = "a"\nreason = "b"\nmode = "c"\n',
            "known_deviation.mode has to be one of",
        ),
        (
            PLAIN + '[[known_deviation]]\ncase = "a"\nreason = "b"\nexpires = "soon"\n',
            "known_deviation.expires has to be a date",
        ),
        (
            PLAIN + '[[known_deviation]]\ncase = "a"\nreason = "b"\nexpires = 12\n',
            "known_deviation.expires has to be a date",
        ),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_key_and_the_file(tmp_path, text, complaint):
    with pytest.raises(Stop) as stop:
        read(tmp_path, text)
    sentence = stop.value.sentence
    assert complaint in sentence and str(tmp_path / "provider.toml") in sentence
    assert sentence.endswith(".") and "\n" not in sentence and stop.value.status == 2


def test_a_file_that_is_no_text(tmp_path):
    file = tmp_path / "provider.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(Stop, match="not UTF-8"):
        description.read(file)
    with pytest.raises(Stop, match="cannot be read"):
        description.read(tmp_path)


def test_an_architecture_without_a_library(tmp_path):
    found = read(tmp_path, '[provider]\nlibrary = { x86 = "a.dll" }\n')
    with pytest.raises(Stop, match="names no library for x86_64, only for x86"):
        found.library("x86_64")
