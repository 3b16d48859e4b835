"""Tickets as people look for them, asked of the database."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mitigations.models import Mitigation
from mitigations.policies.lifecycle import Status
from tests.making import make_mitigation

pytestmark = pytest.mark.django_db
ON_ROWS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Letters whose case both databases know; signs that mean something to LIKE; and some that sort by language.
LETTERS = st.text("aBz09-_%\\ äé😀", min_size=1, max_size=4)


def found(ticket: str, typed: str) -> tuple[bool, bool]:
    """Whether a request of this ticket is found by its beginning, and as that ticket itself."""
    rows = Mitigation.objects.filter(pk=make_mitigation(Status.ENDED, ticket=ticket).pk)
    return rows.of_tickets(typed).exists(), rows.of_ticket(typed).exists()


@given(ticket=LETTERS, typed=LETTERS)
@ON_ROWS
def test_a_ticket_is_found_by_its_beginning_in_any_case(ticket: str, typed: str) -> None:
    begins, exact = ticket.lower().startswith(typed.lower()), ticket.lower() == typed.lower()
    assert found(ticket, typed) == (begins, exact)


@given(ticket=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20))
@ON_ROWS
def test_a_ticket_is_found_as_it_stands_whatever_its_letters(ticket: str) -> None:
    assert found(ticket, ticket) == (True, True)


def test_the_last_tickets_come_first() -> None:
    made = {ticket: make_mitigation(ticket=ticket) for ticket in ("inc-2", "INC-3", "Inc-1")}
    assert list(Mitigation.objects.of_tickets("inc")) == [made["INC-3"], made["inc-2"], made["Inc-1"]]


@pytest.mark.parametrize("rows", ["of_ticket", "of_tickets"])
def test_they_are_found_by_an_index(rows: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = getattr(Mitigation.objects, rows)("INC-1").values_list("pk", flat=True)[:6].explain()
    assert "mitigation_ticket" in plan
    assert "B-TREE" not in plan.upper()
