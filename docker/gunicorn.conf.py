"""gunicorn's settings, derived from the limits of the container it runs in.

Every value can be overridden by GUNICORN_CMD_ARGS, and the number of processes by WEB_CONCURRENCY.
"""

import importlib.util
import os
from pathlib import Path

#: What one worker of a plain Django site takes at rest, rounded up; and what of a larger one each of
#: the packages that it is made with takes, where those are many: measured with Wagtail, DRF, NetBox.
WORKER_MEMORY = 96 * 1024**2
LARGE_WORKER, EACH_PACKAGE = 64 * 1024**2, 5 * 1024**2 // 4


def _read(*paths):
    for path in paths:
        try:
            return Path("/sys/fs/cgroup", path).read_text().split()
        except OSError:
            continue
    return []


def cpus():
    """The cpus that this container may use: its quota, at most those of the machine."""
    # macOS, where the site runs with `invoke up --local`, has no affinity.
    affinity = getattr(os, "sched_getaffinity", None)
    machine = len(affinity(0)) if affinity else os.cpu_count() or 1
    version2 = _read("cpu.max")
    if version2:
        quota, period = version2[0], version2[1]
    else:
        quota, period = (
            (_read(f"cpu/cpu.cfs_{name}_us", f"cpu,cpuacct/cpu.cfs_{name}_us") or ["-1"])[0]
            for name in ("quota", "period")
        )
    if quota in ("max", "-1") or int(period) <= 0:
        return machine
    return min(machine, max(1, round(int(quota) / int(period))))


def memory():
    """The memory limit in bytes, or None where there is none."""
    limit = (_read("memory.max", "memory/memory.limit_in_bytes") or ["max"])[0]
    # cgroup 1 writes "no limit" as a number near 2**63.
    return None if limit == "max" or int(limit) > 2**60 else int(limit)


def packages():
    """How many packages stand beside gunicorn."""
    spec = importlib.util.find_spec("gunicorn")
    beside = Path(spec.origin).parent.parent if spec and spec.origin else None
    return len(list(beside.glob("*.dist-info"))) if beside else 0


def default_workers():
    """Twice the cpus and one, as gunicorn's own documentation has it, as far as the memory goes.

    A large site leaves room for one command of manage.py beside its workers.
    """
    wanted = 2 * cpus() + 1
    limit = memory()
    if limit is None:
        return wanted
    each = max(WORKER_MEMORY, LARGE_WORKER + packages() * EACH_PACKAGE)
    room = limit if each == WORKER_MEMORY else limit - each
    return max(1, min(wanted, room // each))


wsgi_app = os.environ.get("WSGI_APPLICATION") or None
bind = [f"0.0.0.0:{os.environ.get('PORT') or 8000}"]
# Where Prometheus asks: a port that is not published.
if os.environ.get("METRICS_PORT"):
    bind.append(f"0.0.0.0:{os.environ['METRICS_PORT']}")
workers = int(os.environ.get("WEB_CONCURRENCY") or default_workers())
threads = 2
worker_class = "gthread"
if os.environ.get("DJDOCK_SERVER") == "asgi":
    # uvicorn's own is the older name of the same.
    _own = importlib.util.find_spec("uvicorn_worker") is None
    worker_class = "uvicorn.workers.UvicornWorker" if _own else "uvicorn_worker.UvicornWorker"

    def post_fork(_server, _worker):
        """Sets Django up first, as `runserver` does: a router of Channels, and many an asgi.py, imports
        models at once.
        """
        if os.environ.get("DJANGO_CONFIGURATION"):
            import configurations

            configurations.setup()
        import django

        django.setup()


# The heartbeat file must not be on a disk that can block; /dev/shm is memory in every container.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
# The root file system is read-only, so there is no place for gunicorn's control socket.
control_socket_disable = True
timeout = 30
# Compose's stop_grace_period is longer, so requests that are being served are finished.
graceful_timeout = 30
keepalive = 5
# A leak in one worker must not grow for ever; the jitter keeps them from restarting together.
max_requests = 10_000
max_requests_jitter = 1_000
# Behind a proxy the client's address is the one that the proxy tells.
if os.environ.get("FORWARDED_ALLOW_IPS") == "*":
    access_log_format = '%({x-real-ip}i)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"'
accesslog = os.environ.get("GUNICORN_ACCESS_LOG") or None
errorlog = "-"
# The container is reached through the engine's proxy only.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS") or "127.0.0.1"

# Where a site with prometheus_client puts the figures of all processes together; it has to be there.
_METRICS = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if _METRICS:
    Path(_METRICS).mkdir(parents=True, exist_ok=True)

    def child_exit(_server, worker):
        """Forgets the gauges of a process that is gone."""
        try:
            from prometheus_client import multiprocess
        except ImportError:
            return
        multiprocess.mark_process_dead(worker.pid)
