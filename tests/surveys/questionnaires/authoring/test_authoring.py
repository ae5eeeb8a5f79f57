"""Writing a questionnaire over HTTP: two at one draft, what is wrong with it, publishing, importing, comparing."""

import copy
import io
import random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.audit.models import AuditEntry
from kernel.database import reading
from kernel.errors import Invalid
from kernel.places.queries import ancestors
from surveys.questionnaires import data, queries
from surveys.questionnaires.rules import form
from surveys.questionnaires.rules import wording as rules
from surveys.questionnaires.rules.plan import Plan
from surveys.questionnaires.services import forms
from surveys.questionnaires.xlsform import workbook
from tests.factories import Factory, Visitor
from tests.surveys.questionnaires.conftest import NOW
from tests.surveys.questionnaires.forms import document
from tests.surveys.questionnaires.rules.test_mapping import DOCUMENT, changed
from tests.surveys.questionnaires.xlsform.test_importing import MEMBERS, SETTINGS, YES_NO

URL = "/api/v1/staff/questionnaires"
PAGES = "/work/questionnaires"


def staff(make: Factory, role: str, place: Any) -> Visitor:
    """Somebody with a role at a place."""
    account = make.account()
    make.grant(account, role, place)
    return make.signed_in(account)


@pytest.fixture
def estate(app, make) -> Any:
    """An estate with the whole tree above it."""
    return make.estate()


@pytest.fixture
def city(make, estate) -> Visitor:
    """An officer of the city."""
    return staff(make, "city_officer", above(estate, "city"))


def above(place: Any, kind: str) -> Any:
    """The place of a kind over another."""
    return next(one for one in ancestors(reading(), place) if one.kind == kind)


def begin(who: Visitor, **more: Any) -> dict[str, Any]:
    """A new draft."""
    answer = who.post(f"{URL}/drafts", json={"code": "needs-2027", "title": "需求问卷", **more})
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def save(who: Visitor, draft: dict[str, Any], made: Any, number: int | None = None) -> Any:
    """Save a draft."""
    return who.put(f"{URL}/drafts/{draft['draft']}", json={"number": number or draft["number"], "document": made})


def publish(who: Visitor, draft: dict[str, Any], number: int) -> Any:
    """Publish a draft."""
    return who.post(f"{URL}/drafts/{draft['draft']}/publish", json={"number": number})


def test_a_questionnaire_is_written_put_right_tried_published_and_asked(city: Visitor, estate: Any) -> None:
    draft = begin(city)
    assert draft["faults"] == {}
    made = copy.deepcopy(draft["document"])
    made["sections"][0]["questions"].append(
        {"code": "q02", "kind": "text", "title": "为什么", "max": 50, "show_if": {"is": ["q01", "maybe"]}}
    )
    saved = save(city, draft, made)
    assert (saved.json["number"], list(saved.json["faults"])) == (2, ["q02"])
    assert "没有 maybe" in saved.json["faults"]["q02"][0]
    refused = publish(city, draft, 2)
    assert (refused.status_code, list(refused.json["fields"])) == (422, ["q02"])
    assert "还不能预览" in city.get(f"{PAGES}/drafts/{draft['draft']}/preview").get_data(as_text=True)
    made["sections"][0]["questions"][1]["show_if"] = {"is": ["q01", "no"]}
    assert save(city, draft, made, 2).json == {"draft": draft["draft"], "number": 3, "faults": {}}
    assert "预览：需求问卷" in city.get(f"{PAGES}/drafts/{draft['draft']}/preview").get_data(as_text=True)
    trial = f"{URL}/drafts/{draft['draft']}/try"
    assert city.post(trial, json={"answers": {"q01": "no", "q02": "贵"}}).json == {"answered": 2}
    hidden = city.post(trial, json={"answers": {"q01": "yes", "q02": "贵"}})
    assert (hidden.status_code, list(hidden.json["fields"])) == (422, ["q02"])
    section = city.get(f"{URL}/drafts/{draft['draft']}/sections/0").json
    assert [one["code"] for one in section["questions"]] == ["q01", "q02"]
    version = publish(city, draft, 3).json["version"]
    assert save(city, draft, made, 3).json["code"] == "form-draft-published"
    page = city.get(f"{PAGES}/versions/{version}").get_data(as_text=True)
    assert "为什么" in page
    body = {"version": version, "title": "2027年问卷", "year": 2027, "places": [estate.code]}
    campaign = city.post("/api/v1/staff/campaigns", json=body)
    assert campaign.status_code == 201, campaign.json
    assert "2027年问卷" in city.get(f"{PAGES}/versions/{version}").get_data(as_text=True)
    actions = set(reading().scalars(sa.select(AuditEntry.action)))
    assert {"form-draft.begun", "form-draft.published", "questionnaire.loaded"} <= actions


