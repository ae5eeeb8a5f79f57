"""After any history (corrected, contested, settled, withdrawn, renamed, nameless) every count is that of what counts.

The second count reads the rows of the database as they are and knows nothing of counters, parts or mappings.
"""

import copy
from collections import Counter
from datetime import timedelta

import sqlalchemy as sa

from kernel import clock
from kernel.database import reading, transaction, use_case
from kernel.places.models import Dwelling
from surveys.questionnaires import data
from surveys.questionnaires.attempts import services as attempts
from surveys.questionnaires.corrections import services as corrections
from surveys.questionnaires.mine import services as mine
from surveys.questionnaires.models import Response, ValidResponse
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.rules.rates import Outcome
from surveys.questionnaires.services import campaigns, counting, forms
from surveys.questionnaires.sheets import services as sheets
from surveys.questionnaires.standing.models import OwnerResponse
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.conftest import NOW, open_survey
from tests.surveys.questionnaires.exports.test_exports import staff
from tests.surveys.questionnaires.standing.conftest import House

OFFICIAL = data.shipped("estate-renovation-needs")
OWNERS = {code for codes in OFFICIAL["subjects"].values() for code in codes}
TENANTS = set(OFFICIAL["speaks_as"]["tenant"])


def renamed():
    """The official sheet with 居住情况 under another code."""
    document = copy.deepcopy(OFFICIAL)
    document["edition"] = "corrected"
    next(one for one in document["sections"][0]["questions"] if one["code"] == "q06")["code"] = "q06_living"
    return document


def in_new_words(answers):
    return {{"q06": "q06_living"}.get(code, code): value for code, value in answers.items()}


def counted_by_hand(survey):
    """(dwelling, its sheet, what counts of it, whether an owner has spoken) of every home that has one that counts."""
    session = reading()
    session.rollback()
    rows = {row.id: row for row in session.scalars(sa.select(Response))}
    owners = {row.dwelling_id: rows[row.response_id] for row in session.scalars(sa.select(OwnerResponse))}
    found = []
    for valid in session.scalars(sa.select(ValidResponse)):
        sheet = rows[valid.response_id]
        answers, other = in_new_words(sheet.answers), owners.get(valid.dwelling_id)
        is_tenants = sheet.relation == "tenant" or answers["q02"] in TENANTS
        says = {code: value for code, value in answers.items() if code.split(".")[0] not in OWNERS}
        if other is not None:
            theirs = in_new_words(other.answers)
            says |= {code: value for code, value in theirs.items() if code.split(".")[0] in OWNERS}
        elif not is_tenants:
            says = answers
        found.append((valid.dwelling_id, sheet, says, other is not None or not is_tenants))
    return found


@use_case
def no_area(dwelling):
    with transaction() as session:
        session.execute(sa.update(Dwelling).where(Dwelling.id == dwelling.id).values(area_dm2=None))


