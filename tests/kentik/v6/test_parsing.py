"""From V6's JSON to values, whatever the JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.kentik.v6 import answers, parsing
from mitigations.kentik.v6.paging import BEGINNING
from mitigations.kentik.v6.states import MitigationType, OnWire, PlatformType, State, StateClass
from mitigations.kentik.v6.values import HistoryEntry, KentikMitigation, Method, Platform
from tests.kentik.v6.calls import ROW, row

AT = datetime(2026, 2, 1, 10, 0, 5, tzinfo=UTC)


def read(**changes: object) -> KentikMitigation:
    found = parsing.mitigation(row(**changes))
    assert found is not None
    return found


def test_reads_a_mitigation() -> None:
    assert read() == KentikMitigation(
        id="104217",
        type=MitigationType.MANUAL,
        type_text="MITIGATION_TYPE_MANUAL",
        target="192.0.2.10/32",
        state=State.MANUAL_MITIGATING,
        state_text="MITIGATION_STATE_MANUAL_MITIGATING",
        platform_id="257",
        method_id="775",
        started_at=AT,
        ends_at=AT + timedelta(hours=1),
        auto_stop=timedelta(hours=1),
        comment="[MIT-42] text",
        history=(
            HistoryEntry(
                at=AT,
                state=State.MANUAL_STARTING,
                state_text="MITIGATION_STATE_MANUAL_STARTING",
                event="MITIGATION_EVENT_USER_START",
            ),
            HistoryEntry(
                at=AT + timedelta(seconds=13),
                state=State.MANUAL_MITIGATING,
                state_text="MITIGATION_STATE_MANUAL_MITIGATING",
                event="MITIGATION_EVENT_REMOTE_ADDED",
            ),
        ),
    )


def test_reads_a_platform() -> None:
    fields = {
        "id": 257,
        "name": "Edge RTBH",
        "description": "",
        "type": "MITIGATION_PLATFORM_TYPE_RTBH",
        "mitigationMethodIds": ["775", 776, None],
        "createdAt": "2024-05-01T00:00:00Z",
        "modifiedAt": None,
    }

    assert parsing.platform(fields) == Platform(
        id="257",
        name="Edge RTBH",
        description="",
        type=PlatformType.RTBH,
        type_text="MITIGATION_PLATFORM_TYPE_RTBH",
        method_ids=("775", "776"),
        created_at=datetime(2024, 5, 1, tzinfo=UTC),
        modified_at=None,
    )


def test_reads_a_method() -> None:
    fields = {"id": "775", "name": "RTBH /32", "type": "NEW", "excludedIpCidrs": ["192.0.2.1/32"], "gracePeriod": "1s"}

    assert parsing.method(fields) == Method(
        id="775",
        name="RTBH /32",
        description="",
        type=PlatformType.UNSPECIFIED,
        type_text="NEW",
        excluded_ip_cidrs=("192.0.2.1/32",),
        created_at=None,
        modified_at=None,
    )


@pytest.mark.parametrize("field", [name for name in ROW if name != "id"])
@pytest.mark.parametrize("unset", ["missing", None, "zero"])
def test_takes_missing_null_and_zero_for_one(field: str, unset: str | None) -> None:
    zero = {str: "", list: [], dict: {}, type(None): None}[type(ROW[field])]
    fields = row(**{field: None if unset is None else zero})
    if unset == "missing":
        del fields[field]

    assert parsing.mitigation(fields) == parsing.mitigation(row(**{field: None}))


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ({"ipCidr": "192.0.2.10"}, "192.0.2.10/32"),
        ({"ipCidr": "2001:0DB8::/32"}, "2001:db8::/32"),
        ({"ipCidr": "192.0.2.10/24"}, "192.0.2.10/24"),
        ({"ipCidr": "all of it"}, "all of it"),
        ({"flowspec": {"dstPrefix": "192.0.2.10/32", "srcPrefix": ""}}, "192.0.2.10/32"),
        ({"flowspec": {"dstPrefix": "", "srcPrefix": "192.0.2.10/32"}}, "192.0.2.10/32"),
        ({"ipCidr": "", "flowspec": None}, None),
        ({"flowspec": {"ipProtocol": {"or": []}}}, None),
        ({"adaptiveFlowspec": {"value": {"a": "b"}}}, None),
        ({"ipCidr": 7}, "7"),
        ("192.0.2.10/32", None),
    ],
)
def test_reads_the_target_of_every_kind(target: object, text: str | None) -> None:
    assert read(target=target).target == text


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-02-01T10:00:05Z", AT),
        ("2026-02-01t10:00:05z", AT),
        ("2026-02-01T11:00:05+01:00", AT),
        ("2026-02-01T10:00:05.5Z", AT + timedelta(milliseconds=500)),
        ("2026-02-01T10:00:05.000005Z", AT + timedelta(microseconds=5)),
        ("2026-02-01T10:00:05.123456789Z", AT + timedelta(microseconds=123456)),
        ("2026-02-01T10:00:05", None),
        ("2026-02-01T10:00:05.Z", None),
        ("2026-02-01T10:00:05.1234567890Z", None),
        ("2026-13-01T10:00:05Z", None),
        ("2026-02-01T10:00:05+99:99", None),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("2026-02-01", None),
        (1769940005, None),
    ],
)
def test_reads_a_time_or_none(text: object, at: datetime | None) -> None:
    assert read(startTimeAt=text).started_at == at


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("3600s", timedelta(hours=1)),
        ("90.500s", timedelta(seconds=90.5)),
        ("0.000000001s", None),
        ("3600", timedelta(hours=1)),
        (3600, timedelta(hours=1)),
        (90.5, timedelta(seconds=90.5)),
        ("315576000000s", timedelta(seconds=315576000000)),
        ("9999999999999s", None),
        ("0s", None),
        ("-5s", None),
        ("1h", None),
        ("s", None),
        (True, None),
        (float("nan"), None),
    ],
)
def test_reads_a_duration_or_none(text: object, duration: timedelta | None) -> None:
    assert read(autoStopTtl=text).auto_stop == duration


@pytest.mark.parametrize(("text", "minutes"), [("3600s", 60), ("90.500s", 2), ("1s", 1), (None, None)])
def test_gives_the_auto_stop_in_whole_minutes(text: str | None, minutes: int | None) -> None:
    assert read(autoStopTtl=text).auto_stop_minutes == minutes


@pytest.mark.parametrize(
    ("written", "state", "text"),
    [
        ("MITIGATION_STATE_NEW", State.UNSPECIFIED, "MITIGATION_STATE_NEW"),
        ("manualMitigating", State.UNSPECIFIED, "manualMitigating"),
        (10, State.MANUAL_MITIGATING, "MITIGATION_STATE_MANUAL_MITIGATING"),
        ("10", State.MANUAL_MITIGATING, "MITIGATION_STATE_MANUAL_MITIGATING"),
        (17, State.UNSPECIFIED, "17"),
        (-1, State.UNSPECIFIED, "-1"),
        (None, State.UNSPECIFIED, "MITIGATION_STATE_UNSPECIFIED"),
        ([], State.UNSPECIFIED, "MITIGATION_STATE_UNSPECIFIED"),
    ],
)
def test_keeps_the_text_of_a_state_that_is_not_known(written: object, state: State, text: str) -> None:
    found = read(currentState=written)

    assert (found.state, found.state_text) == (state, text)


def test_sorts_the_history() -> None:
    entries = [{"timestamp": f"2026-02-01T10:00:0{second}Z"} for second in (5, 1, 3)]

    assert [entry.at.second for entry in read(states=[*entries, None]).history if entry.at] == [1, 3, 5]


# --- States -----------------------------------------------------------------------------------------------------------

CLASSES = {
    "ACK_REQUIRED": (StateClass.ENDED, OnWire.NO, False),
    "ARCHIVED": (StateClass.ENDED, OnWire.NO, False),
    "CLEARING": (StateClass.STOPPING, OnWire.YES, True),
    "CLEARING_FAIL": (StateClass.URGENT, OnWire.YES, True),
    "END_GRACE": (StateClass.LIVE, OnWire.YES, True),
    "END_WAIT": (StateClass.LIVE, OnWire.YES, True),
    "MANUAL_CLEAR": (StateClass.ENDED, OnWire.NO, False),
    "MANUAL_CLEARING": (StateClass.STOPPING, OnWire.YES, True),
    "MANUAL_CLEARING_FAIL": (StateClass.URGENT, OnWire.YES, True),
    "MANUAL_MITIGATING": (StateClass.LIVE, OnWire.YES, True),
    "MANUAL_STARTING": (StateClass.PENDING, OnWire.MAYBE, True),
    "MANUAL_STARTING_FAIL": (StateClass.FAILING, OnWire.MAYBE, True),
    "MITIGATING": (StateClass.LIVE, OnWire.YES, True),
    "STARTING": (StateClass.PENDING, OnWire.MAYBE, True),
    "STARTING_FAIL": (StateClass.FAILING, OnWire.MAYBE, True),
    "START_WAIT": (StateClass.PENDING, OnWire.NO, True),
    "UNSPECIFIED": (StateClass.UNKNOWN, OnWire.UNKNOWN, True),
}


def test_knows_the_seventeen_states_of_the_schema() -> None:
    assert {state.name for state in State} == CLASSES.keys()
    assert all(state.value == f"MITIGATION_STATE_{state.name}" for state in State)


@pytest.mark.parametrize("state", State)
def test_says_of_each_state_what_it_means(state: State) -> None:
    assert (state.state_class, state.on_wire, state.occupies_its_target) == CLASSES[state.name]
    assert state.label


@pytest.mark.parametrize(
    ("number", "state"), [(2, State.ARCHIVED), (7, State.MANUAL_CLEAR), (12, State.MANUAL_STARTING_FAIL)]
)
def test_has_its_states_in_the_order_of_the_schemas_numbers(number: int, state: State) -> None:
    assert list(State)[number] is state


# --- Anything ---------------------------------------------------------------------------------------------------------

_names = st.sampled_from([*ROW, "flowspec", "ipCidr", "dstPrefix", "timestamp", "state", "results", "success"])
_texts = st.sampled_from(["2026-02-01T10:00:05Z", "3600s", "7", "MITIGATION_STATE_ARCHIVED"]) | st.text()
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names | st.text(), inner, max_size=6),
    max_leaves=12,
)


def _any_row() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"id": st.just("7")}, optional={name: _json for name in ROW if name != "id"})


@given(_any_row() | _json)
def test_reads_any_row_without_raising(value: Any) -> None:
    for reader in (parsing.mitigation, parsing.platform, parsing.method):
        found = reader(value)
        assert found is None or found.id


@given(_any_row())
def test_reads_a_row_with_an_id_whatever_else_is_in_it(value: Any) -> None:
    found = parsing.mitigation(value)

    assert found is not None
    assert found.id == "7"


@given(_json)
def test_reads_any_answer_without_raising(value: Any) -> None:
    answer = parsing.read_object(json.dumps(value), redact=str)

    answers.page(answer, key="mitigations", read=parsing.mitigation, at=BEGINNING)
    answers.one_mitigation(answer, mitigation_id="7")
    assert len(answers.results(answer, ["7", "8"])) == 2


@given(st.text() | st.text(alphabet='{}[]",:0\ud800', max_size=60))
def test_reads_any_text_without_raising(text: str) -> None:
    assert isinstance(parsing.read_object(text, redact=str), dict)


@given(st.text() | st.text(alphabet="0123456789-:.TZ+s", max_size=36))
def test_reads_any_time_and_duration_without_raising(text: str) -> None:
    at = parsing.time_of(text)

    assert at is None or at.tzinfo is UTC
    assert (parsing.duration_of(text) or timedelta(1)) > timedelta()


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, '{"n":' + "9" * 6_000 + "}", '{"a":' * 400 + "1" + "}" * 400]
)
def test_reads_nothing_of_what_is_too_deep_or_too_long(text: str) -> None:
    assert isinstance(parsing.read_object(text, redact=str), dict)
