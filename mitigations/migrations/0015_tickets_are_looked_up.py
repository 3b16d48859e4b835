"""A ticket is found by how it begins, whatever the case of its letters."""

from django.db import migrations, models

from mitigations.folding import Folded


class Migration(migrations.Migration):
    dependencies = [("mitigations", "0014_archived_exchanges_may_go")]

    operations = [
        migrations.AddIndex(
            model_name="mitigation",
            index=models.Index(Folded("ticket"), models.F("id"), name="mitigation_ticket"),
        ),
    ]
