"""Every statement over what counts, over cases and over what households say."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from kernel import audit
from kernel.database import for_update
from kernel.errors import NotFound
from kernel.people.models import Holding, Tie
from kernel.places.models import Dwelling, DwellingUse, Place
from surveys.questionnaires.models import Campaign, Response, ValidResponse
from surveys.questionnaires.paper.models import SurveyKeying, SurveyPaper
from surveys.questionnaires.rules.standing import DisputeKind, Evidence, Opinion, Outcome
from surveys.questionnaires.standing.models import Dispute, OwnerResponse, Review

NO_CASE = NotFound("no-such-case", "没有找到这件待定的事，或者它不归您办。")


def valid_for_change(session: Session, campaign_id: int, dwelling_id: int) -> int | None:
    """The inner id of the response that counts, its row locked until the transaction ends; None without one."""
    return session.scalar(
        for_update(
            sa.select(ValidResponse.response_id).where(
                ValidResponse.campaign_id == campaign_id, ValidResponse.dwelling_id == dwelling_id
            )
        )
    )


def valid_id(session: Session, campaign_id: int, dwelling_id: int) -> int | None:
    """The same, not locked."""
    return session.scalar(
        sa.select(ValidResponse.response_id).where(
            ValidResponse.campaign_id == campaign_id, ValidResponse.dwelling_id == dwelling_id
        )
    )


def owner_response_id(session: Session, campaign_id: int, dwelling_id: int) -> int | None:
    """The response whose answers to the owner's questions count, where a row of its own says so."""
    return session.scalar(
        sa.select(OwnerResponse.response_id).where(
            OwnerResponse.campaign_id == campaign_id, OwnerResponse.dwelling_id == dwelling_id
        )
    )


def response_by_id(session: Session, response_id: int) -> Response:
    """The response with an inner id."""
    return session.get_one(Response, response_id)


def versions(session: Session, campaign_id: int, dwelling_id: int) -> Sequence[Response]:
    """All sheets of a dwelling in a campaign, the latest first."""
    return session.scalars(
        sa.select(Response)
        .where(Response.campaign_id == campaign_id, Response.dwelling_id == dwelling_id)
        .order_by(Response.submitted_at.desc(), Response.id.desc())
    ).all()


def sheets_of_account(session: Session, campaign_id: int, dwelling_id: int, account_id: int) -> int:
    """How many sheets an account has handed in for a dwelling."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Response)
            .where(
                Response.campaign_id == campaign_id,
                Response.dwelling_id == dwelling_id,
                Response.account_id == account_id,
            )
        )
        or 0
    )


def level_of(session: Session, account_id: int, dwelling_id: int) -> int | None:
    """The level of an account's live tie to a dwelling; None without one."""
    return session.scalar(
        sa.select(Tie.level).where(Tie.account_id == account_id, Tie.dwelling_id == dwelling_id, Tie.ended_at.is_(None))
    )


def relation_of(session: Session, account_id: int, dwelling_id: int) -> str | None:
    """What an account is or last was to a dwelling; None when it never spoke for it."""
    return session.scalar(
        sa.select(Tie.relation)
        .where(Tie.account_id == account_id, Tie.dwelling_id == dwelling_id)
        .order_by(Tie.since.desc(), Tie.id.desc())
        .limit(1)
    )


def held(session: Session, tie: Tie, at: datetime) -> bool:
    """Whether the person of the roster that a tie stands for held the tie's dwelling at a moment."""
    return bool(
        session.scalar(
            sa.select(
                sa.exists().where(
                    Holding.person_id == tie.person_id,
                    Holding.dwelling_id == tie.dwelling_id,
                    Holding.held_from <= at,
                    sa.or_(Holding.held_until.is_(None), Holding.held_until > at),
                )
            )
        )
    )


def is_confirmed(session: Session, response_id: int) -> bool:
    """Whether one of the household has confirmed a sheet that others filled in; see ``confirmed``."""
    return bool(confirmed(session, [response_id]))


