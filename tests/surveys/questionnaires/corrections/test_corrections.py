"""A campaign goes on with a corrected wording: no answer is lost, no figure is in two wordings."""

import copy
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.database import reading
from kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from surveys.questionnaires import queries
from surveys.questionnaires.corrections import services
from surveys.questionnaires.corrections.models import VersionMapping
from surveys.questionnaires.corrections.reading import steps_between
from surveys.questionnaires.drafts import services as drafts
from surveys.questionnaires.exports import table
from surveys.questionnaires.exports.models import Format
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.needs import opening
from surveys.questionnaires.publicly import services as public
from surveys.questionnaires.rules import release, tally
from surveys.questionnaires.services import campaigns, counting, forms, results
from surveys.questionnaires.yearly_mappings import services as yearly_mappings
from surveys.questionnaires.yearly_mappings.rules import Decision
from tests.surveys.questionnaires.conftest import NOW, Survey
from tests.surveys.questionnaires.corrections.conftest import (
    RENAMED,
    campaign_id,
    correct,
    corrected,
    counters,
    next_version,
)


def test_counters_go_on_in_the_new_words_and_equal_a_recount(running: Survey) -> None:
    correct(running, next_version())
    assert counters(running)["consent", "", "yes"] == 2
    assert not any(key[0] == "agree" for key in counters(running))
    counting.drain_tally(now=NOW)  # what waited was answered in the old words
    assert counters(running)["consent", "", "no"] == 1
    home = running.dwellings[3]
    running.submit(running.owner(home), home, answers={"consent": "no"})
    counting.drain_tally(now=NOW)
    assert counters(running)["consent", "", "no"] == 2
    assert counting.differences(campaign_id(running)) == {}


def test_the_public_figures_and_the_file_are_in_the_new_words_too(running: Survey, tmp_path) -> None:
    for number in range(3, 8):
        home = running.dwellings[number]
        running.submit(running.owner(home), home, answers={"agree": "rather"})
    counting.drain_tally(now=NOW)
    public.release_waiting(now=NOW)
    correct(running, next_version())
    found = queries.campaign_by_public_id(reading(), running.campaign)
    shown = public.queries.releases(reading(), found.id, [running.estate.id])[0].document["shown"]
    assert {(cell[0], cell[2]): cell[3] for cell in shown if cell[0] == "consent"} == {
        ("consent", "yes"): 7,
        ("consent", "no"): 1,
    }
    path = tmp_path / "answers.csv"
    table.write(found, [running.estate.id], path, format=Format.CSV, named=False, tell=lambda done, of: None, now=NOW)
    text = path.read_text(encoding="utf-8-sig")
    assert "agree" in text  # as it was answered
    assert "consent" in text  # and as it is read now
    form = forms.form_of(reading(), found.version_id)
    figure = next(one for one in tally.figures(form, counters(running), public=False) if one.code == "consent")
    assert [cell.n for cell in figure.rows[0].cells] == [7, 1]


def test_two_corrections_follow_each_other_and_back_again(running: Survey) -> None:
    correct(running, next_version())
    third = copy.deepcopy(corrected())
    third["edition"], third["sections"][0]["questions"][3]["code"] = "3", "approve"
    correct(running, next_version(third), {"questions": {"consent": "approve"}})
    counting.drain_tally(now=NOW)
    assert counters(running)["approve", "", "yes"] == 2
    assert counting.differences(campaign_id(running)) == {}
    assert [row["reason"] for row in services.history(running.campaign)["corrections"]] == ["选项分得太细"] * 2


def test_what_one_city_says_of_two_texts_is_not_remembered_for_another(running: Survey, monkeypatch) -> None:
    version = next_version()
    before = reading().get_one(Campaign, campaign_id(running)).version_id
    correct(running, version)
    session = reading()
    session.rollback()
    after = queries.version_by_public_id(session, version).id
    assert len(steps_between(session, before, after) or ()) == 1
    monkeypatch.setattr("surveys.questionnaires.corrections.reading.current_city", lambda: "elsewhere")
    monkeypatch.setattr("surveys.questionnaires.corrections.queries.mappings_of", lambda *_: [])
    assert steps_between(session, before, after) is None


