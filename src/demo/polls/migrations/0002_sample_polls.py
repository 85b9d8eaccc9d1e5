"""A fresh site should not look empty."""

from django.db import migrations

from polls.samples import SAMPLES, add_samples


def add(apps, schema_editor):
    question, choice = apps.get_model("polls", "Question"), apps.get_model("polls", "Choice")
    if not question.objects.exists():
        add_samples(question, choice)


def remove(apps, schema_editor):
    apps.get_model("polls", "Question").objects.filter(text__in=SAMPLES).delete()


class Migration(migrations.Migration):
    dependencies = [("polls", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
