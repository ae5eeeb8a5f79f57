"""Superseding, conflicts, objections and settling, on both databases."""

import csv
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel import outbox
from kernel.audit.models import AuditEntry
from kernel.database import reading
from kernel.errors import Conflict, Gone, Invalid, NotAllowed, NotFound, TooMany
from kernel.places.queries import place_by_id
from portal.jobs import HANDLERS
from portal.notices.models import Notice
from surveys.questionnaires import queries
from surveys.questionnaires.exports.services import making as exports
from surveys.questionnaires.models import Response
from surveys.questionnaires.rules import standing as rules
from surveys.questionnaires.services import campaigns
from surveys.questionnaires.sheets import services as sheets
from surveys.questionnaires.standing.models import Dispute
from surveys.questionnaires.standing.services import reviewing, settling
from tests.surveys.questionnaires.conftest import NOW
from tests.surveys.questionnaires.standing.conftest import House


def count_of(table):
    return reading().scalar(sa.select(sa.func.count()).select_from(table))


def test_a_household_corrects_itself_until_closing_and_every_version_is_kept(house):
    me = house.member()
    first = house.submit(me, q09="agree")
    second = house.submit(me, replaces=first.response, q09="disagree", q10=["cost"])
    third = house.submit(me, replaces=second.response, q09="undecided", q10=["policy"])
    assert house.counts() == (third.response, None)
    assert [r.replaces_id is None for r in reading().scalars(sa.select(Response).order_by(Response.id))] == [
        True,
        False,
        False,
    ]
    assert (house.counter("q09", "undecided"), house.counter("q09", "agree"), house.counter("", "*")) == (1, 0, 1)
    campaigns.close_by_hand(house.survey.campaign, person_id=None, actor="test", now=NOW)
    with pytest.raises(Gone):
        house.survey.submit(me, house.home, answers={}, replaces=third.response)


def test_two_phones_at_once_are_both_kept_and_the_street_settles_with_a_reason(house):
    first = house.submit(house.member(), q09="agree")
    second = house.submit(house.member(), q09="disagree", q10=["cost"])
    assert (second.standing, house.counts()) == ("waits", (first.response, None))
    officer = house.staff("officer", "street_officer")
    (waiting,) = settling.waiting(person_id=officer.person_id, now=NOW)
    assert (waiting.dwelling, waiting.cases, waiting.objections) == (house.home.public_id, 1, 0)
    with pytest.raises(Invalid):
        house.settle(officer, second.response, reason="  ")
    house.settle(officer, second.response)
    assert house.counts() == (second.response, None)
    assert (house.counter("q09", "disagree"), house.counter("q09", "agree")) == (1, 0)
    assert settling.waiting(person_id=officer.person_id, now=NOW) == []
    assert count_of(Response) == 2
    (case,) = reading().scalars(sa.select(Dispute)).all()
    assert (case.outcome, case.reason) == ("chosen", "上门问过户主。")
    assert reading().scalar(sa.select(AuditEntry).where(AuditEntry.action == "response.settled")) is not None
    with pytest.raises(Conflict, match="nothing-to-settle"):
        house.settle(officer, first.response)


def test_once_it_is_settled_only_the_chosen_ones_own_household_member_goes_on_correcting_it(house):
    one, other = house.member(), house.member()
    first = house.submit(one)
    house.submit(other)
    house.settle(house.staff("officer", "street_officer"), first.response)
    again = house.submit(other, replaces=first.response)
    assert (again.standing, house.counts()[0]) == ("waits", first.response)
    mine = house.submit(one, replaces=first.response)
    assert (mine.standing, house.counts()[0]) == ("counts", mine.response)


