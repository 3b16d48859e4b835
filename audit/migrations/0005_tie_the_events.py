"""Events that were written before there was a chain are tied as they are; from now on only a detail can go."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from audit.canonical import read
from audit.chain import GENESIS, tied
from audit.triggers import append_only

_BATCH = 1_000
_FIXED = ("number", "at", "deed", "outcome", "actor", "actor_name", "subject", "request_id", "review", "body", "hash")


def tie(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    events = apps.get_model("audit", "Event").objects.using(editor.connection.alias)
    last, previous = 0, GENESIS
    while batch := list(events.filter(number__gt=last).order_by("number")[:_BATCH]):
        for event in batch:
            event.hash = previous = tied(previous, event.body)
            event.ip = read(event.detail).get("ip", "") if event.detail else ""
        events.bulk_update(batch, ["hash", "ip"], batch_size=200)
        last = batch[-1].number


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_room_for_the_chain")]
    operations = [
        migrations.RunPython(tie, migrations.RunPython.noop),
        *append_only("audit_event", fixed=_FIXED, emptied=("ip",)),
    ]
