"""Triggers on the new tables, and anew on those that 0003 changed: SQLite rebuilds them and drops their triggers."""

from django.db import migrations

from audit.triggers import append_only, refuse_when

TERMS = (
    "id", "target", "family", "first", "last", "length", "pairing_id", "minutes", "comment", "reason", "ticket",
    "approvals_needed", "rule", "findings_when_asked", "requested_by_id", "requested_at", "waits_until",
)  # fmt: skip
# Compared with a value that no row has, for two NULLs are not equal to each other.
TERMS_OR_NULL = ("approving_team_id", "rulebook", "asked_with_id")
IDENTITIES = {
    "platform": "OLD.kentik_id <> NEW.kentik_id",
    "method": "OLD.kentik_id <> NEW.kentik_id",
    "pairing": "OLD.platform_id <> NEW.platform_id OR OLD.method_id <> NEW.method_id",
}
GLASS = ("id", "mitigation_id", "broken_by_id", "broken_at", "reason")


def _changed(*columns: str) -> list[str]:
    return [f"OLD.{column} <> NEW.{column}" for column in columns]


def _changed_or_null(*columns: str) -> list[str]:
    return [f"COALESCE(OLD.{column}, -1) <> COALESCE(NEW.{column}, -1)" for column in columns]


class Migration(migrations.Migration):
    dependencies = [("mitigations", "0003_rules_glass_and_presets")]
    operations = [
        *(
            refuse_when(
                f"{thing}_identity_stands",
                table=f"mitigations_{thing}",
                event="UPDATE",
                condition=condition,
                because=f"the identity of a {thing} never changes",
            )
            for thing, condition in IDENTITIES.items()
        ),
        refuse_when(
            "mitigation_terms_stand",
            table="mitigations_mitigation",
            event="UPDATE",
            condition=" OR ".join([*_changed(*TERMS), *_changed_or_null(*TERMS_OR_NULL)]),
            because="the terms of a mitigation never change",
        ),
        refuse_when(
            "mitigation_never_deleted",
            table="mitigations_mitigation",
            event="DELETE",
            condition="1 = 1",
            because="mitigations are kept for ever",
        ),
        refuse_when(
            "decision_not_by_requester",
            table="mitigations_decision",
            event="INSERT",
            condition="NEW.decided_by_id = "
            "(SELECT requested_by_id FROM mitigations_mitigation WHERE id = NEW.mitigation_id)",
            because="nobody decides on their own request",
        ),
        *append_only("mitigations_rulebook"),
        refuse_when(
            "glass_broken_by_requester",
            table="mitigations_breakglass",
            event="INSERT",
            condition="NEW.broken_by_id <> "
            "(SELECT requested_by_id FROM mitigations_mitigation WHERE id = NEW.mitigation_id)",
            because="only whoever asked breaks the glass for it",
        ),
        refuse_when(
            "glass_stays_broken",
            table="mitigations_breakglass",
            event="UPDATE",
            condition=" OR ".join([*_changed(*GLASS), "OLD.reviewed_by_id IS NOT NULL"]),
            because="what was said of a broken glass stands",
        ),
        refuse_when(
            "glass_never_deleted",
            table="mitigations_breakglass",
            event="DELETE",
            condition="1 = 1",
            because="broken glass is kept for ever",
        ),
    ]
