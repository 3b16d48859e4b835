"""Exchanges become a chained log: numbered without gaps, each with a body, a hash, and texts that may be redacted."""

from django.db import migrations, models

from audit.triggers import lift


class Migration(migrations.Migration):
    dependencies = [("mitigations", "0008_pairings_to_be_reviewed"), ("audit", "0005_tie_the_events")]
    operations = [
        lift("mitigations_exchange_no_update", table="mitigations_exchange"),
        lift("mitigations_exchange_no_delete", table="mitigations_exchange"),
        migrations.AlterModelOptions("exchange", {"ordering": ["number"]}),
        migrations.RenameField("exchange", "id", "number"),
        migrations.AlterField("exchange", "number", models.BigIntegerField(primary_key=True, serialize=False)),
        migrations.AddField("exchange", "body", models.TextField(default=""), preserve_default=False),
        migrations.AddField("exchange", "detail", models.TextField(null=True)),
        migrations.AddField("exchange", "hash", models.CharField(max_length=64, default=""), preserve_default=False),
    ]
