from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.authority import COMMAND_LINE
from accounts.models import User
from accounts.provider import expect
from audit.refusal import Refused


class Command(BaseCommand):
    help = "Let whom the OpenID provider knows by an e-mail address, and vouches for it, take an account that is here."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("email")

    def handle(self, *args: Any, username: str, email: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no account named {username}.")
        try:
            expect(user_id=user.pk, email=email, by=COMMAND_LINE, at=timezone.now())
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{username} waits for whoever signs in with {email}.")
