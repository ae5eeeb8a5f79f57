"""Submitting, counting, opening and closing, on both databases."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from kernel.audit.models import AuditEntry, AuditPayload
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, Gone, Invalid, NotAllowed, NotFound
from kernel.outbox.models import OutboxRow
from surveys.questionnaires import data, queries
from surveys.questionnaires.models import Response, TallyCounter, ValidResponse
from surveys.questionnaires.results import queries as counts_of
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.services import attachments, campaigns, counting, forms, responses, sealing
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.conftest import NOW, drawn


def count_of(table):
    return reading().scalar(sa.select(sa.func.count()).select_from(table))


def test_a_submitted_sheet_is_stored_whole_with_names_sealed_and_a_receipt_in_the_chain(survey):
    home = survey.dwellings[0]
    receipt = survey.submit(survey.owner(home), home)
    stored = queries.response_by_public_id(reading(), receipt.response)
    assert stored.answers["q15"] == FULL["q15"]
    assert "q36" not in stored.answers
    assert b"\xe9\x99\x88" not in stored.private_sealed
    assert sealing.open_sealed(stored) == {"q36": "陈秀英", "q36_phone": "13812341234"}
    entry = reading().scalar(sa.select(AuditEntry).where(AuditEntry.row_hash == receipt.number))
    assert entry.subject == f"response:{receipt.response}"
    payload = reading().get(AuditPayload, entry.id).document
    assert set(payload) == {"campaign", "dwelling", "channel", "questionnaire", "document"}


def test_a_dwelling_has_one_response_that_counts_and_another_phones_is_kept_beside_it(survey):
    home = survey.dwellings[0]
    first = survey.submit(survey.owner(home), home)
    second = survey.submit(survey.owner(home), home)
    assert (first.standing, second.standing) == ("counts", "waits")
    assert (count_of(Response), count_of(ValidResponse)) == (2, 1)


def test_the_same_key_gives_the_same_receipt_and_one_response(survey):
    home = survey.dwellings[0]
    account = survey.owner(home)
    answers, key = survey.answers(account, home), survey.key(account)
    first = survey.submit(account, home, answers=answers, key=key)
    again = survey.submit(account, home, answers=answers, key=key)
    assert again == first
    assert count_of(Response) == 1


def in_threads(app, works):
    """Run functions at the same moment, each in an application context of its own; results or errors in order."""
    barrier = threading.Barrier(len(works))
    results = [None] * len(works)

    def run(index, work):
        with app.app_context():
            barrier.wait()
            try:
                results[index] = work()
            except Exception as error:
                results[index] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_twins_of_one_key_at_the_same_moment_get_one_receipt(app, survey):
    home = survey.dwellings[0]
    account = survey.owner(home)
    answers, key = survey.answers(account, home), survey.key(account)
    results = in_threads(app, [lambda: survey.submit(account, home, answers=answers, key=key)] * 6)
    assert {type(result) for result in results} == {responses.Receipt}
    assert len(set(results)) == 1
    assert count_of(Response) == 1


def test_of_two_phones_of_one_household_at_the_same_moment_one_wins(app, survey):
    home = survey.dwellings[0]
    accounts = [survey.owner(home) for _ in range(5)]
    sheets = [survey.answers(account, home) for account in accounts]
    results = in_threads(
        app, [lambda a=a, s=s: survey.submit(a, home, answers=s) for a, s in zip(accounts, sheets, strict=True)]
    )
    assert sorted(result.standing for result in results) == ["counts", *["waits"] * 4], results
    assert (count_of(Response), count_of(ValidResponse)) == (5, 1)


def test_many_households_at_the_same_moment_all_get_in_and_are_counted(app, survey):
    accounts = [survey.owner(home) for home in survey.dwellings]
    sheets = [survey.answers(account, home) for account, home in zip(accounts, survey.dwellings, strict=True)]
    results = in_threads(
        app,
        [
            lambda a=a, s=s, h=h: survey.submit(a, h, answers=s)
            for a, s, h in zip(accounts, sheets, survey.dwellings, strict=True)
        ],
    )
    assert all(isinstance(result, responses.Receipt) for result in results), results
    counted = in_threads(app, [lambda: counting.drain_tally(now=NOW)] * 3)
    left = counting.drain_tally(now=NOW)
    assert sum(counted) + left == len(survey.dwellings)
    campaign = queries.campaign_by_public_id(reading(), survey.campaign)
    assert counts_of.counters(reading(), campaign.id)["q09", "", "agree"] == len(survey.dwellings)
    assert counting.differences(campaign.id) == {}


def test_what_failed_leaves_nothing_behind(survey):
    home = survey.dwellings[0]
    account = survey.owner(home)
    with pytest.raises(Invalid) as refused:
        survey.submit(account, home, answers={**survey.answers(account, home), "q09": "maybe", "q15": ["water"]})
    assert set(refused.value.fields) == {"q09", "q15"}
    assert count_of(Response) == 0
    assert count_of(OutboxRow.__table__.alias()) == 1  # the opening's, nothing more


def test_another_households_sheet_is_not_found(survey):
    mine, theirs = survey.dwellings[:2]
    account = survey.owner(mine)
    answers = survey.answers(account, mine)
    with pytest.raises(NotFound, match="no-such-dwelling"):
        survey.submit(account, theirs, answers=answers)


def test_an_ended_tie_opens_nothing(survey):
    home = survey.dwellings[0]
    account = survey.owner(home)
    answers = survey.answers(account, home)
    end_tie(account)
    with pytest.raises(NotFound):
        survey.submit(account, home, answers=answers)


@use_case
def end_tie(account):
    from kernel.people.models import Tie

    with transaction() as session:
        session.execute(sa.update(Tie).where(Tie.account_id == account.id).values(ended_at=NOW))


def test_a_dwelling_outside_the_campaigns_estates_is_not_asked(survey, make):
    other = make.estate("工商局宿舍", floors=1, doors=1)
    home = queries_dwelling(other)
    account = survey.owner(home)
    with pytest.raises(NotFound, match="not-asked-here"):
        survey.submit(account, home, answers=dict(FULL))


def queries_dwelling(estate):
    from kernel.places.queries import dwellings_of_estate

    return dwellings_of_estate(reading(), estate.id)[0]


def test_after_the_closing_instant_a_sheet_is_refused_even_before_the_clock_ran(survey):
    home = survey.dwellings[0]
    account = survey.owner(home)
    answers = survey.answers(account, home)
    with pytest.raises(Gone, match="campaign-closed"):
        survey.submit(account, home, answers=answers, now=NOW + timedelta(days=7))
    survey.submit(account, home, answers=answers, now=NOW + timedelta(days=7) - timedelta(microseconds=1))


def test_the_clock_opens_and_closes_once_and_both_are_audited(app, survey):
    version = survey.version
    later = campaigns.create(
        version=version,
        title="下一次",
        year=2027,
        place_codes=[survey.estate.code],
        opens_at=NOW + timedelta(days=8),
        closes_at=NOW + timedelta(days=9),
        person_id=None,
        actor="test",
        now=NOW,
    )
    assert campaigns.run_clock(now=NOW) == 0
    moment = NOW + timedelta(days=8)
    assert campaigns.run_clock(now=moment) == 2
    assert campaigns.run_clock(now=moment) == 0
    states = {c.public_id: c.state for c in queries.campaigns(reading())}
    assert states == {survey.campaign: "closed", later: "open"}
    by_clock = reading().scalars(sa.select(AuditEntry.action).where(AuditEntry.actor == campaigns.CLOCK)).all()
    assert sorted(by_clock) == ["campaign.closed", "campaign.opened"]


def test_before_it_opens_nothing_is_taken(survey):
    home = survey.dwellings[0]
    account = survey.owner(home)
    draft = campaigns.create(
        version=survey.version,
        title="下一次",
        year=2027,
        place_codes=[survey.estate.code],
        opens_at=None,
        closes_at=None,
        person_id=None,
        actor="test",
        now=NOW,
    )
    with pytest.raises(Conflict, match="campaign-not-open"):
        responses.submit(
            draft,
            home.public_id,
            answers=dict(FULL),
            channel=Channel.WECHAT_SELF,
            account_id=account.id,
            person_id=None,
            actor="test",
            key=survey.key(account),
            now=NOW,
        )


def test_a_street_officer_opens_and_closes_in_his_street_only(survey, make):
    from kernel.places.queries import ancestors, place_by_id

    estate = place_by_id(reading(), survey.estate.id)
    street = next(place for place in ancestors(reading(), estate) if place.kind == "street")
    mine, foreign = make.account("officer"), make.account("stranger")
    make.grant(mine, "street_officer", street)
    elsewhere = make.place("street", make.place("district"))
    make.grant(foreign, "street_officer", elsewhere)
    stranger, officer = person_of(foreign), person_of(mine)
    with pytest.raises(NotAllowed):
        campaigns.close_by_hand(survey.campaign, person_id=stranger, actor="x", now=NOW)
    campaigns.close_by_hand(survey.campaign, person_id=officer, actor="x", now=NOW)
    with pytest.raises(Conflict):
        campaigns.open_by_hand(survey.campaign, person_id=officer, actor="x", now=NOW)


def person_of(account):
    from kernel.people.models import Account

    return reading().get_one(Account, account.id).person_id


def test_a_worker_fills_it_in_at_the_door_and_the_response_says_so(survey, make):
    home = survey.dwellings[0]
    worker = make.account("worker")
    make.grant(worker, "community_worker", survey.estate)
    person_id = person_of(worker)
    visit = Channel.WORKER_VISIT

    def signed():
        return attachments.attach(
            survey.campaign,
            home.public_id,
            purpose="signature",
            data=drawn(),
            channel=visit,
            account_id=worker.id,
            person_id=person_id,
            key=survey.key(worker),
            now=NOW,
        )

    answers = {**FULL, "q38": signed(), "q38_visitor_1": signed(), "q38_visitor_2": signed()}
    receipt = survey.submit(worker, home, answers=answers, channel=visit, person_id=person_id)
    stored = queries.response_by_public_id(reading(), receipt.response)
    assert (stored.channel, stored.relation, stored.account_id, stored.person_id) == (
        "worker_visit",
        "worker",
        worker.id,
        person_id,
    )


def test_a_worker_whose_term_is_over_or_who_is_from_elsewhere_finds_nothing(survey, make):
    home = survey.dwellings[0]
    former, other = make.account("former"), make.account("other")
    make.grant(former, "community_worker", survey.estate, days=-300)
    make.grant(other, "community_worker", make.estate("工商局宿舍", floors=1))
    for account in (former, other):
        with pytest.raises(NotFound):
            survey.submit(account, home, answers=dict(FULL), channel=Channel.WORKER_VISIT, person_id=person_of(account))


def test_nobody_without_a_role_claims_to_be_a_worker_and_paper_has_its_own_way_in(survey):
    home = survey.dwellings[0]
    account = survey.owner(home)
    with pytest.raises(NotAllowed):
        survey.submit(account, home, channel=Channel.WORKER_VISIT)
    with pytest.raises(Invalid):
        survey.submit(account, home, channel=Channel.PAPER_IMPORT)


def test_loading_the_same_text_twice_makes_one_version_and_a_changed_word_another(survey):
    document = data.shipped("estate-renovation-needs")
    same = forms.load(document, actor="test", now=NOW)
    assert (same.new, same.version.public_id) == (False, survey.version)
    document["sections"][0]["questions"][1]["title"] = "您是这套房子的什么人"
    assert forms.load(document, actor="test", now=NOW).new


def test_a_frozen_version_and_a_stored_response_cannot_be_changed_or_deleted(survey):
    home = survey.dwellings[0]
    survey.submit(survey.owner(home), home)
    for statement in (
        "UPDATE questionnaire_version SET edition = 'x'",
        "UPDATE response SET channel = 'wechat_self'",
        "DELETE FROM response",
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            run(statement)


def run(statement):
    with transaction() as session:
        session.execute(sa.text(statement))


def test_counters_equal_a_recount_and_the_recount_notices_when_they_do_not(survey):
    for home in survey.dwellings[:3]:
        account = survey.owner(home)
        survey.submit(account, home, answers=survey.answers(account, home, q09="disagree", q10=["cost"]))
    campaign = queries.campaign_by_public_id(reading(), survey.campaign)
    assert counting.differences(campaign.id)
    assert counting.drain_tally(now=NOW) == 3
    assert counting.drain_tally(now=NOW) == 0
    assert counting.differences(campaign.id) == {}
    spoil()
    assert (survey.estate.id, "wechat_self", "q10", "", "cost") in counting.differences(campaign.id)


@use_case
def spoil():
    with transaction() as session:
        session.execute(sa.update(TallyCounter).where(TallyCounter.cell == "cost").values(n=TallyCounter.n + 1))


def test_the_boards_learn_which_dwellings_answered(survey):
    home = survey.dwellings[2]
    survey.submit(survey.owner(home), home)
    session = reading()
    campaign = queries.current_campaign(session, survey.estate, NOW)
    assert campaign.public_id == survey.campaign
    assert queries.answered_dwellings(session, campaign.id, survey.estate.id) == {home.id}
    assert queries.answered_by_estate(session, campaign.id) == {survey.estate.id: 1}
