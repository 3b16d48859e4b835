"""What ties each event to the one before it, and two columns more to search by."""

from django.db import migrations, models

from audit.triggers import lift


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_sinks_and_channels")]
    operations = [
        lift("audit_event_no_update", table="audit_event"),
        lift("audit_event_no_delete", table="audit_event"),
        migrations.AddField("event", "hash", models.CharField(max_length=64, default=""), preserve_default=False),
        migrations.AddField("event", "ip", models.CharField(max_length=45, default="")),
        migrations.AddField(
            "event",
            "review",
            models.BooleanField(default=False, help_text="Whoever audits should look at it."),
        ),
        migrations.AddIndex("event", models.Index(fields=["ip", "-number"], name="event_ip")),
        migrations.AddIndex(
            "event", models.Index(fields=["-number"], condition=models.Q(review=True), name="event_review")
        ),
    ]
