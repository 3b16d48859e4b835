from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mitigations.models import BreakGlass, Draft, Rulebook
from tests.making import NOW, break_glass_for, make_mitigation, make_rulebook
from tests.models.refusing import refused_by_the_database
from tests.people import make_person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change", [{"rules": []}, {"note": "another"}, {"number": 9}, {"published_at": NOW + timedelta(days=1)}]
)
def test_a_published_version_never_changes(change: dict[str, Any]) -> None:
    book = make_rulebook()

    with refused_by_the_database():
        Rulebook.objects.filter(pk=book.pk).update(**change)


def test_a_published_version_is_never_deleted() -> None:
    book = make_rulebook()

    with refused_by_the_database():
        Rulebook.objects.filter(pk=book.pk).delete()


def test_there_is_one_draft() -> None:
    with refused_by_the_database("there_is_one_draft"):
        Draft.objects.create(id=2)


def test_only_whoever_asked_breaks_the_glass() -> None:
    mitigation = make_mitigation()

    with refused_by_the_database("only whoever asked breaks the glass"):
        BreakGlass.objects.create(
            mitigation=mitigation, broken_by=make_person("kim"), broken_at=NOW, reason="I said so."
        )


def test_the_glass_is_broken_once() -> None:
    mitigation = make_mitigation()
    break_glass_for(mitigation)

    with refused_by_the_database():
        break_glass_for(mitigation)


def test_nobody_reviews_the_glass_that_they_broke() -> None:
    glass = break_glass_for(make_mitigation())

    with refused_by_the_database("glass_reviewed_by_somebody_else"):
        review(glass, reviewed_by=glass.broken_by)


@pytest.mark.parametrize("missing", [{"review_note": ""}, {"reviewed_at": None}, {"justified": None}])
def test_a_review_says_who_when_how_and_why(missing: dict[str, Any]) -> None:
    glass = break_glass_for(make_mitigation())

    with refused_by_the_database("glass_reviewed_by_whom_when_and_how"):
        review(glass, **missing)


@pytest.mark.parametrize("change", [{"review_note": "No."}, {"justified": False}, {"reason": "Another."}])
def test_a_review_stands(change: dict[str, Any]) -> None:
    glass = break_glass_for(make_mitigation())
    review(glass)

    with refused_by_the_database("what was said of a broken glass stands"):
        BreakGlass.objects.filter(pk=glass.pk).update(**change)


def test_broken_glass_is_kept_for_ever() -> None:
    glass = break_glass_for(make_mitigation())

    with refused_by_the_database("broken glass is kept for ever"):
        BreakGlass.objects.filter(pk=glass.pk).delete()


def review(glass: BreakGlass, **values: Any) -> None:
    said = {"reviewed_by": make_person("pat"), "reviewed_at": NOW, "justified": True, "review_note": "Right.", **values}
    BreakGlass.objects.filter(pk=glass.pk).update(**said)
