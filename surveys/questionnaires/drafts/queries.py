"""Every statement over drafts."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import core, for_update
from kernel.people.models import Tie
from kernel.places.models import Dwelling
from surveys.questionnaires.drafts.models import Draft
from surveys.questionnaires.models import Campaign, Response

_HANDED_IN = (
    sa.select(sa.func.count())
    .where(
        Response.campaign_id == Draft.campaign_id,
        Response.dwelling_id == Draft.dwelling_id,
        Response.account_id == Draft.account_id,
    )
    .scalar_subquery()
)
"""How many sheets a draft's account has handed in for its dwelling."""


def draft_of(session: Session, campaign_id: int, dwelling_id: int, account_id: int) -> Draft | None:
    """The draft of an account for a dwelling, or None."""
    return session.get(Draft, (campaign_id, dwelling_id, account_id))


_BEGUN = sa.select(  # built once: the questionnaire's page asks it each time
    sa.exists().where(
        Draft.campaign_id == sa.bindparam("campaign"),
        Draft.dwelling_id == sa.bindparam("dwelling"),
        Draft.account_id == sa.bindparam("account"),
        Draft.sheets >= _HANDED_IN,
    )
)


def has_begun(session: Session, campaign_id: int, dwelling_id: int, account_id: int) -> bool:
    """Whether an account has a draft for a dwelling that it has not submitted since."""
    values = {"campaign": campaign_id, "dwelling": dwelling_id, "account": account_id}
    return bool(core(session).scalar(_BEGUN, values))


def draft_for_change(session: Session, campaign_id: int, dwelling_id: int, account_id: int) -> Draft | None:
    """The same, locked until the transaction ends."""
    return session.scalar(
        for_update(
            sa.select(Draft).where(
                Draft.campaign_id == campaign_id, Draft.dwelling_id == dwelling_id, Draft.account_id == account_id
            )
        )
    )


def sheets_of(session: Session, campaign_id: int, dwelling_id: int, account_id: int) -> int:
    """How many sheets an account has handed in for a dwelling."""
    return (
        session.scalar(
            sa.select(sa.func.count()).where(
                Response.campaign_id == campaign_id,
                Response.dwelling_id == dwelling_id,
                Response.account_id == account_id,
            )
        )
        or 0
    )


def is_submitted(session: Session, draft: Draft) -> bool:
    """Whether what a draft holds has been submitted since (a timer will delete it)."""
    return sheets_of(session, draft.campaign_id, draft.dwelling_id, draft.account_id) > draft.sheets


def stays_begun(session: Session, campaign_id: int, dwelling_id: int, account_id: int) -> None:
    """Let an account's draft stay what it is though a version was made for the account that it did not hand in (a
    consent taken back)."""
    session.execute(
        sa.update(Draft)
        .where(Draft.campaign_id == campaign_id, Draft.dwelling_id == dwelling_id, Draft.account_id == account_id)
        .values(sheets=Draft.sheets + 1)
    )


def begun_by_households(session: Session, campaign_id: int) -> list[tuple[int, int, str]]:
    """(account id, dwelling id, dwelling public id) of drafts in a campaign that are not submitted, of accounts tied to
    the dwelling."""
    tied = sa.exists().where(
        Tie.account_id == Draft.account_id, Tie.dwelling_id == Draft.dwelling_id, Tie.ended_at.is_(None)
    )
    rows = session.execute(
        sa.select(Draft.account_id, Draft.dwelling_id, Dwelling.public_id)
        .join(Dwelling, Dwelling.id == Draft.dwelling_id)
        .where(Draft.campaign_id == campaign_id, tied, Draft.sheets >= _HANDED_IN)
        .order_by(Draft.dwelling_id, Draft.account_id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def drop_submitted(session: Session) -> int:
    """Delete drafts whose account has submitted for that dwelling since; how many."""
    return session.execute(sa.delete(Draft).where(Draft.sheets < _HANDED_IN)).rowcount  # type: ignore[attr-defined]


def drop_old(session: Session, *, closed_before: datetime, saved_before: datetime) -> int:
    """Delete drafts of campaigns closed long ago, and those nobody has touched for very long; how many."""
    closed = sa.select(Campaign.id).where(Campaign.closed_at < closed_before)
    old = sa.or_(Draft.campaign_id.in_(closed), Draft.saved_at < saved_before)
    return session.execute(sa.delete(Draft).where(old)).rowcount  # type: ignore[attr-defined]
