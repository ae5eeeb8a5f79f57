"""A long sheet comes in parts: nothing lost, nothing twice, and the first part is small."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaires import data
from surveys.questionnaires.rules import form
from surveys.questionnaires.rules.parts import MOST_IN_A_PART, MOST_OPTIONS, parts

QUESTION = st.builds(lambda n: {"code": "q", "options": [{"code": str(i)} for i in range(n)]}, st.integers(0, 400))


@given(st.lists(st.lists(QUESTION, max_size=60), max_size=4))
def test_every_question_is_in_one_part_in_order(sections: list[list[dict[str, Any]]]) -> None:
    made = [{"code": str(n), "title": f"第{n}部分", "questions": one} for n, one in enumerate(sections)]
    found = parts({"sections": made})
    assert [one for part in found for one in part["questions"]] == [one for each in sections for one in each]
    assert [part["title"] for part in found if part["title"]] == [f"第{n}部分" for n in range(len(sections))]
    for part in found:
        assert len(part["questions"]) <= MOST_IN_A_PART
        assert len(part["questions"]) <= 1 or sum(len(one["options"]) for one in part["questions"]) <= MOST_OPTIONS


def test_the_first_part_of_the_official_sheet_is_its_first_section() -> None:
    document = form.read(data.shipped("estate-renovation-needs")).document
    assert parts(document)[0] == document["sections"][0]
