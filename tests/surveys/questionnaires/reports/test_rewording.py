"""A correction of the questionnaire under reports that stand: they say so, and no two versions can be subtracted.

The attacker is an officer of the district who may also correct the questionnaire, and replaces its mapping as often as
he likes, to let counts move under noise that stands still, or to have the noise drawn again.
"""

import pytest

from kernel import clock
from kernel.database import reading
from surveys.questionnaires import queries
from surveys.questionnaires.corrections import services as corrections
from surveys.questionnaires.reports.services import making
from surveys.questionnaires.services import campaigns, counting, forms
from tests.surveys.questionnaires.conftest import NOW, open_survey
from tests.surveys.questionnaires.exports.test_exports import staff
from tests.surveys.questionnaires.reports.test_reports import ask
from tests.surveys.questionnaires.rules.test_mapping import DOCUMENT, changed

SAID = {"reason": "选项分得太细", "person_id": None, "actor": "test", "now": NOW}
YES, NO = ({"questions": {"agree": "consent"}, "options": {"agree": {"rather": to}}} for to in ("yes", "no"))
GONE = {"questions": {"agree": None}, "added": ["consent"]}


@pytest.fixture(autouse=True)
def _today():
    with clock.at(NOW):
        yield


class Asked:
    """A campaign with its answers, and reports of it asked for, made and looked at."""

    def __init__(self, make):
        self.survey = open_survey(make, document=DOCUMENT, floors=7)
        self.homes = iter(self.survey.dwellings)

    def answer(self, code, *values):
        for value in values:
            home = next(self.homes)
            self.survey.submit(self.survey.owner(home), home, answers={code: value, "works": ["water"]})
        while counting.drain_tally(now=NOW):
            pass

    def table(self, visitor, rows, columns=""):
        """The report of an asking, once it is made."""
        asked = ask(visitor, self.survey, "crosstabs", rows=rows, columns=columns)
        assert asked.status_code == 202, asked.json
        making.make_waiting(now=NOW)
        return self.again(visitor, asked.json)

    def again(self, visitor, report):
        return visitor.get(f"/api/v1/staff/reports/{report['report']}").json

    def wave(self):
        reading().rollback()
        campaign = queries.campaign_by_public_id(reading(), self.survey.campaign)
        return making.next_wave(campaign.id, self.survey.estate, now=NOW)

    def correct(self):
        options = [{"code": "yes", "label": "同意"}, {"code": "no", "label": "不同意"}]
        document = {**changed(agree={"code": "consent", "options": options}), "edition": "2"}
        version = forms.load(document, actor="test", now=NOW).version.public_id
        corrections.correct(self.survey.campaign, version=version, mapping=YES, **SAID)

    def remap(self, mapping):
        corrections.remap(self.survey.campaign, mapping=mapping, **SAID)


def cells(report):
    return [cell["n"] for line in report["document"]["lines"] for cell in line["cells"]]


def test_no_wave_is_read_in_two_wordings_however_often_the_mapping_is_replaced(app, make):
    asked = Asked(make)
    asked.answer("agree", "yes", "rather", "rather", "no", "yes", "rather")
    district = staff(make, asked.survey, "district_officer")
    before, works = asked.table(district, "agree", "@let"), asked.table(district, "works")
    waits = ask(district, asked.survey, "crosstabs", rows="agree").json
    asked.correct()
    # What stood says so and stays what it was; what was not made yet is given up; other questions' tables hold.
    assert asked.again(district, before)["document"] == before["document"]
    assert asked.again(district, before)["reworded_at"]
    assert asked.again(district, waits)["state"] == "failed"
    assert asked.table(district, "works") == works
    page = district.get(f"/work/surveys/reports/{before['report']}").get_data(as_text=True)
    assert "改正前的文字" in page
    assert "改正前的文字" in district.get(f"/work/surveys/{asked.survey.campaign}/reports").get_data(as_text=True)
    assert ask(district, asked.survey, "crosstabs", rows="agree").status_code == 422
    # However often he replaces the mapping, of this wave he gets no second number for any cell.
    for mapping in (NO, GONE, YES, NO):
        asked.remap(mapping)
        told = asked.table(district, "consent", "@let")
        assert (told["document"]["left_out"], told["document"]["sheets"], cells(told)) == (1, 0, [])
        assert asked.table(district, "works") == works
    page = district.get(f"/work/surveys/reports/{told['report']}").get_data(as_text=True)
    assert "1 个小区还没有按新的文字统计" in page
    # Five newcomers make the next wave, in the words of its time; the next replacement leaves it out again.
    asked.answer("consent", "yes", "no", "no", "yes", "yes")
    assert (asked.wave().number, len(asked.wave().sheets), asked.wave().reworded) == (2, 11, frozenset())
    new = asked.table(district, "consent", "@let")
    assert (new["document"]["left_out"], len(cells(new))) == (0, 4)
    asked.remap(YES)
    assert asked.again(district, new)["reworded_at"]
    left_out = asked.table(district, "consent", "@let")
    assert left_out["document"]["left_out"] == 1
    # After the close nothing is corrected any more: once, and once only, it is read anew. The same sheets.
    held = asked.wave().sheets
    campaigns.close_by_hand(asked.survey.campaign, person_id=None, actor="test", now=NOW)
    for _ in range(2):
        assert (asked.wave().number, asked.wave().sheets, asked.wave().reworded) == (3, held, frozenset())
    last = asked.table(district, "consent", "@let")
    assert last["report"] != left_out["report"]
    assert last["document"]["left_out"] == 0
    assert asked.table(district, "consent", "@let") == last
    assert asked.table(district, "works")["document"].get("left_out") == 0


def test_the_street_gets_exact_tables_anew_at_once_and_the_old_ones_say_what_they_are(app, make):
    asked = Asked(make)
    asked.answer("agree", "yes", "rather", "no")
    street = staff(make, asked.survey, "street_officer")
    old, words = asked.table(street, "agree"), ask(street, asked.survey, "words").json
    asked.correct()
    first = asked.table(street, "consent")
    assert cells(first) == [2, 1]
    asked.remap(NO)
    second = asked.table(street, "consent")
    assert cells(second) == [1, 2]
    assert [asked.again(street, each)["reworded_at"] is None for each in (old, first, second)] == [False, False, True]
    assert cells(asked.again(street, old)) == [1, 1, 1]
    assert asked.again(street, words)["state"] == "ready"
