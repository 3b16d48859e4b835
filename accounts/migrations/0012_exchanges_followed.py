from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0011_keys_of_sources_too")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="apitoken",
            name="exchanges_noted_at",
            field=models.DateTimeField(help_text="The same of the exchanges.", null=True),
        ),
    ]