def test_the_tenant_counts_for_needs_and_the_owner_for_consent_and_money_in_either_order(house):
    owner, tenant = house.member(), house.member(relation="tenant")
    first = house.submit(tenant, q02="tenant", q12=["water"], q26="no", q09="agree")
    assert (house.counter("q12", "water"), house.counter("q26", "no"), house.counter("q09", "agree")) == (1, 0, 0)
    second = house.submit(owner, replaces=first.response, q12=["power"], q26="yes", q09="agree")
    assert house.counts() == (second.response, None)
    third = house.submit(
        tenant, replaces=second.response, q02="tenant", q12=["lighting"], q26="no", q09="disagree", q10=["away"]
    )
    assert house.counts() == (third.response, second.response)
    assert (house.counter("q12", "lighting"), house.counter("q12", "power")) == (1, 0)
    assert (house.counter("q26", "yes"), house.counter("q09", "agree"), house.counter("q26", "no")) == (1, 1, 0)
    assert house.counter("", "*") == 1
    fourth = house.submit(owner, replaces=third.response, q12=["power"], q26="partly")
    assert house.counts() == (fourth.response, None)
    assert (house.counter("q26", "partly"), house.counter("q26", "yes")) == (1, 0)


def test_a_visit_gives_way_to_the_household_and_waits_beside_its_own_word(house):
    worker = house.staff("worker")
    visited = house.visit(worker)
    mine = house.submit(house.member(), replaces=visited.response)
    assert (mine.standing, house.counts()[0]) == ("counts", mine.response)
    again = house.visit(worker, replaces=mine.response)
    assert (again.standing, house.counts()[0]) == ("waits", mine.response)


def test_who_proves_himself_later_had_proved_it_then(house):
    weak = house.member(level=1)
    first = house.submit(weak)
    house.survey.make.tie(weak, house.home, level=2)
    assert house.submit(house.member()).standing == "waits"
    assert house.counts()[0] == first.response


def test_a_household_objects_in_time_and_it_is_settled_that_none_counts_so_it_answers_again(house):
    worker, me = house.staff("worker"), house.member()
    visited = house.visit(worker)
    with pytest.raises(NotFound):
        house.say(house.survey.owner(house.survey.dwellings[1], level=2), visited.response)
    with pytest.raises(Invalid):
        house.say(me, visited.response, text=" ")
    house.say(me, visited.response)
    with pytest.raises(Conflict, match="said-already"):
        house.say(me, visited.response, "confirmed")
    assert house.counts()[0] == visited.response  # until somebody settles it
    with pytest.raises(NotAllowed, match="own-response"):
        house.settle(worker, "")
    house.settle(house.staff("other"), "")
    assert (house.counts(), house.valid(), house.counter("", "*")) == ((None, None), 0, 0)
    assert house.submit(me).standing == "counts"
    assert house.counter("", "*") == 1


def test_a_confirmed_visit_is_the_households_own_word(house):
    worker, me = house.staff("worker"), house.member()
    visited = house.visit(worker)
    with pytest.raises(Conflict, match="own-response"):
        house.say(worker_with_tie(house, worker), visited.response)
    house.say(me, visited.response, "confirmed")
    assert house.visit(worker, replaces=visited.response).standing == "waits"
    assert house.counts()[0] == visited.response


def test_a_household_contests_a_visit_that_only_waits_and_then_no_second_word_makes_it_count(house):
    worker, second, me = house.staff("worker"), house.staff("second"), house.member(level=1)
    mine = house.submit(me)
    visited = house.visit(worker, second)
    assert (visited.standing, house.counts()[0]) == ("waits", mine.response)
    shown = house.history(me)[0]
    assert (shown.waits, shown.may_object, shown.object_until) == (True, True, None)
    late = NOW + timedelta(days=4)  # it may be said as long as nobody has settled it
    house.say(me, visited.response, text="那天家里没有人。", now=late)
    assert not house.history(me, now=late)[0].may_object
    house.word(second, visited.response, now=NOW + timedelta(days=1))
    assert house.counts()[0] == mine.response  # of two proved sheets one was contested: somebody has to look
    house.settle(house.staff("other"), mine.response)
    with pytest.raises(Conflict, match="response-replaced"):
        house.say(house.member(), visited.response)


def test_who_handed_in_the_sheet_that_counts_confirms_the_other_and_that_one_counts(house):
    worker, me, family = house.staff("worker"), house.member(), house.member()
    mine = house.submit(me, q09="agree")
    visited = house.visit(worker, q09="disagree", q10=["cost"])
    house.say(family, visited.response, "confirmed")  # he has not said that mine is wrong
    assert house.counts()[0] == mine.response
    house.say(me, visited.response, "confirmed")
    assert house.counts()[0] == visited.response
    assert (house.counter("q09", "disagree"), house.counter("q09", "agree")) == (1, 0)
    with pytest.raises(Conflict, match="nothing-to-settle"):
        house.settle(house.staff("other"), mine.response)


