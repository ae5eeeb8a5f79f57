"""What the tests of secret elections stand on: a key from a ceremony, envelopes as a phone makes them."""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kernel.database import reading
from surveys.votes import ceremony, queries
from surveys.votes.models import Ballot
from surveys.votes.rules import ballot, envelope
from surveys.votes.secret.services import casting, keys, opening
from surveys.votes.services import counting, preparing
from surveys.votes.services.papers import papers_of
from tests.surveys.votes.stories import CLOSES, GROUP, HOUR, NOW, STREET, Estate, drafted, filled, line_of, vote_row


@dataclass(frozen=True)
class Secret:
    """An open secret election, and the shares its trustees hold."""

    vote_id: str
    public: dict[str, Any]
    shares: list[dict[str, Any]]


def secret_election(
    estate: Estate, *, now: datetime = NOW, closes_at: datetime = CLOSES, motion: preparing.NewMotion = GROUP
) -> Secret:
    """A secret group election that is open from ``now`` on."""
    public, shares = ceremony.make(3, 2)
    vote_id = drafted(estate, motion, now=now, closes_at=closes_at)
    keys.make_secret(vote_id, public["public_key"], by=STREET, now=now)
    preparing.publish(vote_id, by=STREET, now=now)
    preparing.open_voting(vote_id, by=STREET, now=now)
    return Secret(vote_id, public, shares)


def sealed_by_phone(election: Secret, names: list[str], number: str) -> bytes:
    """An envelope with the names chosen and the voter's number."""
    session = reading()
    vote = queries.vote_by_public_id(session, election.vote_id)
    papers = papers_of(session, vote.id)
    answers = ballot.check(papers, filled(election.vote_id, names))
    point = bytes.fromhex(election.public["public_key"])
    return envelope.seal(point, vote.public_id, vote.text_hash or "", papers, answers, number)


def cast_secretly(
    election: Secret,
    estate: Estate,
    who: str,
    label: str,
    names: list[str],
    number: str,
    *,
    now: datetime = NOW + HOUR,
    sealed: bytes = b"",
    **more: Any,
) -> Ballot:
    """Cast an envelope for the household behind a door and read the ballot back."""
    ballot_id = casting.cast(
        election.vote_id,
        line_of(election.vote_id, label),
        sealed or sealed_by_phone(election, names, number),
        text_hash=vote_row(election.vote_id).text_hash or "",
        by=estate.voter(who),
        now=now,
        **more,
    )
    return queries.ballot_by_public_id(reading(), ballot_id)


def exported(election: Secret, *, now: datetime = CLOSES) -> dict[str, Any]:
    """Close at the instant and hand the envelopes out."""
    if vote_row(election.vote_id).state == "open":
        counting.close(election.vote_id, by=STREET, now=now)
    return opening.envelopes(election.vote_id, by=STREET, now=now)


def opened_by_trustees(election: Secret, *, now: datetime = CLOSES + timedelta(hours=2)) -> dict[str, Any]:
    """Close, export, open with two shares and publish; gives the ceremony's document."""
    document = ceremony.open_all(exported(election), election.shares[:2])
    opening.open_envelopes(election.vote_id, document, by=STREET, now=now)
    return document


def bytes_of(document: dict[str, Any]) -> list[bytes]:
    """The envelopes of an export."""
    return [base64.b64decode(each) for each in document["envelopes"]]
