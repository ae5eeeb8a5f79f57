"""Two publish in the same instant; what a questionnaire says of its own parts must be there."""

import copy
import threading
from typing import Any

import pytest

from kernel.database import reading
from kernel.errors import Conflict, DomainError, Invalid
from surveys.questionnaires import data, queries
from surveys.questionnaires.authoring import services
from surveys.questionnaires.authoring.services import Author
from surveys.questionnaires.rules import form
from surveys.questionnaires.services import forms
from tests.surveys.questionnaires.authoring.test_authoring import above, city, estate
from tests.surveys.questionnaires.conftest import NOW
from tests.surveys.questionnaires.rules.test_mapping import DOCUMENT

__all__ = ["city", "estate"]


def at_once(app: Any, *calls: Any) -> list[Any]:
    """What some calls gave, or were refused with, made at the same time."""
    outcomes: list[Any] = [None] * len(calls)

    def run(place: int) -> None:
        with app.app_context():
            try:
                outcomes[place] = calls[place]()
            except DomainError as refused:
                outcomes[place] = refused

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    ("second", "looked_up", "code"),
    [("another", "questionnaire_by_code", "published-meanwhile"), ("the same", "version_with_hash", "nothing-new")],
)
def test_of_two_who_publish_in_one_instant_one_is_told_so(
    app, make, monkeypatch, database_url, second: str, looked_up: str, code: str
) -> None:
    granted = make.grant(make.account(), "city_officer", above(make.estate(), "city"))
    author = Author(granted.person_id, "officer")
    made = [copy.deepcopy(DOCUMENT) for _ in range(2)]
    if second == "another":
        made[1]["edition"] = "another"
    else:  # an older version is there, so both have the questionnaire and want the same next one
        forms.load({**DOCUMENT, "edition": "older"}, actor="test", now=NOW)
    drafts = [
        services.begin(code="x", title="问卷", version=None, document={**one, "code": "x"}, author=author, now=NOW)
        for one in made
    ]
    both, original = threading.Barrier(2), getattr(queries, looked_up)
    here: set[int] = set()

    def look_up(*args: Any) -> Any:
        found = original(*args)
        if threading.get_ident() not in here:  # once each: whoever is told so does not look again
            here.add(threading.get_ident())
            both.wait(timeout=120)
        return found

    monkeypatch.setattr(queries, looked_up, look_up)
    outcomes = at_once(
        app, *(lambda draft=draft: services.publish(draft, number=1, author=author, now=NOW) for draft in drafts)
    )
    refused = [one for one in outcomes if isinstance(one, Conflict)]
    assert [one.code for one in refused] == [code], outcomes
    assert sum(isinstance(one, str) for one in outcomes) == 1
    reading().rollback()
    published = next(one for one in outcomes if isinstance(one, str))
    assert queries.version_by_public_id(reading(), published).document["code"] == "x"


OFFICIAL = data.shipped("estate-renovation-needs")


def changed(**parts: Any) -> dict[str, Any]:
    """The official sheet with parts put in its place."""
    return {**copy.deepcopy(OFFICIAL), **parts}


def with_question(code: str, **keys: Any) -> dict[str, Any]:
    """The official sheet with keys of a question changed."""
    made = copy.deepcopy(OFFICIAL)
    next(one for part in made["sections"] for one in part["questions"] if one["code"] == code).update(keys)
    return made


@pytest.mark.parametrize(
    ("document", "where", "what"),
    [
        (changed(rate={}), "rate", "没有这一项"),
        (changed(rates={"agreed": {}}), "rates", "rates 里没有 agreed"),
        (changed(rates={"agree": {"question": "q99", "option": "agree"}}), "rates", "q99 不是题目"),
        (changed(rates={"agree": {"question": "q09", "option": "agreed"}}), "rates", "没有 agreed 这个选项"),
        (changed(rates={"renting": {"question": "q02", "options": ["lodger"]}}), "rates", "没有 lodger"),
        (changed(rates={"renting": {"question": "q02"}}), "rates", "要写 question"),
        (changed(rates=["agree"]), "rates", "只写"),
        (changed(subjects={"consent": ["q09", "q98"]}), "subjects", "q98 不是题目"),
        (changed(speaks_as={"question": "q02", "tenant": 3}), "speaks_as", "tenant"),
        (with_question("q12", catalogue="luxury"), "q12", "类别 luxury"),
        (with_question("q15", options_from=["q12", "q77"]), "q15", "前面没有这一题"),
        (with_question("q15", options_from=["q04"]), "q15", "它没有选项"),
        (
            with_question("q07", rows=[{"code": "a", "label": "人", "low": 0, "high": 3, "most": 3}]),
            "q07",
            "most 不认识",
        ),
        (
            with_question("q03", options=[{"code": "a", "label": "A", "text": {"lable": "?", "max": 3}}] * 2),
            "q03.a",
            "lable 不认识",
        ),
        (changed(languages=[{"code": "en", "name": "English", "texts": {"q99/title": "?"}}]), "languages", "q99/title"),
        (changed(languages=[{"code": "zh", "name": "中文", "texts": {}}]), "languages", "写了两次"),
        (changed(languages=[{"code": "EN", "name": "English", "texts": {}}]), "languages", "语言代码 EN"),
    ],
)
def test_what_names_something_that_is_not_there_is_refused_at_its_place(
    document: dict[str, Any], where: str, what: str
) -> None:
    with pytest.raises(Invalid) as refused:
        form.read(document)
    assert any(what in text for text in refused.value.fields[where]), refused.value.fields
    # What was frozen before the rule is read on: a running survey does not stop over it.
    if where in ("rate", "rates", "languages"):
        form.read(document, stored=True)


def test_a_draft_shows_such_a_fault_and_is_not_published(city) -> None:
    body = {"code": "mine", "title": "我的", "document": changed(rates={"agree": {"question": "q99", "option": "x"}})}
    draft = city.post("/api/v1/staff/questionnaires/drafts", json=body).json
    assert "rates" in draft["faults"]
    refused = city.post(f"/api/v1/staff/questionnaires/drafts/{draft['draft']}/publish", json={"number": 1})
    assert (refused.status_code, list(refused.json["fields"])) == (422, ["rates"])
