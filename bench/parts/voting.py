"""Inside the product's own environment: estates of owners with open votes, and one vote of many flats, timed."""

import json
import secrets
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

Voter = dict[str, Any]
ESTATES = 20


def seed(voters: int, out: Path) -> None:
    """Owners of one flat each in 20 estates, signed in, with an open vote on two motions at every estate."""
    from config import Config
    from kernel import clock, database
    from portal.app import create_app

    app = create_app(Config.from_env())
    with app.app_context(), database.city_scope(database.cities()[0]):
        from bench.parts.seeding import places

        where = places()
        told: list[Voter] = []
        for number, (estate, building, code) in enumerate(where):
            share = voters // ESTATES + (number < voters % ESTATES)
            told += owners(estate, building, code, share, clock.now())
        out.write_text(json.dumps(told))


def owners(estate: int, building: int, code: str, flats: int, now: datetime, *, unit: str = "1") -> list[Voter]:
    """Owners of one flat each in an estate, signed in, with an open vote on two motions: what each casts with."""
    import sqlalchemy as sa

    from kernel.database import new_public_id, reading, transaction
    from kernel.people.models import Account, Holding, Person, Tie
    from kernel.places.models import Dwelling
    from portal.auth.models import WebSession
    from portal.auth.rules import hashed
    from surveys.votes import queries
    from surveys.votes.services.papers import papers_of

    names = [(new_public_id(), new_public_id(), new_public_id(), secrets.token_urlsafe(32)) for _ in range(flats)]
    with transaction() as session:
        homes = session.scalars(
            sa.insert(Dwelling).returning(Dwelling.id, sort_by_parameter_order=True),
            [
                {
                    "public_id": home,
                    "estate_id": estate,
                    "building_id": building,
                    "unit": unit,
                    "floor": n % 7 + 1,
                    "door": str(n),
                    "area_dm2": 8000,
                    "use": "home",
                    "label": f"1栋{unit}单元{n}",
                    "sort_key": f"{n:08}",
                }
                for n, (home, *_) in enumerate(names)
            ],
        ).all()
        people = session.scalars(
            sa.insert(Person).returning(Person.id, sort_by_parameter_order=True),
            [{"public_id": person, "kind": "natural", "name_sealed": b"x" * 60} for _, person, _, _ in names],
        ).all()
        accounts = session.scalars(
            sa.insert(Account).returning(Account.id, sort_by_parameter_order=True),
            [{"public_id": account, "openid": f"b-{account}", "created_at": now} for _, _, account, _ in names],
        ).all()
        rows = list(zip(homes, people, accounts, names, strict=True))
        session.execute(
            sa.insert(Holding),
            [
                {"person_id": person, "dwelling_id": home, "kind": "owner", "evidence": "roster", "held_from": now}
                for home, person, _, _ in rows
            ],
        )
        session.execute(
            sa.insert(Tie),
            [
                {
                    "public_id": new_public_id(),
                    "account_id": account,
                    "dwelling_id": home,
                    "person_id": person,
                    "relation": "self",
                    "level": 2,
                    "since": now,
                }
                for home, person, account, _ in rows
            ],
        )
        session.execute(
            sa.insert(WebSession),
            [
                {
                    "public_id": new_public_id(),
                    "token_hash": hashed(token),
                    "account_id": account,
                    "device": "bench",
                    "staff": False,
                    "made_at": now,
                    "seen_at": now,
                    "ends_at": now + timedelta(days=7),
                }
                for _, _, account, (_, _, _, token) in rows
            ],
        )
    vote_id = _vote(code, now)[0]
    session = reading()
    vote = queries.vote_by_public_id(session, vote_id)
    motions = [paper.motion for paper in papers_of(session, vote.id)]
    doors = {home: (key, person, account, token) for key, person, account, (home, _, _, token) in rows}
    told = []
    for line in queries.roll_of(session, vote.id):
        if line.value.dwellings[0] not in doors:
            continue  # a flat of an earlier vote
        key, person, account, token = doors[line.value.dwellings[0]]
        ids = {"vote_key": vote.id, "line_key": line.id, "dwelling": key, "person": person, "account": account}
        told.append(
            {
                **ids,
                "token": token,
                "vote": vote_id,
                "line": line.public_id,
                "text_hash": vote.text_hash,
                "motions": motions,
            }
        )
    return told


