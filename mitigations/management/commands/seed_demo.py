from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.authority import COMMAND_LINE
from accounts.selectors import actor_for
from accounts.services import enrol, set_password
from audit.author import Origin
from mitigations.forms.plan_file import read
from mitigations.management.demo import CAST, PRESETS, RULES
from mitigations.policies.plan import Part
from mitigations.policies.presets import Recipe
from mitigations.selectors import catalogue, plan
from mitigations.services import rules
from mitigations.services.plan import import_entries, save_team
from mitigations.services.presets import save as save_preset

EXAMPLES = settings.BASE_DIR / "docs" / "examples"


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
            self._rules()
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

    def _rules(self) -> None:
        """Published by max: a version has an author who is a person."""
        max_ = actor_for(next(each for each in plan.people() if each.username == "max"), origin=Origin())
        for revision, rule in enumerate(RULES):
            rules.add(rule=rule, revision=revision, by=max_, at=timezone.now())
        rules.publish(revision=len(RULES), note="What we begin with.", by=max_, at=timezone.now())

    def _welcome(self, password: str) -> None:
        port = os.environ.get("PORT", "8000")
        self.stdout.write(f"\nBreakwater runs at http://127.0.0.1:{port}/ – the password of all is {password}\n")
        for username, (_, _, what) in CAST.items():
            self.stdout.write(f"  {username:5} {what}")
        self.stdout.write("\nCtrl-C stops all of it.\n")
