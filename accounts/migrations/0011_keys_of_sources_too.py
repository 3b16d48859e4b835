from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import F, Value
from django.db.models.functions import Cast, Concat


def name_callers(apps: Any, schema_editor: Any) -> None:
    kept = apps.get_model("accounts", "KeptAnswer").objects
    kept.update(caller=Concat(Value("token:"), Cast(F("token_id"), models.CharField())))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_api_tokens")]

    operations = [
        migrations.AddField("keptanswer", "caller", models.CharField(max_length=40, default="")),
        migrations.RunPython(name_callers, migrations.RunPython.noop, elidable=True),
        migrations.RemoveConstraint("keptanswer", "answer_once_for_a_key"),
        migrations.RemoveField("keptanswer", "token"),
        migrations.AlterField("keptanswer", "caller", models.CharField(max_length=40)),
        migrations.AddConstraint(
            "keptanswer", models.UniqueConstraint(fields=["caller", "key"], name="answer_once_for_a_key")
        ),
    ]