def test_two_who_write_at_once_do_not_overwrite_each_other(city: Visitor, make, estate) -> None:
    draft = begin(city)
    other = staff(make, "city_officer", above(estate, "city"))
    first, second = copy.deepcopy(draft["document"]), copy.deepcopy(draft["document"])
    first["title"], second["title"] = "我的", "别人的"
    assert save(other, draft, second).status_code == 200
    refused = save(city, draft, first)
    assert (refused.status_code, refused.json["code"]) == (409, "form-draft-changed")
    assert "没有覆盖别人的" in refused.json["detail"]
    apart = begin(city, title="我的", document=first)
    assert apart["document"]["title"] == "我的"
    assert city.get(f"{URL}/drafts/{draft['draft']}").json["document"]["title"] == "别人的"
    assert publish(city, draft, 1).json["code"] == "form-draft-changed"


def test_a_save_that_is_sent_twice_counts_once(city: Visitor) -> None:
    draft = begin(city)
    body = {"number": 1, "document": {**draft["document"], "title": "改过"}}
    url = f"{URL}/drafts/{draft['draft']}"
    answers = [city.put(url, json=body, key="the-same-key-twice") for _ in range(2)]
    assert [answer.json["number"] for answer in answers] == [2, 2]


def test_drafts_are_their_places_own_and_a_questionnaire_too(city: Visitor, make, estate) -> None:
    street = staff(make, "street_officer", above(estate, "street"))
    draft = begin(city)
    assert street.get(f"{PAGES}/drafts/{draft['draft']}").status_code == 200
    assert save(street, draft, draft["document"]).json["code"] == "not-your-draft"
    assert street.post(f"{URL}/drafts/{draft['draft']}/put-away", json={}).status_code == 403
    version = publish(city, draft, 1).json["version"]
    mine = begin(street, version=version)
    made = {**mine["document"], "edition": "2"}
    assert save(street, mine, made).status_code == 200
    refused = publish(street, mine, 2)
    assert (refused.status_code, refused.json["code"]) == (403, "not-your-questionnaire")
    assert save(street, mine, {**made, "code": "street-needs"}, 2).status_code == 200
    assert publish(street, mine, 3).status_code == 201
    assert save(city, mine, made, 3).json["code"] == "form-draft-published"  # the city may, were it not published
    again = begin(city, version=version)
    assert publish(city, again, 1).status_code in (201, 409)


def test_whoever_does_not_manage_surveys_gets_nowhere(make, estate, city: Visitor) -> None:
    draft = begin(city)["draft"]
    worker, nobody = staff(make, "community_worker", above(estate, "community")), make.signed_in(make.account())
    for who in (worker, nobody):
        assert who.get(PAGES).status_code == 403
        assert who.get(f"{PAGES}/drafts/{draft}").status_code == 403
        assert who.get(f"{URL}/drafts/{draft}").status_code == 403
        assert who.post(f"{URL}/drafts", json={"code": "x", "title": "问卷"}).status_code == 403


def test_a_draft_that_was_put_away_is_gone_from_the_list(city: Visitor) -> None:
    draft = begin(city)["draft"]
    assert city.post(f"{URL}/drafts/{draft}/put-away", json={}).status_code == 200
    assert city.get(f"{URL}/drafts/{draft}").status_code == 404
    assert draft not in city.get(PAGES).get_data(as_text=True)


