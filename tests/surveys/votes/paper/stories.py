"""Workers at their desk: papers printed, handed out, returned, keyed."""

import io
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from PIL import Image

from kernel import evidence
from kernel.database import reading
from kernel.idempotency import Key
from kernel.people.models import Account
from surveys.votes import queries
from surveys.votes.paper import queries as papers
from surveys.votes.paper import services
from surveys.votes.paper.models import BallotPaper
from surveys.votes.proxies import services as proxies
from surveys.votes.proxies.services import NewProxy
from surveys.votes.rules.proxies import Powers
from surveys.votes.services.preparing import Staff
from tests.factories import Factory
from tests.surveys.votes.stories import CLOSES, HOUR, NOW, Estate, filled, line_of

AT = NOW + 2 * HOUR


@dataclass
class Worker:
    """A community worker: as the services take him, and his account (proofs hang on it)."""

    staff: Staff
    account: Account


def a_worker(make: Factory, estate: Estate, name: str = "") -> Worker:
    account = make.account(f"o-worker-{name}" if name else "")
    make.grant(account, "community_worker", estate.place)
    fresh = reading().get_one(Account, account.id)
    return Worker(Staff(f"account:{fresh.public_id}", fresh.person_id), fresh)


def photo_of(worker: Worker, estate: Estate, purpose: str = "paper_ballot", at: datetime = AT) -> str:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 30, 30)).save(out, "JPEG")
    return evidence.keep(
        out.getvalue(),
        purpose=purpose,
        place=estate.place.code,
        account_id=worker.account.id,
        person_id=worker.staff.person_id,
        key=Key("test", str(uuid.uuid4()), "x" * 64),
        now=at,
    )


def printed(vote_id: str, worker: Worker, *doors: str, now: datetime = AT) -> list[str]:
    """Serials of papers printed for doors (or for all of the roll)."""
    services.print_papers(
        vote_id, [line_of(vote_id, f"1栋1单元{door}") for door in doors] or None, by=worker.staff, now=now
    )
    session = reading()
    vote = queries.vote_by_public_id(session, vote_id)
    numbered = papers.papers_of_vote(session, vote.id)
    return [paper.serial for paper in numbered[-len(doors) :]] if doors else [paper.serial for paper in numbered]


def returned(
    serial: str, worker: Worker, estate: Estate, *, at: datetime = AT + HOUR, now: datetime | None = None
) -> None:
    """A paper received at an instant."""
    now = now or at
    services.take_back(
        serial,
        received_at=at,
        photos=[photo_of(worker, estate, at=now)],
        account_id=worker.account.id,
        by=worker.staff,
        now=now,
    )


def keyed(
    vote_id: str, serial: str, worker: Worker, *given: object, signed: bool = True, now: datetime = AT + 2 * HOUR
) -> BallotPaper:
    """What one worker keys; gives the paper as it stands."""
    services.key_in(serial, filled(vote_id, *given), signed=signed, by=worker.staff, now=now)
    return paper_row(serial)


def paper_row(serial: str) -> BallotPaper:
    return papers.paper_by_serial(reading(), serial)


def a_proxy(
    vote_id: str,
    estate: Estate,
    workers: tuple[Worker, Worker],
    who: str,
    door: str,
    phone: str,
    *,
    confirmed: bool = True,
) -> str:
    """A written proxy of an owner for 孙大勇, registered by one worker and confirmed by another; its public id."""
    made = proxies.register(
        vote_id,
        NewProxy(
            line=line_of(vote_id, door),
            principal=estate.people[who].public_id,
            agent_name="孙大勇",
            agent_phone=phone,
            matter="本次投票的全部事项",
            powers=Powers.FREE,
            signed_at=NOW - timedelta(days=1),
            valid_until=CLOSES,
        ),
        photos=[photo_of(workers[0], estate, "proxy")],
        account_id=workers[0].account.id,
        by=workers[0].staff,
        now=AT,
    )
    if confirmed:
        proxies.confirm(made, good=True, why="", by=workers[1].staff, now=AT)
    return made


def on_paper(
    vote_id: str,
    estate: Estate,
    workers: tuple[Worker, Worker],
    door: str,
    *given: Any,
    at: datetime = AT + HOUR,
    now: datetime | None = None,
) -> BallotPaper:
    """A ballot on paper from the print to the second keying."""
    now = now or at + HOUR
    (serial,) = printed(vote_id, workers[0], door, now=min(at, now) - timedelta(minutes=1))
    returned(serial, workers[0], estate, at=at, now=min(now, at + 23 * HOUR))
    keyed(vote_id, serial, workers[0], *given, now=now)
    return keyed(vote_id, serial, workers[1], *given, now=now)
