"""Every guarded route, with the real ids of one household's things, tried by everybody who must not see them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from kernel import clock
from kernel.database import reading
from kernel.people.models import Account, Tie
from kernel.places.models import Place
from kernel.places.queries import place_by_id
from payments.gateways.memory import MemoryGateway
from surveys.questionnaires.rules.lifecycle import Channel
from tests.factories import Factory, Visitor
from tests.payments.world import World
from tests.surveys.questionnaires.conftest import open_survey
from tests.surveys.votes.stories import PUMP, Estate, cast, drafted, opened

NAME, PHONE = "欧阳秀英", "13812349876"


@pytest.fixture
def things(app: Flask, make: Factory) -> dict[str, str]:
    """A household with an answer, a ballot and a deposit: the value of every argument a guarded route may take."""
    now = clock.now()
    survey = open_survey(make, now)
    home = survey.dwellings[0]
    account, person = make.owner(home, NAME, PHONE)
    with clock.at(now):
        file = survey.signature(account, home, Channel.WECHAT_SELF)
    gateway = MemoryGateway()
    world = World(make, gateway)
    payer = world.payer(world.homes[0])
    deposit = world.pledge(payer, now=now)
    estate = Estate(survey.estate, survey.dwellings, {"owner": person}, {"owner": account})
    vote = opened(estate, PUMP, now=now - timedelta(hours=2), closes_at=now + timedelta(days=3))
    ballot = cast(vote, estate.voter("owner"), home.label, "approve", now=now)
    building = reading().get_one(Place, home.building_id)
    return {
        "dwelling": home.public_id,
        "dwelling_id": home.public_id,
        "deposit": deposit,
        "deposit_id": deposit,
        "attachment": file,
        "campaign": survey.campaign,
        "vote": vote,
        "receipt_no": ballot.receipt_no,
        "code": survey.estate.code,
        "estate_id": survey.estate.public_id,
        "building_id": building.public_id,
        "tie_id": reading().query(Tie).filter_by(account_id=account.id).one().public_id,
        "draft": drafted(estate, PUMP, now=now, closes_at=now + timedelta(days=9)),
    }


def outsiders(make: Factory) -> Mapping[str, Visitor]:
    """A stranger, and every role where it does not reach."""
    elsewhere = make.estate(name="别处")
    community = place_by_id(reading(), elsewhere.parent_id or 0)
    street = place_by_id(reading(), community.parent_id or 0)
    district = place_by_id(reading(), street.parent_id or 0)
    given: dict[str, tuple[str, Place]] = {
        "worker elsewhere": ("community_worker", community),
        "leader elsewhere": ("group_leader", elsewhere),
        "street elsewhere": ("street_officer", street),
        "district elsewhere": ("district_officer", district),
        "auditor elsewhere": ("auditor", street),
    }
    found = {"stranger": make.signed_in(make.account())}
    for who, (role, place) in given.items():
        account = make.account()
        make.grant(account, role, place)
        found[who] = make.signed_in(reading().get_one(Account, account.id))
    return found


def guarded(app: Flask, things: Mapping[str, str]) -> list[tuple[str, str]]:
    """(method, address) of every guarded route whose arguments are all among the household's things."""
    found = []
    for rule in app.url_map.iter_rules():
        if not rule.arguments or rule.arguments - things.keys() or _guard(app, rule) == "open_to_all":
            continue
        address = rule.rule
        for name in rule.arguments:
            for form in (f"<{name}>", f"<string:{name}>"):
                address = address.replace(form, things[name])
        found += [(method, address) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return found


def _guard(app: Flask, rule: Rule) -> str:
    guard: Any = getattr(app.blueprints.get(rule.endpoint.rsplit(".", 1)[0]), "guard", None)
    return guard.name if guard else "open_to_all"


def test_whoever_has_nothing_to_do_with_a_household_gets_nothing_of_it(
    app: Flask, make: Factory, things: dict[str, str]
) -> None:
    routes = guarded(app, things)
    assert len(routes) > 25
    vote = f"/api/v1/votes/{things['vote']}"
    own = {
        f"{vote}/lines": {"lines": []},
        f"{vote}/opened": {"flats": 0},
        f"{vote}/roll/objections": {"objections": []},
    }
    # Nothing of a household: that one has no flat here; which wordings a survey went through, for staff anywhere.
    harmless = {
        f"/v/{things['vote']}/roll/objection",
        f"/api/v1/staff/campaigns/{things['campaign']}/corrections",
    }
    for who, visitor in outsiders(make).items():
        for method, address in routes:
            answer = visitor.open(address, method=method, json={} if method != "GET" else None)
            told = f"{who}: {method} {address} -> {answer.status_code}"
            text = answer.get_data(as_text=True)
            if (
                address in own and answer.status_code == 200
            ):  # lists of one's own, empty for everybody here; a look that delivers nothing
                assert answer.json == own[address], told
                continue
            allowed = (200,) if address in harmless else ()
            assert answer.status_code in (*allowed, 302, 401, 403, 404, 409, 410, 422), told
            assert NAME not in text, told
            assert PHONE not in text, told


def test_somebody_nobody_knows_is_asked_to_sign_in_everywhere(app: Flask, things: dict[str, str], client: Any) -> None:
    headers = {"X-Requested-By": "gongjian", "Idempotency-Key": "a-key-of-nobody"}
    for method, address in guarded(app, things):
        answer = client.open(address, method=method, json={} if method != "GET" else None, headers=headers)
        expected = 401 if address.startswith(("/api/", "/openrosa/")) else 302
        assert answer.status_code == expected, f"{method} {address} -> {answer.status_code}"
