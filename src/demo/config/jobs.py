"""Celery's settings: jobs that survive the worker that runs them, and what is done at regular times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from config.env import Env

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def celery_settings(env: Env, time_zone: str) -> dict[str, Any]:
    """Django settings, CELERY_*; without a CELERY_BROKER_URL no job is ever sent."""
    broker = env.secret("CELERY_BROKER_URL").strip()
    return {
        "CELERY_BROKER_URL": broker,
        # Progress and results are rows of the database: nothing to lose, and nothing more to run.
        "CELERY_TASK_IGNORE_RESULT": True,
        # A job is taken off the queue when it is done, so a worker that dies loses none. It may run
        # again then, and each job is written so that this does no harm.
        "CELERY_TASK_ACKS_LATE": True,
        "CELERY_TASK_REJECT_ON_WORKER_LOST": True,
        "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
        "CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS": True,
        "CELERY_WORKER_CONCURRENCY": env.integer("WORKER_CONCURRENCY", 2, 1, 1000),
        # RabbitMQ says when it has a job on its disk; only then has it been sent.
        "CELERY_BROKER_TRANSPORT_OPTIONS": (
            {"confirm_publish": True} if broker.startswith("amqp") else {"visibility_timeout": HOUR}
        ),
        "CELERY_BROKER_CONNECTION_TIMEOUT": 2,
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "CELERY_BROKER_CONNECTION_MAX_RETRIES": None,
        # A visitor waits for this.
        "CELERY_TASK_PUBLISH_RETRY_POLICY": {
            "max_retries": 1, "interval_start": 0.2, "interval_step": 0, "interval_max": 0.2,
        },
        "CELERY_TIMEZONE": time_zone,
        "CELERY_BEAT_SCHEDULE": {
            "clear sessions": {"task": "config.tasks.clear_sessions", "schedule": HOUR},
            "send what was not sent": {"task": "polls.tasks.send_unsent", "schedule": MINUTE},
            "remove old exports": {"task": "polls.tasks.remove_old", "schedule": HOUR},
        },
    }  # fmt: skip
