"""What the log is searched by: the index of its words, made from the events that there are, and three filters more."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from audit import word_index


def create(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in word_index.create():
        editor.execute(statement)


def drop(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    editor.execute("DROP TABLE audit_words")


def fill(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    word_index.rebuild(apps.get_model("audit", "Event").objects.all())


class Migration(migrations.Migration):
    dependencies = [("audit", "0007_redactions")]
    operations = [
        migrations.AddIndex("event", models.Index(fields=["actor_name", "-number"], name="event_actor_name")),
        migrations.AddIndex("event", models.Index(fields=["request_id", "-number"], name="event_request")),
        migrations.AddIndex(
            "event", models.Index(fields=["-number"], condition=models.Q(outcome="refused"), name="event_refused")
        ),
        migrations.RunPython(create, drop),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
