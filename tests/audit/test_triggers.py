"""What is written stays as written: the database itself refuses, whoever asks it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from audit.ledger import recorded
from audit.models import Event
from mitigations.models import Decision, Exchange
from mitigations.policies.lifecycle import Status
from tests.audit.conftest import AT, DANA, DEED
from tests.making import make_exchange, make_mitigation

pytestmark = pytest.mark.django_db


def event() -> Event:
    with recorded(DEED, subject="box 7", by=DANA, at=AT):
        pass
    return Event.objects.get()


def exchange() -> Exchange:
    return make_exchange(make_mitigation())


def decision() -> Decision:
    return make_mitigation(Status.APPROVED).decisions.get()


RECORDS = {
    Event: (event, "detail", "changed"),
    Exchange: (exchange, "detail", "changed"),
    Decision: (decision, "note", "changed"),
}
append_only = pytest.mark.parametrize("model", list(RECORDS))


def make(model: type[models.Model]) -> Any:
    return RECORDS[model][0]()


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def refuses(model: type[models.Model]):
    return pytest.raises(IntegrityError, match=f"{model._meta.db_table} is append-only")


@append_only
def test_refuses_an_update(model: type[models.Model]) -> None:
    record, (_, column, value) = make(model), RECORDS[model]

    with refuses(model), transaction.atomic():
        model._default_manager.filter(pk=record.pk).update(**{column: value})


@append_only
def test_refuses_to_save_again(model: type[models.Model]) -> None:
    record = make(model)

    with refuses(model), transaction.atomic():
        record.save()


@append_only
def test_refuses_a_delete(model: type[models.Model]) -> None:
    record = make(model)

    with refuses(model), transaction.atomic():
        record.delete()


@append_only
@pytest.mark.parametrize("sql", ["UPDATE {table} SET {column} = 'changed'", "DELETE FROM {table}"])
def test_refuses_it_in_sql(model: type[models.Model], sql: str) -> None:
    make(model)

    with refuses(model), transaction.atomic():
        run(sql.format(table=model._meta.db_table, column=RECORDS[model][1]))


@append_only
def test_refuses_to_insert_over_a_record(model: type[models.Model]) -> None:
    record, (_, column, value) = make(model), RECORDS[model]
    setattr(record, column, value)

    with pytest.raises(IntegrityError), transaction.atomic():
        model._default_manager.bulk_create(
            [record], update_conflicts=True, unique_fields=[model._meta.pk.name], update_fields=[column]
        )


@append_only
def test_refuses_to_replace_a_record(model: type[models.Model]) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has INSERT OR REPLACE")
    record = make(model)
    table, key = model._meta.db_table, model._meta.pk.column

    with pytest.raises(IntegrityError), transaction.atomic():
        run(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE {key} = {record.pk}")


@append_only
def test_refuses_to_truncate(model: type[models.Model]) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has TRUNCATE")
    make(model)
    connection.check_constraints()  # or their deferred checks would stand in the way first

    with refuses(model), transaction.atomic():
        run(f"TRUNCATE {model._meta.db_table} CASCADE")


def test_refuses_to_truncate_what_the_records_are_about() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has TRUNCATE")
    exchange()
    connection.check_constraints()

    with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
        run("TRUNCATE mitigations_mitigation CASCADE")


@pytest.mark.parametrize(
    ("change", "name"), [({"number": 0}, "event_numbered_from_one"), ({"outcome": "maybe"}, "event_outcome_known")]
)
def test_refuses_an_event_that_makes_no_sense(change: dict[str, Any], name: str) -> None:
    values = {"number": 1, "at": AT, "deed": DEED, "outcome": "done", "body": "{}"}

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Event.objects.create(**{**values, **change})


def test_refuses_a_number_twice() -> None:
    first = event()

    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.create(number=first.number, at=AT, deed=DEED, outcome="done", body="{}")
