"""What several processes count together stands in a table of Django's cache."""

from django.apps.registry import Apps
from django.core.management import call_command
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_TABLE = "breakwater_cache"


def create(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    call_command("createcachetable", _TABLE, database=editor.connection.alias, verbosity=0)


def drop(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    editor.execute(f"DROP TABLE IF EXISTS {_TABLE}")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_the_doors")]
    operations = [migrations.RunPython(create, drop)]
