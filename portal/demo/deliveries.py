"""Notices carried from door to door in the demo's open owners' vote: two buildings done, the third not begun."""

import sqlalchemy as sa

from kernel.database import end_reading, reading
from kernel.people.models import Account
from kernel.places.models import Dwelling, Place
from portal.demo import Demo
from portal.demo.paper import open_owners_vote
from surveys.votes.delivery import services as delivery
from surveys.votes.delivery.services import NewDelivery
from surveys.votes.rules.deliveries import Recipient, Way
from surveys.votes.services.preparing import Staff

WAYS = ((Way.HANDED, Recipient.OWNER), (Way.HANDED, Recipient.FAMILY), (Way.POSTED, Recipient.NOBODY))


def deliveries(demo: Demo) -> str:
    """By way and recipient one batch: every third door of the first two buildings."""
    session = reading()
    worker = session.scalar(sa.select(Account).where(Account.openid == "demo-worker"))
    vote = open_owners_vote(session, demo)
    if worker is None or vote is None:
        end_reading()
        return "送达：0 户"
    doors = session.scalars(
        sa.select(Dwelling.public_id)
        .join(Place, Place.id == Dwelling.building_id)
        .where(Dwelling.estate_id == vote.place_id, Place.name.in_(("1栋", "2栋")))
        .order_by(Dwelling.id)
    ).all()
    opened = vote.opened_at
    end_reading()
    assert opened is not None
    by = Staff(f"account:{worker.public_id}", worker.person_id, account_id=worker.id)
    for at, (way, recipient) in enumerate(WAYS):
        made = NewDelivery(tuple(doors[at :: len(WAYS)]), way, recipient, delivered_at=opened)
        delivery.record(vote.public_id, made, by=by, now=demo.now)
    return f"送达：{len(doors)} 户收到了表决公告"
