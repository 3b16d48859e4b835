from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mitigations", "0015_saved_lists")]

    operations = [
        migrations.RemoveIndex(model_name="mitigation", name="mitigation_axis"),
        migrations.AddIndex(
            model_name="mitigation",
            index=models.Index(fields=["first", "length", "-id", "last", "family", "status"], name="mitigation_axis"),
        ),
    ]