Seconds = tuple[float, float]
"""By the clock, and of this process's own CPU."""


def _vote(code: str, now: datetime) -> tuple[str, Seconds, Seconds]:
    """An open vote on two motions at an estate; what the draft with its roll took, and the opening."""
    from surveys.votes.services import preparing
    from surveys.votes.services.preparing import OPERATOR, NewMotion, NewVote

    motions = (
        NewMotion("owners.fund_use", "是否同意使用维修资金更换水泵", "预算 48,600 元"),
        NewMotion("owners.scheme", "是否同意改造方案", "方案见公示栏"),
    )
    draft = NewVote(code, "测量", motions, notice_days=0, voting_days=0, closes_at=now + timedelta(days=7))
    began = time.perf_counter(), time.process_time()
    vote_id = preparing.create(draft, by=OPERATOR, now=now)
    made = time.perf_counter() - began[0], time.process_time() - began[1]
    preparing.publish(vote_id, by=OPERATOR, now=now)
    began = time.perf_counter(), time.process_time()
    preparing.open_voting(vote_id, by=OPERATOR, now=now)
    return vote_id, made, (time.perf_counter() - began[0], time.process_time() - began[1])


def big(flats: int, out: Path) -> None:
    """An estate of so many flats: seconds for roll, opening, and tally of a ballot from every line."""
    import sqlalchemy as sa

    from config import Config
    from kernel import clock, database
    from kernel.database import reading, transaction
    from portal.app import create_app
    from surveys.votes import queries
    from surveys.votes.models import CountedBallot
    from surveys.votes.rules.ballot import Standing
    from surveys.votes.services import casting, counting, keeping
    from surveys.votes.services.papers import papers_of
    from surveys.votes.services.preparing import OPERATOR

    app = create_app(Config.from_env())
    with app.app_context(), database.city_scope(database.cities()[0]):
        from kernel.places.models import Place

        session = reading()
        estate = session.scalars(sa.select(Place).where(Place.code == "bench-0")).one()
        building = session.scalars(sa.select(Place).where(Place.code == "bench-0-1")).one()
        now = clock.now()
        owners(estate.id, building.id, estate.code, flats, now, unit="2")
        vote_id, made, opened = _vote(estate.code, now)
        session = reading()
        vote = queries.vote_by_public_id(session, vote_id)
        papers, lines = papers_of(session, vote.id), queries.roll_of(session, vote.id)
        doors: dict[int, int] = dict(
            session.execute(
                sa.text("SELECT roll_line_id, dwelling_id FROM roll_line_dwelling WHERE vote_id = :v"), {"v": vote.id}
            ).all()
        )
        with transaction() as session:
            for n, line in enumerate(lines):
                choices = {paper.motion: ("approve", "against", "abstain")[n % 3 and n % 2] for paper in papers}
                how = keeping.How("bench", doors[line.id], helper_id=1)
                sealed = casting.sealed_ballot(papers, choices)
                kept = keeping.add(
                    session,
                    vote,
                    (line.id, line.public_id),
                    sealed,
                    how=how,
                    standing=Standing.VALID,
                    received_at=now,
                    now=now,
                )
                session.execute(sa.insert(CountedBallot).values(vote_id=vote.id, roll_line_id=line.id, ballot_id=kept))
        assert vote.closes_at is not None
        counting.close(vote_id, by=OPERATOR, now=vote.closes_at)
        began = time.perf_counter(), time.process_time()
        counting.publish_result(vote_id, by=OPERATOR, now=vote.closes_at)
        tallied = time.perf_counter() - began[0], time.process_time() - began[1]
        out.write_text(json.dumps({"lines": len(lines), "roll": made, "opening": opened, "tally": tallied}))
