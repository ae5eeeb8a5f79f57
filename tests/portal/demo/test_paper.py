"""The demo's papers: each at another point of its way, and the account adds up."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from kernel.database import reading
from portal.demo import Demo
from portal.demo import city as demo_city
from portal.demo import people as demo_people
from portal.demo.deliveries import deliveries
from portal.demo.paper import papers_at_the_desk
from portal.demo.votes import votes
from surveys.votes import queries
from surveys.votes.paper import queries as papers


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_papers_wait_at_every_point_of_their_way(app: Flask, tmp_path: Path) -> None:
    demo = Demo(datetime(2026, 11, 22, 4, tzinfo=UTC), tmp_path)
    steps = (demo_city.places, demo_city.dwellings, demo_people.households, demo_people.accounts, votes)
    for step in (*steps, papers_at_the_desk):
        said = step(demo)
    assert said.startswith("纸质票：打印 6 张")
    session = reading()
    (vote,) = [vote for vote, _ in queries.all_votes(session) if papers.papers_of_vote(session, vote.id)]
    found = Counter(paper.state for paper in papers.papers_of_vote(session, vote.id))
    assert found == {"settled": 1, "differs": 1, "returned": 1, "void": 1, "handed": 1, "printed": 1}
    assert papers.account_of(session, vote.id).adds_up
    assert deliveries(demo) == "送达：56 户收到了表决公告"
