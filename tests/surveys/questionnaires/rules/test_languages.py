"""Translations: by address, frozen with the sheet, shown where they are there."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.questionnaires import data
from surveys.questionnaires.rules import form, languages
from surveys.questionnaires.rules import wording as rules
from tests.surveys.questionnaires.forms import document

OFFICIAL = data.shipped("estate-renovation-needs")
ENGLISH = {"code": "en", "name": "English", "texts": {"q09/options/agree": "I agree", "q02.other/label": "please say"}}


def test_a_language_takes_the_place_of_the_words_and_says_what_is_missing() -> None:
    read = form.read({**OFFICIAL, "languages": [ENGLISH]})
    assert languages.names(read.document) == [("zh", "中文"), ("en", "English")]
    spoken = form.read(languages.spoken(read.document, "en"))
    labels = {option.code: option.label for option in spoken.by_code["q09"].options}
    assert labels["agree"] == "I agree"
    assert spoken.by_code["q02.other"].title == "please say"
    assert spoken.by_code["q02"].title == read.by_code["q02"].title
    assert "q02/title" in languages.missing(read.document, "en")
    assert "q09/options/agree" not in languages.missing(read.document, "en")
    assert [languages.chosen(read.document, wanted) for wanted in ("en", "fr", "")] == ["en", "zh", "zh"]
    assert languages.spoken(read.document, "zh") == form.read(OFFICIAL).document


def test_the_same_words_elsewhere_need_translating_once() -> None:
    read = form.read({**OFFICIAL, "languages": [{**ENGLISH, "texts": {"q07/rows/total/unit": "people"}}]})
    assert languages.texts_of(read.document, "en")["q07/rows/over_60/unit"] == "people"


def test_translations_are_hashed_and_compared() -> None:
    before, after = form.read({**OFFICIAL, "languages": [ENGLISH]}), form.read(OFFICIAL)
    assert before.content_hash != after.content_hash
    assert [(one.how, one.title) for one in rules.compared(before, after)] == [("dropped", "译文：English")]
    texts = {**ENGLISH["texts"], "q09/options/agree": "agreed", "title": "Survey"}
    now = form.read({**OFFICIAL, "languages": [{**ENGLISH, "texts": texts}]})
    found = {one.code: one.texts for one in rules.compared(before, now)}
    assert found["q09"] == ("English：“I agree”改成“agreed”",)
    assert found[""] == ("English：“（没有译文）”改成“Survey”",)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**9))
def test_a_sheet_translated_whole_has_nothing_missing_and_asks_the_same(seed: int) -> None:
    made = document(random.Random(seed))
    texts = {place.address: f"en {number}" for number, place in enumerate(languages.places(made))}
    made["languages"] = [{"code": "en", "name": "English", "texts": texts}]
    assert list(languages.problems(made)) == []
    assert languages.missing(made, "en") == []
    spoken = languages.spoken(made, "en")
    assert {place.address: place.text for place in languages.places(spoken)} == texts
    untranslated = languages.spoken(made, "zh")
    for one, other in zip(languages.places(spoken), languages.places(untranslated), strict=True):
        one.holder[one.key] = other.text
    assert spoken["sections"] == untranslated["sections"]