def test_what_is_left_unsaid_stops_the_correction_and_changes_nothing(running: Survey) -> None:
    before = counters(running)
    with pytest.raises(Invalid) as refused:
        correct(running, next_version(), {})
    assert refused.value.fields.keys() == {"agree", "consent"}
    assert counters(running) == before
    assert reading().scalar(sa.select(sa.func.count()).select_from(VersionMapping)) == 0


OTHERWISE: dict[str, Any] = {"questions": {"agree": "consent"}, "options": {"agree": {"rather": "no"}}}


def remap(survey: Survey, mapping: Any, **changes: Any) -> str:
    """Replace the mapping as the command line does."""
    call = {"reason": "对错了", "person_id": None, "actor": "test", "now": NOW, **changes}
    return services.remap(survey.campaign, mapping=mapping, **call)


def public_cells(survey: Survey) -> dict[tuple[str, str], int]:
    """What is public of the corrected question, by question and cell."""
    reading().rollback()
    found = public.queries.releases(reading(), campaign_id(survey), [survey.estate.id])
    return {(cell[0], cell[2]): cell[3] for cell in found[0].document["shown"] if cell[0] in ("agree", "consent")}


def answered_in_the_city(survey: Survey) -> int | None:
    """How many answered the corrected question, as the city's page says."""
    reading().rollback()
    found = results.public_results(survey.campaign, place_code=survey.estate.path.split("/")[1])
    return next(figure.rows[0].respondents for figure in found.figures if figure.code == "consent")


def test_another_campaign_may_say_it_another_way_for_itself_alone(running: Survey) -> None:
    version = next_version()
    correct(running, version)
    with pytest.raises(Conflict, match="same-version"):
        correct(running, version)
    other = campaigns.create(
        version=running.version,
        title="另一次",
        year=2026,
        place_codes=[running.estate.code],
        opens_at=None,
        closes_at=None,
        person_id=None,
        actor="test",
        now=NOW,
    )
    gone = {"questions": {"agree": None}, "added": ["consent"]}
    services.correct(other, version=version, mapping=gone, reason="别的", person_id=None, actor="test", now=NOW)
    assert services.last_mapping(other)["questions"]["agree"] is None
    assert services.last_mapping(running.campaign)["options"]["agree"]["rather"] == "yes"
    counting.drain_tally(now=NOW)
    assert counting.differences(campaign_id(running)) == {}


def test_a_mapping_made_wrongly_is_replaced_and_everything_counted_again(running: Survey) -> None:
    for number in range(3, 8):
        home = running.dwellings[number]
        running.submit(running.owner(home), home, answers={"agree": "rather"})
    with pytest.raises(Conflict, match="never-corrected"):
        remap(running, OTHERWISE)
    counting.drain_tally(now=NOW)
    public.release_waiting(now=NOW)
    correct(running, next_version())
    assert (counters(running)["consent", "", "yes"], counters(running)["consent", "", "no"]) == (7, 1)
    late = running.dwellings[0]  # his second sheet waits to be counted while the mapping is replaced
    running.submit(running.owner(late), late, answers={"consent": "no"})
    remap(running, OTHERWISE)
    assert counting.differences(campaign_id(running)).keys() <= {
        (running.estate.id, "wechat_self", "consent", "", cell) for cell in ("yes", "no")
    }
    counting.drain_tally(now=NOW)
    assert counting.differences(campaign_id(running)) == {}
    assert public_cells(running) == {("consent", "yes"): 1, ("consent", "no"): 7}
    assert answered_in_the_city(running) == 8
    with pytest.raises(Conflict, match="same-mapping"):
        remap(running, OTHERWISE)
    remap(running, {"questions": {"agree": None}, "added": ["consent"]})
    assert not any(cell for question, cell in public_cells(running) if question == "consent")
    assert not answered_in_the_city(running)
    told = services.history(running.campaign)
    assert [row["reason"] for row in told["remapped"]] == ["对错了", "对错了"]
    remap(running, RENAMED)
    assert public_cells(running) == {("consent", "yes"): 7, ("consent", "no"): 1}
    assert counting.differences(campaign_id(running)) == {}


