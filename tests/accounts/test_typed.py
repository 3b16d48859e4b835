"""What is kept of a form, and for whom: whatever is typed."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from accounts import typed
from tests.making import NOW

names = st.text("abcdefgh_", min_size=1, max_size=12)
fields = st.dictionaries(names, st.lists(st.text(max_size=40), min_size=1, max_size=3), max_size=5)
OURS = {"csrfmiddlewaretoken", typed.MARK, typed.SECRET}


def sent(fields: dict[str, list[str]], *, by: int, session: SessionBase | None = None) -> HttpRequest:
    data = {**fields, typed.MARK: typed.mark_of(by)}
    request = RequestFactory().post(
        "/mitigations/new/", data, headers={"referer": "http://testserver/mitigations/new/"}
    )
    request.user = AnonymousUser()
    request.session = SessionBase() if session is None else session
    return request


def key_in(address: str) -> str:
    return address.partition(f"{typed.KEY}=")[2]


@given(fields=fields, by=st.integers(1, 9), reader=st.integers(1, 9))
def test_whatever_was_typed_comes_back_to_its_author_alone(fields: dict[str, list[str]], by: int, reader: int) -> None:
    fields = {name: values for name, values in fields.items() if name not in OURS and "password" not in name.lower()}
    request = sent(fields, by=by)
    address = typed.keep(request, at=NOW)
    found = typed.find(request.session, key_in(address), person=reader, at=NOW + timedelta(minutes=59))
    assert (found.fields if found else None) == (fields if reader == by else None)


@given(people=st.lists(st.integers(1, 3), max_size=9), staying=st.integers(1, 3))
def test_whoever_signs_in_leaves_nothing_of_others_and_at_most_five_of_their_own(
    people: list[int], staying: int
) -> None:
    session = SessionBase()
    keys = [key_in(typed.keep(sent({"n": ["x"]}, by=each, session=session), at=NOW)) for each in people]
    newest = list(zip(keys, people, strict=True))[-5:]
    typed.forget_others(session, person=staying)
    there = {key for key in keys for each in (1, 2, 3) if typed.find(session, key, person=each, at=NOW)}
    assert there == {key for key, person in newest if person == staying}


@given(sizes=st.lists(st.integers(1, 800_000), max_size=4))
def test_there_is_never_more_than_there_is_room_for(sizes: list[int]) -> None:
    session = SessionBase()
    for size in sizes:
        typed.keep(sent({"n": ["x" * size]}, by=1, session=session), at=NOW)
    kept = [len(entry["fields"]["n"][0]) for entry in session.get("typed", {}).values()]
    assert sum(kept) <= 1_500_000
    assert kept[-1:] == sizes[-1:]
