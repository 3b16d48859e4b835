"""Exchanges that were kept before there was a chain are numbered in their order and tied as they are."""

import secrets
from datetime import UTC

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from audit.canonical import canonical, sha256
from audit.chain import GENESIS, tied

_TEXTS = ("url", "request_headers", "request_body", "response_headers", "response_body", "error")
_PLAIN = ("purpose", "method", "status", "response_cut", "duration_ms", "outcome", "credentials_refused")


def tie(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    exchanges = apps.get_model("mitigations", "Exchange").objects.using(editor.connection.alias)
    previous = GENESIS
    numbers = list(exchanges.order_by("number").values_list("number", flat=True))
    for number, before in enumerate(numbers, start=1):
        row = exchanges.get(number=before)
        texts = {name: getattr(row, name) for name in _TEXTS}
        detail = canonical({"salt": secrets.token_hex(16), **texts})
        body = canonical(
            {
                **{name: getattr(row, name) for name in _PLAIN},
                "log": "exchanges",
                "number": number,
                "mitigation": None if row.mitigation_id is None else f"MIT-{row.mitigation_id}",
                "attempt": str(row.attempt),
                "started_at": row.started_at.astimezone(UTC).isoformat(timespec="microseconds"),
                "detail_sha256": sha256(detail),
            }
        )
        previous = tied(previous, body)
        exchanges.filter(number=before).update(number=number, body=body, detail=detail, hash=previous)


class Migration(migrations.Migration):
    dependencies = [("mitigations", "0009_room_for_the_exchanges_chain")]
    operations = [migrations.RunPython(tie, migrations.RunPython.noop)]
