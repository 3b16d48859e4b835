"""Anew on the table that 0005 changed: SQLite rebuilds it and drops its triggers."""

from django.db import migrations

from audit.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("mitigations", "0006_what_kentik_shows")]
    operations = [*append_only("mitigations_exchange")]
