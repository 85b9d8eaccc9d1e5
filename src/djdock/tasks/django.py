"""Django's own commands, run where the site runs."""

from __future__ import annotations

import os
import sys

from djdock.errors import CheckFailed, CommandFailed, UsageError
from djdock.images import freshness
from djdock.stack import addons, compose, once, state
from djdock.tasks._task import Job, note, remainder, task

#: Exit code 1 and their names where migrations are pending: `migrate --check` is Django 3.1's.
PENDING = """\
import os, sys
sys.path.insert(0, os.getcwd())
import django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
executor = MigrationExecutor(connection)
plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
print("".join("%s.%s\\n" % (step.app_label, step.name) for step, _ in plan), end="")
sys.exit(bool(plan))
"""

#: What argparse ends with that knows no such option.
USAGE = 2


def manage_in_site(job: Job, *words: str) -> None:
    """Runs a management command in the site: see :func:`in_site`."""
    in_site(job, compose.manage(*words))


def in_site(job: Job, command: list[str]) -> None:
    """Runs a command in the site: in the running web, else in a container of its own,
    for which the database is started if need be. The command's exit code is ours."""
    tty = sys.stdin.isatty() and sys.stdout.isatty()
    found = job.containers()
    if job.shell.dry or state.running(found, compose.WEB):
        config = job.stack_config(found)
        if not job.shell.dry and freshness.is_stale(config, config.table.variant):
            note(freshness.said(config, config.image(config.table.variant)))
        job.on_stack(*compose.execute(compose.WEB, command, tty=tty), said=True)
        return
    once.run(job.config, job.shell, command, tty=tty)


@task(
    optional_positional=["app", "name"],
    help={
        "app": "Only this application.",
        "name": "Migrate to this migration, forwards or backwards; `zero` takes all back.",
        "check": "Change nothing; exit code 1 if a migration is pending.",
        "plan": "Change nothing; show what would be done.",
    },
)
def migrate(job: Job, app: str, name: str, check: bool = False, plan: bool = False) -> None:
    """Apply the migrations to the database."""
    words = [word for word in (app, name) if word]
    words += ["--check"] if check else []
    words += ["--plan"] if plan else []
    try:
        try:
            manage_in_site(job, "migrate", "--noinput", *words)
        except CommandFailed as error:
            if not check or plan or app or error.returncode != USAGE:
                raise
            note(
                "This Django has no `migrate --check`; its migrations are compared with the database."
            )
            in_site(job, ["python", "-c", PENDING])
    except CommandFailed as error:
        if check and error.returncode == 1:
            raise CheckFailed("A migration is pending.", "Apply it: `invoke migrate`.") from None
        raise


@task(help={"check": "Write nothing; exit code 1 if the models need a migration."})
def makemigrations(job: Job, check: bool = False) -> None:
    """Write migrations for changed models into the source, as the user who runs this."""
    words = ["--check", "--dry-run"] if check else []
    try:
        on_source(job, "makemigrations", *words)
    except CommandFailed as error:
        if check and error.returncode == 1:
            remedy = "Write it: `invoke makemigrations`."
            raise CheckFailed("The models need a migration.", remedy) from None
        raise
    if not check and not job.shell.dry:
        mounted = job.stack_config(job.containers()).dev
        image = "The image does not have what was written here: `invoke up --build` takes it in."
        note("Apply what was written: `invoke migrate`." if mounted else image)


@task()
def showmigrations(job: Job) -> None:
    """List the migrations and which of them are applied."""
    manage_in_site(job, "showmigrations")


@task(help={"clear": "Delete what is there before."})
def collectstatic(job: Job, clear: bool = False) -> None:
    """Collect static files beside the source; images have their own from their build."""
    on_source(job, "collectstatic", "--noinput", *(["--clear"] if clear else []))


def on_source(job: Job, *words: str) -> None:
    """Runs a management command on the source as it is on this machine, with its owner as user."""
    job.require_engine()
    once.run_on_source(job.config, job.shell, compose.manage(*words))


@task()
def manage(job: Job) -> None:
    """Run any management command: invoke manage -- check --deploy."""
    words = remainder()
    if not words:
        raise UsageError("No command was given.", "Put it behind --: invoke manage -- check")
    manage_in_site(job, *words)


@task()
def shell(job: Job) -> None:
    """Open Django's shell."""
    # What Django imports by itself is not to stand among the output of a script.
    quiet = [] if sys.stdin.isatty() else ["--verbosity", "0"]
    manage_in_site(job, "shell", *quiet, *remainder())


@task()
def dbshell(job: Job) -> None:
    """Open the database's own client; what stands behind -- goes to it."""
    config = job.stack_config(job.containers())
    client = addons.database_client(config.addons_dir, config.addons, config.env)
    if client is None:
        manage_in_site(job, "dbshell", *remainder())
        return
    service, command = client
    job.require_service(service)
    words = compose.execute(service, [*command, *remainder()], tty=sys.stdin.isatty())
    job.on_stack(*words, said=True)


SUPERUSER = ("DJANGO_SUPERUSER_USERNAME", "DJANGO_SUPERUSER_EMAIL", "DJANGO_SUPERUSER_PASSWORD")


@task()
def superuser(job: Job) -> None:
    """Create a superuser: asks, or takes DJANGO_SUPERUSER_USERNAME, _EMAIL and _PASSWORD."""
    given = {**job.config.env, **os.environ}
    if not given.get(SUPERUSER[2]):
        if not sys.stdin.isatty() and not job.shell.dry:
            raise UsageError(
                "Nobody is here to ask for the superuser's name and password.",
                f"Set {', '.join(SUPERUSER)}.",
            )
        manage_in_site(job, "createsuperuser")
        return
    missing = [name for name in SUPERUSER if not given.get(name)]
    if missing:
        raise UsageError(f"{missing[0]} is not set.", f"Set {', '.join(SUPERUSER)}.")
    job.require_engine()
    command = compose.manage("createsuperuser", "--noinput")
    # By name only, so that the password stands in no command line.
    once.run(job.config, job.shell, command, tty=False, pass_env=SUPERUSER)


@task(help={"variant": "The variant to test; default: the one in [tool.djdock], else multi."})
def test(job: Job, variant: str = "") -> None:  # noqa: PT028 - a task, no test
    """Run the site's own tests on the stack's database; what stands behind -- goes to them."""
    from djdock.images import build
    from djdock.stack.plan import Request

    job.require_engine()
    chosen = job.config.variant(variant or None)
    # An image without tests has a stage with them, which is built anew to have today's.
    stage = build.test_stage(job.config, chosen)
    request = Request(chosen, build=bool(stage), stage=stage)
    command = compose.manage("test", "--noinput", *remainder())
    once.run(job.config, job.shell, command, tty=False, request=request)
