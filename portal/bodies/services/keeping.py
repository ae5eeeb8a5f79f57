"""What is kept about a body beside its members: what was handed over to it, and its filing with the street (备案)."""

from datetime import date, datetime

from kernel import idempotency
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import Conflict, NotFound
from kernel.idempotency import Key
from portal.bodies import queries, rules
from portal.bodies.models import BodyFiling
from portal.bodies.services.forming import in_office, kind_of, managed, record
from surveys.votes.services.preparing import Staff


@use_case
def hand_over(body_id: str, item_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Tick an item of the hand-over list; ticked twice is ticked once. Gives the body's public id."""
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        body = managed(session, body_id, by, now)
        item = next((each for each in queries.handover_of(session, body.id) if each.public_id == item_id), None)
        if item is None:
            raise NotFound("no-such-item", "交接清单里没有这一项。")
        if item.done_at is None:
            item.done_at, item.done_by = now, by.actor
            record(session, body, "body.handed_over", by, now, {"item": item.title})
        idempotency.remember(session, key, body.public_id, now=now)
        return body.public_id


@use_case
def file(body_id: str, number: str, filed_on: date, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Note that a body (or its change) was put on file: the record's number and day. Gives the body's public id.

    Raises NotFound, NotAllowed, Conflict (ended, a kind that is not filed, the same number again), Invalid for an odd
    day.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        body = in_office(managed(session, body_id, by, now))
        if kind_of(body).filing_days is None:
            raise Conflict("not-filed", f"{kind_of(body).title}不用备案。")
        rules.check_filing(filed_on, starts_at=body.starts_at, now=now)
        session.add(
            BodyFiling(
                public_id=new_public_id(),
                body_id=body.id,
                number=number,
                filed_on=filed_on,
                recorded_at=now,
                recorded_by=by.actor,
            )
        )
        with translating({"body_filing_number_once": Conflict("filed-already", "这个备案编号已经登记过了。")}):
            session.flush()
        record(session, body, "body.filed", by, now, {"number": number, "filed_on": filed_on.isoformat()})
        idempotency.remember(session, key, body.public_id, now=now)
        return body.public_id
