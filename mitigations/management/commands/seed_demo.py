from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.authority import COMMAND_LINE, Role
from accounts.services import enrol, set_password
from mitigations.selectors import catalogue

CAST: dict[str, tuple[str, tuple[Role, ...], str]] = {
    "dana": ("Dana Reyes", (Role.REQUESTER,), "asks for mitigations"),
    "lee": ("Lee Park", (Role.APPROVER,), "approves"),
    "kim": ("Kim Osei", (Role.APPROVER,), "approves"),
    "ana": ("Ana Silva", (Role.AUDITOR,), "audits"),
    "max": ("Max Brandt", (Role.ADMINISTRATOR,), "administers"),
    "eve": ("Eve Moran", (), "has an account and no role"),
}


class Command(BaseCommand):
    help = "Give the demo its cast and its catalogue, where they are missing, and print how to sign in."

    def handle(self, *args: Any, **options: Any) -> None:
        password = os.environ.get("DEMO_PASSWORD", "")
        if not password:
            raise CommandError("DEMO_PASSWORD is not set. This command is for the demo only; `make demo` sets it.")
        for username, (full_name, roles, _) in CAST.items():
            by, at = COMMAND_LINE.author, timezone.now()
            if not set_password(username=username, password=password, by=by, at=at):
                enrol(username=username, full_name=full_name, roles=roles, password=password, by=by, at=at)
        if not catalogue.platforms():
            call_command("import_catalogue", str(settings.BASE_DIR / "docs" / "examples" / "catalogue.csv"))
        self._welcome(password)

    def _welcome(self, password: str) -> None:
        port = os.environ.get("PORT", "8000")
        self.stdout.write(f"\nBreakwater runs at http://127.0.0.1:{port}/ – the password of all is {password}\n")
        for username, (_, _, what) in CAST.items():
            self.stdout.write(f"  {username:5} {what}")
        self.stdout.write("\nCtrl-C stops all of it.\n")
