"""How the product is served: ``gunicorn wsgi:app`` reads this file by itself.

Workers = cores and 4 threads each was the best of the settings measured (bench/README.md). The size of a request's
body is limited by the application (gunicorn has no such setting); the lines and headers are limited here.
"""

import importlib
import multiprocessing
import os
from typing import Any

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or multiprocessing.cpu_count())
threads = int(os.environ.get("THREADS") or 4)

# Each worker makes its own application, so database engines and keys are made after the fork and never shared.
preload_app = False


def on_starting(server: Any) -> None:
    """Import the product's modules once, before the fork: a worker then starts in a tenth of the time.

    Importing makes nothing: no engine, no key, no thread. (New code needs a new start, a HUP will not do.)
    """
    for module, _ in importlib.import_module("portal.app").BLUEPRINTS:
        importlib.import_module(module)


# No second way in: the control socket would lie in the user's home folder.
control_socket_disable = True

timeout = 30
graceful_timeout = 10
keepalive = 5
backlog = 1024
limit_request_line = 2048
limit_request_fields = 64
limit_request_field_size = 8190
if os.path.isdir("/dev/shm"):  # noqa: S108  (workers' heartbeats, not data; a disk could stall them)
    worker_tmp_dir = "/dev/shm"  # noqa: S108

# %(U)s is the path without its query string: codes and states of a sign-in stand there and belong in no log.
# No address of the visitor either.
accesslog = os.environ.get("ACCESS_LOG") or "-"
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(B)sB %(M)sms"
errorlog = "-"
loglevel = "info"
proc_name = "gongjian"
