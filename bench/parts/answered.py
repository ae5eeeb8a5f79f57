"""A city whose households have answered: as many responses as wanted, and what the jobs would have made of them."""

import json
import random
from collections import Counter
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from bench.parts.seeding import places, survey
from kernel.clock import CHINA
from kernel.database import new_public_id, transaction, use_case
from kernel.people.models import Account
from portal.demo.answers import invented
from surveys.questionnaires import queries
from surveys.questionnaires.models import TallyCounter
from surveys.questionnaires.publicly.models import PublicRelease
from surveys.questionnaires.rules import release, sheet, tally
from surveys.questionnaires.rules.coverage import Group
from surveys.questionnaires.rules.rates import Part, Rates
from surveys.questionnaires.services import forms
from surveys.questionnaires.sheets.models import EstateSheet
from tests.conftest import migrated, test_config

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=CHINA)
SHEETS = 200
"""So many different sheets are handed in, in turn."""
FACTS = {"channel": "wechat_self", "building.floors": 7, "building.has_lift": False, "dwelling.floor": 3}


@use_case
def fill(campaign: str, number: int, where: list[tuple[int, int, str]]) -> None:
    """Insert ``number`` homes with a response that counts each, and what the jobs would have made of them."""
    with transaction() as session:
        found = queries.campaign_by_public_id(session, campaign)
        form = forms.form_of(session, found.version_id)
        chance = random.Random(7)
        private = {question.code for question in form.questions if question.private}
        said = [
            {code: value for code, value in sheet.items() if code not in private}
            for sheet in (invented(form, FACTS, chance, day="2026-11-22", signature="s") for _ in range(SHEETS))
        ]
        account = Account(public_id=new_public_id(), openid="bench", created_at=NOW)
        session.add(account)
        session.flush()
        estates, buildings = [row[0] for row in where], [row[1] for row in where]
        session.execute(sa.text("CREATE TEMP TABLE said (n INTEGER PRIMARY KEY, answers TEXT)"))
        session.execute(
            sa.text("INSERT INTO said VALUES (:n, :answers)"),
            [{"n": n, "answers": json.dumps(each, ensure_ascii=False)} for n, each in enumerate(said)],
        )
        many = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :number)"
        values = {
            "number": number,
            "first": estates[0],
            "building": buildings[0],
            "step": estates[1] - estates[0],
            "estates": len(estates),
            "campaign": found.id,
            "version": found.version_id,
            "account": account.id,
            "sheets": SHEETS,
            "at": NOW.astimezone(tz=None).replace(tzinfo=None).isoformat(sep=" "),
        }
        for statement in (
            "INSERT INTO dwelling"
            " (public_id, estate_id, building_id, unit, floor, door, area_dm2, use, label, sort_key)"
            f" {many} SELECT 'd' || i, :first + i % :estates * :step, :building + i % :estates * :step, '1', i % 7 + 1,"
            " i, 8000, 'home', '1栋' || i, i FROM n",
            "INSERT INTO response (public_id, campaign_id, version_id, dwelling_id, estate_id, channel, relation,"
            " account_id, submitted_at, answers, receipt) SELECT 'r' || id, :campaign, :version, id, estate_id,"
            " 'wechat_self', 'self', :account, :at, said.answers, 'x' FROM dwelling JOIN said ON said.n = id % :sheets",
            "INSERT INTO valid_response (campaign_id, dwelling_id, response_id)"
            " SELECT campaign_id, dwelling_id, id FROM response",
        ):
            session.execute(sa.text(statement), values)
        given = sa.text("SELECT estate_id, dwelling_id % :sheets, COUNT(*) FROM response GROUP BY 1, 2")
        counted: dict[int, Counter[tally.Key]] = {estate: Counter() for estate in estates}
        adds = [tally.count(form, each) for each in said]
        for estate, n, times in session.execute(given, {"sheets": SHEETS}):
            counted[estate].update({key: amount * times for key, amount in adds[n].items()})
        for estate, counts in counted.items():
            base = {"campaign_id": found.id, "estate_id": estate}
            session.execute(
                sa.insert(TallyCounter),
                [
                    base | {"channel": "wechat_self", "question": key[0], "row": key[1], "cell": key[2], "n": n}
                    for key, n in counts.items()
                    if n
                ],
            )
            shown = release.written(release.Release(counts))
            session.execute(sa.insert(PublicRelease), [base | {"number": 1, "taken_at": NOW, "document": shown}])
            homes = Part(counts[tally.RESPONSES], 8000 * counts[tally.RESPONSES])
            groups = (Group(3, False, homes.homes, homes.homes),)
            made = sheet.Sheet(Rates(homes, Part(), homes, homes, homes), groups, {("2–3层", False): counts})
            kept = {"made_at": NOW, "responses": homes.homes, "homes": homes.homes, "document": sheet.written(made)}
            session.execute(sa.insert(EstateSheet), [base | kept])


def city(folder: Path, number: int) -> tuple[Flask, str]:
    """A fresh city with so many answers; the campaign's public id."""
    app = migrated(test_config(folder, f"sqlite:///{folder}/city.db"))
    app.app_context().push()  # for as long as this process lives
    where = places()
    campaign, _ = survey(NOW)
    fill(campaign, number, where)
    return app, campaign
