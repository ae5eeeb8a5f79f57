"""Every select over elections' calls, ties and petitions."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.people.models import Tie
from kernel.places.models import Dwelling
from surveys.votes.elections.models import (
    CandidateWithdrawal,
    ElectionLot,
    ElectionPlan,
    ElectionRunoff,
    ElectionSeat,
    ElectionSection,
    NominationCall,
    Nominee,
    NomineeSignature,
    RecallPetition,
    RecallSignature,
)
from surveys.votes.models import Candidate, Motion, Vote
from surveys.votes.rules.nominations import CallState, PetitionState

Cause = RecallPetition | Nominee
Signature = RecallSignature | NomineeSignature


def call_by_public_id(session: Session, public_id: str, *, hold: bool = False) -> NominationCall:
    """A call; ``hold`` it for a change. Raises NotFound."""
    statement = sa.select(NominationCall).where(NominationCall.public_id == public_id)
    found = session.scalar(for_update(statement) if hold else statement)
    if found is None:
        raise NotFound("no-such-call", "没有找到这次提名。请从自家页面再进一次。")
    return found


def calls(session: Session) -> Sequence[NominationCall]:
    """All calls, newest first."""
    return session.scalars(
        sa.select(NominationCall).order_by(NominationCall.created_at.desc(), NominationCall.public_id)
    ).all()


def running_calls(session: Session, place_ids: Sequence[int]) -> Sequence[NominationCall]:
    """Calls at some places that take nominations or show their list."""
    return session.scalars(
        sa.select(NominationCall)
        .where(
            NominationCall.place_id.in_(place_ids),
            NominationCall.state.in_([str(CallState.OPEN), str(CallState.LISTED)]),
        )
        .order_by(NominationCall.until)
    ).all()


def sections_of(session: Session, call_id: int) -> Sequence[ElectionSection]:
    """A call's sections in printed order."""
    return session.scalars(
        sa.select(ElectionSection).where(ElectionSection.call_id == call_id).order_by(ElectionSection.position)
    ).all()


def nominees_of(session: Session, call_id: int) -> Sequence[Nominee]:
    """A call's nominees in the order they were nominated."""
    return session.scalars(
        sa.select(Nominee).where(Nominee.call_id == call_id).order_by(Nominee.created_at, Nominee.public_id)
    ).all()


def nominee(session: Session, call_id: int, public_id: str) -> Nominee:
    """A nominee of a call. Raises NotFound."""
    found = session.scalar(sa.select(Nominee).where(Nominee.call_id == call_id, Nominee.public_id == public_id))
    if found is None:
        raise NotFound("no-such-nominee", "没有找到这位被提名人。")
    return found


def nominee_by_public_id(session: Session, public_id: str) -> Nominee:
    """A nominee. Raises NotFound."""
    found = session.scalar(sa.select(Nominee).where(Nominee.public_id == public_id))
    if found is None:
        raise NotFound("no-such-nominee", "没有找到这位被提名人。")
    return found


def call_by_id(session: Session, call_id: int, *, hold: bool = False) -> NominationCall:
    """A call by its inner id; ``hold`` it for a change."""
    statement = sa.select(NominationCall).where(NominationCall.id == call_id)
    return session.scalars(for_update(statement) if hold else statement).one()


def signed_on(session: Session, call_id: int, account_id: int) -> set[int]:
    """The nominees of a call (inner ids) that an account signed for and did not take back."""
    return set(
        session.scalars(
            sa.select(NomineeSignature.nominee_id)
            .join(Nominee, Nominee.id == NomineeSignature.nominee_id)
            .where(
                Nominee.call_id == call_id,
                NomineeSignature.account_id == account_id,
                NomineeSignature.withdrawn_at.is_(None),
            )
        )
    )


