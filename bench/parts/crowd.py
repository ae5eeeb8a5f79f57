"""Inside the product's own environment: households who may do everything, and what is on record of them afterwards.

python -m bench.parts.crowd seed NUMBER OUT.json       sheet, ballot and deposit open for each
python -m bench.parts.crowd record OUT.json            which sheets, ballots and payments are there, and which count
"""

import json
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.parts.paying import collect
from bench.parts.seeding import places, survey
from bench.parts.voting import owners
from config import Config
from kernel import clock, database
from kernel.database import new_public_id, reading, transaction, use_case
from kernel.people.models import Account
from kernel.places.models import Dwelling
from payments.models import LedgerEntry
from portal.app import create_app
from surveys.questionnaires import queries as surveys
from surveys.questionnaires.models import Attachment, Response, ValidResponse
from surveys.votes.models import Ballot, CountedBallot, RollLine

ESTATES = 3


def seed(number: int) -> dict[str, Any]:
    """A survey and, for every household, what its phone needs to answer, vote and pay; ``number`` over some estates."""
    where = places()[:ESTATES]
    campaign, _ = survey()
    homes: list[dict[str, Any]] = []
    for estate, building, code in where:
        homes += owners(estate, building, code, number // ESTATES, clock.now())
        collect(code)
    sign(campaign, homes)
    return {"campaign": campaign, "homes": homes}


@use_case
def sign(campaign: str, homes: list[dict[str, Any]]) -> None:
    """Give every household an uploaded signature (``file``), its dwelling's public id (``home``), its ``openid``."""
    with transaction() as session:
        campaign_id = surveys.campaign_by_public_id(session, campaign).id
        names = dict(session.execute(sa.select(Dwelling.id, Dwelling.public_id)).all())
        accounts = dict(session.execute(sa.select(Account.id, Account.openid)).all())
        for home in homes:
            home["file"], home["home"] = new_public_id(), names[home["dwelling"]]
            home["openid"] = accounts[home["account"]]
        session.execute(
            sa.insert(Attachment),
            [
                {
                    "public_id": home["file"],
                    "campaign_id": campaign_id,
                    "dwelling_id": home["dwelling"],
                    "account_id": home["account"],
                    "purpose": "signature",
                    "storage_key": "bench",
                    "mimetype": "image/png",
                    "size_bytes": 1,
                    "created_at": clock.now(),
                }
                for home in homes
            ],
        )


def record() -> dict[str, Any]:
    """What is on record: by household the sheets and the one that counts, by line the ballots, by order the entries."""
    session = reading()
    sheets: dict[str, list[str]] = {}
    for row in session.execute(
        sa.select(Dwelling.public_id, Response.public_id.label("sheet")).join(
            Dwelling, Dwelling.id == Response.dwelling_id
        )
    ):
        sheets.setdefault(row.public_id, []).append(row.sheet)
    counts = [
        (row.public_id, row.sheet)
        for row in session.execute(
            sa.select(Dwelling.public_id, Response.public_id.label("sheet"))
            .join(ValidResponse, ValidResponse.dwelling_id == Dwelling.id)
            .join(Response, Response.id == ValidResponse.response_id)
        )
    ]
    ballots = [
        (row.public_id, row.receipt_no)
        for row in session.execute(
            sa.select(RollLine.public_id, Ballot.receipt_no)
            .join(CountedBallot, CountedBallot.ballot_id == Ballot.id)
            .join(RollLine, RollLine.id == Ballot.roll_line_id)
        )
    ]
    entries = session.execute(sa.select(LedgerEntry.kind, LedgerEntry.reference)).all()
    paid = [row.reference for row in entries if row.kind == "deposit_paid"]
    return {"sheets": sheets, "counts": counts, "ballots": ballots, "paid": paid}


def main() -> None:
    """Do one of the two in the city of the environment."""
    what, *rest = sys.argv[1:]
    with create_app(Config.from_env()).app_context(), database.city_scope(database.cities()[0]):
        told = seed(int(rest[0])) if what == "seed" else record()
    Path(rest[-1]).write_text(json.dumps(told))


if __name__ == "__main__":
    main()
