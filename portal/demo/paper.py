"""Paper beside the phones in the demo's open owners' vote: returned, keyed, one that two read differently."""

import io
from datetime import timedelta

import sqlalchemy as sa
from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from kernel import evidence
from kernel.database import end_reading, reading
from kernel.idempotency import Key
from kernel.people.models import Account
from portal.demo import Demo
from portal.demo.personas import PERSONAS, TAOYUAN
from surveys.votes import queries
from surveys.votes.models import Vote
from surveys.votes.paper import queries as papers
from surveys.votes.paper import services as desk
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.decision import Choice
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.paper import VoidReason
from surveys.votes.services import reading as shown
from surveys.votes.services.papers import papers_of
from surveys.votes.services.preparing import Staff

SETTLED, DIFFERS, WAITING, SPOILT, OUT = range(5)


def papers_at_the_desk(demo: Demo) -> str:
    """Five papers, each at another point of its way."""
    session = reading()
    workers = [
        session.scalar(sa.select(Account).where(Account.openid == name)) for name in ("demo-worker", "demo-street")
    ]
    vote = open_owners_vote(session, demo)
    first, second = workers
    if vote is None or first is None or second is None:
        end_reading()
        return "纸质票：0 张"
    of_the_story = {persona.tied_to for persona in PERSONAS} | {persona.owns for persona in PERSONAS}
    lines = [
        line.public_id
        for line in queries.roll_of(session, vote.id)
        if not queries.held_on(session, line.id) and not of_the_story & set(line.value.labels)
    ][:5]
    motions = [paper.motion for paper in papers_of(session, vote.id)]
    end_reading()
    if len(lines) < 5:
        return "纸质票：0 张"
    one, two = (Staff(f"account:{each.public_id}", each.person_id, account_id=each.id) for each in (first, second))
    now = demo.now - timedelta(hours=5)
    desk.print_papers(vote.public_id, lines, by=one, now=now)
    session = reading()
    serials = [paper.serial for paper in papers.papers_of_vote(session, vote.id)]
    end_reading()
    for serial in serials:
        desk.hand_out(serial, asked_by="本人", to="本人", by=one, now=now + timedelta(minutes=10))
    for place in (SETTLED, DIFFERS, WAITING):
        at = now + timedelta(hours=1, minutes=place)
        photo = _photo(demo, serials[place], first)
        desk.take_back(serials[place], received_at=at, photos=[photo], account_id=first.id, by=one, now=at)
    keyed = now + timedelta(hours=2)
    for place, reads in ((SETTLED, Choice.APPROVE), (DIFFERS, Choice.AGAINST)):
        desk.key_in(serials[place], dict.fromkeys(motions, str(Choice.APPROVE)), signed=True, by=one, now=keyed)
        desk.key_in(serials[place], dict.fromkeys(motions, str(reads)), signed=True, by=two, now=keyed)
    desk.void(serials[SPOILT], VoidReason.SPOILT, reprint=True, by=one, now=keyed)
    return f"纸质票：打印 {len(serials) + 1} 张，录完 1 张，一张待第三人裁定，一张待录入，一张补打"


def open_owners_vote(session: Session, demo: Demo) -> Vote | None:
    """The vote of 桃园北巷's owners that has been running for a while, if the demo has one."""
    return next(
        (
            vote
            for vote, place in queries.all_votes(session, (State.OPEN,))
            if place.code == TAOYUAN
            and vote.electorate == Electorate.OWNERS
            and shown.accepts_ballots(vote, demo.now)
            and vote.opened_at is not None
            and vote.opened_at < demo.now - timedelta(hours=6)
        ),
        None,
    )


def _photo(demo: Demo, serial: str, worker: Account) -> str:
    picture = Image.new("RGB", (600, 800), (250, 250, 245))
    ImageDraw.Draw(picture).rectangle((60, 300, 100, 340), outline=(20, 20, 20), width=4)
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return evidence.keep(
        out.getvalue(),
        purpose="paper_ballot",
        place=TAOYUAN,
        account_id=worker.id,
        person_id=worker.person_id,
        key=Key("demo", f"paper-{serial}", serial * 6),
        now=demo.now,
    )
