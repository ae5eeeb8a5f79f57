"""Recall by petition: residents sign on their own line; reaching the share makes the recall vote's draft."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, idempotency, outbox
from kernel.clock import china_day
from kernel.database import new_public_id, transaction, use_case
from kernel.errors import Conflict, Invalid, NotFound
from kernel.idempotency import Key
from kernel.places import queries as places
from surveys.votes import queries
from surveys.votes.elections import queries as elections
from surveys.votes.elections.models import ElectionSeat, RecallPetition
from surveys.votes.elections.services import signing
from surveys.votes.elections.services.heads import count, heads_of
from surveys.votes.local_rules import queries as local_rules
from surveys.votes.models import Candidate, Vote
from surveys.votes.results import queries as results
from surveys.votes.rules import bodies, catalogue, periods
from surveys.votes.rules import nominations as rules
from surveys.votes.rules.bodies import BodyKind, Office
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.election import Standing
from surveys.votes.rules.nominations import PetitionState
from surveys.votes.services import preparing
from surveys.votes.services.casting import Voter
from surveys.votes.services.preparing import NewMotion, NewVote, Staff
from surveys.votes.signature_sheets import queries as sheets

REACHED = "recall.reached"
LAPSES = "recall.lapses"
CLOCK = Staff("clock", None, trusted=True)
VOTING_DAYS = 7


@dataclass(frozen=True)
class Elected:
    """Somebody an election brought into the body."""

    id: str
    name: str


def seated(session: Session, vote: Vote) -> list[Candidate]:
    """Who sits today of those a vote with a final result brought out: the elected who did not leave, and alternates
    who moved up.
    """
    elected = {each.id for each in elected_by(session, vote)}
    if not elected:
        return []
    stood = _stood(session, vote)
    seats = elections.seats_of(session, [each.id for each in stood])
    return [each for each in stood if seats.get(each.id, each.id in elected)]


def note_seat(session: Session, candidate_id: int, *, held: bool, now: datetime) -> None:
    """Note, in the caller's transaction, that a candidate left the body or moved up into it."""
    session.merge(ElectionSeat(candidate_id=candidate_id, held=held, changed_at=now))


def _stood(session: Session, vote: Vote) -> list[Candidate]:
    """Everybody who stood for a body in a vote and its run-offs, in printed order."""
    found: list[Candidate] = []
    for each in (vote, *elections.runoffs_of(session, vote.id).values()):
        candidates = queries.candidates_of(session, each.id)
        for motion in queries.motions_of(session, each.id):
            if catalogue.of_version(motion.rule).matter in bodies.BY_MATTER:
                found += candidates.get(motion.id, ())
    return found


def elected_by(session: Session, vote: Vote) -> list[Candidate]:
    """Who was elected into a body by a vote with a final result and by its run-offs."""
    found: list[Candidate] = []
    for each in (vote, *elections.runoffs_of(session, vote.id).values()):
        result = queries.result_of(session, each.id)
        if result is None or not results.is_final(session, each.id):
            continue
        won = {
            row["candidate"]
            for motion in result.document["motions"]
            for row in motion.get("candidates", ())
            if row["standing"] == Standing.ELECTED
        }
        candidates = queries.candidates_of(session, each.id)
        for motion in queries.motions_of(session, each.id):
            if catalogue.of_version(motion.rule).matter in bodies.BY_MATTER:
                found += [one for one in candidates.get(motion.id, ()) if one.public_id in won]
    return found


def kind_of(session: Session, election: Vote) -> BodyKind:
    """The kind of body a vote elects. Raises Conflict for any other vote."""
    kind = bodies.elected_by(
        catalogue.of_version(motion.rule).matter for motion in queries.motions_of(session, election.id)
    )
    if kind is None:
        raise Conflict("not-a-bodys-election", "这次表决选的不是自管小组，也不是业主委员会。")
    return kind


def kind_of_petition(session: Session, petition: RecallPetition) -> BodyKind:
    """The kind of body a petition is against."""
    return kind_of(session, queries.vote_by_id(session, petition.election_id))


def electorate_of(kind: BodyKind) -> Electorate:
    """Who elects a kind of body, and may recall from it."""
    return catalogue.of_matter(kind.matter).electorate


