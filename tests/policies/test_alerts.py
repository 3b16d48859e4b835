from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.refusal import Unacceptable
from mitigations.policies import alerts
from mitigations.policies.alerts import Alert, Kind, Meaning, Places
from tests.alerting import ALARM, BAN, MITIGATION, UUID
from tests.policies.test_pointers import JSON

PLACES = Places(target="/a", key="/k", words="/w", when="/s", holds="on")
# The former form of Kentik's, and the one in which all details stand beside each other in a list of events.
LEGACY: dict[str, Any] = {
    "EventType": "ALARM_STATE_CHANGE",
    "AlarmID": 197790252,
    "AlarmState": "ALARM",
    "AlertPolicyName": "UDP Flood",
    "AlertKey": [
        {"DimensionName": "i_device_id", "DimensionValue": "32650"},
        {"DimensionName": "IP_dst", "DimensionValue": "203.0.113.7"},
    ],
}
FLAT: dict[str, Any] = {"Events": [{"Type": "alarm", "IsActive": True, "AlarmID": "a", "IP_dst": "203.0.113.7"}]}


def read(said: Any, kind: Kind, places: Places = PLACES) -> Alert:
    return alerts.read(json.dumps(said).encode(), kind=kind, places=places)


def codes(said: Any, kind: Kind) -> list[str]:
    with pytest.raises(Unacceptable) as caught:
        read(said, kind)
    return [each.code for each in caught.value.objections]


def ban(**details: Any) -> dict[str, Any]:
    return {**BAN, "attack_details": {**BAN["attack_details"], **details}}


class TestOfFastNetMon:
    def test_a_ban_is_an_attack_on_a_host(self) -> None:
        found = read(BAN, Kind.FASTNETMON)

        assert (found.meaning, found.key) == (Meaning.START, UUID)
        assert found.target is not None
        assert found.target.text == "203.0.113.7/32"

    def test_an_unban_is_an_end_whatever_its_direction(self) -> None:
        for direction in ("incoming", "outgoing"):
            assert read({**ban(attack_direction=direction), "action": "unban"}, Kind.FASTNETMON).meaning is Meaning.END

    @pytest.mark.parametrize(
        ("direction", "words"),
        [("outgoing", "says “outgoing”"), ("other", "says “other”"), ("", "does not say"), (None, "does not say")],
    )
    def test_what_is_not_aimed_at_us_asks_for_nothing(self, direction: Any, words: str) -> None:
        found = read(ban(attack_direction=direction), Kind.FASTNETMON)
        assert (found.meaning, found.words) == (
            Meaning.OTHER,
            f"Only an attack that is “incoming” asks for anything, and this one {words}.",
        )

    @pytest.mark.parametrize(
        "change",
        [{"action": "partial_block"}, {"action": None}, {"alert_scope": "hostgroup"}, {"alert_scope": "total"}],
    )
    def test_what_is_not_about_a_host_asks_for_nothing(self, change: dict[str, Any]) -> None:
        assert read({**BAN, **change}, Kind.FASTNETMON).meaning is Meaning.OTHER

    def test_without_a_key_it_cannot_be_read(self) -> None:
        assert codes(ban(attack_uuid=""), Kind.FASTNETMON) == ["key"]
        assert codes(ban(attack_uuid="x" * 201), Kind.FASTNETMON) == ["key"]

    def test_host_bits_are_not_guessed_away(self) -> None:
        assert codes({**BAN, "ip": "203.0.113.7/24"}, Kind.FASTNETMON) == ["not-canonical"]


class TestOfKentik:
    @pytest.mark.parametrize("said", [ALARM, LEGACY, FLAT])
    def test_an_active_alarm_is_an_attack_in_each_form(self, said: dict[str, Any]) -> None:
        found = read(said, Kind.KENTIK)

        assert found.meaning is Meaning.START
        assert found.key
        assert found.target is not None
        assert found.target.text == "203.0.113.7/32"

    @pytest.mark.parametrize(
        "change",
        [{"IsActive": False}, {"CurrentState": "clear"}, {"CurrentState": "ackReq"}, {"AlarmSeverity": "clear"}],
    )
    def test_one_that_is_over_by_anything_that_it_says_is_an_end(self, change: dict[str, Any]) -> None:
        assert read({**ALARM, **change}, Kind.KENTIK).meaning is Meaning.END

    @pytest.mark.parametrize("said", [MITIGATION, {"EventType": "MITIGATION_STATE_CHANGE", "MitigationID": 5}])
    def test_what_it_says_of_a_mitigation_is_no_more_than_a_stir(self, said: dict[str, Any]) -> None:
        found = read(said, Kind.KENTIK)

        assert (found.meaning, found.target) == (Meaning.STIR, None)

    @pytest.mark.parametrize("type_", ["synthetic", "insight", "custom-insight", None])
    def test_another_event_asks_for_nothing(self, type_: Any) -> None:
        assert read({**ALARM, "Type": type_}, Kind.KENTIK).meaning is Meaning.OTHER

    def test_several_events_and_states_that_nobody_knows_cannot_be_read(self) -> None:
        assert codes({"Events": [ALARM, ALARM]}, Kind.KENTIK) == ["shape"]
        assert codes({**ALARM, "IsActive": None, "CurrentState": "new"}, Kind.KENTIK) == ["state"]
        assert codes({**ALARM, "Dimensions": {"i_device_id": 1}}, Kind.KENTIK) == ["target"]


