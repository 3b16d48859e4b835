"""What a CHECK cannot say: records are kept as written, identities and terms stand, nobody decides on their own."""

from django.db import migrations

from audit.triggers import append_only, refuse_when

TERMS = (
    "id", "target", "family", "first", "last", "length", "pairing_id", "minutes", "comment", "reason", "ticket",
    "approvals_needed", "rule", "requested_by_id", "requested_at", "waits_until",
)  # fmt: skip

IDENTITIES = {
    "platform": "OLD.kentik_id <> NEW.kentik_id",
    "method": "OLD.kentik_id <> NEW.kentik_id",
    "pairing": "OLD.platform_id <> NEW.platform_id OR OLD.method_id <> NEW.method_id",
}


class Migration(migrations.Migration):
    dependencies = [("mitigations", "0001_initial"), ("audit", "0002_append_only")]
    operations = [
        *append_only("mitigations_exchange"),
        *append_only("mitigations_decision"),
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
            condition=" OR ".join(f"OLD.{term} <> NEW.{term}" for term in TERMS),
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
    ]
