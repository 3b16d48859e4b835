"""Signed heads of the log, written once."""

from django.db import migrations, models

from audit.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0005_tie_the_events"),
    ]

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "number",
                    models.BigIntegerField(
                        help_text="Of the newest event that it covers.", primary_key=True, serialize=False
                    ),
                ),
                ("hash", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField(db_index=True)),
                ("key", models.CharField(help_text="Which key signed it.", max_length=300)),
                ("note", models.TextField()),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        *append_only("audit_checkpoint"),
    ]
