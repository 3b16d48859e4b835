from collections.abc import Callable
from typing import Any

from django.db import migrations

from audit.sealing import seal, unseal


def each(change: Callable[[str], str]) -> Callable[[Any, Any], None]:
    def run(apps: Any, schema_editor: Any) -> None:
        for channel in apps.get_model("audit", "Channel").objects.all():
            channel.sealed = change(channel.sealed)
            channel.save(update_fields=["sealed"])

    return run


class Migration(migrations.Migration):
    dependencies = [("audit", "0013_room_for_sealed_addresses")]

    operations = [migrations.RunPython(each(seal), each(unseal))]
