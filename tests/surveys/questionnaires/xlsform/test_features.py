"""What becomes of each thing a form from elsewhere may hold: carried, listed or refused, by sheet and row.

The cases follow the examples of pyxform (its example workbooks), of xlsform.org, of ODK's documentation and forum and
of health and household surveys; they are written anew here, as small as shows the thing.
"""

import io

import pytest
from openpyxl import Workbook

from surveys.questionnaires.xlsform import importing
from surveys.questionnaires.xlsform.importing import Imported
from tests.surveys.questionnaires.xlsform import cell_cases, feature_cases
from tests.surveys.questionnaires.xlsform.feature_cases import Case


def read(case: Case) -> Imported:
    """The form of a case, through a real file."""
    book = Workbook()
    book.remove(book.active)
    columns = list(dict.fromkeys(column for row in case.rows for column in row))
    survey = [columns, *([row.get(column, "") for column in columns] for row in case.rows)]
    for name, lines in {"survey": survey, "choices": case.choices, "settings": case.settings, **case.more}.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return importing.read_form(out.getvalue())


@pytest.mark.parametrize("case", feature_cases.CASES + cell_cases.CASES, ids=lambda case: case.name)
def test_each_feature_is_carried_listed_or_refused_where_it_stands(case: Case) -> None:
    found = read(case)
    refused, listed = [str(one) for one in found.refused], [str(one) for one in found.listed]
    for wanted, told in ((case.refused, refused), (case.listed, listed)):
        for text in wanted:
            assert any(line.startswith(text) for line in told), (text, told)
    assert len(refused) == len(case.refused), refused
    if case.refused:
        assert found.document is None
        return
    assert found.document is not None
    entries = {one["code"]: one for section in found.document["sections"] for one in section["questions"]}
    for code, wanted in case.carried.items():
        for key, value in wanted.items():
            got = entries[code].get(key)
            assert (len(got) if isinstance(got, list) and isinstance(value, int) else got) == value


def test_every_language_of_a_form_comes_along() -> None:
    found = read(cell_cases.CASES[-1])
    assert found.document is not None
    assert found.document["language"] == {"code": "en", "name": "English"}
    assert found.document["languages"] == [
        {
            "code": "fr",
            "name": "Français",
            "texts": {"x/title": "Quelque chose ?", "x/options/yes": "Oui", "x/options/no": "Non"},
        }
    ]
