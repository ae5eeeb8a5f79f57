"""Signing for a joint nomination on a phone, and taking it back."""

from datetime import datetime

from kernel import idempotency
from kernel.database import transaction, use_case
from kernel.errors import Conflict, NotFound
from kernel.idempotency import Key
from surveys.votes.elections import queries as elections
from surveys.votes.elections.models import Nominee
from surveys.votes.elections.services import signing
from surveys.votes.elections.services.calls import record
from surveys.votes.elections.services.heads import heads_of
from surveys.votes.elections.services.nominating import electorate_of, taking
from surveys.votes.rules.nominations import Consent, Way
from surveys.votes.services.casting import Voter


@use_case
def sign(call_id: str, nominee_id: str, *, by: Voter, now: datetime, key: Key | None = None) -> str:
    """Sign for a joint nomination with every line one speaks for; signed twice is signed once. Gives the nominee.

    Raises NotAllowed, Conflict (nominations over, not a joint nomination, declined).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        call, place = taking(session, call_id, now)
        nominee = elections.nominee(session, call.id, nominee_id)
        must_be_signable(nominee)
        heads = heads_of(session, place, electorate_of(call), by.account_id)
        signing.put(session, nominee, [head.dwelling_id for head in heads.mine], account_id=by.account_id, now=now)
        record(session, call, "nominee.signed", by.actor, now, {"nominee": nominee.public_id})
        idempotency.remember(session, key, nominee.public_id, now=now)
        return nominee.public_id


def must_be_signable(nominee: Nominee) -> None:
    """Raises Conflict for who needs no signatures, or does not stand."""
    if nominee.way != Way.JOINT or nominee.consent == Consent.DECLINED or nominee.withdrawn_at is not None:
        raise Conflict("not-to-be-signed", "这位被提名人不用联名，或者本人不愿参选。")


@use_case
def take_back(call_id: str, nominee_id: str, *, by: Voter, now: datetime, key: Key | None = None) -> str:
    """Take back one's own signature for a nominee, while nominations are open. Gives the nominee's public id.

    Raises NotFound when nothing was signed on this account, Conflict when nominations are over.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        call, _ = taking(session, call_id, now)
        nominee = elections.nominee(session, call.id, nominee_id)
        mine = [each for each, row in signing.standing(session, nominee).items() if row.account_id == by.account_id]
        if not mine:
            raise NotFound("nothing-signed", "没有找到您用这个手机签的联名。纸上签的，请到社区书面撤回。")
        signing.take_back(session, nominee, mine, now=now)
        record(session, call, "nominee.signature_taken_back", by.actor, now, {"nominee": nominee.public_id})
        idempotency.remember(session, key, nominee.public_id, now=now)
        return nominee.public_id
