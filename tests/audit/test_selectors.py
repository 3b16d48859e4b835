from __future__ import annotations

from datetime import timedelta

import pytest

from audit import selectors
from audit.ledger import recorded
from audit.refusal import Forbidden, Objection
from audit.selectors import Filter, Page
from tests.audit.conftest import AT, DANA, DEED

pytestmark = pytest.mark.django_db

ALL = Filter()


def numbers(page: Page) -> list[int]:
    return [entry.number for entry in page.entries]


def write(*subjects: str) -> None:
    for subject in subjects:
        with recorded(DEED, subject=subject, by=DANA, at=AT) as record:
            record.detail = {"note": f"about {subject}"}


def test_tells_the_story_of_one_subject_from_its_beginning() -> None:
    write("box 7", "box 8", "box 7", "box 77")

    assert [(entry.number, entry.subject) for entry in selectors.story("box 7")] == [(1, "box 7"), (3, "box 7")]


def test_tells_the_newest_end_of_a_long_story() -> None:
    write(*["box 7"] * 5)

    assert [entry.number for entry in selectors.story("box 7", limit=2)] == [4, 5]


def test_says_in_a_sentence_what_happened_and_keeps_the_note() -> None:
    write("box 7")

    [entry] = selectors.story("box 7")
    assert (entry.sentence, entry.refused, entry.note, entry.at) == ("dana opened box 7", False, "about box 7", AT)


def test_says_in_a_sentence_what_was_refused() -> None:
    with pytest.raises(Forbidden), recorded(DEED, subject="box 7", by=DANA, at=AT):
        raise Forbidden([Objection(code="locked", sentence="It is locked.")])

    [entry] = selectors.story("box 7")
    assert (entry.sentence, entry.refused) == ("dana could not open box 7: It is locked.", True)


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
def test_gives_each_event_once_from_page_to_page(size: int) -> None:
    write(*["box 7"] * 7)

    pages = [selectors.page(ALL, size=size)]
    while (older := pages[-1].older) is not None:
        pages.append(selectors.page(ALL, before=older, size=size))

    assert [number for each in pages for number in numbers(each)] == [7, 6, 5, 4, 3, 2, 1]
    assert len(pages) == -(-7 // size)


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
def test_goes_back_over_the_same_events_to_the_newest(size: int) -> None:
    write(*["box 7"] * 7)

    pages = [selectors.page(ALL, after=1, size=size)]
    while (newer := pages[-1].newer) is not None:
        pages.append(selectors.page(ALL, after=newer, size=size))

    assert [number for each in reversed(pages) for number in numbers(each)] == [7, 6, 5, 4, 3, 2]


def test_stays_where_it_is_while_new_events_come_in() -> None:
    write(*["box 7"] * 4)
    older = selectors.page(ALL, size=2).older

    write("box 8")

    assert numbers(selectors.page(ALL, before=older, size=2)) == [2, 1]


def test_has_one_empty_page_when_nothing_has_happened() -> None:
    assert selectors.page(ALL) == Page(entries=[])


def test_reads_a_page_in_one_query(django_assert_num_queries) -> None:
    write(*["box 7"] * 5)

    with django_assert_num_queries(1):
        selectors.page(ALL, size=3)


def test_knows_the_newest_event() -> None:
    assert (selectors.head(), selectors.newest_of("box 7")) == (0, 0)

    write("box 7", "box 8")

    assert (selectors.head(), selectors.newest_of("box 7"), selectors.newest_of("box 9")) == (2, 1, 0)


def test_tells_what_was_done_of_a_kind_within_a_time_and_leaves_the_end_out() -> None:
    write("box 7", "box 8", "box 9")
    with pytest.raises(Forbidden), recorded(DEED, subject="box 7", by=DANA, at=AT):
        raise Forbidden([Objection(code="locked", sentence="It is locked.")])
    later = AT + timedelta(days=1)

    assert [entry.subject for entry in selectors.between(AT, later, deeds=[DEED])] == ["box 7", "box 8", "box 9"]
    assert [entry.number for entry in selectors.between(AT, later, deeds=[DEED], limit=2)] == [2, 3]
    assert selectors.between(AT, later, deeds=["box.closed"]) == []
    assert selectors.between(later - timedelta(days=2), AT, deeds=[DEED]) == []