def test_a_visit_that_comes_to_count_late_may_be_contested_from_then_on(house):
    worker, second, me = house.staff("worker"), house.staff("second"), house.member(level=1)
    house.submit(me)
    visited = house.visit(worker, second)
    confirmed = NOW + timedelta(days=2, hours=23)
    house.word(second, visited.response, now=confirmed)
    assert house.counts()[0] == visited.response
    late = confirmed + timedelta(days=3)
    assert house.history(me, now=confirmed)[0].object_until == late
    with pytest.raises(Gone, match="objection-late"):
        house.say(me, visited.response, now=late)
    house.say(me, visited.response, now=late - timedelta(seconds=1))

    other = House(house.survey, 1)
    weak, family = other.member(level=1), other.member()
    other.submit(weak)
    alone = other.visit(worker)
    other.say(family, alone.response, "confirmed", now=late)  # also when it is somebody of the household who confirms
    assert other.counts()[0] == alone.response
    assert other.history(weak, now=late)[0].object_until == late + timedelta(days=3)
    other.say(weak, alone.response, now=late + timedelta(days=2))


def worker_with_tie(house, worker):
    house.survey.make.tie(worker, house.home, level=2)
    return worker


def test_after_three_days_an_objection_is_late_but_the_sheet_can_still_be_corrected(house):
    visited = house.visit(house.staff("worker"))
    me, late = house.member(), NOW + timedelta(days=3)
    with pytest.raises(Gone, match="objection-late"):
        house.say(me, visited.response, now=late)
    assert house.submit(me, replaces=visited.response, now=late).standing == "counts"


def test_who_has_no_place_here_finds_no_case_and_another_dwellings_sheet_is_no_choice(house, make):
    house.submit(house.member())
    house.submit(house.member())
    stranger = house.survey.make.account("stranger")
    make.grant(stranger, "community_worker", make.estate("工商局宿舍", floors=1))
    from kernel.people.models import Account

    stranger = reading().get_one(Account, stranger.id)
    with pytest.raises(NotFound):
        house.settle(stranger, "")
    assert settling.waiting(person_id=stranger.person_id, now=NOW) == []
    elsewhere = type(house)(house.survey, 1)
    other = elsewhere.submit(elsewhere.member())
    with pytest.raises(Invalid, match="not-of-this-dwelling"):
        house.settle(house.staff("worker"), other.response)


def test_a_household_does_not_hand_in_sheets_without_end(house, monkeypatch):
    monkeypatch.setattr(rules, "MOST_VERSIONS", 3)
    me = house.member()
    for _ in range(3):
        house.submit(me)
    with pytest.raises(TooMany):
        house.submit(me)


def test_the_same_key_gives_the_same_receipt_also_for_what_waits_and_says_what_became_of_it(house):
    one, other = house.member(), house.member()
    first = house.submit(one)
    key = house.survey.key(other)
    answers = {**house.survey.answers(other, house.home)}
    call = {"answers": answers, "key": key, "replaces": ""}
    waits = house.survey.submit(other, house.home, **call)
    assert house.survey.submit(other, house.home, **call) == waits
    house.settle(house.staff("officer", "street_officer"), first.response)
    again = house.survey.submit(other, house.home, **call)
    assert (again.response, again.standing) == (waits.response, "replaced")
    assert count_of(Response) == 2


def test_a_corrected_sheet_may_show_the_same_photo_again_and_nobody_elses(house):
    me, other = house.member(), house.member()
    sign = house.signature(me, "wechat_self", NOW)
    first = house.submit(me, q38=sign)
    again = house.submit(me, replaces=first.response, q38=sign)
    assert again.standing == "counts"
    with pytest.raises(Invalid, match="no-such-file"):
        house.submit(other, replaces=again.response, q38=sign)


