"""Voting on a worker's phone: the worker hands it over, the voter chooses, reads it back and signs.

The worker is never the voter: the ballot has no account, names the helper, and only the voter's signature confirms it.
In a secret election the choice is sealed on that phone like on any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import evidence, grants
from kernel.errors import Invalid, NotAllowed, NotFound
from surveys.votes import queries
from surveys.votes.models import Vote
from surveys.votes.paper import queries as papers
from surveys.votes.proxies import queries as proxies
from surveys.votes.queries import StoredLine
from surveys.votes.rules.binding import Confirmation, Device
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.services.keeping import How
from surveys.votes.services.preparing import Staff

ASSIST = "response.assist"


@dataclass(frozen=True)
class Helped:
    """Who casts with help: the worker, whose register entry votes (``""`` for a household), and the drawn signature."""

    worker: Staff
    voter: str
    signature: Sequence[str]

    @property
    def actor(self) -> str:
        """How the audit chain names the worker."""
        return self.worker.actor


def must_assist(session: Session, worker: Staff, vote: Vote, now: datetime) -> None:
    """Raises NotAllowed unless the worker may help at the vote's place now."""
    grants.require(session, worker.person_id, ASSIST, queries.place_of(session, vote), now)


def helped_line(session: Session, vote: Vote, line_id: str, by: Helped, *, now: datetime) -> tuple[StoredLine, How]:
    """The line a voter uses on a worker's phone, and how. Raises NotFound, NotAllowed, Invalid (no signature)."""
    must_assist(session, by.worker, vote, now)
    line = queries.line_by_public_id(session, vote.id, line_id)
    if line is None:
        raise NotFound("no-such-line", "名册上没有这一票。请核对房号。")
    if by.worker.account_id is None or len(by.signature) != 1:
        raise Invalid("sign-first", "请投票人本人在屏幕上签名。", {"evidence": ["请签名。"]})
    how = How(
        by.actor,
        papers.first_dwelling(session, line.id),
        device=Device.WORKER,
        confirmed=Confirmation.SIGNATURE,
        helper_id=by.worker.account_id,
    )
    if vote.electorate != Electorate.OWNERS:
        return line, how
    voter = next((each for each in proxies.holders_of(session, line.id) if each.public_id == by.voter), None)
    if voter is None:
        raise NotAllowed("owners-only", "这次表决由业主投票，请选名册上的业主；业主不在场的，请办书面委托。")
    return line, How(**{**vars(how), "person_id": voter.id, "person": voter.public_id})


def bind_signature(session: Session, ballot_id: str, by: Helped) -> None:
    """Bind the drawn signature to the ballot it confirms, in the caller's transaction."""
    assert by.worker.account_id is not None
    evidence.use(
        session,
        by.signature,
        subject=f"ballot:{ballot_id}",
        purpose="assisted_ballot",
        account_id=by.worker.account_id,
    )
