"""Whether a deposit stays is asked, never assumed: who says nothing keeps everything as it is."""

import pytest
import sqlalchemy as sa

from kernel.database import reading
from kernel.errors import Conflict, NotAllowed, NotFound
from payments.rollover import queries, services
from payments.rules.rollover import RolloverChoice
from portal.notices.models import Notice
from tests.factories import Factory
from tests.payments.refunds.conftest import LATER, Desk


def asked(desk: Desk, by: str = "one", **more: object) -> str:
    given = {"plan_year": 2027, "why": "今年没有列入计划", "now": LATER, **desk.who(by), **more}
    return services.ask(desk.estate.public_id, **given)


def answer(deposit, account, choice: RolloverChoice) -> RolloverChoice:
    return services.answer(deposit.public_id, choice, account_id=account.id, actor="payer", now=LATER)


def told() -> int:
    session = reading()
    many = session.scalar(sa.select(sa.func.count()).where(Notice.kind == "rollover_asked")) or 0
    session.close()
    return many


def test_who_keeps_it_who_wants_it_back_and_who_says_nothing(desk: Desk) -> None:
    (kept, one), (back, two), (silent, _) = (desk.held(home) for home in desk.homes[:3])
    question = asked(desk)
    desk.run_jobs(LATER)
    assert told() == 3
    answer(kept, one, RolloverChoice.KEEP)
    answer(back, two, RolloverChoice.GIVE_BACK)
    services.close(question, now=LATER, **desk.who("two"))
    assert [desk.deposit_named(one.public_id).state for one in (kept, back, silent)] == ["paid"] * 3
    assert desk.balances() == {"at_wechat": 150_000, "deposits_held": -150_000}, "nothing moves by an answer alone"
    requests = desk._one(sa.select(sa.func.count()).select_from(sa.table("deposit_refund")))
    assert requests == 1, "the one who wants it back has asked for it in the same moment"


def test_the_answer_may_be_changed_until_the_money_is_asked_back(desk: Desk) -> None:
    deposit, account = desk.held()
    question = asked(desk)
    answer(deposit, account, RolloverChoice.KEEP)
    answer(deposit, account, RolloverChoice.GIVE_BACK)
    with pytest.raises(Conflict) as caught:
        answer(deposit, account, RolloverChoice.KEEP)
    assert caught.value.code == "already-asked"
    found = queries.question_by_public_id(reading(), question)
    assert queries.counts_of(reading(), found.id) == {"give_back": 1}


def test_those_who_said_nothing_are_told_once_more_and_no_more(desk: Desk) -> None:
    (one, account), _ = desk.held(desk.homes[0]), desk.held(desk.homes[1])
    question = asked(desk)
    desk.run_jobs(LATER)
    answer(one, account, RolloverChoice.KEEP)
    assert services.remind(question, now=LATER, **desk.who("one")) == 1
    desk.run_jobs(LATER)
    assert told() == 3
    services.remind(question, now=LATER, **desk.who("one"))
    desk.run_jobs(LATER)
    assert told() == 3


def test_one_question_at_a_time_and_none_where_nothing_is_held(desk: Desk) -> None:
    with pytest.raises(Conflict) as caught:
        asked(desk)
    assert caught.value.code == "nothing-held"
    desk.held()
    question = asked(desk)
    with pytest.raises(Conflict):
        asked(desk)
    services.close(question, now=LATER, **desk.who("one"))
    with pytest.raises(Conflict):
        services.close(question, now=LATER, **desk.who("one"))
    assert asked(desk) != question


def test_nobody_answers_for_another_or_without_a_question(desk: Desk) -> None:
    deposit, account = desk.held()
    with pytest.raises(Conflict) as caught:
        answer(deposit, account, RolloverChoice.KEEP)
    assert caught.value.code == "no-question"
    asked(desk)
    with pytest.raises(NotFound):
        answer(deposit, desk.payer(), RolloverChoice.KEEP)
    with pytest.raises(NotAllowed):
        asked(desk, by="cashier")


def test_over_http_the_page_asks_and_the_card_leads_there(desk: Desk, make: Factory) -> None:
    deposit, account = desk.held()
    street, payer = make.signed_in(make.account("one")), make.signed_in(account)
    made = street.post(
        f"/api/v1/estates/{desk.estate.public_id}/rollover-questions", json={"plan_year": 2027, "why": "没有列入"}
    )
    assert made.status_code == 201, made.text
    page = payer.get(f"/rollover/{deposit.public_id}").text
    for words in ("留还是退", "没有列入", "不会自动留，也不会自动退"):
        assert words in page
    assert "checked" not in page
    assert f"/rollover/{deposit.public_id}" in payer.get(f"/d/{desk.homes[0].public_id}").text
    url = f"/api/v1/deposits/{deposit.public_id}/rollover"
    assert payer.put(url, json={"choice": "keep"}).json == {"choice": "keep"}
    assert payer.put(url, json={"choice": "perhaps"}).status_code == 422
    assert make.signed_in(desk.payer()).put(url, json={"choice": "keep"}).status_code == 404
    assert "留到下一年" in street.get(f"/work/refunds/{desk.estate.public_id}").text
