"""News of votes: an extension to everyone on the roll, an answer to who objected. Told twice, written once."""

from datetime import datetime
from typing import Any

from kernel.database import transaction, use_case
from portal.notices.models import NoticeKind
from portal.notices.services import write
from surveys.votes import queries as votes
from surveys.votes.rolls import queries as rolls


@use_case
def on_vote_extended(payload: dict[str, Any], *, now: datetime) -> None:
    """A vote closes later: tell every account that speaks for a dwelling of its roll, once an extension."""
    with transaction() as session:
        vote = votes.vote_by_public_id(session, payload["vote"])
        source = f"vote:{vote.public_id}:{payload['number']}"
        for account_id, dwelling_id in votes.accounts_on_roll(session, vote.id):
            write(session, account_id, dwelling_id, NoticeKind.VOTE_EXTENDED, source, at=now)


@use_case
def on_roll_answered(payload: dict[str, Any], *, now: datetime) -> None:
    """An objection to a roll has its answer: tell who raised it."""
    with transaction() as session:
        vote = votes.vote_by_public_id(session, payload["vote"])
        found = rolls.objection_by_public_id(session, vote.id, payload["objection"])
        source = f"roll_objection:{found.public_id}"
        write(session, found.account_id, found.dwelling_id, NoticeKind.ROLL_ANSWERED, source, at=now)
