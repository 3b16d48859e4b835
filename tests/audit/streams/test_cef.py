from __future__ import annotations

import re
from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from audit.canonical import storable
from audit.models import Event
from audit.streams.cef import cef

AT = datetime(2026, 11, 23, 3, 0, 0, 123456, tzinfo=UTC)
ESCAPES = {"\\\\": "\\", "\\=": "=", "\\|": "|", "\\n": "\n", "\\r": "\r"}
# Every character, those among them that no line and no text may hold.
ANY = st.text(st.characters(categories=None, exclude_categories=()), max_size=1500)
UNFIT = "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"


class Told(Event):
    """An event whose words are given."""

    sentence = ""  # type: ignore[assignment]

    class Meta:
        proxy = True
        app_label = "audit"


def event(*, sentence: str = "dana opened box", **values: object) -> Event:
    facts = {"number": 42, "at": AT, "deed": "box.opened", "outcome": "done", "hash": "ab" * 32, **values}
    told = Told(**{"actor_name": "dana", "subject": "box", "ip": "192.0.2.99", **facts})
    told.sentence = sentence  # type: ignore[misc]
    return told


def parsed(text: str) -> tuple[list[str], dict[str, str]]:
    """As a reader of CEF does it."""
    *header, extension = re.split(r"(?<!\\)(?:\\\\)*\|", text, maxsplit=7)
    pairs = re.findall(r"(?:^| )(\w+)=((?:[^=\\]|\\.)*?)(?= \w+=|$)", extension)
    return header, {name: re.sub(r"\\.", lambda each: ESCAPES[each[0]], value) for name, value in pairs}


def fit(text: str) -> str:
    text = re.sub(UNFIT, "\ufffd", text)
    return text if len(text) <= 1023 else text[:1022] + "…"


def test_says_what_happened() -> None:
    header, extension = parsed(cef(event()))
    assert header == ["CEF:0", "Breakwater", "Breakwater", "1", "box.opened", "box.opened", "3"]
    assert extension == {
        "externalId": "42",
        "rt": "1795402800123",
        "suser": "dana",
        "act": "box.opened",
        "outcome": "done",
        "msg": "dana opened box",
        "cs1Label": "hash",
        "cs1": "ab" * 32,
        "cs2Label": "subject",
        "cs2": "box",
        "src": "192.0.2.99",
    }


def test_puts_an_address_of_either_kind_in_its_place() -> None:
    assert parsed(cef(event(ip="2001:db8::1")))[1]["c6a2"] == "2001:db8::1"
    assert "src" not in parsed(cef(event(ip="")))[1]


def test_what_wants_a_look_weighs_more_than_what_was_refused() -> None:
    weights = [int(parsed(cef(each))[0][6]) for each in (event(), event(outcome="refused"), event(review=True))]
    assert weights == sorted(set(weights))


@given(sentence=ANY, actor=ANY, deed=ANY)
@example(sentence="a\\=b\r\n|c\\", actor=" x=y suser=eve ", deed="a|b\\")
@example(sentence="\x00\ud800\u2028\x85\x0b", actor="\\", deed="\r\n")
def test_is_one_line_that_reads_back_whatever_stands_in_it(sentence: str, actor: str, deed: str) -> None:
    text = cef(event(sentence=sentence, actor_name=actor, deed=deed))
    assert len(text.splitlines()) == 1
    assert text.encode()
    header, extension = parsed(text)
    assert len(header) == 7
    assert (extension["msg"], extension["suser"]) == (fit(sentence), fit(actor))
    assert list(extension)[:6] == ["externalId", "rt", "suser", "act", "outcome", "msg"]


def test_changes_nothing_that_the_database_can_hold_and_a_line_can() -> None:
    text = storable("“Zürich” – 水 🌊 = | \\")
    assert parsed(cef(event(sentence=text)))[1]["msg"] == text
