"""A campaign at a dwelling as one account meets it, in one statement: for the submission and for the page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from kernel.database import core
from kernel.errors import NotFound
from kernel.people.models import Tie
from kernel.places.models import Dwelling, Place
from surveys.questionnaires.models import Campaign, CampaignPlace, QuestionnaireVersion, ValidResponse

NO_CAMPAIGN = NotFound("no-such-campaign", "没有找到这次问卷。请重新扫门口的二维码。")
NO_DWELLING = NotFound("no-such-dwelling", "没有找到这一户。请重新扫门口的二维码。")


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything a submission's decision needs, in one row of plain values (the hot path; no objects to load).

    ``relation``, ``level`` and ``tie_person_id``: of the account's tie to the dwelling, None without one.
    ``response_id``: the response that counts already, or None.
    """

    campaign_id: int
    campaign: str
    campaign_state: str
    closes_at: datetime | None
    version_id: int
    content_hash: str
    dwelling_id: int
    dwelling: str
    floor: int | None
    building_id: int
    building_facts: dict[str, Any]
    estate_id: int
    estate_facts: dict[str, Any]
    in_scope: bool
    relation: str | None
    level: int | None
    tie_person_id: int | None
    response_id: int | None


_BUILDING, _ESTATE = aliased(Place), aliased(Place)


def _as_met(columns: Any) -> Any:
    """A select of columns of a campaign and a dwelling (by their public ids) as one account meets them."""
    return (
        columns.select_from(Campaign)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Campaign.version_id)
        .join(Dwelling, Dwelling.public_id == sa.bindparam("dwelling"))
        .join(_BUILDING, _BUILDING.id == Dwelling.building_id)
        .join(_ESTATE, _ESTATE.id == Dwelling.estate_id)
        .outerjoin(
            CampaignPlace,
            sa.and_(CampaignPlace.campaign_id == Campaign.id, CampaignPlace.place_id == Dwelling.estate_id),
        )
        .outerjoin(
            Tie,
            sa.and_(Tie.account_id == sa.bindparam("account"), Tie.dwelling_id == Dwelling.id, Tie.ended_at.is_(None)),
        )
        .outerjoin(
            ValidResponse,
            sa.and_(ValidResponse.campaign_id == Campaign.id, ValidResponse.dwelling_id == Dwelling.id),
        )
        .where(Campaign.public_id == sa.bindparam("campaign"))
    )


_ASKED = _as_met(
    sa.select(
        Campaign.id,
        Campaign.public_id,
        Campaign.state,
        Campaign.closes_at,
        Campaign.version_id,
        QuestionnaireVersion.content_hash,
        Dwelling.id,
        Dwelling.public_id,
        Dwelling.floor,
        _BUILDING.id,
        _BUILDING.facts,
        _ESTATE.id,
        _ESTATE.facts,
        CampaignPlace.place_id.is_not(None),
        Tie.relation,
        Tie.level,
        Tie.person_id,
        ValidResponse.response_id,
    )
)


def asked(session: Session, campaign: str, dwelling: str, account_id: int) -> Asked:
    """The campaign and dwelling with these public ids as one account meets them. Raises NotFound."""
    values = {"campaign": campaign, "dwelling": dwelling, "account": account_id}
    row: Any = core(session).execute(_ASKED, values).one_or_none()
    if row is None:
        raise NO_CAMPAIGN
    return Asked(*row)


@dataclass(frozen=True, slots=True)
class MetCampaign:
    """What a page shows of the campaign."""

    id: int
    public_id: str
    state: str
    closes_at: datetime | None
    version_id: int
    title: str
    opened_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MetHome:
    """What it shows of the dwelling."""

    id: int
    public_id: str
    floor: int | None
    label: str


@dataclass(frozen=True, slots=True)
class MetPlace:
    """What it shows of a building or an estate."""

    id: int
    facts: dict[str, Any]
    code: str
    name: str


_MET = _as_met(
    sa.select(
        *(Campaign.__table__.c[name] for name in MetCampaign.__slots__),
        *(Dwelling.__table__.c[name] for name in MetHome.__slots__),
        *(getattr(_BUILDING, name) for name in MetPlace.__slots__),
        *(getattr(_ESTATE, name) for name in MetPlace.__slots__),
        QuestionnaireVersion.public_id,
        QuestionnaireVersion.content_hash,
        CampaignPlace.place_id.is_not(None),
        Tie.relation,
        Tie.level,
        Tie.person_id,
        ValidResponse.response_id,
    )
)


@dataclass(frozen=True, slots=True)
class Met:
    """The same for a page, with what it shows; ``version``: the public id of the campaign's version."""

    asked: Asked
    campaign: MetCampaign
    dwelling: MetHome
    building: MetPlace
    estate: MetPlace
    version: str


def met(session: Session, campaign: str, dwelling: str, account_id: int) -> Met:
    """The campaign and dwelling with these public ids as the page of one account shows them. Raises NotFound."""
    values = {"campaign": campaign, "dwelling": dwelling, "account": account_id}
    row: Any = core(session).execute(_MET, values).one_or_none()
    if row is None:
        raise NO_CAMPAIGN
    found, home = MetCampaign(*row[:8]), MetHome(*row[8:12])
    building, estate = MetPlace(*row[12:16]), MetPlace(*row[16:20])
    version, content_hash, *of_account = row[20:]
    asked = Asked(
        found.id,
        found.public_id,
        found.state,
        found.closes_at,
        found.version_id,
        content_hash,
        home.id,
        home.public_id,
        home.floor,
        building.id,
        building.facts,
        estate.id,
        estate.facts,
        *of_account,
    )
    return Met(asked, found, home, building, estate, version)
