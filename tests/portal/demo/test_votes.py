"""The demo's votes: of each kind one over and one open; the story's people have not voted in the open ones."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from kernel.database import reading
from kernel.people.queries import account_by_openid
from portal.demo import Demo
from portal.demo import city as demo_city
from portal.demo import people as demo_people
from portal.demo.votes import votes
from surveys.votes import queries
from surveys.votes.services import counting
from surveys.votes.services import reading as shown


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "day",
    [datetime(2026, 11, 22, 4, tzinfo=UTC), datetime(2026, 2, 20, 4, tzinfo=UTC), datetime(2025, 10, 9, tzinfo=UTC)],
)
def test_each_kind_has_one_vote_over_and_one_open(app: Flask, tmp_path: Path, day: datetime) -> None:
    demo = Demo(day, tmp_path)
    for step in (demo_city.places, demo_city.dwellings, demo_people.households, demo_people.accounts, votes):
        step(demo)
    session = reading()
    found = [vote for vote, _ in queries.all_votes(session)]
    assert Counter((vote.electorate, vote.state) for vote in found) == {
        ("owners", "result"): 1,
        ("owners", "open"): 1,
        ("residents", "result"): 1,
        ("residents", "open"): 1,
    }
    resident = account_by_openid(session, "demo-resident")
    assert resident is not None
    for vote in found:
        assert counting.roll_is_intact(session, vote)
        mine = shown.my_lines(session, vote, resident.id)
        assert [each.refusal for each in mine] == [None]
        if vote.state == "open":
            assert shown.accepts_ballots(vote, day)
            assert mine[0].ballot is None
            assert queries.turnout_of(session, vote.id).lines > 10
        else:
            document = shown.result(session, vote).document
            (motion,) = document["motions"]
            assert motion.get("carried", motion.get("valid")) is True
