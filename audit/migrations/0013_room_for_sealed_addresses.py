from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0012_archive")]

    operations = [
        migrations.RemoveConstraint(model_name="channel", name="channel_has_an_address"),
        migrations.RenameField(model_name="channel", old_name="address", new_name="sealed"),
        migrations.AlterField(
            model_name="channel",
            name="sealed",
            field=models.TextField(help_text="The address, which holds tokens, as audit.sealing seals it."),
        ),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.CheckConstraint(condition=~models.Q(sealed=""), name="channel_has_an_address"),
        ),
    ]
