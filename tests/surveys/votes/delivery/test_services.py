"""Recording deliveries; on both databases."""

from datetime import timedelta

import pytest

from kernel.database import reading
from kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from kernel.evidence import services as evidence
from surveys.votes.delivery import queries as deliveries
from surveys.votes.delivery import services as delivering
from surveys.votes.delivery.services import NewDelivery
from surveys.votes.rules.deliveries import Recipient, Way
from surveys.votes.services import preparing
from surveys.votes.services.preparing import Staff
from tests.factories import Factory
from tests.surveys.votes.proofs import logged, photographed, proved_by
from tests.surveys.votes.rolls.test_services import announced
from tests.surveys.votes.stories import CLOSES, HOUR, NOW, STREET, Estate, opened, vote_row

LATER = NOW + timedelta(days=8)


def handed(estate: Estate, *doors: int, recipient: Recipient = Recipient.OWNER, **more: object) -> NewDelivery:
    return NewDelivery(tuple(estate.dwellings[door].public_id for door in doors), Way.HANDED, recipient, **more)  # type: ignore[arg-type]


def standing(vote_id: str) -> list[tuple[bool, bool]]:
    """Of every flat: was it told, is it proved."""
    session = reading()
    return [(door.last is not None, door.proved) for door in deliveries.doors_of(session, vote_row(vote_id), by=LATER)]


def test_a_batch_of_doors_shares_its_photos_and_is_told_by_building(estate: Estate, worker: Staff) -> None:
    vote_id = announced(estate)
    photos = (photographed(estate, worker), photographed(estate, worker))
    batch = delivering.record(vote_id, handed(estate, 0, 1, evidence=photos), by=worker, now=NOW + HOUR)
    delivering.record(vote_id, handed(estate, 2), by=worker, now=NOW + HOUR)
    assert standing(vote_id)[:4] == [(True, True), (True, True), (True, False), (False, False)]
    assert len(evidence.of(reading(), f"delivery:{batch}")) == 2
    (share,) = deliveries.shares_of(reading(), vote_row(vote_id), by=LATER)
    assert (share.flats, share.told, share.proved) == (8, 3, 2)


def test_the_app_records_an_owner_who_opens_the_notice_once_for_all_flats_of_his_line(estate: Estate) -> None:
    vote_id = announced(estate)
    assert delivering.opened(vote_id, by=estate.voter("chen"), now=NOW + HOUR) == 2
    assert delivering.opened(vote_id, by=estate.voter("chen"), now=NOW + 2 * HOUR) == 0
    assert standing(vote_id)[:3] == [(True, True), (True, True), (False, False)]


def test_opening_it_without_being_verified_delivers_nothing(estate: Estate, make: Factory) -> None:
    vote_id = announced(estate)
    account = make.account()
    make.tie(account, estate.dwellings[0], level=1)
    voter = delivering.Voter(account.id, "account:x")
    assert delivering.opened(vote_id, by=voter, now=NOW + HOUR) == 0


def test_who_nobody_reached_is_told_by_a_public_notice_when_its_days_are_over(estate: Estate, worker: Staff) -> None:
    vote_id = announced(estate)
    delivering.record(vote_id, handed(estate, 0), by=worker, now=NOW + HOUR)
    with pytest.raises(Invalid):
        delivering.announce_publicly(vote_id, days=7, note="", files=(), by=worker, now=NOW + HOUR)
    files = (photographed(estate, worker),)
    delivering.announce_publicly(vote_id, days=7, note="南门公告栏", files=files, by=worker, now=NOW + HOUR)
    assert standing(vote_id)[1:] == [(True, True)] * 7
    early = deliveries.doors_of(reading(), vote_row(vote_id), by=NOW + timedelta(days=3))
    assert not any(door.proved for door in early)
    with pytest.raises(Conflict) as refused:
        more = (photographed(estate, worker),)
        delivering.announce_publicly(vote_id, days=7, note="", files=more, by=worker, now=NOW + HOUR)
    assert refused.value.code == "all-told"


def test_a_wrong_record_is_taken_back_and_stays_on_file(estate: Estate, worker: Staff) -> None:
    vote_id = announced(estate)
    delivering.record(vote_id, handed(estate, 0), by=worker, now=NOW + HOUR)
    (door, *_) = deliveries.doors_of(reading(), vote_row(vote_id), by=LATER)
    assert door.last is not None
    delivering.revoke(vote_id, door.last.public_id, "敲错门", by=worker, now=NOW + HOUR)
    assert standing(vote_id)[0] == (False, False)
    with pytest.raises(Conflict):
        delivering.revoke(vote_id, door.last.public_id, "再撤一次", by=worker, now=NOW + HOUR)


def test_delivery_is_of_an_announced_vote_on_its_roll_in_ones_own_place(
    estate: Estate, worker: Staff, make: Factory
) -> None:
    draft = preparing.create(
        preparing.NewVote(estate.place.code, "表决", (preparing.NewMotion("owners.other", "?"),)), by=STREET, now=NOW
    )
    with pytest.raises(NotFound):
        delivering.record(draft, handed(estate, 0), by=worker, now=NOW)
    vote_id = announced(estate)
    for at in (NOW - HOUR, NOW + 2 * HOUR):
        with pytest.raises(Invalid):
            delivering.record(vote_id, handed(estate, 0, delivered_at=at), by=worker, now=NOW + HOUR)
    elsewhere = NewDelivery((make.estate("别处").public_id,), Way.MAIL, Recipient.OWNER)
    with pytest.raises(Invalid):
        delivering.record(vote_id, elsewhere, by=worker, now=NOW + HOUR)
    with pytest.raises(NotAllowed):
        delivering.record(vote_id, handed(estate, 0), by=Staff("account:x", None), now=NOW + HOUR)
    opened_vote = opened(estate)
    delivering.record(opened_vote, handed(estate, 0), by=worker, now=NOW + HOUR)


def test_nothing_is_delivered_from_the_closing_instant_on_whenever_the_clocks_job_runs(
    estate: Estate, worker: Staff
) -> None:
    vote_id = opened(estate)
    with pytest.raises(Conflict) as refused:
        delivering.record(vote_id, handed(estate, 0), by=worker, now=CLOSES)
    assert refused.value.code == "not-delivering"
    assert delivering.opened(vote_id, by=estate.voter("chen"), now=CLOSES) == 0
    assert delivering.opened(vote_id, by=estate.voter("chen"), now=CLOSES - timedelta(microseconds=1)) == 2


def test_the_log_names_the_photos_of_a_delivery_by_their_hash(estate: Estate, worker: Staff) -> None:
    vote_id = announced(estate)
    photo = (photographed(estate, worker),)
    batch = delivering.record(vote_id, handed(estate, 0, evidence=photo), by=worker, now=NOW + HOUR)
    proofs = proved_by(f"delivery:{batch}")
    assert len(proofs) == 1
    assert logged("notice.delivered")["proofs"] == proofs
    files = (photographed(estate, worker),)
    batch = delivering.announce_publicly(vote_id, days=7, note="", files=files, by=worker, now=NOW + HOUR)
    assert logged("notice.delivered")["proofs"] == proved_by(f"delivery:{batch}")
