"""Since when a pairing waits for somebody to look at it again, because Kentik changed what it is made of."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mitigations", "0007_exchanges_stay_append_only")]

    operations = [
        migrations.AddField(
            model_name="pairing",
            name="review_since",
            field=models.DateTimeField(
                editable=False,
                help_text="Since when somebody should look whether what is said of it still holds.",
                null=True,
            ),
        ),
    ]
