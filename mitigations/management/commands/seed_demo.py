from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.authority import COMMAND_LINE, Role
from accounts.services import enrol, set_password
from mitigations.forms.plan_file import read
from mitigations.policies.network import known
from mitigations.policies.plan import Part
from mitigations.policies.presets import Recipe, TargetClass
from mitigations.selectors import catalogue, plan
from mitigations.services.plan import import_entries, save_team
from mitigations.services.presets import save as save_preset

EXAMPLES = settings.BASE_DIR / "docs" / "examples"

CAST: dict[str, tuple[str, tuple[Role, ...], str]] = {
    "dana": ("Dana Reyes", (Role.REQUESTER, Role.BREAK_GLASS), "asks for mitigations, and may break the glass"),
    "lee": ("Lee Park", (Role.APPROVER,), "approves"),
    "kim": ("Kim Osei", (Role.APPROVER,), "approves"),
    "ana": ("Ana Silva", (Role.AUDITOR,), "audits"),
    "max": ("Max Brandt", (Role.ADMINISTRATOR,), "administers"),
    "eve": ("Eve Moran", (), "has an account and no role"),
}

# By the Kentik IDs of platform and method.
PRESETS: dict[tuple[str, str], dict[str, Any]] = {
    ("257", "775"): {
        "name": "Shop host under UDP flood",
        "kind": TargetClass.HOST,
        "inside": known("203.0.113.0/24"),
        "minutes": 60,
        "comment": "UDP flood on a shop host",
        "reason": "UDP flood since …, at … Gbps, seen in …: the host is lost anyway, dropping it saves the rest.",
    },
    ("258", "781"): {
        "name": "UDP fragments from reflection",
        "kind": TargetClass.ANY,
        "inside": None,
        "minutes": 120,
        "comment": "UDP fragments (reflection)",
        "reason": "Fragments of reflected … answers since …, at … Gbps: nothing that we serve needs them.",
    },
    ("259", "791"): {
        "name": "Customer network to the scrubber",
        "kind": TargetClass.NETWORK,
        "inside": known("198.51.100.0/24"),
        "minutes": 240,
        "comment": "Diverted to the scrubber in Frankfurt",
        "reason": "Mixed attack on customer … since …: they know that latency rises while it is diverted.",
    },
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
                email = f"{username}@example.net"
                enrol(username=username, full_name=full_name, roles=roles, password=password, by=by, at=at, email=email)
        if not catalogue.platforms():
            call_command("import_catalogue", str(EXAMPLES / "catalogue.csv"))
            self._plan()
            self._presets()
        self._welcome(password)

    def _plan(self) -> None:
        """Documentation prefixes as the team's own address space, or nothing in the demo could be asked for."""
        by, at = COMMAND_LINE, timezone.now()
        people = {person.username: person.pk for person in plan.people()}
        save_team(id=None, name="Hosting", member_ids=[people["dana"]], by=by, at=at)
        for part, name in ((Part.SPACE, "address-space.csv"), (Part.PROTECTED, "protected.csv")):
            entries, mistakes = read(part, (EXAMPLES / name).read_text())
            assert not mistakes, "the examples are right"
            import_entries(part=part, entries=entries, by=by, at=at)

    def _presets(self) -> None:
        pairings = {(each.platform.kentik_id, each.method.kentik_id): each.pk for each in catalogue.offered()}
        for ids, values in PRESETS.items():
            recipe = Recipe(pairing_id=pairings[ids], **values)
            save_preset(id=None, recipe=recipe, by=COMMAND_LINE, at=timezone.now())

    def _welcome(self, password: str) -> None:
        port = os.environ.get("PORT", "8000")
        self.stdout.write(f"\nBreakwater runs at http://127.0.0.1:{port}/ – the password of all is {password}\n")
        for username, (_, _, what) in CAST.items():
            self.stdout.write(f"  {username:5} {what}")
        self.stdout.write("\nCtrl-C stops all of it.\n")
