"""Whom an election brought out, and who of the register that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import reading
from kernel.errors import Conflict
from kernel.masks import mask_phone
from kernel.people.models import Person
from kernel.people.services import name_of, phone_of
from kernel.places.models import Place, PlaceKind
from kernel.places.queries import place_by_id
from portal.bodies import queries, rules
from surveys.votes import queries as votes
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import recalls
from surveys.votes.models import Candidate, Vote
from surveys.votes.results import queries as results
from surveys.votes.rules import catalogue
from surveys.votes.rules.bodies import BodyKind
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.services.preparing import Staff, must_manage


@dataclass(frozen=True)
class Match:
    """A person of the register who bears an elected candidate's name: doors and a masked phone to tell namesakes."""

    person: str
    doors: tuple[str, ...]
    phone: str


@dataclass(frozen=True)
class Elected:
    """An elected candidate with the persons it may be."""

    candidate: str
    name: str
    note: str
    matches: tuple[Match, ...]


def estate_of(session: Session, vote: Vote) -> Place:
    """The estate a vote is held in, or in a part of which."""
    place = votes.place_of(session, vote)
    return place if place.kind == PlaceKind.ESTATE else place_by_id(session, place.parent_id or place.id)


def elected_candidates(session: Session, vote: Vote, kind: BodyKind) -> list[Candidate]:
    """The candidates a finished election and the run-offs of its ties have brought into a body.

    Raises Conflict before the final result, or while a run-off is not decided.
    """
    if votes.result_of(session, vote.id) is None:
        raise Conflict("no-result-yet", f"选举结果公布以后才能成立{kind.title}。")
    if not results.is_final(session, vote.id):
        raise Conflict(
            "result-not-final", f"现在是初步结果。公示期满、异议答复以后，确认了最终结果才能成立{kind.title}。"
        )
    if any(not results.is_final(session, runoff.id) for runoff in elections.runoffs_of(session, vote.id).values()):
        raise Conflict("runoff-running", f"得票相同的名额还在另行投票，有了最终结果才能成立{kind.title}。")
    return recalls.elected_by(session, vote)


def elected_leader(session: Session, vote: Vote, kind: BodyKind) -> str | None:
    """The candidate (public id) elected leader directly, or None: the members choose one of themselves."""
    leads = {
        motion.id
        for motion in votes.motions_of(session, vote.id)
        if catalogue.of_version(motion.rule).matter in kind.leader_matters
    }
    return next((each.public_id for each in elected_candidates(session, vote, kind) if each.motion_id in leads), None)


def people_for(session: Session, kind: BodyKind, estate: Place) -> list[tuple[Person, list[str]]]:
    """Who of an estate's register may sit in a kind of body, with their doors: of an owners' body owners alone."""
    owners_only = recalls.electorate_of(kind) is Electorate.OWNERS
    return queries.people_of_estate(session, estate, owners_only=owners_only)


def matches(vote_id: str, *, by: Staff, now: datetime) -> list[Elected]:
    """The elected with the persons of the register that bear their names; the look at names is on record first.

    Raises NotFound, NotAllowed without a grant at the place, Conflict before the result or for no body's election.
    """
    session = reading()
    vote = votes.vote_by_public_id(session, vote_id)
    must_manage(session, by, estate_of(session, vote), now)
    elected_candidates(session, vote, recalls.kind_of(session, vote))
    audit.look(actor=by.actor, what="names", subject=f"vote:{vote_id}", now=now, payload={"why": "body.form"})
    session = reading()
    vote = votes.vote_by_public_id(session, vote_id)
    kind = recalls.kind_of(session, vote)
    return matched(session, kind, estate_of(session, vote), elected_candidates(session, vote, kind))


def matched(session: Session, kind: BodyKind, estate: Place, candidates: Sequence[Candidate]) -> list[Elected]:
    """Candidates with the persons of an estate's register that bear their names."""
    people = [(name_of(person), person, doors) for person, doors in people_for(session, kind, estate)]
    return [
        Elected(
            each.public_id,
            each.name,
            each.note,
            tuple(_match(person, doors) for name, person, doors in people if rules.bears(each.name, name)),
        )
        for each in candidates
    ]


def _match(person: Person, doors: list[str]) -> Match:
    phone = phone_of(person)
    return Match(person.public_id, tuple(doors), mask_phone(phone) if phone else "没有登记电话")
