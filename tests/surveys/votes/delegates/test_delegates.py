"""Residents' representatives: the list by two officers, their roll and their vote, from entry to final result."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from kernel import clock
from kernel.clock import china_day
from kernel.database import reading
from kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from kernel.people import queries as people
from kernel.places.queries import ancestors
from surveys.votes import queries, verify
from surveys.votes.delegates import queries as delegates
from surveys.votes.delegates import services
from surveys.votes.delegates.services import NewDelegate
from surveys.votes.results import services as results
from surveys.votes.rules import delegates as rules
from surveys.votes.rules.delegates import Chosen, LeftBecause
from surveys.votes.services import bundles, counting, preparing
from surveys.votes.services.casting import Voter
from surveys.votes.services.preparing import NewCandidate, NewMotion, NewVote, Staff
from tests.factories import Factory
from tests.surveys.votes.proofs import logged, photographed, proved_by
from tests.surveys.votes.stories import CLOSES, HOUR, NOW, STREET, Estate, cast, line_of, vote_row

TODAY = china_day(NOW)
NEXT_YEAR = TODAY + timedelta(days=365)
GARDEN = NewMotion("representatives.decision", "是否同意把空地改成花园")
GROUP = NewMotion(
    "representatives.group",
    "选举自管小组成员",
    candidates=tuple(NewCandidate(name) for name in ("陈建国", "李桂兰", "吴志强", "赵敏")),
    seats=2,
    most=3,
)


@pytest.mark.parametrize(
    ("chosen_on", "until", "kept"),
    [
        (TODAY, TODAY, True),
        (date(2022, 2, 28), TODAY, True),
        (TODAY, date(TODAY.year + 5, TODAY.month, TODAY.day), True),
        (TODAY, date(TODAY.year + 5, TODAY.month, TODAY.day + 1), False),
        (TODAY + timedelta(days=1), NEXT_YEAR, False),
        (TODAY - timedelta(days=9), TODAY - timedelta(days=1), False),
    ],
)
def test_a_term_has_begun_is_not_over_and_is_no_longer_than_five_years(
    chosen_on: date, until: date, kept: bool
) -> None:
    if kept:
        rules.check_term(chosen_on, until, TODAY)
    else:
        with pytest.raises(Invalid):
            rules.check_term(chosen_on, until, TODAY)


def entered(estate: Estate, worker: Staff, door: int, **more: Any) -> str:
    given: dict[str, Any] = {
        "group_name": "第1居民小组",
        "chosen": Chosen.BALLOT,
        "chosen_on": TODAY - timedelta(days=30),
        "until": NEXT_YEAR,
        "evidence": (photographed(estate, worker, "delegate"),),
        **more,
    }
    return services.enter(NewDelegate(estate.dwellings[door].public_id, **given), by=worker, now=NOW)


def confirmed(estate: Estate, worker: Staff, door: int, **more: Any) -> str:
    return services.confirm(entered(estate, worker, door, **more), by=STREET, now=NOW)


def known(estate: Estate, who: str) -> dict[str, str]:
    return {"person": estate.people[who].public_id}


def test_two_officers_keep_the_list_and_a_group_has_three_at_most(
    estate: Estate, worker: Staff, other_account: Staff
) -> None:
    made = entered(estate, worker, 0, **known(estate, "chen"))
    assert logged("delegate.entered")["proofs"] == proved_by(f"delegate:{made}")
    with pytest.raises(NotAllowed) as same:
        services.confirm(made, by=other_account, now=NOW)
    assert same.value.code == "same-person"
    assert delegates.counts(reading(), [estate.place.id]) == {estate.place.id: 1}
    services.confirm(made, by=STREET, now=NOW)
    with pytest.raises(Conflict) as twice:
        services.confirm(made, by=STREET, now=NOW)
    assert twice.value.code == "confirmed-already"
    for more, door, code in (
        ({"name": "周敏", "phone": "13955556666", "group_name": "第2居民小组"}, 0, "household-has-one"),
        ({**known(estate, "chen"), "group_name": "第2居民小组"}, 1, "delegate-already"),
        ({**known(estate, "li"), "evidence": ()}, 2, "proof-missing"),
        (known(estate, "zhao"), 2, "not-of-that-home"),
        ({}, 2, "who"),
    ):
        with pytest.raises((Conflict, Invalid)) as refused:
            entered(estate, worker, door, **more)
        assert refused.value.code == code
    entered(estate, worker, 2, **known(estate, "li"))
    entered(estate, worker, 6, **known(estate, "zhao"))
    with pytest.raises(Conflict) as full:
        entered(estate, worker, 7, **known(estate, "qian"))
    assert full.value.code == "group-is-full"
    services.end(made, LeftBecause.RESIGNED, by=STREET, now=NOW)
    with pytest.raises(Conflict):
        services.end(made, LeftBecause.RESIGNED, by=STREET, now=NOW)
    entered(estate, worker, 7, **known(estate, "qian"))


def test_who_was_not_on_the_register_comes_there_when_confirmed_and_leaves_it_when_he_moves(
    estate: Estate, worker: Staff, make: Factory
) -> None:
    made = entered(estate, worker, 6, name="周敏", phone="13955556666")
    home, page = estate.dwellings[6], f"/work/delegates/{estate.place.public_id}/{made}"
    other = make.account("o-second")
    make.grant(other, "street_officer", next(p for p in ancestors(reading(), estate.place) if p.kind == "street"))
    second = make.signed_in(other)
    assert "139****6666" in second.get(page).text, "who confirms sees to whom the code will go"
    assert len(people.holdings_of(reading(), home.id)) == 1
    services.confirm(made, by=STREET, now=NOW)
    assert "139****6666" not in second.get(page).text
    (holding, person), _ = people.holdings_of(reading(), home.id)[::-1]
    assert holding.evidence == services.HELD_AS
    account = make.account("o-zhou")
    make.tie(account, home, person=person, relation="self")
    services.end(made, LeftBecause.MOVED, by=STREET, now=NOW)
    assert len(people.holdings_of(reading(), home.id)) == 1
    assert people.ties_of(reading(), account.id) == []


def drafted(estate: Estate, *motions: NewMotion, now: Any = NOW) -> str:
    vote_id = preparing.create(
        NewVote(
            estate.place.code, "居民代表会议", motions or (GARDEN,), notice_days=0, voting_days=0, closes_at=CLOSES
        ),
        by=STREET,
        now=now,
    )
    results.plan(vote_id, 0, by=STREET, now=now)
    return vote_id


def roll_of(vote_id: str) -> list[tuple[str, ...]]:
    return [line.value.labels for line in queries.roll_of(reading(), vote_row(vote_id).id)]


def test_their_roll_is_the_list_of_the_day_and_a_changed_list_keeps_it_from_opening(
    estate: Estate, worker: Staff
) -> None:
    with pytest.raises(Invalid) as nobody:
        drafted(estate)
    assert nobody.value.code == "no-representatives"
    confirmed(estate, worker, 0, **known(estate, "chen"))
    confirmed(estate, worker, 2, until=TODAY + timedelta(days=5), **known(estate, "li"))
    entered(estate, worker, 6, **known(estate, "zhao"))  # nobody has confirmed him
    vote_id = drafted(estate)
    assert roll_of(vote_id) == [("1栋1单元101",), ("1栋1单元201",)]
    vote = vote_row(vote_id)
    assert (vote.roll_heads, vote.roll_area_dm2) == (2, 0)
    preparing.publish(vote_id, by=STREET, now=NOW)
    later = NOW + timedelta(days=6)  # 李's term is over
    with pytest.raises(Conflict) as changed:
        preparing.open_voting(vote_id, by=STREET, now=later)
    assert changed.value.code == "representatives-changed"
    preparing.rebuild_roll(vote_id, by=STREET, now=later)
    assert roll_of(vote_id) == [("1栋1单元101",)]
    preparing.open_voting(vote_id, by=STREET, now=later)
    with pytest.raises(Invalid) as mixed:
        drafted(estate, GARDEN, NewMotion("residents.decision", "?"))
    assert mixed.value.code == "mixed-electorates"


def test_only_the_representative_votes_and_the_final_result_is_verified_by_anyone(
    estate: Estate, worker: Staff, make: Factory
) -> None:
    for who, door in (("chen", 0), ("li", 2), ("zhao", 6)):
        confirmed(estate, worker, door, **known(estate, who))
    vote_id = drafted(estate, GARDEN, GROUP)
    preparing.publish(vote_id, by=STREET, now=NOW)
    preparing.open_voting(vote_id, by=STREET, now=NOW)
    son = make.account("o-son")
    make.tie(son, estate.dwellings[0], person=estate.people["chen"], relation="family")
    with pytest.raises(NotAllowed) as refused:
        cast(vote_id, Voter(son.id, "account:son"), "1栋1单元101", "approve", [])
    assert refused.value.code == "representatives-only"
    with pytest.raises(NotAllowed) as co_owner:
        cast(vote_id, estate.voter("wu"), "1栋1单元201", "approve", [])
    assert co_owner.value.code == "representatives-only"
    with pytest.raises(NotFound):
        cast(vote_id, estate.voter("qian"), "1栋1单元101", "approve", [])
    cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve", ["陈建国", "李桂兰"])
    cast(vote_id, estate.voter("li"), "1栋1单元201", "approve", ["陈建国", "李桂兰", "赵敏"])
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    results.finalise(vote_id, by=STREET, now=CLOSES)
    vote = vote_row(vote_id)
    found = queries.result_of(reading(), vote.id)
    assert found is not None
    decision, election = found.document["motions"]
    assert decision["carried"] is True
    assert [each["standing"] for each in election["candidates"]].count("elected") == 2
    assert verify.verify(bundles.public_bundle(vote_id)).faults == []


def test_the_street_keeps_the_list_and_residents_see_who_votes_over_http(
    estate: Estate, worker: Staff, make: Factory, client: FlaskClient
) -> None:
    first = make.signed_in(make.account("o-officer"))
    second = make.account("o-second")
    street = next(place for place in ancestors(reading(), estate.place) if place.kind == "street")
    make.grant(second, "street_officer", street)
    other = make.signed_in(second)
    here = f"/work/delegates/{estate.place.public_id}"
    assert "桃园北巷" in first.get("/work/delegates").text
    assert "1栋1单元101" in first.get(f"{here}?door=101").text
    assert "陈" not in client.get(f"/delegates/{estate.place.public_id}").text
    with clock.at(NOW):
        for door, who in ((0, "chen"), (6, "zhao")):
            assert "登记里没有的人" in first.get(f"{here}/new?dwelling={estate.dwellings[door].public_id}").text
            body = {
                "dwelling": estate.dwellings[door].public_id,
                "group_name": "1栋居民小组",
                "chosen": "meeting",
                "chosen_on": TODAY.isoformat(),
                "until": NEXT_YEAR.isoformat(),
                "evidence": [photographed(estate, worker, "delegate")],
                **known(estate, who),
            }
            made = first.post("/api/v1/delegates", json=body)
            assert made.status_code == 201, made.json
            delegate = (made.json or {})["id"]
            confirmation = f"/api/v1/delegates/{delegate}/confirmation"
            assert first.post(confirmation, json={}).status_code == 403
            assert "核对无误" in other.get(f"{here}/{delegate}").text
            assert other.post(confirmation, json={}).json["confirmed"]  # type: ignore[index]
        assert "1栋居民小组" in first.get(here).text
        assert first.get("/work/votes").text.count('href="/work/delegates"') == 1
        shown = client.get(f"/delegates/{estate.place.public_id}").text
        assert "1栋居民小组" in shown
        assert "chen" not in shown
        vote_id = drafted(estate)
        preparing.publish(vote_id, by=STREET, now=NOW)
        notice = client.get(f"/v/{vote_id}").text
        assert "居民代表（居民小组选出）" in notice
        assert "名册共 2 人，每人一票" in notice
        assert f'href="/delegates/{estate.place.public_id}"' in notice
        preparing.open_voting(vote_id, by=STREET, now=NOW)
    with clock.at(NOW + HOUR):
        assert "您是居民代表，一人一票" in make.signed_in(estate.accounts["chen"]).get(f"/v/{vote_id}").text
        assert "您不在代表名单上" in make.signed_in(estate.accounts["qian"]).get(f"/v/{vote_id}").text
        sent = {
            "line_id": line_of(vote_id, "1栋1单元101"),
            "text_hash": vote_row(vote_id).text_hash,
            "choices": {queries.motions_of(reading(), vote_row(vote_id).id)[0].public_id: "approve"},
        }
        address = f"/api/v1/votes/{vote_id}/ballots"
        assert make.signed_in(estate.accounts["chen"]).post(address, json=sent).status_code == 201
        assert make.signed_in(estate.accounts["qian"]).post(address, json=sent).status_code == 404
    ended = other.post(f"/api/v1/delegates/{delegate}/end", json={"why": "moved"})
    assert ended.json["ended"]  # type: ignore[index]
