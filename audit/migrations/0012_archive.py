"""Ranges of a log that were moved into files; what they cover, and nothing else, may be deleted from now on."""

from django.db import migrations, models

from audit.triggers import append_only, refuse_when

_FIXED = ("number", "at", "deed", "outcome", "actor", "actor_name", "subject", "request_id", "review", "body", "hash")


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0011_exports"),
    ]

    operations = [
        migrations.CreateModel(
            name="Archive",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("log", models.CharField(max_length=32)),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("hash", models.CharField(max_length=64)),
                ("until", models.DateTimeField()),
                ("file", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-last"],
                "constraints": [
                    models.UniqueConstraint(fields=("log", "last"), name="archive_ends_once"),
                    models.UniqueConstraint(fields=("log", "first"), name="archive_begins_once"),
                    models.CheckConstraint(
                        condition=models.Q(("first__gte", 1), ("last__gte", models.F("first"))),
                        name="archive_is_a_range",
                    ),
                ],
            },
        ),
        refuse_when(
            "audit_archive_tiles",
            table="audit_archive",
            event="INSERT",
            condition="NEW.first <> (SELECT COALESCE(MAX(last), 0) + 1 FROM audit_archive WHERE log = NEW.log)",
            because="archives follow each other without gaps",
        ),
        *append_only("audit_archive"),
        *append_only("audit_event", fixed=_FIXED, emptied=("ip",), log="events"),
    ]
