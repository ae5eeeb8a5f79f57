"""The demo's secret elections: one opened with its group in office, one open whose shares open it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from kernel.database import reading
from kernel.places.queries import place_by_code
from portal.bodies import queries as groups
from portal.demo import Demo
from portal.demo import city as demo_city
from portal.demo import people as demo_people
from portal.demo.secret_votes import OVER, secret_votes
from surveys.votes import ceremony, queries, verify_secret
from surveys.votes.secret.services import opening
from surveys.votes.services import counting
from tests.surveys.votes.stories import STREET

DAY = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_is_over_with_its_group_and_the_other_can_be_opened_by_two_shares(app: Flask, tmp_path: Path) -> None:
    demo = Demo(DAY, tmp_path)
    for step in (demo_city.places, demo_city.dwellings, demo_people.households, demo_people.accounts, secret_votes):
        step(demo)
    session = reading()
    states = {vote.state: vote for vote, _ in queries.all_votes(session)}
    assert set(states) == {"result", "open"}
    assert verify_secret.verify(opening.bundle(states["result"].public_id)).faults == []
    (group,) = groups.in_office(session, place_by_code(session, OVER).id, DAY)
    assert len(groups.members_of(session, group.id)) >= 2
    running = states["open"]
    assert queries.turnout_of(session, running.id).lines > 10
    closes_at, vote_id = running.closes_at, running.public_id
    assert closes_at is not None
    assert closes_at > DAY
    counting.close(vote_id, by=STREET, now=closes_at)
    shares = [ceremony.read(path, ceremony.SHARE_FORMAT) for path in sorted(tmp_path.glob("**/share-*.json"))[:2]]
    assert ceremony.open_all(opening.envelopes(vote_id, by=STREET, now=closes_at), shares)["invalid"] == 0
