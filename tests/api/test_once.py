"""The same call twice, with the same Idempotency-Key: done once, answered the same."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from accounts import answers
from accounts.models import KeptAnswer
from audit.models import Event
from mitigations.models import Decision, Mitigation
from mitigations.services import requests
from tests.api.calling import Answer, Caller, terms
from tests.making import make_mitigation, make_pairing, make_token
from tests.people import make_cast

pytestmark = pytest.mark.django_db
Calls = Callable[..., Caller]


def asked(caller: Caller, key: str = "one", **values: Any) -> Answer:
    return caller.post("/mitigations", terms(make_pairing(), **values), Idempotency_Key=key)


class TestTheSameCall:
    def test_is_done_once_and_answered_the_same(self, calls: Calls) -> None:
        dana = calls("dana")
        first, again = asked(dana), asked(dana)

        assert (first.status, again.status) == (201, 201)
        assert (again.raw.content, again.headers["Location"]) == (first.raw.content, first.headers["Location"])
        assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
        assert Mitigation.objects.count() == 1
        assert Event.objects.filter(deed="mitigation.asked").count() == 1

    def test_is_refused_once_and_the_refusal_is_repeated(self, calls: Calls) -> None:
        dana = calls("dana")
        first, again = asked(dana, target="10.0.0.1"), asked(dana, target="10.0.0.1")

        assert (first.status, again.raw.content) == (422, first.raw.content)
        assert again.headers["Content-Type"] == "application/problem+json"
        assert Event.objects.filter(outcome="refused").count() == 1

    def test_says_what_is_not_there_the_same(self, calls: Calls) -> None:
        lee = calls("lee")
        found = [lee.post("/mitigations/MIT-99999/approve", Idempotency_Key="one") for _ in range(2)]

        assert [each.status for each in found] == [404, 404]

    def test_is_any_post(self, calls: Calls) -> None:
        row, lee = make_mitigation(), calls("lee")
        found = [lee.post(f"/mitigations/{row.reference}/approve", Idempotency_Key="one") for _ in range(2)]

        assert [each.status for each in found] == [202, 202]
        assert Decision.objects.count() == 1

    def test_is_a_preview_too(self, calls: Calls) -> None:
        dana, wish = calls("dana"), {"target": "203.0.113.7", "pairing": make_pairing().pk}
        first, again = (dana.post("/mitigations/preview", wish, Idempotency_Key="one") for _ in range(2))
        other = dana.post("/mitigations/preview", {**wish, "target": "203.0.113.9"}, Idempotency_Key="one")

        assert (again.raw.content, again.headers["Idempotency-Replayed"]) == (first.raw.content, "true")
        assert (other.status, other.codes) == (422, ["key-of-another-call"])

    def test_is_another_after_a_day(self, calls: Calls, clock: time_machine.Traveller) -> None:
        dana = calls("dana")
        asked(dana)
        clock.shift(timedelta(hours=24) - timedelta(seconds=1))
        assert asked(dana).headers.get("Idempotency-Replayed") == "true"
        clock.shift(timedelta(seconds=1))

        assert asked(dana).codes == ["duplicate"]
        assert KeptAnswer.objects.count() == 1

    def test_is_another_of_another_token(self, calls: Calls) -> None:
        asked(calls("dana"))

        assert asked(calls("dana")).codes == ["duplicate"]


class TestAnotherCall:
    @pytest.mark.parametrize("values", [{"target": "203.0.113.8"}, {"minutes": 5}, {"reason": "Another."}])
    def test_with_the_same_key_is_refused(self, calls: Calls, values: dict[str, Any]) -> None:
        dana = calls("dana")
        asked(dana)
        answer = asked(dana, **values)

        assert (answer.status, answer.codes) == (422, ["key-of-another-call"])
        assert Mitigation.objects.count() == 1

    def test_of_another_operation_is_refused_too(self, calls: Calls) -> None:
        row, lee = make_mitigation(), calls("lee")
        lee.post(f"/mitigations/{row.reference}/approve", {"note": "x"}, Idempotency_Key="one")
        answer = lee.post(f"/mitigations/{row.reference}/reject", {"note": "x"}, Idempotency_Key="one")

        assert answer.codes == ["key-of-another-call"]

    def test_is_mended_with_the_same_key_where_nothing_was_read(self, calls: Calls) -> None:
        dana = calls("dana")
        wrong = asked(dana, minutes="soon")

        assert (wrong.status, asked(dana).status) == (422, 201)


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "ä", "a b"])
def test_takes_no_key_that_is_none(calls: Calls, key: str) -> None:
    answer = asked(calls("dana"), key)

    assert answer.status == 422
    assert answer.body["findings"][0]["pointer"] == "header:Idempotency-Key"


class TestACallThatBroke:
    def test_is_never_done_again_and_says_so(self, calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
        """It may have been done: the answer was lost, not the deed."""
        dana = calls("dana")
        real = requests.ask

        def breaks(**said: Any) -> None:
            real(**said)
            raise RuntimeError("cut off")

        monkeypatch.setattr(requests, "ask", breaks)
        assert asked(dana).status == 500
        monkeypatch.setattr(requests, "ask", real)
        answer = asked(dana)

        assert (answer.status, answer.codes) == (409, ["call-under-way"])
        assert Mitigation.objects.count() == 1


class TestWhatIsKept:
    def test_is_the_answer_and_a_hash_of_the_call(self, calls: Calls) -> None:
        dana = calls("dana")
        asked(dana)
        row = KeptAnswer.objects.values().get()

        assert dana.token not in str(row)
        assert (row["status"], set(row["headers"])) == (201, {"Content-Type", "Location"})


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes while the first is in the middle of it, and again when it is done."""
    cast = make_cast()
    pairing, token = make_pairing(), make_token(cast.dana).text
    inside, go_on, found = threading.Event(), threading.Event(), []
    real = requests.ask

    def slow(**said: Any) -> Mitigation:
        inside.set()
        assert go_on.wait(20)
        return real(**said)

    def call() -> None:
        try:
            found.append(Caller(token).post("/mitigations", terms(pairing), Idempotency_Key="one"))
        finally:
            connection.close()

    monkeypatch.setattr(requests, "ask", slow)
    first = threading.Thread(target=call)
    first.start()
    assert inside.wait(20)
    during = Caller(token).post("/mitigations", terms(pairing), Idempotency_Key="one")
    go_on.set()
    first.join(20)
    after = Caller(token).post("/mitigations", terms(pairing), Idempotency_Key="one")

    assert (during.status, during.codes) == (409, ["call-under-way"])
    assert (found[0].status, after.status, after.raw.content) == (201, 201, found[0].raw.content)
    assert Mitigation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_takes_the_key() -> None:
    cast = make_cast()
    token = make_token(cast.dana).token
    start, taken = threading.Barrier(6), []

    def take() -> None:
        try:
            start.wait(20)
            taken.append(answers.begin(caller="token:1", key="one", call_sha256="x", at=token.made_at))
        except answers.Conflict:
            taken.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert (len(taken), sum(each is not None for each in taken)) == (6, 1)
