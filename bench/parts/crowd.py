"""Inside the product's own environment: households who may do everything, and what is on record of them afterwards.

python -m bench.parts.crowd takes orders on its standard input, one JSON object a line (a start costs more than most of
them): {"do": [what, …], "out": file for what it tells, "database_url": another one than the product's, if given}; says
"done" after each.

seed NUMBER    sheet, ballot and deposit open for each household
settle DAY     time passes; the bill of the day is reconciled
record         which sheets, ballots and payments are there, which count, and which of the product's proofs fail
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from bench.parts.paying import collect
from bench.parts.seeding import places, survey
from bench.parts.voting import owners
from config import Config
from kernel import clock, database
from kernel.database import new_public_id, reading, transaction, use_case
from kernel.outbox.models import OutboxRow
from kernel.people.models import Account
from kernel.places.models import Dwelling
from payments.models import LedgerEntry
from portal.app import create_app
from portal.settings import hand_down
from surveys.questionnaires import queries as surveys
from surveys.questionnaires.models import Attachment, Campaign, Response, ValidResponse
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


@use_case
def let_leases_end() -> None:
    """As if the two minutes had passed for which a killed job runner has its news in hand: tell it again now."""
    with transaction() as session:
        waiting = sa.update(OutboxRow).where(OutboxRow.tries > 0, OutboxRow.dead_at.is_(None))
        session.execute(waiting.values(due_at=clock.now()))


def failed_proofs(app: Flask) -> dict[str, str]:
    """Of the product's own proofs (books, counts, audit): what those say that do not hold."""
    with app.app_context(), database.city_scope(database.cities()[0]):
        campaigns = list(reading().scalars(sa.select(Campaign.public_id)))
    failed = {}
    for command in (["books", "check"], ["audit", "verify"], *(["survey", "recount", "--check", c] for c in campaigns)):
        done = app.test_cli_runner().invoke(args=command)
        if done.exit_code:
            failed[" ".join(command[:2])] = f"exit {done.exit_code}: {done.output[-1500:]} {done.exception!r}"
    return failed


def reconcile(app: Flask, day: str) -> Any:
    """The day's bill, as the command tells it."""
    done = app.test_cli_runner().invoke(args=["payments", "reconcile", "--date", day, "--json"])
    if done.exit_code > 1:
        raise RuntimeError(done.output)
    return json.loads(done.output.splitlines()[-1])


def do(app: Flask, what: str, *given: str) -> Any:
    """One of the orders above in the city of the environment; what it tells."""
    with app.app_context(), database.city_scope(database.cities()[0]):
        if what == "seed":
            return seed(int(given[0]))
        told = record() if what == "record" else None
        if what == "settle":
            let_leases_end()
    return reconcile(app, given[0]) if told is None else {**told, "failed": failed_proofs(app)}


def main() -> None:
    """Take orders until there are no more."""
    config = Config.from_env()
    app = create_app(config)
    for line in sys.stdin:
        order = json.loads(line)
        hand_down(app, replace(config, database_url=order.get("database_url") or config.database_url))
        Path(order["out"]).write_text(json.dumps(do(app, *order["do"])))
        print("done", flush=True)


if __name__ == "__main__":
    main()
