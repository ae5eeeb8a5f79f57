"""Letting go of a dwelling."""

from datetime import datetime

from kernel.database import transaction, use_case
from kernel.errors import NotFound
from kernel.idempotency import Key, recall, remember
from kernel.people import services as people
from kernel.web import Identity
from portal.claims.models import ClaimState
from portal.claims.queries import my_claim
from portal.claims.services.making import end_claim
from portal.home import queries


@use_case
def let_go(who: Identity, tie_id: str, *, key: Key | None, now: datetime) -> str:
    """End one's own tie to a dwelling, and the claim it came from; gives the tie's id.

    What was answered, cast or paid for the dwelling stays as it is. Raises NotFound for a tie that is not one's own.
    """
    with transaction() as session:
        done = recall(session, key)
        if done:
            return done
        tie = queries.own_tie(session, who.account_id, tie_id)
        if tie is None:
            raise NotFound("no-such-tie", "没有找到这个绑定，可能已经解除了。请刷新页面。")
        claim = my_claim(session, who.account_id, tie.dwelling_id)
        if claim is not None:
            end_claim(session, claim, ClaimState.WITHDRAWN, by=who.actor, now=now)
        else:
            people.end_tie(session, tie, actor=who.actor, now=now)
        remember(session, key, tie.public_id, now=now)
        return tie.public_id
