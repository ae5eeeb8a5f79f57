"""What somebody with the database's own keys may do to the facts, and that the log tells."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel import audit, clock
from kernel.database import reading, transaction
from payments.gateways.memory import MemoryGateway
from portal.facts import facts
from tests.factories import Factory
from tests.payments.world import World
from tests.surveys.questionnaires.conftest import open_survey
from tests.surveys.votes.stories import PUMP, Estate, cast, opened

COUNTED = "(SELECT max(id) FROM ballot)"
TAMPERINGS = {
    # what is done -> (kind of row, what is said of it)
    "INSERT INTO grant_given (public_id, person_id, role, place_id, starts_at, granted_by) SELECT 'by-hand', person_id,"
    " 'administrator', place_id, starts_at, granted_by FROM grant_given": ("职责", "审计链里没有"),
    "UPDATE grant_given SET role = 'auditor'": ("职责", "人、职责或地方"),
    "UPDATE grant_given SET ends_at = NULL": ("职责", "任期"),
    "UPDATE grant_given SET revoked_at = starts_at": ("职责", "是否收回"),
    "DELETE FROM grant_given": ("职责", "表里没有"),
    "UPDATE tie SET level = 1": ("房屋认领", "核实级别"),
    "UPDATE tie SET dwelling_id = dwelling_id + 1": ("房屋认领", "账号或房屋"),
    "UPDATE tie SET person_id = NULL": ("房屋认领", "认领的是谁"),
    "UPDATE tie SET ended_at = since": ("房屋认领", "是否已解除"),
    "UPDATE response SET channel = 'worker_visit'": ("答卷", "与交卷时的记录不同"),
    "UPDATE response SET answers = '{}'": ("答卷", "答案与交卷时不同"),
    "UPDATE response SET private_sealed = (SELECT name_sealed FROM person LIMIT 1)": ("答卷", "打不开"),
    "DELETE FROM response": ("答卷", "表里没有"),
    "UPDATE vote SET title = 'x'": ("表决", "文字"),
    "UPDATE vote SET closes_at = (SELECT max(at) FROM audit_entry)": ("表决", "起止时间"),
    "UPDATE vote SET roll_hash = 'x'": ("表决", "指纹"),
    "UPDATE roll_line SET heads = 7": ("表决", "名册与冻结时不同"),
    "UPDATE ballot SET channel = 'paper'": ("选票", "与投票时的记录不同"),
    "UPDATE ballot SET cast_at = (SELECT opens_at FROM vote WHERE vote.id = ballot.vote_id)": ("选票", "收到的时间"),
    "UPDATE ballot SET choices_sealed = (SELECT name_sealed FROM person LIMIT 1)": ("选票", "封存的内容"),
    f"DELETE FROM counted_ballot WHERE ballot_id = {COUNTED}": ("选票", "没有一张票计入"),
    "DELETE FROM ballot": ("选票", "表里没有"),
    "UPDATE deposit SET amount_fen = amount_fen + 1": ("缴款", "金额"),
    "UPDATE deposit SET dwelling_id = dwelling_id + 1": ("缴款", "房屋"),
    "UPDATE payment_confirmation SET amount_fen = amount_fen + 1": ("收款确认", "金额"),
    "DELETE FROM payment_confirmation": ("收款确认", "表里没有"),
    "DELETE FROM audit_payload": ("职责", "抹去"),
    "UPDATE audit_payload SET document = '{\"odd\": 1}'": ("选票", "不是本系统写的样子"),
}


class _Undo(Exception):
    """Leave the city as it was."""


def _city(make: Factory) -> None:
    """An answer, a ballot, a deposit that is paid, a worker for a month."""
    now = clock.now()
    survey = open_survey(make, now)
    home = survey.dwellings[0]
    account, person = make.owner(home)
    with clock.at(now):
        survey.submit(account, home, now=now)
    World(make, MemoryGateway()).paid()
    estate = Estate(survey.estate, survey.dwellings, {"owner": person}, {"owner": account})
    vote = opened(estate, PUMP, now=now - timedelta(hours=2), closes_at=now + timedelta(days=3))
    cast(vote, estate.voter("owner"), home.label, "approve", now=now)
    make.grant(make.account(), "community_worker", make.place("community"), days=30)


def test_what_is_done_to_a_fact_by_hand_is_apart_from_the_log(app: Flask, make: Factory) -> None:
    _city(make)
    whole = audit.compare(reading(), facts())
    assert whole.faults == []
    assert all(whole.rows[title] for title in ("职责", "房屋认领", "答卷", "表决", "选票", "缴款", "收款确认"))
    unnoticed = {}
    for done, (title, says) in TAMPERINGS.items():
        with pytest.raises(_Undo), transaction() as session:
            if session.get_bind().dialect.name == "sqlite":
                session.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
                for (name,) in session.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                    session.execute(sa.text(f"DROP TRIGGER {name}"))
            else:
                session.execute(sa.text("SET LOCAL session_replication_role = 'replica'"))
            session.execute(sa.text(done))
            found = audit.compare(session, facts())
            if (title, True) not in {(one.title, says in one.says) for one in found.faults}:
                unnoticed[done] = found.faults
            raise _Undo
    assert unnoticed == {}
    assert audit.compare(reading(), facts()).ok


def test_the_command_says_what_is_apart(app: Flask, make: Factory) -> None:
    run = app.test_cli_runner()
    make.grant(make.account(), "community_worker", make.place("community"))
    assert "与审计链一致" in run.invoke(args=["audit", "compare"]).output
    with transaction() as session:
        session.execute(sa.text("UPDATE grant_given SET revoked_at = :now"), {"now": clock.now().isoformat(sep=" ")})
    told = run.invoke(args=["audit", "compare"])
    assert (told.exit_code, "是否收回" in told.output) == (1, True)
    assert '"holds": false' in run.invoke(args=["audit", "compare", "--json"]).output