def test_the_household_is_told_of_what_others_did_and_what_was_settled_once(house):
    me, family = house.member(), house.member()
    visited = house.visit(house.staff("worker"))
    changed = house.submit(family, replaces=visited.response)
    house.submit(me)
    house.settle(house.staff("officer", "street_officer"), changed.response)
    for _ in range(2):
        while outbox.deliver_due(HANDLERS, now=NOW + timedelta(minutes=5)):
            pass
    told = reading().execute(sa.select(Notice.account_id, Notice.kind)).all()
    kinds = {(row[0], row[1]) for row in told}
    assert kinds == {
        (me.id, "response_assisted"),
        (family.id, "response_assisted"),
        (me.id, "response_changed"),
        (family.id, "response_waiting"),
        (me.id, "response_settled"),
        (family.id, "response_settled"),
    }
    assert len(told) == len(kinds)


def test_many_phones_of_one_household_at_once_lose_nothing_and_one_counts(app, house):
    """Half of them correct what they have seen, half know of nothing; the counters still equal a recount."""
    people = [house.member() for _ in range(6)]
    first = house.submit(people[0])
    sheets = [house.survey.answers(each, house.home) for each in people]
    results: list = [None] * len(people)
    barrier = threading.Barrier(len(people))

    def run(index):
        with app.app_context():
            barrier.wait()
            try:
                results[index] = house.survey.submit(
                    people[index],
                    house.home,
                    answers=sheets[index],
                    replaces=first.response if index % 2 else "",
                )
            except Exception as error:
                results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(hasattr(result, "standing") for result in results), results
    assert count_of(Response) == 7
    assert house.valid() == 1
    assert house.counter("", "*") == 1
    names = set(reading().scalars(sa.select(Response.public_id)))
    assert {result.response for result in results} <= names


def test_a_file_of_answers_and_a_sheet_of_figures_hold_what_counts_of_each(house, tmp_path):
    owner, tenant = house.member(), house.member(relation="tenant")
    first = house.submit(owner, q12=["power"], q26="yes")
    house.submit(tenant, replaces=first.response, q02="tenant", q12=["lighting"], q26="no")
    alone = type(house)(house.survey, 1)
    alone.submit(alone.member(relation="tenant"), q02="tenant", q26="no")
    path = tmp_path / "all.csv"
    exports.write_all(house.survey.campaign, path, actor="test", now=NOW)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    column = next(name for name in rows[0] if name.startswith("q26") or "谁受益" in name)
    assert sorted(row[column] for row in rows) == ["", next(row[column] for row in rows if row[column])]
    estate = place_by_id(reading(), house.survey.estate.id)
    sheet = sheets.look(reading(), house.campaign_id, estate.id)
    assert sheet is not None


def test_two_who_only_know_a_name_do_not_prove_each_others_sheet(house):
    weak, friend = house.member(level=1), house.member(level=1)
    first = house.submit(weak)
    house.say(friend, first.response, "confirmed")
    owner = house.member()
    mine = house.submit(owner)
    assert (mine.standing, house.counts()[0]) == ("counts", mine.response)


def test_a_confirmation_counts_from_when_its_giver_has_proved_himself(house):
    weak, friend = house.member(level=1), house.member(level=1)
    first = house.submit(weak)
    house.say(friend, first.response, "confirmed")
    house.survey.make.tie(friend, house.home, level=2)
    assert house.submit(house.member()).standing == "waits"
    assert house.counts()[0] == first.response


def test_an_objections_words_are_for_its_own_side_of_the_household(house):
    visited = house.visit(house.staff("worker"))
    owner, spouse, tenant = house.member(), house.member(relation="family"), house.member(relation="tenant")
    house.say(owner, visited.response, text="房租写错了。")
    house.say(tenant, visited.response, text="这不是我家填的。")

    def heard(account):
        asked = queries.asked(reading(), house.survey.campaign, house.home.public_id, account.id)
        found = reviewing.history(asked, account_id=account.id, by_worker=False, now=NOW)
        return [said for _, said, _ in found.objections]

    assert heard(owner) == heard(spouse) == ["房租写错了。"]
    assert heard(tenant) == ["这不是我家填的。"]
    assert heard(house.member(level=1)) == []
    asked = queries.asked(reading(), house.survey.campaign, house.home.public_id, 0)
    assert len(reviewing.history(asked, account_id=0, by_worker=True, now=NOW).objections) == 2
