"""Homes that are ready to answer: dwelling, account, tie, session and an uploaded signature each.

python -m bench.parts.seeding NUMBER OUT.json      in the environment of the product to fill
"""

import json
import secrets
import sys
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from kernel import clock, database
from kernel.database import new_public_id, transaction, use_case
from kernel.people.models import Account, Tie
from kernel.places.models import Dwelling, Place
from kernel.places.rules import child_path
from portal.app import create_app
from portal.auth.models import WebSession
from portal.auth.rules import hashed
from surveys.questionnaires import data, queries
from surveys.questionnaires.models import Attachment
from surveys.questionnaires.services import campaigns, forms

ESTATES = 20


@use_case
def places() -> list[tuple[int, int, str]]:
    """A city with some estates of one building: (estate id, building id, estate code)."""
    made = []
    with transaction() as session:
        above = _place(session, None, "city", "bench")
        for kind in ("district", "street", "community"):
            above = _place(session, above, kind, f"bench-{kind}")
        for number in range(ESTATES):
            estate = _place(session, above, "estate", f"bench-{number}")
            building = _place(session, estate, "building", f"bench-{number}-1")
            made.append((estate.id, building.id, estate.code))
    return made


def _place(session: Session, parent: Place | None, kind: str, code: str) -> Place:
    facts = {"floors": 7, "has_lift": False} if kind == "building" else {"renovated": False, "built_year": 1990}
    made = Place(
        parent_id=parent.id if parent else None,
        kind=kind,
        code=code,
        name=code,
        facts=facts,
        path=child_path(parent.path if parent else "", code),
    )
    session.add(made)
    session.flush()
    return made


@use_case
def homes(number: int, campaign: str, where: list[tuple[int, int, str]]) -> list[dict[str, str]]:
    """Insert ``number`` homes."""
    now = clock.now()
    made = [
        {"token": secrets.token_urlsafe(32), "dwelling": new_public_id(), "file": new_public_id(), "openid": f"b{n}"}
        for n in range(number)
    ]
    with transaction() as session:
        campaign_id = queries.campaign_by_public_id(session, campaign).id
        session.execute(
            sa.insert(Dwelling),
            [
                {
                    "public_id": home["dwelling"],
                    "estate_id": where[n % ESTATES][0],
                    "unit": "1",
                    "floor": n % 7 + 1,
                    "building_id": where[n % ESTATES][1],
                    "door": str(n),
                    "area_dm2": 8000,
                    "use": "home",
                    "label": f"1栋{n}",
                    "sort_key": f"{n:08}",
                }
                for n, home in enumerate(made)
            ],
        )
        session.execute(
            sa.insert(Account),
            [{"public_id": new_public_id(), "openid": home["openid"], "created_at": now} for home in made],
        )
        accounts = {row[0]: row[1] for row in session.execute(sa.select(Account.openid, Account.id))}
        dwellings = {row[0]: row[1] for row in session.execute(sa.select(Dwelling.public_id, Dwelling.id))}
        rows = [(home, accounts[home["openid"]], dwellings[home["dwelling"]]) for home in made]
        session.execute(
            sa.insert(Tie),
            [
                {
                    "public_id": new_public_id(),
                    "account_id": account,
                    "dwelling_id": dwelling,
                    "relation": "self",
                    "level": 1,
                    "since": now,
                }
                for _, account, dwelling in rows
            ],
        )
        session.execute(
            sa.insert(WebSession),
            [
                {
                    "public_id": new_public_id(),
                    "token_hash": hashed(home["token"]),
                    "account_id": account,
                    "device": "bench",
                    "staff": False,
                    "made_at": now,
                    "seen_at": now,
                    "ends_at": now + timedelta(days=7),
                }
                for home, account, _ in rows
            ],
        )
        session.execute(
            sa.insert(Attachment),
            [
                {
                    "public_id": home["file"],
                    "campaign_id": campaign_id,
                    "dwelling_id": dwelling,
                    "account_id": account,
                    "purpose": "signature",
                    "storage_key": "bench",
                    "mimetype": "image/png",
                    "size_bytes": 1,
                    "created_at": now,
                }
                for home, account, dwelling in rows
            ],
        )
    return made


def survey(now: datetime | None = None) -> tuple[str, str]:
    """The official questionnaire, open everywhere: campaign and version."""
    now = now or clock.now()
    loaded = forms.load(data.shipped("estate-renovation-needs"), actor="bench", now=now)
    campaign = campaigns.create(
        version=loaded.version.public_id,
        title="bench",
        year=2026,
        place_codes=["bench"],
        opens_at=None,
        closes_at=None,
        person_id=None,
        actor="bench",
        now=now,
    )
    campaigns.open_by_hand(campaign, person_id=None, actor="bench", now=now)
    return campaign, loaded.version.public_id


def main() -> None:
    """Seed the city of the environment and write down what the driver needs."""
    number, out = int(sys.argv[1]), Path(sys.argv[2])
    app = create_app(Config.from_env())
    with app.app_context(), database.city_scope(database.cities()[0]):
        where = places()
        campaign, version = survey()
        told = {"campaign": campaign, "version": version, "homes": homes(number, campaign, where)}
    out.write_text(json.dumps(told))


if __name__ == "__main__":
    main()
