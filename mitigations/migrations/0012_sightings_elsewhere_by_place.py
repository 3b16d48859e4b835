"""What was started elsewhere is found by its place on the axis, live or over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mitigations", "0011_exchanges_keep_their_texts_beside")]

    operations = [
        migrations.AddIndex(
            model_name="sighting",
            index=models.Index(fields=["first", "last", "mitigation"], name="sighting_axis"),
        ),
    ]
