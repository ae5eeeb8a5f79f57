"""Photos, signatures and small counts in each row of a repeat: checked, kept, counted and written out."""

from typing import Any

import pytest

from kernel.database import reading
from kernel.errors import Invalid
from surveys.questionnaires import queries
from surveys.questionnaires.exports import photos
from surveys.questionnaires.models import Purpose
from surveys.questionnaires.openrosa import instance
from surveys.questionnaires.openrosa.services import visits
from surveys.questionnaires.results import queries as counts_of
from surveys.questionnaires.rules import form, tally
from surveys.questionnaires.rules.columns import columns
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.rules.needs import still_fitting
from surveys.questionnaires.services import attachments, counting
from surveys.questionnaires.xlsform import exporting
from tests.surveys.questionnaires.conftest import NOW, Survey, drawn, open_survey
from tests.surveys.questionnaires.forms import cells_of
from tests.surveys.questionnaires.rules.test_asking import sheet

FAULTS: dict[str, Any] = {
    "code": "fault",
    "kind": "repeat",
    "title": "哪里坏了",
    "row_label": "处",
    "max": 3,
    "questions": [
        {"code": "what", "kind": "text", "title": "什么", "max": 20},
        {"code": "shots", "kind": "photo", "title": "照片", "max": 2, "caption": 20},
        {"code": "seen", "kind": "signature", "title": "见证人"},
        {
            "code": "size",
            "kind": "number_grid",
            "title": "多大",
            "rows": [
                {"code": "long", "label": "长", "low": 0, "high": 90, "unit": "厘米"},
                {"code": "wide", "label": "宽", "low": 0, "high": 90, "unit": "厘米", "at_most": "long"},
            ],
        },
    ],
}


@pytest.fixture
def asked(app, make) -> Survey:
    """An open campaign that asks for faults."""
    return open_survey(make, document=sheet(FAULTS))


def photo(survey: Survey, account: Any, home: Any) -> str:
    """An uploaded photo."""
    return attachments.attach(
        survey.campaign,
        home.public_id,
        purpose=Purpose.PHOTO,
        data=drawn(),
        channel=Channel.WECHAT_SELF,
        account_id=account.id,
        person_id=account.person_id,
        key=survey.key(account),
        now=NOW,
    )


def test_each_row_has_its_own_pictures_and_they_belong_to_the_sheet(asked: Survey) -> None:
    home = asked.dwellings[0]
    account = asked.owner(home)
    shots = [photo(asked, account, home) for _ in range(3)]
    rows = [
        {"what": "墙", "shots": [{"file": shots[0], "caption": "裂缝"}, {"file": shots[1], "caption": ""}]},
        {
            "what": "管",
            "shots": [{"file": shots[2], "caption": "漏水"}],
            "seen": asked.signature(account, home),
            "size": {"long": 30, "wide": 5},
        },
    ]
    with pytest.raises(Invalid, match="no-such-file"):
        strange = [{"what": "墙", "seen": "A" * 22}]
        asked.submit(account, home, answers={"fault": strange})
    with pytest.raises(Invalid) as twice:
        asked.submit(account, home, answers={"fault": [rows[0], {**rows[1], "shots": rows[0]["shots"]}]})
    assert "files" in twice.value.fields
    with pytest.raises(Invalid) as wide:
        asked.submit(account, home, answers={"fault": [{"size": {"long": 3, "wide": 9}}]})
    assert "第 1 处的“多大”" in wide.value.fields["fault"][0]
    asked.submit(account, home, answers={"fault": rows})
    counting.drain_tally(now=NOW)
    session = reading()
    found = queries.campaign_by_public_id(session, asked.campaign)
    response = queries.valid_response(session, found.id, home.id)
    assert response is not None
    read = form.read(sheet(FAULTS))
    taken = [(code, caption) for code, _, caption in photos.shots(read, response.answers, published=False)]
    assert taken == [("fault1.shots", "裂缝"), ("fault1.shots", ""), ("fault2.shots", "漏水")]
    counts = counts_of.counters(session, found.id)
    assert (counts["fault.size", "long", tally.SUM], counts["fault.shots", "homes", "*"]) == (30, 1)
    assert counting.differences(found.id) == {}
    staff = {one.code: one for one in tally.figures(read, counts, public=False)}
    assert [row.label for row in staff["fault.size"].rows] == ["逐个统计：长", "逐个统计：宽"]
    assert "fault.size" not in {one.code for one in tally.figures(read, counts, public=True)}
    written = cells_of(read, response.answers)
    assert written["fault/2/size/long"][1] == 30
    assert written["fault/1/shots/n"][0] == 2
    assert written.keys() <= {column.code for column in columns(read, named=True)}
    # Next year's sheet begins with the words, not with last year's pictures.
    assert still_fitting(read, read, response.answers, today=NOW.date()) == {
        "fault": [{"what": "墙"}, {"what": "管", "size": {"long": 30, "wide": 5}}]
    }


def test_a_row_filled_in_with_odk_brings_its_pictures_to_their_places() -> None:
    made = exporting.export(form.read(sheet(FAULTS)))
    names = {(one.code, one.part): one.name for one in made.fields}
    rows = [
        {("fault.what", ""): "墙"},
        {
            ("fault.shots", "1"): "a.jpg",
            ("fault.shots", "1_caption"): "裂缝",
            ("fault.seen", ""): "s.png",
            ("fault.size", "long"): "7",
        },
    ]
    body = "".join(
        "<fault>" + "".join(f"<{names[key]}>{text}</{names[key]}>" for key, text in row.items()) + "</fault>"
        for row in rows
    )
    filled = instance.parsed(f'<data id="x">{body}<meta><instanceID>uuid:12345678</instanceID></meta></data>'.encode())
    found, pictures = instance.answers_of(made.fields, filled)
    assert found == {"fault": [{"what": "墙"}, {"size": {"long": 7}}]}
    assert [(one.code, one.row, one.filename, one.caption) for one in pictures] == [
        ("fault.shots", 1, "a.jpg", "裂缝"),
        ("fault.seen", 1, "s.png", ""),
    ]
    for picture in pictures:
        visits._put(found, picture, f"kept-{picture.filename}")
    assert found["fault"][1] == {
        "size": {"long": 7},
        "shots": [{"file": "kept-a.jpg", "caption": "裂缝"}],
        "seen": "kept-s.png",
    }
