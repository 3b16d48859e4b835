"""A ticket is found by how it begins, whatever the case of its letters."""

from django.db import migrations, models

from mitigations.folding import Folded


class Migration(migrations.Migration):
    dependencies = [("mitigations", "0016_targets_in_the_order_of_the_network")]

    operations = [
        migrations.AddIndex(
            model_name="mitigation",
            index=models.Index(Folded("ticket"), models.F("id"), name="mitigation_ticket"),
        ),
    ]
