"""Extending a vote: the rule to the microsecond, and the use case with its news; on both databases."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kernel import clock, outbox
from kernel.clock import china_moment
from kernel.database import reading
from kernel.errors import Conflict, Invalid, NotAllowed
from kernel.web.guards import Identity
from portal.jobs import HANDLERS
from portal.notices.services import my_notices
from surveys.votes.extensions import queries as extensions
from surveys.votes.extensions.services import extend
from surveys.votes.rules import extensions as rules
from surveys.votes.rules.lifecycle import State
from surveys.votes.services import counting
from surveys.votes.services.preparing import Staff
from tests.factories import Factory
from tests.surveys.votes.stories import CLOSES, HOUR, NOW, STREET, Estate, cast, opened, vote_row

TICK = timedelta(microseconds=1)
FRIDAY_MIDNIGHT = china_moment(datetime(2026, 11, 14).date())
"""24:00 of Friday 13 November 2026"""


def extended(**more: Any) -> rules.Extended:
    given: dict[str, Any] = {"state": State.OPEN, "opened_at": NOW, "closes_at": FRIDAY_MIDNIGHT, "now": NOW}
    return rules.extended(**{**given, **more})


@pytest.mark.parametrize(
    ("days", "last_day"),
    [
        (1, datetime(2026, 11, 16)),  # a Saturday rolls on to Monday
        (3, datetime(2026, 11, 16)),
        (4, datetime(2026, 11, 17)),
        (10, datetime(2026, 11, 23)),
    ],
)
def test_days_run_on_from_the_last_day_and_holidays_roll_on(days: int, last_day: datetime) -> None:
    made = extended(days=days)
    assert made.closes_at == china_moment((last_day + timedelta(days=1)).date())


def test_an_extension_over_a_year_whose_holidays_are_not_out_is_provisional() -> None:
    assert extended(days=60, opened_at=FRIDAY_MIDNIGHT - timedelta(days=10)).provisional


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"now": FRIDAY_MIDNIGHT, "days": 1}, "closed-already"),
        ({"state": State.PUBLISHED, "days": 1}, "not-open"),
        ({"state": State.CLOSED, "days": 1}, "not-open"),
        ({}, "extend-how"),
        ({"days": 1, "until": FRIDAY_MIDNIGHT + HOUR}, "extend-how"),
        ({"days": 0}, "period-out-of-range"),
        ({"until": FRIDAY_MIDNIGHT}, "not-later"),
        ({"until": NOW + timedelta(days=400)}, "too-long"),
    ],
)
def test_what_is_no_extension(more: dict[str, Any], code: str) -> None:
    with pytest.raises((Conflict, Invalid)) as refused:
        extended(**more)
    assert refused.value.code == code


def test_the_last_microsecond_is_early_enough_to_decide() -> None:
    assert extended(now=FRIDAY_MIDNIGHT - TICK, until=FRIDAY_MIDNIGHT + TICK).closes_at == FRIDAY_MIDNIGHT + TICK


def put_off(vote_id: str, *, now: datetime = NOW + HOUR, by: Staff = STREET, **more: Any) -> str:
    more = more or {"until": CLOSES + timedelta(days=5)}
    return extend(vote_id, reason="收回的表决票不足三分之二", decided_by="桃园社区居委会", by=by, now=now, **more)


def test_the_old_instant_stays_on_record_and_the_new_one_is_in_force(estate: Estate) -> None:
    vote_id = opened(estate)
    put_off(vote_id)
    later = CLOSES + timedelta(days=5)
    put_off(vote_id, now=CLOSES + HOUR, until=later + HOUR)
    first, second = extensions.extensions_of(reading(), vote_row(vote_id).id)
    assert (first.old_closes_at, first.new_closes_at, first.number) == (CLOSES, later, 1)
    assert (second.old_closes_at, second.new_closes_at) == (later, later + HOUR)
    assert vote_row(vote_id).closes_at == later + HOUR


def test_a_ballot_between_is_judged_by_the_instant_in_force(estate: Estate) -> None:
    vote_id = opened(estate)
    late = cast(vote_id, estate.voter("zhao"), "1栋1单元401", "approve", now=CLOSES)
    assert late.standing == "late"
    other = opened(estate)
    put_off(other, now=CLOSES - TICK)
    assert cast(other, estate.voter("zhao"), "1栋1单元401", "approve", now=CLOSES).standing == "valid"
    new = CLOSES + timedelta(days=5)
    assert cast(other, estate.voter("chen"), "1栋1单元101", "approve", now=new - TICK).standing == "valid"
    assert cast(other, estate.voter("qian"), "1栋1单元402", "approve", now=new).standing == "late"


def test_an_instant_that_has_come_is_never_moved(estate: Estate) -> None:
    vote_id = opened(estate)
    with pytest.raises(Conflict) as refused:
        put_off(vote_id, now=CLOSES)
    assert refused.value.code == "closed-already"
    with pytest.raises(NotAllowed):
        put_off(vote_id, by=Staff("account:x", None))


def test_the_clock_closes_at_the_new_instant_and_everyone_on_the_roll_is_told_once(
    estate: Estate, make: Factory
) -> None:
    vote_id = opened(estate)
    neighbour = make.account()
    make.tie(neighbour, estate.dwellings[0], relation="neighbour")
    put_off(vote_id)
    news = {"vote": vote_id, "number": 1}
    for handler in HANDLERS["vote.extended"]:
        handler(news, now=NOW + HOUR)
        handler(news, now=NOW + 2 * HOUR)
    for who, told in (("chen", 1), ("zhao", 1), ("factory", 1)):
        account = estate.accounts[who]
        assert len(my_notices(Identity(account.id, account.public_id, None))) == told
    assert my_notices(Identity(neighbour.id, neighbour.public_id, None)) == []
    assert not counting.close_if_due(vote_id, now=CLOSES)
    assert counting.close_if_due(vote_id, now=CLOSES + timedelta(days=5))


def test_over_http_an_officer_extends_and_the_notice_says_so(estate: Estate, make: Factory, worker: Staff) -> None:
    vote_id = opened(estate)
    officer = make.signed_in(make.account("o-officer"))
    with clock.at(NOW + HOUR):
        assert "延长投票" in officer.get(f"/work/votes/{vote_id}").get_data(as_text=True)
        sent = {"days": 7, "reason": "收回的表决票不足", "decided_by": "桃园社区居委会"}
        made = officer.post(f"/api/v1/votes/{vote_id}/extension", json=sent)
        assert made.status_code == 200, made.json
        page = officer.get(f"/v/{vote_id}").get_data(as_text=True)
    assert "桃园社区居委会" in page
    assert "2026年11月9日" in page
    assert outbox.counts()["waiting"] > 0
