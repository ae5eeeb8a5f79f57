"""Every guarded route of the demo city, with the real ids of its things, tried by people from elsewhere."""

import pytest
from flask import Flask

from kernel.database import reading
from kernel.people.models import Account
from kernel.places.models import Place
from kernel.places.queries import place_by_id
from portal.demo.personas import TAOYUAN
from tests.factories import Factory, Visitor
from tests.functional import foreign_ids

ROLES = {
    "estate": ("group_leader", "committee_chair"),
    "community": ("community_worker",),
    "street": ("street_officer", "cashier", "auditor"),
    "district": ("district_officer", "auditor"),
}
AUTHORS = frozenset({
    "survey_corrections.corrections", "survey_corrections.proposed", "survey_yearly_mappings.proposed",
    "survey_authoring.spreadsheet", "survey_authoring.comparison", "survey_authoring_pages.version",
})  # fmt: skip
"""Wordings of questionnaires, which all who may write one read."""
OWN = {
    "votes_resident.lines": {"lines": []},
    "vote_notice_opened.opened": {"flats": 0},
    "rolls_resident.objections": {"objections": []},
    "rolls_resident_pages.objection": None,
}
"""Lists of one's own, which are empty for whoever has nothing there, and what they say then (a page: not looked at)."""


@pytest.fixture
def strangers(make: Factory) -> dict[str, Visitor]:
    """Somebody who owns nothing, an owner in another district, and one person with every role in a third."""
    session = reading()
    estates = session.query(Place).filter_by(kind="estate").order_by(Place.id)
    in_district = {code: estates.filter(Place.path.contains(f"/{code}/")).first() for code in ("440205", "440229")}
    owner = make.account()
    make.tie(owner, make.dwelling(make.place("building", in_district["440205"], "甲")))
    officer = make.account()
    place = in_district["440229"]
    while place is not None:
        for role in ROLES.get(place.kind, ()):
            make.grant(officer, role, place)
        place = place_by_id(session, place.parent_id) if place.parent_id else None
    people = {"stranger": make.account(), "owner elsewhere": owner, "officer elsewhere": officer}
    return {who: make.signed_in(reading().get_one(Account, each.id)) for who, each in people.items()}


@pytest.mark.parametrize("database_url", ["demo"], indirect=True)
def test_nobody_from_elsewhere_gets_at_anything_of_an_estate(
    app: Flask, strangers: dict[str, Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "testing", False)  # an error is answered, as in life, not raised
    ids, bodies = foreign_ids.of_demo(TAOYUAN), foreign_ids.Bodies(app)
    found, tried = [], 0
    for rule, method in foreign_ids.guarded(app):
        body = {} if method == "GET" else {"json": bodies.of(rule, method)}
        for address in foreign_ids.addresses(rule, ids):
            for who, visitor in strangers.items():
                tried += 1
                answer = visitor.open(address, method=method, **body)
                status = answer.status_code
                harmless = (rule.endpoint in AUTHORS and who == "officer elsewhere") or (
                    rule.endpoint in OWN and OWN[rule.endpoint] in (None, answer.get_json(silent=True))
                )
                if status not in (302, 401, 403, 404, 409, 410, 422) and not (status == 200 and harmless):
                    found.append(f"{who}: {method} {address} ({rule.endpoint}) -> {status}")
    assert found == []
    assert tried > 1000
