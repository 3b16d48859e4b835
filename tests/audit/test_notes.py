from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.chain import Head
from audit.notes import Statement, digest, found_in, statement
from audit.signing import BadNote, new_key, signing_key

hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
heads = st.builds(Head, number=st.integers(0, 10**18), hash=hashes)
statements = st.builds(
    Statement,
    head=heads,
    at=st.datetimes(timezones=st.just(UTC)),
    beside=st.dictionaries(st.sampled_from(["exchanges", "others"]), heads),
    before=st.none() | st.tuples(st.integers(1, 10**18), hashes),
)
STATED = Statement(
    head=Head(number=42, hash="ab" * 32),
    beside={"exchanges": Head(number=7, hash="cd" * 32)},
    before=(12, digest("the one before")),
    at=datetime(2026, 11, 25, 3, 0, tzinfo=UTC),
)


@given(statements)
def test_reads_what_it_wrote(stated: Statement) -> None:
    assert statement(stated.text) == stated


def test_is_written_so_that_people_can_read_it() -> None:
    assert STATED.text.splitlines() == [
        "breakwater/audit",
        "42",
        "ab" * 32,
        "exchanges 7 " + "cd" * 32,
        "before 12 " + digest("the one before"),
        "at 2026-11-25T03:00:00.000000+00:00",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_is_found_in_a_mail(end: str) -> None:
    note = signing_key(new_key("portal")).sign(STATED.text)
    mail = f"Keep this.\n\n{note}\n-- \nBreakwater\n".replace("\n", end)

    assert found_in(mail) == note
    assert found_in("Hello.") == "Hello."


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("breakwater/audit", "harbour/audit"),
        lambda text: text.replace("42", "042"),
        lambda text: text.replace("42", "-1"),
        lambda text: text.replace("ab", "AB"),
        lambda text: text.replace("exchanges 7", "exchanges"),
        lambda text: text.replace("2026-11-25", "yesterday"),
        lambda text: text.replace("+00:00", "+02:00"),
        lambda text: text + "more\n",
        lambda text: text[-1:],
        lambda text: text[:20],
    ],
)
def test_refuses_what_is_no_checkpoint(spoil) -> None:
    with pytest.raises(BadNote):
        statement(spoil(STATED.text))
