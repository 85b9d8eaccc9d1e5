"""The invoke tasks: one module per collection; ``namespace`` is what a ``tasks.py`` takes."""

from __future__ import annotations

from invoke.collection import Collection

from djdock.tasks import (
    addons,
    check,
    db,
    django,
    doctor,
    env,
    image,
    image_lab,
    image_owners,
    image_report,
    stack,
)

__all__ = ["namespace"]

namespace = Collection()
for _module, _names in (
    (stack, ("up", "down", "ps", "logs", "restart", "exec_")),
    (
        django,
        (
            "migrate", "makemigrations", "showmigrations", "collectstatic", "manage", "shell",
            "dbshell", "superuser", "test",
        ),
    ),
    (image, ("build", "image_size", "bases")),
    (doctor, ("doctor",)),
    (check, ("check",)),
    (addons, ("addons",)),
):  # fmt: skip
    for _name in _names:
        namespace.add_task(getattr(_module, _name))

_env = Collection("env")
_env.add_task(env.init)
_env.add_task(env.check)
namespace.add_collection(_env)

_db = Collection("db")
for _data in (db.backup, db.backups, db.restore, db.prune, db.reset, db.wait):
    _db.add_task(_data)
namespace.add_collection(_db)

_image = Collection("image")
_image.add_task(image.image_size, name="size")
_image.add_task(image_lab.layers)
_image.add_task(image_lab.files)
_image.add_task(image_owners.packages)
_image.add_task(image_owners.compare)
_image.add_task(image_owners.baseline)
_image.add_task(image_report.report)
namespace.add_collection(_image)