def test_what_is_withheld_stays_so_when_a_question_is_counted_another_way() -> None:
    """A public dwelling's waiting change may not be what the difference of two looks shows."""
    key = ("q", "", "yes")
    kept = release.Release(
        Counter({key: 6, ("other", "", "yes"): 6}),
        {"q": {1: release.Held(False, Counter({key: -1})), 9: release.Held(True, Counter({key: 1}))}},
    )
    homes = {dwelling: Counter({("q", "", "no"): 1}) for dwelling in (*range(2, 7), 9)}
    made = release.remade(kept, {"q"}, homes)
    assert made.shown == Counter({("other", "", "yes"): 6})
    assert {dwelling: held.new for dwelling, held in made.held["q"].items()} == {
        **dict.fromkeys(range(2, 7), False),
        9: True,
    }
    kept.held["q"].pop(1)
    made = release.remade(kept, {"q"}, homes)
    assert (made.shown["q", "", "no"], list(made.held["q"])) == (5, [9])


def test_last_years_answers_begin_this_years_sheet_by_what_was_said_of_the_two(running: Survey, make) -> None:
    home = running.dwellings[6]
    account = running.owner(home)
    running.submit(account, home, answers={"agree": "rather"})
    version = next_version()
    campaigns.close_by_hand(running.campaign, person_id=None, actor="test", now=NOW)
    this_year = open_with(running, version)

    def begun() -> dict[str, Any]:
        opening.begin(
            this_year, home.public_id, account_id=account.id, person_id=None, key=running.key(account), now=NOW
        )
        return drafts.read(this_year, home.public_id, account_id=account.id, person_id=None, now=NOW).answers

    one, another = (make.person(phone=f"1380000000{n}").id for n in (2, 3))
    who = {"actor": "test", "key": None, "now": NOW}
    proposal = yearly_mappings.propose(
        running.version, version, mapping=RENAMED, reason="改了题号", person_id=one, **who
    )
    yearly_mappings.decide(proposal.public_id, decision=Decision.AGREED, person_id=another, **who)
    assert begun() == {"consent": "yes"}


def open_with(survey: Survey, version: str) -> str:
    """Another campaign of the same estate, open."""
    made = campaigns.create(
        version=version,
        title="今年",
        year=2027,
        place_codes=[survey.estate.code],
        opens_at=None,
        closes_at=None,
        person_id=None,
        actor="test",
        now=NOW + timedelta(days=1),
    )
    campaigns.open_by_hand(made, person_id=None, actor="test", now=NOW + timedelta(days=1))
    return made


def test_a_closed_campaign_another_questionnaire_and_a_stranger_are_refused(running: Survey, make) -> None:
    version = next_version()
    strange = forms.load({**corrected(), "code": "other"}, actor="test", now=NOW).version.public_id
    with pytest.raises(Invalid, match="another-questionnaire"):
        correct(running, strange)
    stranger = make.account("stranger")
    make.grant(stranger, "street_officer", make.place("street", make.place("district", make.city())))
    with pytest.raises((NotAllowed, NotFound)):
        correct(running, version, person_id=stranger.person_id or 0)
    campaigns.close_by_hand(running.campaign, person_id=None, actor="test", now=NOW)
    with pytest.raises(Conflict, match="campaign-closed"):
        correct(running, version)


def test_the_command_proposes_refuses_with_every_question_and_corrects(running: Survey, app, tmp_path) -> None:
    run = app.test_cli_runner().invoke
    version = next_version()
    with clock.at(NOW):
        said = json.loads(run(args=["survey", "correct", running.campaign, version, "--propose"]).output)
        assert (said["questions"]["agree"], said["added"]) == (None, ["consent"])
        refused = run(args=["survey", "correct", running.campaign, version, "--reason", "错字"])
        assert refused.exit_code == 1
        assert "agree" in refused.output
        path = tmp_path / "mapping.json"
        path.write_text(json.dumps(RENAMED), encoding="utf-8")
        done = run(
            args=["survey", "correct", running.campaign, version, "--mapping", str(path), "--reason", "选项分得太细"]
        )
        assert done.exit_code == 0, done.output
        assert run(args=["survey", "recount", running.campaign, "--check"]).output.strip() == "一致。"
        path.write_text(json.dumps(OTHERWISE), encoding="utf-8")
        again = run(args=["survey", "remap", running.campaign, "--mapping", str(path), "--reason", "对错了"])
        assert again.exit_code == 0, again.output
        assert run(args=["survey", "recount", running.campaign, "--check"]).output.strip() == "一致。"
