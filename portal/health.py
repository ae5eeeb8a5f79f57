"""Is the process alive, and is it fit for work? For the load balancer and the operator; says nothing about people."""

from typing import Any

from flask import jsonify

from kernel import clock, database, outbox
from kernel.web import Machine, open_to_all

blp = Machine("health", __name__, guard=open_to_all)

CLOCK_SKEW_S = 5.0


@blp.get("/health")
def health() -> Any:
    """200 while the process answers."""
    return jsonify(status="ok")


@blp.get("/ready")
def ready() -> Any:
    """200 when database, migrations, clock and keys are as they must be; else 503 and which is not."""
    checks = {city: _city(city) for city in database.cities()}
    fit = all(check["ok"] for check in checks.values())
    return jsonify(status="ready" if fit else "not-ready", cities=checks), 200 if fit else 503


def _city(name: str) -> dict[str, Any]:
    with database.city_scope(name):
        try:
            session = database.reading()
            applied = database.applied_migration(session)
            # Read last: on a busy machine the connection may take seconds, which are nobody's wrong clock.
            ahead = database.seconds_ahead(session, clock.now())
            news = outbox.counts() if applied else {}
        except Exception as error:
            return {"ok": False, "database": type(error).__name__}
    newest = database.newest_migration()
    return {
        "ok": applied == newest and abs(ahead) < CLOCK_SKEW_S,
        "database": "ok",
        "migrations": "ok" if applied == newest else f"at {applied}, the code wants {newest}: flask db upgrade",
        "clock_ahead_s": round(ahead, 3),
        "keys": "ok",
        "outbox": news,
        "retries": dict(database.retries()),
    }
