from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from typing import Any, TypeAlias

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from mitigations.models import Mitigation, Pairing
from mitigations.services import approvals
from mitigations.services.worker import Worker, build
from sandbox.server import Sandbox
from tests.making import NOW, make_mitigation, make_pairing
from tests.people import Cast, acting
from tests.views.facts import deeds

PASSWORD, TARGET = "harbour-tide-1234", "203.0.113.7/32"
Step: TypeAlias = str | Callable[[], None]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def kentik(settings: Any) -> Iterator[Sandbox]:
    with Sandbox(port=0) as running:
        settings.KENTIK_BASE_URL, settings.KENTIK_V6 = running.url, True
        yield running


@pytest.fixture(autouse=True)
def pairing(cast: Cast) -> Pairing:
    cast.dana.set_password(PASSWORD)
    cast.dana.save()
    return make_pairing()


@pytest.fixture
def sdk_spelling(settings: Any) -> None:
    """The sandbox wants the documented one."""
    settings.KENTIK_SPELLING = "sdk"


@pytest.fixture
def worker(kentik: Sandbox) -> Worker:
    return build(lease=timedelta(seconds=90), now=timezone.now)


@pytest.fixture
def talk(monkeypatch: pytest.MonkeyPatch, pairing: Pairing):
    """Run it with answers, the last of which is the end of the input. A step that is no text is done before a yes."""

    def talk(*steps: Step, password: str = PASSWORD, **options: Any) -> str:
        left, said = list(steps), StringIO()

        def answer(question: str) -> str:
            said.write(question)
            if not left:
                raise EOFError
            step = left.pop(0)
            if isinstance(step, str):
                return step
            step()
            return "y"

        monkeypatch.setattr("builtins.input", answer)
        monkeypatch.setattr("mitigations.management.commands.kentik_first_contact.getpass", lambda _: password)
        values = {"username": "dana", "target": TARGET, "pairing": pairing.pk, **options}
        call_command("kentik_first_contact", stdout=said, **values)
        assert left == []
        return said.getvalue()

    return talk


@pytest.fixture
def approved(worker: Worker, cast: Cast):
    """Somebody else approves in the portal, and the worker sends it and looks."""

    def approved() -> None:
        reference = Mitigation.objects.get().reference
        approvals.approve(reference=reference, by=acting(cast.lee), note="", at=timezone.now())
        work(worker)

    return approved


def work(worker: Worker) -> None:
    while worker.turn():
        pass


class TestAllTheWay:
    @pytest.fixture
    def said(self, talk, approved, worker: Worker, clock: time_machine.Traveller) -> str:
        def ten_seconds_later() -> None:
            clock.shift(10)
            work(worker)

        return talk("y", "y", approved, "y", ten_seconds_later)

    def test_starts_one_and_stops_it(self, said: str, kentik: Sandbox) -> None:
        assert [row["state"] for row in kentik.mitigations()] == ["stopped"]
        assert Mitigation.objects.get().status == "stopped"

    def test_says_what_the_answer_taught(self, said: str) -> None:
        assert "Kentik took the documented spelling of the fields." in said
        assert "< 200, after" in said
        assert '"result"' in said

    def test_says_whether_kentik_has_what_was_asked_for(self, said: str) -> None:
        assert "The comment is as asked: [MIT-" in said
        assert "The auto-stop is as asked: 5 min." in said
        assert "It was found there 0 s after the POST left" in said

    def test_goes_through_the_portal_as_everybody_does(self, said: str) -> None:
        done = [(who, deed) for who, deed, _ in deeds(Mitigation.objects.get().reference)]
        assert done[:2] == [("dana", "mitigation.asked"), ("lee", "mitigation.approved")]

    def test_says_no_credential(self, said: str, settings: Any) -> None:
        assert settings.KENTIK_API_TOKEN not in said
        assert PASSWORD not in said


class TestWhatKentikLoses:
    @pytest.mark.parametrize(
        ("fault", "sentence"),
        [
            (
                "lose-auto-stop",
                "The auto-stop is NOT as asked: 5 min was asked for, and Kentik shows until stopped by hand.",
            ),
            ("lose-comment", "and Kentik shows none."),
        ],
    )
    def test_is_told(self, fault: str, sentence: str, talk, approved, kentik: Sandbox) -> None:
        kentik.fault(fault)
        assert sentence in talk("y", "y", approved)

    def test_for_its_spelling_is_told(self, sdk_spelling: None, talk, approved) -> None:
        said = talk("y", "y", approved)
        assert "the sdk spelling is not the right one: set KENTIK_SPELLING to the other" in said
        assert "< 400" in said


class TestNo:
    def test_to_the_first_question_calls_nobody(self, talk, kentik: Sandbox) -> None:
        said = talk("n")
        assert ("Nothing was asked for." in said, kentik.journal()) == (True, [])

    @pytest.mark.parametrize("answer", ["n", "", "no", "perhaps", "Y es"])
    def test_to_the_second_asks_for_nothing(self, answer: str, talk) -> None:
        talk("y", answer)
        assert not Mitigation.objects.exists()

    def test_to_looking_again_leaves_the_request_to_the_portal(self, talk) -> None:
        said = talk("y", "y", "n")
        assert "goes on by itself: see its page in the portal." in said
        assert Mitigation.objects.get().status == "pending"

    def test_to_stopping_lets_it_run(self, talk, approved, kentik: Sandbox) -> None:
        talk("y", "y", approved, "n", "n")
        assert [row["state"] for row in kentik.mitigations()] == ["active"]


class TestItRefuses:
    def test_a_wrong_password(self, talk) -> None:
        with pytest.raises(CommandError, match="not the password"):
            talk(password="guess")

    @pytest.mark.parametrize("minutes", [0, -1])
    def test_what_would_not_end_by_itself(self, minutes: int, talk) -> None:
        with pytest.raises(CommandError, match="at least 1 minute"):
            talk(minutes=minutes)

    def test_what_is_no_prefix(self, talk) -> None:
        with pytest.raises(CommandError):
            talk(target="fish")

    def test_a_pairing_that_is_not_offered_and_lists_those_that_are(self, talk, pairing: Pairing) -> None:
        with pytest.raises(CommandError, match=f"--pairing {pairing.pk}  Edge RTBH · Drop everything"):
            talk(pairing=None)

    def test_whoever_may_not_ask(self, talk, cast: Cast) -> None:
        cast.lee.set_password(PASSWORD)
        cast.lee.save()
        with pytest.raises(CommandError, match="Only requesters may ask"):
            talk("y", "y", username="lee")
        assert not Mitigation.objects.exists()

    def test_what_a_guardrail_blocks(self, talk) -> None:
        make_mitigation(target=TARGET)
        with pytest.raises(CommandError, match="already holds"):
            talk("y", "y")
        assert Mitigation.objects.count() == 1

    def test_without_credentials(self, talk, settings: Any) -> None:
        settings.KENTIK_API_TOKEN = ""
        with pytest.raises(CommandError, match="KENTIK_API_TOKEN is not set") as caught:
            talk()
        assert caught.value.returncode == 2

    def test_to_go_on_when_kentik_refuses_the_credentials(self, talk, kentik: Sandbox) -> None:
        kentik.fault("status", status=401)
        assert "Nothing was asked for." in talk("y")