@use_case
def start(
    election_id: str,
    candidates: Sequence[str],
    reason: str,
    *,
    by: Voter,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Start a petition to recall members an election brought out; gives its public id. One's own lines sign at once.

    Raises NotAllowed for who is not of the electorate, Conflict (no final result, one is running already), Invalid for
    somebody who was not elected.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        election = queries.vote_for_update(session, election_id)
        kind = kind_of(session, election)
        place = queries.place_of(session, election)
        heads = heads_of(session, place, electorate_of(kind), by.account_id)
        everyone = count(session, place, electorate_of(kind))
        petition = begin(session, election, candidates, reason, everyone=everyone, actor=by.actor, now=now)
        _sign(session, petition, [head.dwelling_id for head in heads.mine], by, now)
        idempotency.remember(session, key, petition.public_id, now=now)
        return petition.public_id


def begin(
    session: Session,
    election: Vote,
    candidates: Sequence[str],
    reason: str,
    *,
    everyone: int,
    actor: str,
    now: datetime,
    on_paper: bool = False,
) -> RecallPetition:
    """A petition without signatures yet, in the caller's transaction, which holds the election. ``everyone``: heads of
    today's roll.

    Share and days are the local rules of the day. Raises Conflict (no final result, one is running already), Invalid
    for somebody who does not sit.
    """
    chosen = {each.public_id for each in seated(session, election)}
    if not chosen:
        raise Conflict("nobody-to-recall", "这次选举还没有最终结果，或者当选的人都已离任，不能发起罢免。")
    if not candidates or not set(candidates) <= chosen:
        raise Invalid("not-elected", "请从当选的人里选要罢免的人。", {"candidates": ["请选择"]})
    if is_running(session, election.id, now, unseen=on_paper):
        raise Conflict("petition-running", "已经有一次罢免联名在进行，请直接签名；纸上的签名请社区登记到那一次。")
    local = local_rules.in_force(session, queries.place_of(session, election), china_day(now))
    until, _ = periods.opening(now, notice_days=local.number("recall_days"))
    num, den = local.share("recall_share")
    petition = RecallPetition(
        public_id=new_public_id(),
        election_id=election.id,
        candidates=sorted(set(candidates)),
        reason=reason,
        share_num=num,
        share_den=den,
        roll_heads=everyone,
        needed=rules.signatures_needed(everyone, num=num, den=den),
        until=until,
        started_by=actor,
        started_at=now,
    )
    session.add(petition)
    session.flush()
    record(session, petition, "recall.started", actor, now, {"election": election.public_id})
    outbox.stage(session, LAPSES, {"petition": petition.public_id}, now=now, due_at=until)
    return petition


def is_running(session: Session, election_id: int, now: datetime, *, unseen: bool = False) -> bool:
    """Whether a petition against those an election brought out collects signatures.

    One that nobody has signed, or whose signatures were all taken back, is shown to nobody and so blocks no other;
    ``unseen``: but for one whose paper waits to be checked, for those who key papers.
    """
    return any(
        each.state == PetitionState.COLLECTING
        and now < each.until
        and (elections.signed_by(session, each.id) or (unseen and sheets.waiting(session, each)))
        for each in elections.petitions_of(session, election_id)
    )


@use_case
def take_back(petition_id: str, *, by: Voter, now: datetime, key: Key | None = None) -> str:
    """Take back one's own signature, while signatures are collected. Gives the petition's public id.

    Raises NotFound when nothing was signed on this account, Conflict when it has lapsed or reached its number.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        petition = elections.petition_by_public_id(session, petition_id, hold=True)
        rules.must_collect(PetitionState(petition.state), until=petition.until, now=now)
        mine = [each for each, row in signing.standing(session, petition).items() if row.account_id == by.account_id]
        if not mine:
            raise NotFound("nothing-signed", "没有找到您用这个手机签的联名。纸上签的，请到社区书面撤回。")
        signing.take_back(session, petition, mine, now=now)
        record(session, petition, "recall.taken_back", by.actor, now, {"lines": len(mine)})
        idempotency.remember(session, key, petition.public_id, now=now)
        return petition.public_id


@use_case
def sign(petition_id: str, *, by: Voter, now: datetime, key: Key | None = None) -> str:
    """Sign with every line one speaks for; signed twice is signed once. Gives the petition's public id.

    Raises NotAllowed, Conflict when it has lapsed or reached its number.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        petition = elections.petition_by_public_id(session, petition_id, hold=True)
        rules.must_collect(PetitionState(petition.state), until=petition.until, now=now)
        election = queries.vote_by_id(session, petition.election_id)
        electorate = electorate_of(kind_of(session, election))
        heads = heads_of(session, queries.place_of(session, election), electorate, by.account_id)
        _sign(session, petition, [head.dwelling_id for head in heads.mine], by, now)
        idempotency.remember(session, key, petition.public_id, now=now)
        return petition.public_id


def _sign(session: Session, petition: RecallPetition, dwellings: Sequence[int], by: Voter, now: datetime) -> None:
    fresh = signing.put(session, petition, dwellings, account_id=by.account_id, now=now)
    if fresh:
        record(session, petition, "recall.signed", by.actor, now, {"lines": len(fresh)})
    reach(session, petition, actor=by.actor, now=now)


def reach(session: Session, petition: RecallPetition, *, actor: str, now: datetime) -> None:
    """End the collecting, in the caller's transaction, once enough have signed: the vote's draft follows."""
    signatures = len(elections.signed_by(session, petition.id))
    if petition.state == PetitionState.COLLECTING and signatures >= petition.needed:
        petition.state = PetitionState.REACHED
        record(session, petition, "recall.reached", actor, now, {"signatures": signatures})
        outbox.stage(session, REACHED, {"petition": petition.public_id}, now=now)


@use_case
def lapse(petition_id: str, *, now: datetime) -> bool:
    """End a petition whose days are over; False when it has reached its number or ended before."""
    with transaction() as session:
        petition = elections.petition_by_public_id(session, petition_id, hold=True)
        if petition.state != PetitionState.COLLECTING or now < petition.until:
            return False
        petition.state = PetitionState.LAPSED
        record(session, petition, "recall.lapsed", CLOCK.actor, now, {})
        return True


def draft_vote(petition_id: str, *, now: datetime) -> str:
    """Draft the recall vote of a petition that reached its number; gives the vote. Told twice, drafted once.

    The draft is the street's to publish; each of those to be recalled is a motion by the kind's own rule.
    """
    draft = _draft(petition_id)
    if isinstance(draft, str):
        return draft
    fingerprint = hashlib.sha256(petition_id.encode()).hexdigest()
    vote_id = preparing.create(draft, by=CLOCK, now=now, key=Key("elections", f"recall:{petition_id}", fingerprint))
    return _link(petition_id, vote_id, now=now)


@use_case
def _draft(petition_id: str) -> NewVote | str:
    with transaction() as session:
        petition = elections.petition_by_public_id(session, petition_id, hold=True)
        if petition.vote_id is not None:
            return queries.vote_by_id(session, petition.vote_id).public_id
        if petition.state != PetitionState.REACHED:
            raise Conflict("petition-not-reached", "联名人数还不够，不能提出罢免表决。")
        election = queries.vote_by_id(session, petition.election_id)
        kind = kind_of(session, election)
        who = "业主" if electorate_of(kind) is Electorate.OWNERS else "居民"
        return NewVote(
            place_code=places.place_by_id(session, election.place_id).code,
            title=f"罢免{kind.title}{kind.offices[Office.MEMBER]}表决",
            intro=f"{who}联名提出，联名达到名册的 {petition.share_den} 分之 {petition.share_num} 以上。"
            f"理由：{petition.reason}",
            notice_days=election.notice_days,
            voting_days=election.voting_days or VOTING_DAYS,
            motions=tuple(
                NewMotion(matter=kind.recall_matter, title=f"是否同意罢免{name}")
                for name in recalled_names(session, petition)
            ),
        )


@use_case
def _link(petition_id: str, vote_id: str, *, now: datetime) -> str:
    with transaction() as session:
        petition = elections.petition_by_public_id(session, petition_id, hold=True)
        if petition.vote_id is None:
            petition.vote_id = queries.vote_by_public_id(session, vote_id).id
            record(session, petition, "recall.drafted", CLOCK.actor, now, {"vote": vote_id})
        return vote_id


def recalled_names(session: Session, petition: RecallPetition) -> list[str]:
    """The names a petition asks to recall, in printed order; its vote has a motion for each in this order."""
    election = queries.vote_by_id(session, petition.election_id)
    return [each.name for each in _asked(session, petition, election)]


def _asked(session: Session, petition: RecallPetition, election: Vote) -> list[Candidate]:
    """Whom a petition names, in printed order, whoever left meanwhile."""
    return [each for each in _stood(session, election) if each.public_id in petition.candidates]


def recalled(session: Session, vote: Vote) -> list[str]:
    """The candidates (public ids) a recall vote with a final result has recalled; [] for any other vote."""
    petition, result = elections.petition_of_vote(session, vote.id), queries.result_of(session, vote.id)
    if petition is None or result is None or not results.is_final(session, vote.id):
        return []
    election = queries.vote_by_id(session, petition.election_id)
    asked = _asked(session, petition, election)
    return [each.public_id for each, motion in zip(asked, result.document["motions"], strict=True) if motion["carried"]]


def record(
    session: Session, petition: RecallPetition, action: str, actor: str, now: datetime, payload: dict[str, Any]
) -> None:
    """An audit entry about a petition; never with a name."""
    session.flush()
    audit.record(
        session, actor=actor, action=action, subject=f"petition:{petition.public_id}", now=now, payload=payload
    )
