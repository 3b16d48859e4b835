from __future__ import annotations

from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth import authenticate
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.authority import Actor
from accounts.models import User
from accounts.selectors import actor_for
from audit.author import Origin
from audit.refusal import Refused
from mitigations.models import Exchange, Pairing
from mitigations.policies.network import Prefix, parse
from mitigations.selectors import catalogue, kentik
from mitigations.selectors.first_contact import Learnt, learnt
from mitigations.services import events, requests, stopping
from mitigations.services.checking import check
from mitigations.services.kentik_account import account
from mitigations.services.requests import Wanted

_REASON = "First contact: to learn how this Kentik account answers. The target is a test prefix."
_ABOUT = """\
This walks through the first mitigation on a real Kentik account, and says what it teaches. Use a prefix on which
nothing depends, and have somebody watch Kentik. Before each step that changes anything it asks; Enter means no, and no
ends it.

Nothing goes around the portal: you ask as yourself, somebody else approves on the approvals page, and the worker
sends, looks and stops. So the worker must be running."""
_BY_HAND = """\
Left to be tried in Kentik by hand, since the portal would never do it: a second start of the same target (its
guardrails block that), a method that is not linked to the platform, and a user of Member level. Kentik's own audit log
should show the calls of above. Each exchange is kept on the mitigation's page: please write into docs/kentik.md what
you saw."""


class Command(BaseCommand):
    help = "Walk through the first mitigation on a real Kentik account, step by step, and say what it teaches."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="username", required=True, help="who asks; their password is asked for")
        parser.add_argument("--target", required=True, help="a test prefix on which nothing depends")
        parser.add_argument(
            "--pairing", type=int, help="the number of a pairing that is offered; without it they are listed"
        )
        parser.add_argument("--minutes", type=int, default=5, help="until the auto-stop (5)")

    def handle(self, *args: Any, username: str, target: str, pairing: int | None, minutes: int, **options: Any) -> None:
        self._configured()
        self.stdout.write(f"{_ABOUT}\n")
        wanted = Wanted(
            target=_prefix(target),
            pairing_id=self._pairing(pairing).pk,
            minutes=minutes,
            comment="First contact",
            reason=_REASON,
        )
        if wanted.minutes < 1:
            raise CommandError("Give it an auto-stop of at least 1 minute: what is tried should end by itself.")
        by = _signed_in(username)
        if not self._check() or (reference := self._ask(wanted, by)) is None:
            self.stdout.write("Nothing was asked for.")
            return
        self._follow(reference, by)
        self.stdout.write(f"\n{_BY_HAND}")

    def _configured(self) -> None:
        try:
            self._spelling = account().spelling
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error

    def _pairing(self, number: int | None) -> Pairing:
        offered = {each.pk: each for each in catalogue.offered()}
        if number in offered:
            return offered[number]
        lines = [f"  --pairing {pk}  {each}: {each.effect}" for pk, each in offered.items()]
        raise CommandError("\n".join(["Choose a harmless pairing that is offered:", *lines]))

    def _check(self) -> bool:
        """Reads first: a start with bad credentials teaches nothing."""
        if not self._confirms("Ask Kentik, with reads only, how it stands?"):
            return False
        report = check(now=timezone.now)
        for sentence in report.sentences:
            self.stdout.write(f"  {sentence}")
        return report.well

    def _ask(self, wanted: Wanted, by: Actor) -> str | None:
        pairing = catalogue.pairing(wanted.pairing_id)
        judgement = requests.judge(pairing, wanted.terms, by=by, at=timezone.now())
        for finding in judgement.findings:
            self.stdout.write(f"  {finding.severity}: {finding.sentence}")
        self.stdout.write(f"  {judgement.requirement.sentence}")
        self.stdout.write(f"  Kentik would get: {requests.preview_message(wanted, pairing).body(self._spelling)}")
        question = (
            f"Ask in the portal, as {by.username}, for {wanted.target.text} on {pairing} for {wanted.minutes} min?"
        )
        if not self._confirms(question):
            return None
        try:
            return requests.ask(wanted=wanted, by=by, at=timezone.now()).reference
        except Refused as refusal:
            raise CommandError(f"The portal refused it: {refusal}") from refusal

    def _follow(self, reference: str, by: Actor) -> None:
        """Look as often as whoever sits there wants, and offer once to stop what runs."""
        offered = False
        while True:
            now = learnt(reference, spelling=self._spelling, matched=events.MATCHED)
            self._tell(now)
            if now.is_over:
                return
            if now.is_running and not offered:
                offered = True
                self._offer_to_stop(reference, by)
            if not self._confirms(f"Look again at {reference}?"):
                self.stdout.write(f"{reference} goes on by itself: see its page in the portal.")
                return

    def _offer_to_stop(self, reference: str, by: Actor) -> None:
        if not kentik.is_on() or not self._confirms(f"Have the worker tell Kentik to stop {reference}?"):
            return
        try:
            stopping.order(reference=reference, by=by, note="First contact: to see it stopped.", at=timezone.now())
        except Refused as refusal:
            self.stdout.write(f"  The portal refused it: {refusal}")

    def _tell(self, now: Learnt) -> None:
        self.stdout.write("")
        if now.exchange is not None:
            self._show(now.exchange)
        for sentence in now.sentences:
            self.stdout.write(f"  {sentence}")

    def _show(self, exchange: Exchange) -> None:
        self.stdout.write(f"  > {exchange.method} {exchange.url}\n  > {exchange.request_body}")
        self.stdout.write(f"  < {exchange.status or exchange.outcome}, after {exchange.duration_ms} ms")
        for line in (*exchange.response_headers.splitlines(), exchange.response_body):
            self.stdout.write(f"  < {line}")

    def _confirms(self, question: str) -> bool:
        try:
            return input(f"\n{question} [y/N] ").strip().lower() in {"y", "yes"}
        except EOFError:
            return False


def _prefix(text: str) -> Prefix:
    prefix = parse(text)
    if not isinstance(prefix, Prefix):
        raise CommandError(prefix.sentence)
    return prefix


def _signed_in(username: str) -> Actor:
    """Nobody asks in another's name, from a shell either."""
    user = authenticate(username=username, password=getpass(f"Password of {username}: "))
    if not isinstance(user, User):
        raise CommandError("That is not the password, or there is no such account.")
    return actor_for(user, origin=Origin(user_agent="manage.py kentik_first_contact"))
