"""News: delivered at least once, not before its time, and never lost with the runner."""

import contextlib
from datetime import timedelta

import sqlalchemy as sa

from kernel import clock, outbox
from kernel.database import reading, transaction, use_case
from kernel.outbox import OutboxRow


@use_case
def stage(topic="thing.done", due_in=timedelta(0), now=None) -> None:
    with transaction() as session:
        moment = now or clock.now()
        outbox.stage(session, topic, {"id": "x"}, now=moment, due_at=moment + due_in)


def rows() -> int:
    return reading().scalar(sa.select(sa.func.count()).select_from(OutboxRow))


def test_news_of_a_transaction_that_fails_is_never_told(app):
    with contextlib.suppress(ZeroDivisionError), transaction() as session:
        outbox.stage(session, "thing.done", {}, now=clock.now())
        raise ZeroDivisionError
    assert rows() == 0


def test_news_is_told_once_and_then_gone(app):
    heard = []
    stage()
    now = clock.now()
    told = [lambda payload, *, now: heard.append(payload)]
    assert outbox.deliver_due({"thing.done": told}, now=now) == 1
    assert outbox.deliver_due({"thing.done": told}, now=now) == 0
    assert heard == [{"id": "x"}]


def test_news_waits_for_its_time(app):
    now = clock.now()
    stage(due_in=timedelta(seconds=30), now=now)
    assert outbox.deliver_due({}, now=now + timedelta(seconds=29)) == 0
    assert outbox.deliver_due({}, now=now + timedelta(seconds=30)) == 1


def test_a_runner_killed_while_telling_is_followed_by_one_that_tells_again(app):
    now = clock.now()
    stage(now=now)

    class Killed(BaseException):
        pass

    def die(payload, *, now):
        raise Killed

    with contextlib.suppress(Killed):
        outbox.deliver_due({"thing.done": [die]}, now=now)
    heard = []
    told = [lambda payload, *, now: heard.append(payload)]
    assert outbox.deliver_due({"thing.done": told}, now=now + timedelta(seconds=5)) == 0, "the lease still runs"
    assert outbox.deliver_due({"thing.done": told}, now=now + timedelta(minutes=3)) == 1
    assert len(heard) == 1


def test_news_nobody_can_take_is_dead_after_its_tries_and_counted(app):
    now = clock.now()
    stage(now=now)

    def fail(payload, *, now):
        raise OSError("secret=hunter2")

    for _ in range(outbox.services.TRIES):
        now += timedelta(hours=2)
        outbox.deliver_due({"thing.done": [fail]}, now=now)
    assert outbox.counts() == {"waiting": 0, "dead": 1}
    assert reading().scalar(sa.select(OutboxRow.last_error)) == "OSError", "its kind, never its text"
