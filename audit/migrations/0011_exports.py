"""What people take out of the portal, and how far each download is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0010_streams"),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[("events", "Events"), ("exchanges", "Exchanges"), ("mitigations", "Mitigations")],
                        max_length=11,
                    ),
                ),
                ("format", models.CharField(choices=[("ndjson", "Ndjson"), ("csv", "Csv")], max_length=6)),
                ("filter", models.TextField(blank=True)),
                ("up_to", models.BigIntegerField()),
                ("asked_by", models.CharField(max_length=200)),
                ("asked_by_name", models.CharField(max_length=300)),
                ("asked_at", models.DateTimeField()),
                ("total", models.BigIntegerField(null=True)),
                ("run", models.UUIDField(null=True)),
                ("run_by", models.CharField(blank=True, max_length=200)),
                ("run_by_name", models.CharField(blank=True, max_length=300)),
                ("moved_at", models.DateTimeField(help_text="When the download was last seen to move.", null=True)),
                ("rows", models.BigIntegerField(default=0)),
                ("reached", models.BigIntegerField(default=0, help_text="The number of the newest row that has left.")),
                (
                    "size",
                    models.BigIntegerField(default=0, help_text="Bytes of the file of data, before it was packed."),
                ),
                (
                    "sha256",
                    models.CharField(
                        blank=True, help_text="Of the file of data, once one download has ended.", max_length=64
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(condition=models.Q(("run__isnull", False)), fields=["moved_at"], name="export_running")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("what__in", ["events", "exchanges", "mitigations"])),
                        name="export_what_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("format__in", ["ndjson", "csv"])), name="export_format_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("run", None), ("moved_at__isnull", False), _connector="OR"),
                        name="export_run_moves",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("sha256", "")),
                            models.Q(models.Q(("sha256", ""), _negated=True), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="export_ended_with_a_hash",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reached__lte", models.F("up_to"))), name="export_within_its_range"
                    ),
                ],
            },
        ),
    ]