def signatures_of(session: Session, call_id: int) -> dict[int, set[int]]:
    """Nominee id → the dwellings whose lines signed."""
    found: dict[int, set[int]] = defaultdict(set)
    for row in session.execute(
        sa.select(NomineeSignature.nominee_id, NomineeSignature.dwelling_id)
        .join(Nominee, Nominee.id == NomineeSignature.nominee_id)
        .where(Nominee.call_id == call_id, NomineeSignature.withdrawn_at.is_(None))
    ):
        found[row.nominee_id].add(row.dwelling_id)
    return found


def dwelling_at(session: Session, place_id: int, label: str) -> Dwelling | None:
    """The dwelling of an estate or building with a label, or None."""
    return session.scalar(
        sa.select(Dwelling).where(
            sa.or_(Dwelling.estate_id == place_id, Dwelling.building_id == place_id), Dwelling.label == label
        )
    )


def verified_doors(session: Session, account_id: int, level: int) -> set[int]:
    """The dwellings (inner ids) an account is tied to at a level of evidence."""
    return set(
        session.scalars(
            sa.select(Tie.dwelling_id).where(Tie.account_id == account_id, Tie.ended_at.is_(None), Tie.level >= level)
        )
    )


def verified_tie(session: Session, account_id: int, dwelling_id: int, level: int) -> Tie | None:
    """The account's live tie to a dwelling at a level of evidence, or None."""
    return session.scalar(
        sa.select(Tie).where(
            Tie.account_id == account_id,
            Tie.dwelling_id == dwelling_id,
            Tie.ended_at.is_(None),
            Tie.level >= level,
        )
    )


# ------------------------------------------------------------------------------------------------- the count's settings


def alternates_of(session: Session, vote_id: int) -> dict[int, int | None]:
    """Motion id → how many alternates at most, for those that have a plan."""
    rows = session.execute(
        sa.select(ElectionPlan.motion_id, ElectionPlan.alternates)
        .join(Motion, Motion.id == ElectionPlan.motion_id)
        .where(Motion.vote_id == vote_id)
    )
    return {row.motion_id: row.alternates for row in rows}


def withdrawn_of(session: Session, vote_id: int) -> set[str]:
    """The public ids of the candidates of a vote who stepped back after printing."""
    return set(
        session.scalars(
            sa.select(Candidate.public_id)
            .join(CandidateWithdrawal, CandidateWithdrawal.candidate_id == Candidate.id)
            .join(Motion, Motion.id == Candidate.motion_id)
            .where(Motion.vote_id == vote_id)
        )
    )


def lots_of(session: Session, vote_id: int) -> dict[int, list[ElectionLot]]:
    """Motion id → its lots, the first recorded first."""
    found: dict[int, list[ElectionLot]] = defaultdict(list)
    for lot in session.scalars(
        sa.select(ElectionLot)
        .join(Motion, Motion.id == ElectionLot.motion_id)
        .where(Motion.vote_id == vote_id)
        .order_by(ElectionLot.recorded_at, ElectionLot.public_id)
    ):
        found[lot.motion_id].append(lot)
    return found


def candidate(session: Session, vote_id: int, public_id: str) -> Candidate:
    """A candidate on a vote's paper. Raises NotFound."""
    found = session.scalar(
        sa.select(Candidate)
        .join(Motion, Motion.id == Candidate.motion_id)
        .where(Motion.vote_id == vote_id, Candidate.public_id == public_id)
    )
    if found is None:
        raise NotFound("no-such-candidate", "选票上没有这位候选人。")
    return found


def motion(session: Session, vote_id: int, public_id: str) -> Motion:
    """A motion of a vote. Raises NotFound."""
    found = session.scalar(sa.select(Motion).where(Motion.vote_id == vote_id, Motion.public_id == public_id))
    if found is None:
        raise NotFound("no-such-motion", "这次表决没有这一项。")
    return found


def runoffs_of(session: Session, vote_id: int) -> dict[int, Vote]:
    """Motion id → the vote made from its tie."""
    rows = session.execute(
        sa.select(ElectionRunoff.motion_id, Vote)
        .join(Motion, Motion.id == ElectionRunoff.motion_id)
        .join(Vote, Vote.id == ElectionRunoff.vote_id)
        .where(Motion.vote_id == vote_id)
    )
    return {row.motion_id: row.Vote for row in rows}


