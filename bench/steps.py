"""Where the time of a hot request goes: microseconds of the processor a step.

    sh dev bench steps [--number 300] [--database sqlite|postgres]

In one process, without gunicorn: the application is called as gunicorn calls it, and functions at the seams are timed,
each without what it calls of the others. Shown is the mean of the quietest third of the requests, since the machine
does other work; what gunicorn and the network cost is the floor of ``bench submit``. The timers cost a little
themselves. The processor of PostgreSQL's own server is not in it.
"""

import argparse
import io
import json
import os
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from bench.submit import Home, Product
from tests.support.postgres import Server
from tests.surveys.questionnaires.answers import FULL

REST = "Flask, Werkzeug: routing, contexts, headers"


class Steps:
    """Time of this thread by step; a step entered within another stops the other's clock."""

    def __init__(self) -> None:
        self.spent: dict[str, int] = defaultdict(int)
        self.running: list[str] = []
        self.since = 0

    def _turn(self) -> None:
        now = time.thread_time_ns()
        if self.running:
            self.spent[self.running[-1]] += now - self.since
        self.since = now

    def enter(self, step: str) -> None:
        """Begin a step."""
        self._turn()
        self.running.append(step)

    def leave(self) -> None:
        """End the innermost step."""
        self._turn()
        self.running.pop()

    def time(self, owner: Any, name: str, step: str) -> None:
        """Time a function wherever it is called by that name of its owner (a class, a module, a dict)."""
        plain = owner[name] if isinstance(owner, dict) else getattr(owner, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            self.enter(step)
            try:
                return plain(*args, **kwargs)
            finally:
                self.leave()

        if isinstance(owner, dict):
            owner[name] = timed
        else:
            setattr(owner, name, timed)


def at_the_seams(steps: Steps, app: Any) -> None:
    """Time what the table shows."""
    import marshmallow
    import sqlalchemy
    import webargs.core

    from kernel.encryption import Vault
    from surveys.questionnaires import pages_resident
    from surveys.questionnaires.rules.plan import Plan
    from surveys.questionnaires.services import responses

    driver = "the driver and the database (SQLite itself)"
    for city in app.extensions["gongjian.databases"].cities.values():
        for engine in {city.engine, city.read_engine}:
            for name in ("do_begin", "do_execute", "do_commit", "do_rollback"):
                steps.time(engine.dialect, name, driver)
    for name in ("execute", "begin", "close"):
        steps.time(sqlalchemy.Connection, name, "SQLAlchemy: statements, connections")
    steps.time(sqlalchemy.RootTransaction, "commit", "SQLAlchemy: statements, connections")
    steps.time(app.extensions, "gongjian.identity_loader", "session: cookie to identity")
    steps.time(webargs.core.Parser, "parse", "body: JSON and marshmallow")
    steps.time(Plan, "check", "answers against the plan")
    steps.time(Vault, "seal", "sealing, blind indexes, hashes")
    steps.time(Vault, "blind_index", "sealing, blind indexes, hashes")
    steps.time(responses.audit, "record", "sealing, blind indexes, hashes")
    steps.time(responses, "hand_in", "the use case's own code")
    steps.time(responses, "_submit", "transaction, session, retry")
    steps.time(marshmallow.Schema, "dump", "answer: marshmallow")
    steps.time(responses, "standing", "the use case's own code")
    steps.time(pages_resident, "page", "template")


def asked(product: Product, home: Home, what: str) -> dict[str, Any]:
    """The WSGI environment of a submission or of the page."""
    answers = {**FULL, "q38": home["file"]}
    sheet = {"dwelling": home["dwelling"], "channel": "wechat_self", "answers": answers}
    body = json.dumps(sheet, ensure_ascii=False).encode() if what == "submit" else b""
    path = {
        "submit": f"/api/v1/campaigns/{product.campaign}/responses",
        "page": f"/q/{product.campaign}/{home['dwelling']}",
    }
    return {
        "REQUEST_METHOD": "POST" if body else "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path[what],
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_COOKIE": f"s={home['token']}",
        "HTTP_X_REQUESTED_BY": "gongjian",
        "HTTP_IDEMPOTENCY_KEY": str(uuid.uuid4()),
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
    }


def measure(app: Any, steps: Steps, environments: list[dict[str, Any]]) -> list[dict[str, float]]:
    """Microseconds by step, a row a request. Raises RuntimeError when one was refused."""
    refused: list[str] = []
    start: Callable[..., Any] = lambda status, *_: None if status[0] == "2" else refused.append(status)  # noqa: E731
    rows = []
    for environment in environments:
        steps.spent.clear()
        steps.enter(REST)
        answer = app.wsgi_app(environment, start)
        list(answer)
        if hasattr(answer, "close"):
            answer.close()
        steps.leave()
        rows.append({step: ns / 1000 for step, ns in steps.spent.items()})
    if refused:
        raise RuntimeError(f"{len(refused)} were refused: {refused[0]}")
    return rows


def show(title: str, rows: list[dict[str, float]]) -> None:
    """The quietest third, dearest step first."""
    quiet = sorted(rows, key=lambda row: sum(row.values()))[: len(rows) // 3]
    mean = {step: sum(row.get(step, 0.0) for row in quiet) / len(quiet) for step in {s for row in quiet for s in row}}
    print(f"\n| {title} | us |\n|---|---|")
    for step, us in sorted(mean.items(), key=lambda item: -item[1]):
        print(f"| {step} | {us:,.0f} |")
    print(f"| together | {sum(mean.values()):,.0f} |")


def main() -> int:
    """Seed, call, show."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--number", type=int, default=300)
    words.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    given = words.parse_args()
    held = Server(durable=True) if given.database == "postgres" else nullcontext()
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-") as base, held as server:
        product = Product(given.database, Path(base) / "data", given.number + 30, server)
        product.live.stop()
        os.environ.update(product.live.environment)
        from config import Config
        from portal.app import create_app

        app = create_app(Config.from_env())
        steps = Steps()
        at_the_seams(steps, app)
        homes = product.take(given.number + 30)
        for what in ("page", "submit"):
            rows = measure(app, steps, [asked(product, home, what) for home in homes])
            show(f"{what}, {given.database}", rows[30:])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