def test_whatever_has_happened_to_sheets_the_live_figures_and_the_rates_are_those_counted_by_hand(app, make):
    survey = open_survey(make)
    houses = [House(survey, number) for number in range(8)]
    worker, officer = houses[0].staff("worker"), houses[0].staff("officer", "street_officer")
    no_area(survey.dwellings[1])
    # 1: corrected twice by its sender. 2: a tenant's needs and the owner's consent. 3: the worker's, contested, out.
    me = houses[0].member()
    first = houses[0].submit(me, q12=["roads"])
    houses[0].submit(me, q12=["water", "gas"], replaces=first.response, now=NOW + timedelta(minutes=1))
    houses[1].submit(houses[1].member(relation="tenant"), q02="tenant", q12=["lighting"], q09="disagree", q10=["cost"])
    houses[1].submit(houses[1].member(), q12=["power"], q09="agree", now=NOW + timedelta(minutes=2))
    visited = houses[2].visit(worker, q09="undecided", q10=["cost"])
    counting.drain_tally(now=NOW)
    houses[2].say(houses[2].member(), visited.response)
    houses[2].settle(officer, "")
    # 4: two of the family differ, the second is chosen. 5: handed in and taken back. 6: a consent taken back.
    houses[3].submit(houses[3].member())
    second = houses[3].submit(houses[3].member(), q09="disagree", q10=["away"], now=NOW + timedelta(minutes=3))
    houses[3].settle(officer, second.response)
    for number, item in ((4, "use"), (5, "photos")):
        sender = houses[number].member()
        sent = houses[number].submit(sender, q37={"use": True, "call": True, "photos": True})
        actor = f"account:{sender.public_id}"
        mine.withdraw(sent.response, "q37", item, account_id=sender.id, actor=actor, now=NOW)
    attempts.record(
        survey.campaign,
        survey.dwellings[7].public_id,
        Outcome.REFUSED,
        account_id=worker.id,
        person_id=worker.person_id,
        actor="test",
        key=survey.key(worker),
        now=NOW,
    )
    # The wording is corrected while answers wait; the last one is given in the new words.
    version = forms.load(renamed(), actor="test", now=NOW).version.public_id
    corrections.correct(
        survey.campaign,
        version=version,
        mapping={"questions": {"q06": "q06_living"}, "options": {}},
        reason="代码改了",
        person_id=None,
        actor="test",
        now=NOW,
    )
    by = Channel.WORKER_VISIT
    last = {code: value for code, value in FULL.items() if code != "q06"} | {"q06_living": "rented"}
    last |= {name: houses[6].signature(worker, by, NOW) for name in ("q38", "q38_visitor_1", "q38_visitor_2")}
    survey.submit(worker, survey.dwellings[6], answers=last, channel=by, person_id=worker.person_id)
    visitor = staff(make, survey, "street_officer")

    def check(now):
        while counting.drain_tally(now=now):
            pass
        with clock.at(now):
            told = app.test_cli_runner().invoke(args=["survey", "recount", survey.campaign, "--check"])
            assert told.output.strip() == "一致。", told.output
            sheets.refresh_due(now=now)
            counted = counted_by_hand(survey)
            for channel in ("", "wechat_self", "worker_visit"):
                url = f"/api/v1/staff/campaigns/{survey.campaign}/results?channel={channel}"
                figures = {each["code"]: each["rows"][0]["cells"] for each in visitor.get(url).json["figures"]}
                chosen = [says for _, sheet, says, _ in counted if channel in ("", sheet.channel)]
                for code in ("q02", "q06_living", "q09", "q12", "q26"):
                    ticks = Counter()
                    for says in chosen:
                        value = says.get(code, [])
                        ticks.update(value if isinstance(value, list) else [value])
                    assert {each["code"]: each["n"] for each in figures[code] if each["n"]} == dict(ticks), code
            told = visitor.get(f"/api/v1/staff/campaigns/{survey.campaign}/rates?estate={survey.estate.code}").json
        area = {home.id: home.area_dm2 or 0 for home in reading().scalars(sa.select(Dwelling))}
        owners = [(home, says) for home, _, says, spoke in counted if spoke]
        doors = {home for home, sheet, _, _ in counted if sheet.channel == "worker_visit"} | {survey.dwellings[7].id}
        for name, homes in {
            "total": set(area),
            "reached": doors,
            "valid": {home for home, *_ in counted},
            "may_agree": {home for home, _ in owners},
            "agree": {home for home, says in owners if says.get("q09") == "agree"},
        }.items():
            expected = {"homes": len(homes), "area_dm2": sum(area[home] for home in homes)}
            assert told["rates"][name] == expected, name
        assert told["rates"]["no_area"] == 1
        return told["rates"], len(counted)

    rates, homes = check(NOW + timedelta(hours=2))
    assert homes == 5
    campaigns.close_by_hand(survey.campaign, person_id=None, actor="test", now=NOW + timedelta(hours=3))
    later = NOW + timedelta(days=731)
    with clock.at(later):
        assert "去掉了姓名" in app.test_cli_runner().invoke(args=["survey", "retention"]).output
    assert check(later) == (rates, homes)