# --------------------------------------------------------------------------------------------------------------- recall


def seats_of(session: Session, candidate_ids: Sequence[int]) -> dict[int, bool]:
    """Candidate → whether he sits, for those who left or moved up since the result."""
    rows = session.execute(
        sa.select(ElectionSeat.candidate_id, ElectionSeat.held).where(ElectionSeat.candidate_id.in_(candidate_ids))
    )
    return {row.candidate_id: row.held for row in rows}


def petition_by_public_id(session: Session, public_id: str, *, hold: bool = False) -> RecallPetition:
    """A petition; ``hold`` it for a change. Raises NotFound."""
    statement = sa.select(RecallPetition).where(RecallPetition.public_id == public_id)
    found = session.scalar(for_update(statement) if hold else statement)
    if found is None:
        raise NotFound("no-such-petition", "没有找到这次联名。")
    return found


def signed_petition(session: Session, public_id: str) -> RecallPetition:
    """A petition somebody has signed, as the public may know it. Raises NotFound."""
    found = petition_by_public_id(session, public_id)
    signed = sa.exists().where(RecallSignature.petition_id == found.id)
    if not session.scalar(sa.select(signed)):
        raise NotFound("no-such-petition", "没有找到这次联名。")
    return found


def petitions_of(session: Session, election_id: int) -> Sequence[RecallPetition]:
    """The petitions against the body an election brought out, the newest first."""
    return session.scalars(
        sa.select(RecallPetition)
        .where(RecallPetition.election_id == election_id)
        .order_by(RecallPetition.started_at.desc())
    ).all()


def running_against(session: Session, election_ids: Sequence[int], now: datetime) -> set[int]:
    """Those elections against whose elected somebody collects signatures and somebody has signed."""
    signed = sa.exists().where(RecallSignature.petition_id == RecallPetition.id, RecallSignature.withdrawn_at.is_(None))
    return set(
        session.scalars(
            sa.select(RecallPetition.election_id).where(
                RecallPetition.election_id.in_(election_ids),
                RecallPetition.state == str(PetitionState.COLLECTING),
                RecallPetition.until > now,
                signed,
            )
        )
    )


def collecting_at(session: Session, place_ids: Sequence[int]) -> Sequence[RecallPetition]:
    """Petitions that collect signatures at some places."""
    return session.scalars(
        sa.select(RecallPetition)
        .join(Vote, Vote.id == RecallPetition.election_id)
        .where(Vote.place_id.in_(place_ids), RecallPetition.state == str(PetitionState.COLLECTING))
        .order_by(RecallPetition.started_at)
    ).all()


def collecting(session: Session) -> Sequence[RecallPetition]:
    """All petitions that collect signatures, the oldest first."""
    return session.scalars(
        sa.select(RecallPetition)
        .where(RecallPetition.state == str(PetitionState.COLLECTING))
        .order_by(RecallPetition.started_at)
    ).all()


def petition_of_vote(session: Session, vote_id: int) -> RecallPetition | None:
    """The petition a recall vote was made from, or None."""
    return session.scalar(sa.select(RecallPetition).where(RecallPetition.vote_id == vote_id))


def signed_by(session: Session, petition_id: int) -> set[int]:
    """The dwellings whose lines signed a petition."""
    return set(
        session.scalars(
            sa.select(RecallSignature.dwelling_id).where(
                RecallSignature.petition_id == petition_id, RecallSignature.withdrawn_at.is_(None)
            )
        )
    )


def ever_signed(session: Session, cause: Cause) -> dict[int, Signature]:
    """Dwelling that names a head → its signature for a cause, those taken back among them."""
    asked = (
        sa.select(RecallSignature).where(RecallSignature.petition_id == cause.id)
        if isinstance(cause, RecallPetition)
        else sa.select(NomineeSignature).where(NomineeSignature.nominee_id == cause.id)
    )
    return {row.dwelling_id: row for row in session.scalars(asked)}