class TestOfAnyJson:
    @pytest.mark.parametrize(("value", "holds"), [("on", "on"), (True, "true"), (3, "3")])
    def test_is_an_attack_where_the_value_holds(self, value: Any, holds: str) -> None:
        places = Places(target="/a", key="/k", when="/s", holds=holds)

        assert read({"a": "203.0.113.0/28", "k": 1, "s": value}, Kind.JSON, places).meaning is Meaning.START
        assert read({"a": "203.0.113.0/28", "k": 1, "s": "else"}, Kind.JSON, places).meaning is Meaning.OTHER

    @pytest.mark.parametrize("key", [None, "", [], {}, True, 1.5])
    def test_a_key_is_a_text_or_a_whole_number(self, key: Any) -> None:
        assert codes({"a": "203.0.113.7", "k": key, "s": "on"}, Kind.JSON) == ["key"]

    @pytest.mark.parametrize("key", ["B 1", "B  1", " B 1"])
    def test_a_key_is_taken_to_the_letter(self, key: str) -> None:
        assert read({"a": "203.0.113.7", "k": key, "s": "on"}, Kind.JSON).key == key

    @pytest.mark.parametrize("key", ["B\u200b1", "B\n1", "B\x001", "\u202eB1", "  "])
    def test_a_key_with_something_in_it_that_nobody_sees_is_none(self, key: str) -> None:
        assert codes({"a": "203.0.113.7", "k": key, "s": "on"}, Kind.JSON) == ["key"]

    def test_a_name_that_stands_twice_leaves_open_what_is_meant(self) -> None:
        with pytest.raises(Unacceptable, match="A name stands twice"):
            alerts.read(b'{"a": "203.0.113.7", "a": "203.0.113.8", "k": 1, "s": "on"}', kind=Kind.JSON, places=PLACES)

    @pytest.mark.parametrize(
        ("places", "code"),
        [
            (Places(key="/k"), "target"),
            (Places(target="/a"), "key"),
            (Places(target="a", key="/k"), "target"),
            (Places(target="/a", key="/k", words="~"), "words"),
            (Places(target="/a", key="/k", when="/s"), "holds"),
            (Places(target="/a", key="/k", holds="on"), "when"),
        ],
    )
    def test_says_what_is_wrong_with_its_pointers(self, places: Places, code: str) -> None:
        assert [each.code for each in alerts.flaws(Kind.JSON, places)] == [code]
        assert alerts.flaws(Kind.KENTIK, places) == ()


EVIL = "<script>alert(1)</script>\n\u202eDNUORA NRUT\x00\x1b[31m\ud800 ‮"


def test_its_words_become_one_plain_line() -> None:
    line = alerts.in_one_line(EVIL)

    assert line == "<script>alert(1)</script> DNUORA NRUT [31m"
    assert len(alerts.in_one_line("x" * 5000)) == 500


def test_the_reason_tells_whose_words_it_has() -> None:
    found = read({"a": "203.0.113.7", "k": "A-1", "w": EVIL, "s": "on"}, Kind.JSON)

    assert alerts.reason(found, source="noc", kind=Kind.JSON) == (
        "The source “noc” reports an attack. In its words: “<script>alert(1)</script> DNUORA NRUT [31m”. "
        "It calls it A-1."
    )


# What has the names that are looked for, with anything as their values.
NAMES = ["action", "ip", "alert_scope", "attack_details", "Type", "EventType", "Events", "IsActive", "CurrentState"]
NAMES += ["AlarmID", "Dimensions", "AlertKey", "a", "k", "w", "s"]
NEARLY = st.dictionaries(st.sampled_from(NAMES), JSON | st.sampled_from(["ban", "alarm", "on", "203.0.113.7", True]))


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()), st.sampled_from(Kind))
def test_garbage_raises_nothing_but_the_refusal(body: bytes, kind: Kind) -> None:
    with suppress(Unacceptable):
        assert isinstance(alerts.read(body, kind=kind, places=PLACES), Alert)


@given(NEARLY, NEARLY, st.sampled_from(Kind))
def test_what_is_nearly_an_alert_is_read_or_refused_and_fits_what_keeps_it(
    said: dict[str, Any], details: dict[str, Any], kind: Kind
) -> None:
    try:
        found = read({"attack_details": details, **said}, kind)
    except Unacceptable:
        return
    assert (found.target is not None) is (found.meaning is Meaning.START)
    assert found.key or found.meaning not in {Meaning.START, Meaning.END}
    assert len(found.key) <= alerts.LONGEST_KEY
    assert len(found.words) <= 500
    assert found.words.isprintable()
