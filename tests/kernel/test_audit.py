"""The audit chain: complete, in order, and every kind of tampering is noticed."""

import json
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from kernel import audit, clock
from kernel.database import reading, transaction, use_case
from kernel.database.base import db


@use_case
def record(number: int, now=None) -> str:
    with transaction() as session:
        moment = now or clock.now()
        return audit.record(
            session, actor="test", action="thing.done", subject=f"thing:{number}", now=moment, payload={"n": number}
        ).row_hash


def seal() -> int:
    return audit.seal_new_entries(now=clock.now())


def test_a_chain_of_what_was_recorded_holds(app):
    for number in range(5):
        record(number)
    assert seal() == 5
    found = audit.verify()
    assert (found.ok, found.sealed, found.unsealed) == (True, 5, 0)


def test_entries_without_a_seal_are_counted_not_doubted(app):
    record(1)
    found = audit.verify()
    assert (found.ok, found.sealed, found.unsealed) == (True, 0, 1)


def test_sealing_is_by_what_has_no_seal_and_not_by_id(app):
    """An entry whose transaction commits late has a lower id than the sealed ones: it must not be lost."""
    late = clock.now() - timedelta(hours=1)
    record(1)
    seal()
    hashed = record(2, now=late)
    assert seal() == 1
    assert audit.sealed_position(reading(), hashed)[0] == 2


def test_a_receipts_row_is_found_in_the_chain(app):
    hashed = record(1)
    assert audit.sealed_position(reading(), hashed) is None
    seal()
    assert audit.sealed_position(reading(), hashed)[0] == 1


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal", "audit_checkpoint"])
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_itself_refuses_to_change_the_chain(app, table, verb):
    record(1)
    seal()
    audit.checkpoint(now=clock.now())
    what = db.metadata.tables[table]
    column = "actor" if table == "audit_entry" else "chain_hash"
    statement = sa.update(what).values({column: "x"}) if verb == "update" else sa.delete(what)
    with pytest.raises(exc.DBAPIError, match="append-only"), transaction() as session:
        session.execute(statement)


def without_walls(app, *statements: str) -> None:
    """What somebody with the database's own keys could do."""
    with transaction() as session:
        if session.get_bind().dialect.name == "sqlite":
            for (name,) in session.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                session.execute(sa.text(f"DROP TRIGGER {name}"))
        else:
            session.execute(sa.text("SET LOCAL session_replication_role = 'replica'"))
        for statement in statements:
            session.execute(sa.text(statement))


FIRST = "(SELECT min(entry_id) FROM audit_payload)"


@pytest.mark.parametrize(
    ("tampering", "says"),
    [
        ("UPDATE audit_entry SET actor = 'somebody else' WHERE subject = 'thing:1'", "entry was changed"),
        (f"UPDATE audit_payload SET document = '{{\"n\": 7}}' WHERE entry_id = {FIRST}", "payload was changed"),
        ("DELETE FROM audit_seal WHERE position = 2", "is missing"),
        ("UPDATE audit_seal SET chain_hash = 'f' WHERE position = 2", "chain breaks"),
    ],
)
def test_tampering_is_noticed(app, tampering, says):
    for number in range(3):
        record(number)
    seal()
    without_walls(app, tampering)
    found = audit.verify()
    assert not found.ok
    assert any(says in fault for fault in found.faults)


def test_a_cut_chain_is_noticed_by_a_checkpoint_kept_outside(app):
    for number in range(3):
        record(number)
    seal()
    kept = json.loads(json.dumps(audit.checkpoint(now=clock.now())))
    without_walls(app, "DELETE FROM audit_checkpoint", "DELETE FROM audit_seal WHERE position > 1",
                  "DELETE FROM audit_payload WHERE entry_id IN (SELECT id FROM audit_entry WHERE subject <> 'thing:0')",
                  "DELETE FROM audit_entry WHERE subject <> 'thing:0'")  # fmt: skip
    assert audit.verify().ok, "inside, a cleanly cut chain looks whole"
    assert any("it was cut" in fault for fault in audit.verify(kept).faults)


def test_a_forged_checkpoint_is_not_ours(app):
    record(1)
    seal()
    kept = audit.checkpoint(now=clock.now())
    kept["at"] = (clock.now() - timedelta(days=1)).isoformat()
    assert any("signature" in fault for fault in audit.verify(kept).faults)


def test_a_payload_may_be_erased_and_the_chain_still_holds(app):
    record(1)
    seal()
    without_walls(app, "DELETE FROM audit_payload")
    assert audit.verify().ok


def test_many_writers_and_two_sequencers_lose_and_double_nothing(app):
    def write(start: int) -> None:
        with app.app_context():
            for number in range(start, start + 10):
                record(number)
                seal()

    threads = [threading.Thread(target=write, args=(100 * each,)) for each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while seal():
        pass
    found = audit.verify()
    assert (found.ok, found.sealed, found.unsealed) == (True, 40, 0)


def test_the_command_says_whether_it_holds(app, tmp_path):
    record(1)
    head = tmp_path / "head.json"
    run = app.test_cli_runner()
    assert run.invoke(args=["audit", "checkpoint", "--out", str(head)]).exit_code == 0
    assert "完好" in run.invoke(args=["audit", "verify", "--head", str(head)]).output
    without_walls(app, "UPDATE audit_entry SET actor = 'x'")
    assert run.invoke(args=["audit", "verify"]).exit_code == 1
