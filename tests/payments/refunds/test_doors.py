"""What a leader's doors tell of money that goes back: never one household's refund by itself."""

from datetime import datetime, timedelta

from kernel.database import reading
from payments.publications import services as publications
from payments.services.doors import paid_doors, shown_as_paid
from tests.payments.refunds.conftest import LATER, Desk

QUARTER = timedelta(days=100)


def doors(desk: Desk, now: datetime) -> tuple[set[int], set[int]]:
    """The doors that have paid, and those a leader is shown, after all that is due is published."""
    publications.publish_due(now=now)
    session = reading()
    found = paid_doors(session, [desk.estate.id]), shown_as_paid(session, [desk.estate.id])
    session.close()
    return found


def test_a_refund_published_alone_turns_its_door_only_with_four_others(desk: Desk) -> None:
    homes = desk.homes[:6]
    held = [desk.held(home) for home in homes]
    ids = {home.id for home in homes}
    assert doors(desk, LATER) == (ids, ids)

    def back(*places: int, now: datetime) -> None:
        for place in places:
            request = desk.ask(*held[place], now=now)
            desk.approve(request, now=now)
            desk.run_jobs(now)
            desk.tell(desk.gateway.finish_refund(desk.number(request), now=now), now=now)
            desk.run_jobs(now)

    back(0, now=LATER)
    # A quarter later the books tell of the refund, in a row of its own: its door must not turn with it.
    assert doors(desk, LATER + QUARTER) == (ids - {homes[0].id}, ids)
    back(1, 2, 3, 4, now=LATER + QUARTER)
    left = {homes[5].id}
    assert doors(desk, LATER + 2 * QUARTER) == (left, left)
