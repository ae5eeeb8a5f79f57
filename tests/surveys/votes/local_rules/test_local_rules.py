"""Local rules: tables of the keys, two officers, what holds on a day, and what a notice keeps and freezes."""

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from kernel.clock import china_day
from kernel.database import reading, transaction
from kernel.errors import Conflict, Invalid, NotAllowed
from kernel.grants.models import Grant
from kernel.places.models import Place
from kernel.places.queries import ancestors
from surveys.votes import notice_pdf, notice_sheet
from surveys.votes.local_rules import queries as local_rules
from surveys.votes.local_rules.services import filing
from surveys.votes.local_rules.services.filing import NewLocalRule
from surveys.votes.rules import local_rules as rules
from surveys.votes.rules.local_rules import KEYS, Entry
from surveys.votes.services import preparing
from surveys.votes.services.preparing import NewVote, Staff
from surveys.votes.terms.queries import terms_of
from tests.factories import Factory
from tests.surveys.votes.proofs import logged
from tests.surveys.votes.stories import CLOSES, GROUP, NOW, PUMP, STREET, Estate, vote_row

TODAY = china_day(NOW)


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("owners_notice_days", " 015 ", "15"),
        ("recall_share", "1/5", "1/5"),
        ("clash", "paper", "paper"),
        ("owners_notice_days", "91", None),
        ("owners_notice_days", "-1", None),
        ("owners_notice_days", "十五", None),
        ("recall_share", "6/5", None),
        ("recall_share", "0/5", None),
        ("recall_share", "1/0", None),
        ("clash", "neither", None),
        ("public_delivery_days", "4", None),
    ],
)
def test_a_value_is_kept_in_one_form_or_refused(key: str, value: str, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(Invalid) as refused:
            KEYS[key].check(value)
        assert refused.value.code == "local-rule-value"
    else:
        assert KEYS[key].check(value) == kept


def test_every_usual_value_is_one_its_key_takes_and_every_key_can_say_it() -> None:
    for key in KEYS.values():
        assert key.check(key.usual) == key.usual
        assert key.text(key.usual)
        assert key.allows(key.usual, key.usual)


@pytest.mark.parametrize(
    ("key", "asked", "value", "kept"),
    [
        ("owners_notice_days", "15", "15", True),
        ("owners_notice_days", "15", "14", False),
        ("owners_notice_days", "15", "20", True),
        ("agent_limit", "3", "3", True),
        ("agent_limit", "3", "4", False),
        ("agent_limit", "3", "0", True),
        ("deemed", "no", "yes", False),
        ("deemed", "no", "no", True),
        ("deemed", "yes", "no", True),
        ("clash", "first", "paper", False),
    ],
)
def test_a_rule_is_a_floor_a_ceiling_or_the_very_thing(key: str, asked: str, value: str, kept: bool) -> None:
    found = rules.departures({key: value}, {key: Entry(1, key, asked, "《办法》第三条")})
    assert (not found) is kept
    for each in found:
        assert "《办法》第三条" in each.text


def test_the_district_goes_before_the_city_and_of_one_place_the_newest() -> None:
    entries = [
        (2, date(2026, 6, 1), Entry(1, "clash", "paper", "区")),
        (1, date(2026, 9, 1), Entry(2, "clash", "phone", "市")),
        (1, date(2025, 1, 1), Entry(3, "recall_days", "30", "市旧")),
        (1, date(2026, 1, 1), Entry(4, "recall_days", "45", "市新")),
    ]
    assert {key: entry.source for key, entry in rules.nearest(entries).items()} == {
        "clash": "区",
        "recall_days": "市新",
    }


def place_above(estate: Estate, kind: str) -> Place:
    return next(place for place in ancestors(reading(), estate.place) if place.kind == kind)


def officer(make: Factory, name: str, place: Place) -> Staff:
    account = make.account(name)
    grant: Grant = make.grant(account, f"{place.kind}_officer", place)
    return Staff(f"account:{account.public_id}", grant.person_id, account_id=account.id)


def new(place: Place, key: str, value: str, valid_from: date = TODAY, **more: str) -> NewLocalRule:
    given = {"document": "物业管理条例", "document_no": "粤常〔2020〕1号", "clause": "第三十二条", **more}
    return NewLocalRule(place.code, key, value, valid_from, **given)  # type: ignore[arg-type]


def laid_down(place: Place, key: str, value: str, valid_from: date = TODAY, **more: str) -> str:
    made = filing.enter(new(place, key, value, valid_from, **more), by=STREET, now=NOW)
    with transaction() as session:  # the second officer, in short
        rule, _ = local_rules.rule_by_public_id(session, made)
        rule.confirmed_by, rule.confirmed_at = "account:second", NOW
    return made


laid_down.__use_case__ = True  # type: ignore[attr-defined]


def holds(estate: Estate, key: str, day: date = TODAY) -> str:
    return local_rules.in_force(reading(), estate.place, day).word(key)


def test_a_rule_holds_from_its_day_once_two_officers_agree_and_is_taken_off_by_two(
    estate: Estate, make: Factory
) -> None:
    city = place_above(estate, "city")
    one, two = officer(make, "o-one", city), officer(make, "o-two", city)
    made = filing.enter(new(city, "clash", "paper", TODAY + timedelta(days=1)), by=one, now=NOW)
    assert logged("local_rule.entered")["source"] == "《物业管理条例》（粤常〔2020〕1号）第三十二条"
    with pytest.raises(Conflict) as twice:
        filing.enter(new(city, "clash", "phone", TODAY + timedelta(days=1)), by=two, now=NOW)
    assert twice.value.code == "local-rule-there"
    with pytest.raises(NotAllowed) as same:
        filing.confirm(made, by=one, now=NOW)
    assert same.value.code == "same-person"
    assert holds(estate, "clash", TODAY + timedelta(days=1)) == "first"
    filing.confirm(made, by=two, now=NOW)
    assert (holds(estate, "clash"), holds(estate, "clash", TODAY + timedelta(days=1))) == ("first", "paper")
    filing.take_off(made, "录错了", by=two, now=NOW)
    with pytest.raises(NotAllowed):
        filing.take_off(made, "录错了", by=two, now=NOW)
    assert holds(estate, "clash", TODAY + timedelta(days=1)) == "paper"
    filing.take_off(made, "录错了", by=one, now=NOW)
    assert holds(estate, "clash", TODAY + timedelta(days=1)) == "first"
    with pytest.raises(Conflict):
        filing.confirm(made, by=one, now=NOW)
    (kept,) = local_rules.rules_at(reading(), confirmed=True)
    assert (kept.LocalRule.value, kept.LocalRule.ending_why) == ("paper", "录错了")


def test_two_rules_that_leave_no_vote_a_way_are_not_both_laid_down(estate: Estate, make: Factory) -> None:
    city, district = place_above(estate, "city"), place_above(estate, "district")
    laid_down(district, "voting_days_most", "20")
    filing.enter(new(city, "voting_days", "20"), by=STREET, now=NOW)  # just twenty: there is a way
    later = TODAY + timedelta(days=1)
    for place in (city, district):
        with pytest.raises(Invalid) as refused:
            filing.enter(new(place, "voting_days", "21", later), by=STREET, now=NOW)
        assert refused.value.code == "local-rule-contradicts"
        assert "物业管理条例" in refused.value.detail
    filing.enter(new(city, "voting_days", "21", TODAY - timedelta(days=1)), by=STREET, now=NOW)
    waiting = filing.enter(new(district, "voting_days", "15", later), by=STREET, now=NOW)
    laid_down(district, "voting_days_most", "14", later)
    with pytest.raises(Invalid) as meanwhile:
        filing.confirm(waiting, by=officer(make, "o-two", city), now=NOW)
    assert meanwhile.value.code == "local-rule-contradicts"


def test_who_has_no_city_or_district_keeps_no_register(estate: Estate, worker: Staff, make: Factory) -> None:
    city, district = place_above(estate, "city"), place_above(estate, "district")
    with pytest.raises(NotAllowed):
        filing.enter(new(city, "clash", "paper"), by=worker, now=NOW)
    with pytest.raises(NotAllowed):
        filing.enter(new(city, "clash", "paper"), by=officer(make, "o-district", district), now=NOW)
    with pytest.raises(Invalid) as scope:
        filing.enter(new(estate.place, "clash", "paper"), by=STREET, now=NOW)
    assert scope.value.code == "wrong-scope"
    with pytest.raises(Invalid):
        filing.enter(new(city, "no_such_key", "1"), by=STREET, now=NOW)


def test_a_draft_begins_with_what_is_laid_down_and_its_notice_prints_each_rule_with_its_source(estate: Estate) -> None:
    city = place_above(estate, "city")
    for key, value in (
        ("owners_notice_days", "20"),
        ("voting_days", "12"),
        ("result_days", "9"),
        ("agent_limit", "3"),
        ("headcount", "by_dwelling"),
        ("parking", "yes"),
    ):
        laid_down(city, key, value)
    vote_id = preparing.create(NewVote(estate.place.code, "表决", (PUMP,)), by=STREET, now=NOW)
    vote = vote_row(vote_id)
    assert (vote.notice_days, vote.voting_days, vote.headcount, vote.include_parking) == (20, 12, "by_dwelling", True)
    assert terms_of(reading(), vote).agent_limit == 3
    preparing.publish(vote_id, by=STREET, now=NOW)
    assert "owners_notice_days" in logged("vote.published")["local_rules"]
    # a later change leaves what the notice froze
    laid_down(city, "agent_limit", "1", TODAY - timedelta(days=1))
    sheet = notice_sheet.sheet(reading(), vote_row(vote_id))
    printed = dict(sheet.local)
    assert printed["一名代理人最多代理：3 票"] == "《物业管理条例》（粤常〔2020〕1号）第三十二条"
    assert printed["结果公示期：9 天"].startswith("《物业管理条例》")
    assert printed["公告送达的天数：7 天"] == rules.USUAL
    assert printed["送达后不投票的：一律不计为参加或者同意"] == rules.USUAL, "silence is off without adopted rules"
    assert not any(line.startswith("居民联名") for line in printed)
    assert notice_pdf.pdf(sheet).startswith(b"%PDF")


def test_a_notice_that_does_not_keep_a_rule_is_refused_until_the_draft_is_brought_in_line(estate: Estate) -> None:
    vote_id = preparing.create(
        NewVote(estate.place.code, "表决", (PUMP,), notice_days=0, voting_days=0, closes_at=CLOSES), by=STREET, now=NOW
    )
    for key, value in (
        ("owners_notice_days", "15"),
        ("voting_days", "10"),
        ("agent_limit", "0"),
        ("clash", "paper"),
        ("result_days", "10"),
        ("headcount", "by_dwelling"),
    ):
        laid_down(place_above(estate, "district"), key, value)
    with pytest.raises(Conflict) as refused:
        preparing.publish(vote_id, by=STREET, now=NOW)
    assert refused.value.code == "local-rules"
    for words in ("业主表决的公告期", "《物业管理条例》", "按本地规定改好"):
        assert words in refused.value.detail
    filing.conform(vote_id, by=STREET, now=NOW)
    vote = vote_row(vote_id)
    assert (vote.notice_days, vote.voting_days, vote.closes_at, vote.roll_heads) == (15, 10, None, 8)
    preparing.publish(vote_id, by=STREET, now=NOW)
    with pytest.raises(Conflict) as late:
        filing.conform(vote_id, by=STREET, now=NOW)
    assert late.value.code == "announced"
    assert len(local_rules.printed_on(reading(), vote_row(vote_id).id)) >= 9


def test_an_election_of_the_group_prints_how_it_may_be_recalled(estate: Estate) -> None:
    laid_down(place_above(estate, "district"), "recall_share", "1/4")
    vote_id = preparing.create(NewVote(estate.place.code, "选举", (GROUP,)), by=STREET, now=NOW)
    preparing.publish(vote_id, by=STREET, now=NOW)
    lines = dict(notice_sheet.sheet(reading(), vote_row(vote_id)).local)
    assert lines["联名提出罢免的比例：1/4（25.0%）"].startswith("《物业管理条例》")
    assert lines["联名罢免的期限：60 天"] == rules.USUAL
    assert local_rules.in_force(reading(), estate.place, TODAY).share("recall_share") == (1, 4)


def test_the_desk_and_the_public_list_over_http(estate: Estate, make: Factory, client: FlaskClient) -> None:
    city = place_above(estate, "city")
    one, two = make.account("o-http-one"), make.account("o-http-two")
    make.grant(one, "city_officer", city)
    make.grant(two, "city_officer", city)
    first, second = make.signed_in(one), make.signed_in(two)
    body = {
        "place": city.code,
        "key": "recall_share",
        "value": "1/4",
        "valid_from": "2020-01-01",
        "document": "物业管理条例",
        "link": "https://example.org/tiaoli",
    }
    assert first.post("/api/v1/local-rules", json={**body, "link": "javascript:alert(1)"}).status_code == 422
    made = first.post("/api/v1/local-rules", json=body)
    assert made.status_code == 201
    rule_id = (made.json or {})["id"]
    address = f"/api/v1/local-rules/{rule_id}"
    assert first.post(f"{address}/confirmation", json={}).status_code == 403
    assert "等另一人核对" in second.get("/work/local-rules").text
    assert "核对无误" in second.get(f"/work/local-rules/{rule_id}").text
    assert "1/5" not in client.get("/local-rules").text
    assert "物业管理条例" not in client.get("/local-rules").text
    assert second.post(f"{address}/confirmation", json={}).status_code == 200
    shown = client.get("/local-rules").text
    assert "1/4（25.0%）" in shown
    assert 'href="https://example.org/tiaoli"' in shown
    assert first.get("/work/local-rules/new?key=recall_share").status_code == 200
    assert first.get("/work/local-rules/new?key=clash").status_code == 200
    assert first.get("/work/local-rules/new").status_code == 200
    assert 'href="/work/local-rules"' in first.get("/").text
