"""When a delivery counts, and when it is proved: tables."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.errors import Invalid
from surveys.votes.rules import deliveries as rules
from surveys.votes.rules.deliveries import Delivery, Recipient, Way

AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
LATER = AT + timedelta(days=20)


@pytest.mark.parametrize(
    ("way", "recipient", "proofs", "proved"),
    [
        (Way.APP, Recipient.OWNER, 0, True),
        (Way.HANDED, Recipient.OWNER, 1, True),
        (Way.HANDED, Recipient.FAMILY, 1, True),
        (Way.HANDED, Recipient.OWNER, 0, False),
        (Way.HANDED, Recipient.TENANT, 1, False),
        (Way.POSTED, Recipient.NOBODY, 1, True),
        (Way.POSTED, Recipient.NOBODY, 0, False),
        (Way.POSTED, Recipient.TENANT, 1, False),
        (Way.MAIL, Recipient.OWNER, 1, True),
        (Way.MAIL, Recipient.OWNER, 0, False),
        (Way.PUBLIC, Recipient.NOBODY, 1, True),
    ],
)
def test_what_proves_that_an_owner_could_know(way: Way, recipient: Recipient, proofs: int, proved: bool) -> None:
    assert rules.proved(Delivery("d", way, recipient, AT, proofs), by=LATER) is proved


def test_a_public_notice_counts_when_its_days_are_over_and_not_a_microsecond_earlier() -> None:
    effective = rules.effective(Way.PUBLIC, AT, public_days=7)
    # 2 November is not counted; the seventh day is Monday the 9th, to its end in China.
    assert effective == datetime(2026, 11, 9, 16, tzinfo=UTC)
    told = Delivery("d", Way.PUBLIC, Recipient.NOBODY, effective, 1)
    assert not rules.proved(told, by=effective - timedelta(microseconds=1))
    assert rules.proved(told, by=effective)
    assert rules.effective(Way.POSTED, AT) == AT


@pytest.mark.parametrize("days", [0, 4, 61])
def test_days_of_a_public_notice_have_bounds(days: int) -> None:
    with pytest.raises(Invalid):
        rules.effective(Way.PUBLIC, AT, public_days=days)


@pytest.mark.parametrize(
    ("way", "recipient"),
    [(Way.HANDED, Recipient.NOBODY), (Way.APP, Recipient.OWNER), (Way.PUBLIC, Recipient.NOBODY)],
)
def test_what_no_worker_can_record_by_hand(way: Way, recipient: Recipient) -> None:
    with pytest.raises(Invalid):
        rules.check(way, recipient)


def test_one_proved_delivery_is_enough_for_a_flat() -> None:
    given = [
        Delivery("a", Way.HANDED, Recipient.TENANT, AT, 1),
        Delivery("a", Way.MAIL, Recipient.OWNER, AT, 1),
        Delivery("b", Way.HANDED, Recipient.TENANT, AT, 1),
    ]
    assert rules.reached(given, by=LATER) == {"a"}