def confirmed(session: Session, response_ids: Iterable[int]) -> set[int]:
    """Which of some sheets a member of the household has confirmed who has proved that he is one: name and phone tail
    (level 1) may be known to two neighbours, who would confirm each other."""
    return set(
        session.scalars(
            sa.select(Review.response_id)
            .join(Response, Response.id == Review.response_id)
            .join(Tie, sa.and_(Tie.account_id == Review.account_id, Tie.dwelling_id == Response.dwelling_id))
            .where(
                Review.response_id.in_(list(response_ids)),
                Review.opinion == Opinion.CONFIRMED,
                Tie.ended_at.is_(None),
                Tie.level >= Evidence.PROVED,
            )
        )
    )


def was_chosen(session: Session, response_id: int) -> bool:
    """Whether somebody settled for this sheet."""
    return bool(
        session.scalar(
            sa.select(sa.exists().where(Dispute.chosen_id == response_id, Dispute.outcome == Outcome.CHOSEN))
        )
    )


WITHDRAWN = "consent.withdrawn"
"""The audited action by which a household takes a consent of a sheet back (``mine``)."""


def withdrawn(session: Session, responses: Sequence[Response]) -> set[int]:
    """Which of a dwelling's sheets in a campaign no longer stand because a consent was taken back: those it was taken
    back of, and what the same account had handed in before."""
    named = {f"response:{response.public_id}": response for response in responses}
    taken = [named[subject] for subject in audit.subjects_of(session, WITHDRAWN, named)]
    return {
        response.id
        for response in responses
        if any(response.account_id == each.account_id and response.id <= each.id for each in taken)
    }


def keyed_by(session: Session, response_ids: Iterable[int]) -> set[int]:
    """Who keyed the papers that some sheets were made of (persons)."""
    return set(
        session.scalars(
            sa.select(SurveyKeying.person_id)
            .join(SurveyPaper, SurveyPaper.id == SurveyKeying.paper_id)
            .where(SurveyPaper.response_id.in_(list(response_ids)))
        )
    )


def reviews_of(session: Session, response_ids: Iterable[int]) -> Sequence[Review]:
    """What households said of some sheets."""
    return session.scalars(sa.select(Review).where(Review.response_id.in_(list(response_ids)))).all()


def disputes_of(session: Session, campaign_id: int, dwelling_id: int) -> Sequence[Dispute]:
    """All cases of a dwelling, the latest first."""
    return session.scalars(
        sa.select(Dispute)
        .where(Dispute.campaign_id == campaign_id, Dispute.dwelling_id == dwelling_id)
        .order_by(Dispute.raised_at.desc(), Dispute.id.desc())
    ).all()


def stronger_since(session: Session, response_id: int) -> datetime | None:
    """Since when a sheet that had to wait counts because its evidence became better; None for any other."""
    return session.scalar(
        sa.select(Dispute.settled_at).where(
            Dispute.response_id == response_id,
            Dispute.kind == DisputeKind.CONFLICT,
            Dispute.outcome == Outcome.STRONGER,
        )
    )


def open_disputes_for_change(session: Session, campaign_id: int, dwelling_id: int) -> Sequence[Dispute]:
    """The open cases of a dwelling, locked."""
    return session.scalars(
        for_update(
            sa.select(Dispute)
            .where(Dispute.campaign_id == campaign_id, Dispute.dwelling_id == dwelling_id, Dispute.settled_at.is_(None))
            .order_by(Dispute.id)
        )
    ).all()


_BUILDING, _ESTATE = aliased(Place), aliased(Place)


def open_cases(session: Session, places: Sequence[Place], limit: int = 200) -> list[Any]:
    """Dwellings with open cases at or under some places, the longest waiting first: rows of (campaign public id, title,
    dwelling public id, label, estate, since, cases, objections)."""
    since = sa.func.min(Dispute.raised_at)
    return list(
        session.execute(
            sa.select(
                Campaign.public_id,
                Campaign.title,
                Dwelling.public_id,
                Dwelling.label,
                _ESTATE.name,
                since,
                sa.func.count(),
                sa.func.sum(sa.case((Dispute.kind == "objection", 1), else_=0)),
            )
            .select_from(Dispute)
            .join(Campaign, Campaign.id == Dispute.campaign_id)
            .join(Dwelling, Dwelling.id == Dispute.dwelling_id)
            .join(_BUILDING, _BUILDING.id == Dwelling.building_id)
            .join(_ESTATE, _ESTATE.id == Dwelling.estate_id)
            .where(
                Dispute.settled_at.is_(None),
                sa.or_(sa.false(), *(_BUILDING.path.startswith(place.path, autoescape=True) for place in places)),
            )
            .group_by(Campaign.public_id, Campaign.title, Dwelling.public_id, Dwelling.label, _ESTATE.name)
            .order_by(since)
            .limit(limit)
        )
    )


