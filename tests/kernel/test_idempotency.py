"""Told twice, it counts once."""

import threading

import pytest
import sqlalchemy as sa

from kernel import clock, idempotency
from kernel.database import reading, transaction, use_case
from kernel.errors import Invalid
from kernel.idempotency import Key
from kernel.outbox import OutboxRow, stage

KEY = Key("account:a", "0123456789", "hash")


@use_case
def act(key: Key) -> str:
    with transaction(serializable=True) as session:
        if done := idempotency.recall(session, key):
            return done
        stage(session, "acted", {}, now=clock.now())
        idempotency.remember(session, key, "thing:1", now=clock.now())
        return "thing:1"


def effects() -> int:
    return reading().scalar(sa.select(sa.func.count()).select_from(OutboxRow))


def test_the_same_key_has_one_effect_and_one_answer(app):
    assert [act(KEY), act(KEY)] == ["thing:1", "thing:1"]
    assert effects() == 1


def test_the_same_key_with_another_request_is_refused(app):
    act(KEY)
    with pytest.raises(Invalid, match="idempotency-key-reused"):
        act(Key(KEY.actor, KEY.token, "other"))


def test_another_actors_equal_key_is_another_key(app):
    act(KEY)
    act(Key("account:b", KEY.token, "other"))
    assert effects() == 2


def test_twelve_twins_at_once_have_one_effect(app):
    answers = []

    def run() -> None:
        with app.app_context():
            answers.append(act(KEY))

    threads = [threading.Thread(target=run) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["thing:1"] * 12
    assert effects() == 1