def sent(who: Visitor, sheets: dict[str, Any]) -> Any:
    """Import a spreadsheet."""
    return who.post(f"{URL}/imports", data={"file": (io.BytesIO(workbook.written(sheets)), "form.xlsx")})


def test_a_spreadsheet_becomes_a_draft_or_says_by_row_why_not(city: Visitor) -> None:
    names = ("list_name", "name", "label")
    choices = [dict(zip(names, one, strict=True)) for one in YES_NO]
    taken = sent(city, {"survey": [{"type": "start", "name": "s"}, *MEMBERS], "choices": choices, "settings": SETTINGS})
    assert taken.status_code == 201, taken.json
    assert any("survey 表第 2 行" in line for line in taken.json["listed"])
    draft = city.get(f"{URL}/drafts/{taken.json['draft']}").json
    assert (draft["document"]["code"], draft["faults"]) == ("needs_2027", {})
    place = {"type": "geopoint", "name": "x", "label": "在哪"}
    refused = sent(city, {"survey": [*MEMBERS, place], "choices": choices, "settings": SETTINGS})
    assert (refused.status_code, refused.json["code"]) == (422, "form-refused")
    assert list(refused.json["fields"]) == ["survey 表第 11 行"]
    broken = city.post(f"{URL}/imports", data={"file": (io.BytesIO(b"no spreadsheet"), "form.xlsx")})
    assert broken.json["code"] == "not-a-form"


def test_two_versions_are_laid_side_by_side(city: Visitor) -> None:
    before = forms.load(DOCUMENT, actor="test", now=NOW).version.public_id
    after = forms.load(
        {
            **changed(
                agree={"title": "您同意吗"},
                works={"options": DOCUMENT["sections"][0]["questions"][1]["options"][:2]},
                where=None,
            ),
            "edition": "2",
        },
        actor="test",
        now=NOW,
    ).version.public_id
    found = city.get(f"{URL}/versions/{before}/comparison/{after}").json["changes"]
    assert {(one["how"], one["code"]) for one in found} == {
        ("changed", "works"),
        ("dropped", "works.other"),
        ("reworded", "agree"),
        ("dropped", "where"),
    }
    page = city.get(f"{PAGES}/versions/{after}/compare?with={before}").get_data(as_text=True)
    assert "原来的文字：同意吗" in page
    assert "去掉了" in page
    assert city.get(f"{PAGES}/versions/{after}/compare").status_code == 422


def test_the_official_sheet_can_be_taken_up_changed_and_read_again() -> None:
    official = data.shipped("estate-renovation-needs")
    frozen = form.read(official).document
    made = rules.editable(frozen, code="mine", title="我的", edition="1")
    works = next(one for one in made["sections"][1]["questions"] if one["code"] == "q12")
    works["options"].append({"code": "new_work", "label": "新的一项"})
    read = form.read(made)
    assert "new_work" in {option.code for option in read.by_code["q15"].options}
    assert rules.compared(form.read(official), form.read(official)) == []


JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False), st.text(max_size=4)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=4,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inside for place in _places(part, (*path, key)))]


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9), JUNK)
def test_a_draft_with_anything_anywhere_is_read_or_refused_and_never_breaks(seed: int, junk: Any) -> None:
    chance = random.Random(seed)
    made = document(chance) if chance.random() < 0.7 else copy.deepcopy(DOCUMENT)
    *path, last = chance.choice(_places(made)[1:])
    at = made
    for key in path:
        at = at[key]
    at[last] = junk
    try:
        read = form.read(made)
    except Invalid:
        return
    Plan(read).asked({}, {})


def test_a_version_is_kept_apart_from_the_questionnaires_of_others(city: Visitor) -> None:
    version = forms.load(DOCUMENT, actor="test", now=NOW).version.public_id
    draft = begin(city, code="x", version=version)
    assert publish(city, draft, 1).status_code == 201  # by the command line it is the city's
    assert queries.newest_version(reading(), "x").public_id != version