def count_open_cases(session: Session, places: Sequence[Place]) -> int:
    """How many dwellings at or under some places have open cases."""
    if not places:
        return 0
    homes = (
        sa.select(Dispute.campaign_id, Dispute.dwelling_id)
        .join(Dwelling, Dwelling.id == Dispute.dwelling_id)
        .join(Place, Place.id == Dwelling.building_id)
        .where(
            Dispute.settled_at.is_(None),
            sa.or_(*(Place.path.startswith(place.path, autoescape=True) for place in places)),
        )
        .distinct()
        .subquery()
    )
    return session.scalar(sa.select(sa.func.count()).select_from(homes)) or 0


_OWNERS = aliased(Response)


def counted_documents(session: Session, campaign_id: int) -> Iterable[Any]:
    """The documents of all that counts in a campaign, streamed: version_id, estate_id, dwelling_id, channel, relation,
    answers of the valid response, and owners_version_id, owners_answers of the sheet whose consent and money count
    where that is another (else None)."""
    return session.execute(
        sa.select(
            Response.version_id,
            Response.estate_id,
            Response.dwelling_id,
            Response.channel,
            Response.relation,
            Response.answers,
            _OWNERS.version_id.label("owners_version_id"),
            _OWNERS.channel.label("owners_channel"),
            _OWNERS.answers.label("owners_answers"),
        )
        .join(ValidResponse, ValidResponse.response_id == Response.id)
        .outerjoin(
            OwnerResponse,
            sa.and_(
                OwnerResponse.campaign_id == ValidResponse.campaign_id,
                OwnerResponse.dwelling_id == ValidResponse.dwelling_id,
            ),
        )
        .outerjoin(_OWNERS, _OWNERS.id == OwnerResponse.response_id)
        .where(ValidResponse.campaign_id == campaign_id)
        .execution_options(yield_per=500)
    )


def has_not_answered(campaign_id: int) -> sa.ColumnElement[bool]:
    """Of a Dwelling: it is a home without a sheet that counts, nor one that waits to be settled."""
    answered = sa.exists().where(ValidResponse.campaign_id == campaign_id, ValidResponse.dwelling_id == Dwelling.id)
    waiting = sa.exists().where(
        Dispute.campaign_id == campaign_id, Dispute.dwelling_id == Dwelling.id, Dispute.settled_at.is_(None)
    )
    return sa.and_(Dwelling.use == DwellingUse.HOME, ~answered, ~waiting)


def owners_sheets_by_dwelling(session: Session, campaign_id: int, estate_id: int) -> dict[int, Any]:
    """Dwelling (inner id) → (version_id, answers) of the sheet whose consent and money count, where it is not the valid
    one."""
    rows = session.execute(
        sa.select(OwnerResponse.dwelling_id, Response.version_id, Response.answers)
        .join(Response, Response.id == OwnerResponse.response_id)
        .where(OwnerResponse.campaign_id == campaign_id, Response.estate_id == estate_id)
    )
    return {row[0]: row for row in rows}


def owners_sheets(session: Session, response_ids: Iterable[int]) -> dict[int, Any]:
    """For valid responses whose owner's questions are answered by another sheet: their id → that sheet's
    (version_id, answers)."""
    rows = session.execute(
        sa.select(ValidResponse.response_id, _OWNERS.version_id, _OWNERS.answers)
        .join(
            OwnerResponse,
            sa.and_(
                OwnerResponse.campaign_id == ValidResponse.campaign_id,
                OwnerResponse.dwelling_id == ValidResponse.dwelling_id,
            ),
        )
        .join(_OWNERS, _OWNERS.id == OwnerResponse.response_id)
        .where(ValidResponse.response_id.in_(list(response_ids)))
    )
    return {row[0]: row for row in rows}
