"""What the tests of elections stand on: a call, who stands in it, its ballot, a tie and its lot."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kernel.database import reading
from kernel.errors import DomainError
from surveys.votes import queries
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import calls, nominating
from surveys.votes.elections.services import reading as shown
from surveys.votes.elections.services.calls import NewCall, NewSection
from surveys.votes.elections.services.nominating import Recommended
from surveys.votes.elections.services.ties import NewLot
from surveys.votes.results import services as results
from surveys.votes.rules.nominations import GROUP, Contest
from surveys.votes.services import counting, preparing
from surveys.votes.services.preparing import Staff
from tests.surveys.votes.stories import CLOSES, HOUR, NOW, STREET, Estate, cast, opened
from tests.surveys.votes.stories import GROUP as GROUP_MOTION

UNTIL = NOW + timedelta(days=7)
OTHER = Staff("account:other", None, trusted=True)
DOORS = {"chen": "1栋1单元101", "li": "1栋1单元201", "zhao": "1栋1单元401", "qian": "1栋1单元402"}


def a_call(estate: Estate, **changes: Any) -> str:
    """A call for a group of three at the estate, 等额, two signatures for a joint nomination."""
    draft: dict[str, Any] = {
        "place_code": estate.place.code,
        "matter": GROUP,
        "title": "自管小组选举",
        "sections": (NewSection("全小区", 3, 3),),
        "until": UNTIL,
        "contest": Contest.EQUAL,
        "signatures": 2,
        "notice_days": 0,
        "voting_days": 7,
        "list_days": 3,
    }
    return calls.open_call(NewCall(**(draft | changes)), by=STREET, now=NOW)


def view(call_id: str, now: datetime = NOW, **who: Any) -> shown.CallView:
    session = reading()
    return shown.view(session, elections.call_by_public_id(session, call_id), now, **who)


def section(call_id: str, place: int = 0) -> str:
    return view(call_id).sections[place].public_id


def recommended(call_id: str, name: str, door: str, note: str = "") -> Recommended:
    """Somebody for the first section of a call."""
    return Recommended(section(call_id), name, door, note)


def stands(call_id: str, estate: Estate, who: str, *, place: int = 0, now: datetime = NOW) -> str:
    """Somebody nominates himself and is found qualified."""
    nominee = nominating.nominate_self(call_id, section(call_id, place), who, "", by=estate.voter(who), now=now)
    nominating.check(call_id, nominee, True, "", by=STREET, now=now)
    return nominee


def listed(call_id: str, now: datetime = UNTIL) -> datetime:
    """The list is out; gives the end of its publicity."""
    calls.list_candidates(call_id, by=STREET, now=now)
    until = view(call_id).call.listed_until
    assert until is not None
    return until


def refusal(act: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(DomainError) as refused:
        act(*args, **kwargs)
    return refused.value.code


def opened_ballot(call_id: str, until: datetime) -> str:
    """The printed ballot, announced and open."""
    vote_id = calls.print_ballot(call_id, by=STREET, now=until)
    results.plan(vote_id, 0, by=STREET, now=until)
    preparing.publish(vote_id, by=STREET, now=until)
    preparing.open_voting(vote_id, by=STREET, now=until)
    return vote_id


def closed(vote_id: str) -> datetime:
    closes_at = queries.vote_by_public_id(reading(), vote_id).closes_at
    assert closes_at is not None
    counting.close(vote_id, by=STREET, now=closes_at)
    counting.publish_result(vote_id, by=STREET, now=closes_at)
    return closes_at


def said(vote_id: str) -> dict[str, Any]:
    session = reading()
    result = queries.result_of(session, queries.vote_by_public_id(session, vote_id).id)
    assert result is not None
    return dict(result.document["motions"][0])


def named(vote_id: str, document: dict[str, Any]) -> dict[str, str]:
    session = reading()
    names = {
        each.public_id: each.name
        for group in queries.candidates_of(session, queries.vote_by_public_id(session, vote_id).id).values()
        for each in group
    }
    return {names[each["candidate"]]: each["standing"] for each in document["candidates"]}


def a_tie(estate: Estate, *, publicity_days: int = 0) -> str:
    """Two seats; 陈建国 is elected, 李桂兰 and 吴志强 are equal."""
    vote_id = opened(estate, GROUP_MOTION, publicity_days=publicity_days)
    for who, names in (
        ("chen", ["陈建国", "李桂兰", "吴志强"]),
        ("li", ["陈建国", "李桂兰", "吴志强"]),
        ("zhao", ["陈建国", "李桂兰", "吴志强"]),
        ("qian", ["陈建国"]),
    ):
        cast(vote_id, estate.voter(who), DOORS[who], names)
    cast(vote_id, estate.voter("factory"), "1栋1单元202", [])
    closed(vote_id)
    return vote_id


def lot(vote_id: str, **changes: Any) -> NewLot:
    (tie,) = shown.ties(reading(), queries.vote_by_public_id(reading(), vote_id))
    order = tuple(identity for identity, _ in reversed(tie.names))
    drawn: dict[str, Any] = {
        "order": order,
        "method": "两张纸条放进票箱，由主持人当众摸",
        "drawn_by": "主持人王",
        "witnesses": ("见证人甲", "见证人乙"),
        "drawn_at": CLOSES + HOUR,
    }
    return NewLot(**(drawn | changes))
