"""What was started elsewhere is found by its place on the axis, live or over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mitigations", "0008_pairings_to_be_reviewed")]

    operations = [
        migrations.AddIndex(
            model_name="sighting",
            index=models.Index(fields=["first", "last", "mitigation"], name="sighting_axis"),
        ),
    ]
