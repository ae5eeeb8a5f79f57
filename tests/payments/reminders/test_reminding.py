"""Households are reminded privately, seldom, never beyond the set number, and no more once their share is met."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel.database import reading
from kernel.errors import Conflict, Invalid, NotAllowed
from payments.contributions.services import showing
from payments.publications.services import publish_due
from payments.reminders import services
from payments.rules.reminding import chat_text, may_remind
from portal.notices.models import Notice
from tests.factories import Factory
from tests.payments.contributions.conftest import EACH, Works
from tests.payments.world import NOW

WEEK = timedelta(days=7)


@pytest.fixture
def works(app: Flask, make: Factory) -> Works:
    """Every home bears 1,000.00."""
    found = Works(make)
    found.publish()
    return found


def remind(works: Works, now=NOW, who: str = "one") -> int:
    return services.remind(works.estate.public_id, now=now, **works.who(who))


def notices(kind: str = "contribution_reminder") -> int:
    session = reading()
    many = session.scalar(sa.select(sa.func.count()).where(Notice.kind == kind)) or 0
    session.close()
    return many


@pytest.mark.parametrize(
    ("open_fen", "reminded", "days", "may"),
    [(1, 0, None, True), (0, 0, None, False), (1, 3, 30, False), (1, 2, 7, True), (1, 2, 6.9, False)],
)
def test_when_a_household_may_be_reminded(open_fen: int, reminded: int, days: float | None, may: bool) -> None:
    last = None if days is None else NOW - timedelta(days=days)
    assert may_remind(open_fen, reminded, last, most=3, now=NOW) is may


def test_a_reminder_reaches_those_who_speak_for_the_dwelling_and_nobody_else(works: Works) -> None:
    works.payer(works.homes[0])
    works.payer(works.homes[0])
    works.payer(works.homes[1], level=1)
    assert remind(works) == 12
    works.run_jobs(NOW)
    assert notices() == 2


def test_who_has_paid_is_left_in_peace_also_when_he_pays_between_the_round_and_its_delivery(works: Works) -> None:
    works.contributed(works.homes[0], EACH)
    late = works.payer(works.homes[1])
    trade_no = works.begin(late, works.contribute(late, works.homes[1], EACH))
    assert remind(works) == 11
    works.tell(works.gateway.pay(trade_no, now=NOW))
    works.run_jobs(NOW)
    assert notices() == 0


def test_nobody_is_reminded_within_a_week_or_more_than_three_times(works: Works) -> None:
    works.payer()
    assert remind(works) == 12
    with pytest.raises(Conflict):
        remind(works, NOW + WEEK - timedelta(minutes=1))
    assert remind(works, NOW + WEEK) == 12
    assert remind(works, NOW + 2 * WEEK) == 12
    with pytest.raises(Conflict) as caught:
        remind(works, NOW + 30 * WEEK)
    assert caught.value.code == "nobody-to-remind"


def test_the_street_may_set_fewer_or_none(works: Works) -> None:
    assert services.set_most(works.estate.public_id, 0, now=NOW, **works.who("one")) == 0
    with pytest.raises(Conflict):
        remind(works)
    with pytest.raises(Invalid):
        services.set_most(works.estate.public_id, 6, now=NOW, **works.who("one"))


def test_a_new_version_is_told_once_and_its_reminders_begin_anew(works: Works) -> None:
    works.payer()
    works.run_jobs(NOW)
    assert notices("budget_published") == 1
    remind(works)
    works.publish(24_000_00)
    works.run_jobs(NOW)
    assert notices() == 0, "the reminder of an older version says nothing any more"
    assert notices("budget_published") == 2
    assert remind(works) == 12


def test_a_cashier_reminds_nobody(works: Works) -> None:
    with pytest.raises(NotAllowed):
        remind(works, who="cashier")


def test_the_text_for_a_chat_names_nobody_and_no_door(works: Works) -> None:
    for home in works.homes[:6]:
        works.contributed(home, EACH)

    def view() -> showing.StaffView:
        return showing.staff_view(reading(), works.estate.public_id, person_id=works.people["one"].id, now=NOW)

    assert "已有 6 户缴清" not in view().chat, "a chat is told what is published, and nothing newer"
    publish_due(now=NOW + WEEK)
    told = view().chat
    assert "12 户中已有 6 户缴清" in told
    for secret in ("单元", "101", "欠", "陈秀英"):
        assert secret not in told
    assert told == chat_text(works.estate.name, 6, 12)


@pytest.mark.parametrize(
    ("met", "homes", "says"),
    [
        (19, 24, "24 户中已有 19 户缴清"),
        (20, 24, "大部分住户已经缴清"),
        (23, 24, "大部分住户已经缴清"),
        (24, 24, "住户都已经缴清"),
        (1, 4, "住户正在陆续缴纳"),
    ],
)
def test_a_chat_is_told_no_figure_that_leaves_a_few_homes_over(met: int, homes: int, says: str) -> None:
    text = chat_text("桃园", met, homes)
    assert says in text
    assert (str(homes) in text) is (homes - met >= 5)
