"""Voting on a worker's phone: the worker hands it over, the voter chooses, reads it back and signs.

The worker is never the voter: the ballot has no account, names the helper, and only the voter's signature confirms it.
In a secret election the choice is sealed on that phone like on any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import evidence, grants
from kernel.errors import Invalid, NotAllowed, NotFound
from kernel.people.models import Person, PersonKind
from kernel.places.models import Place
from surveys.votes import queries
from surveys.votes.models import Vote
from surveys.votes.paper import queries as papers
from surveys.votes.proxies import queries as proxies
from surveys.votes.queries import StoredLine
from surveys.votes.representatives import queries as representatives
from surveys.votes.rules.binding import Confirmation, Device
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.representation import IN_PLACE_OF_OWNER
from surveys.votes.services.keeping import How
from surveys.votes.services.preparing import Staff

ASSIST = "response.assist"
GUARDIAN = NotAllowed("guardian-votes", "这一票由法定代理人投，请选他（她）。登记有误的，请带证明联系社区更正。")
ORGANISATION = NotAllowed(
    "representative-needed", "单位的票由登记过的代表人投，请选他（她）。还没有登记的，请带授权书到社区登记。"
)


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
    if vote.electorate == Electorate.RESIDENTS:
        return line, how
    found = next((each for each in voters_of(session, line.id) if each.voter.public_id == by.voter), None)
    if found is None and vote.electorate == Electorate.REPRESENTATIVES:
        raise NotAllowed("representatives-only", "这次由居民代表本人投票，请选名册上的居民代表。")
    if found is None:
        raise NotAllowed("owners-only", "这次表决由业主投票，请选名册上的业主；业主不在场的，请办书面委托。")
    if found.refusal is not None:
        raise found.refusal
    return line, replace(how, person_id=found.owner.id, person=found.owner.public_id)


@dataclass(frozen=True)
class Present:
    """Who may stand before the worker: an owner of the line, or his representative. ``refusal``: why he may not."""

    voter: Person
    owner: Person
    refusal: NotAllowed | None


def voters_of(session: Session, line_id: int) -> list[Present]:
    """The owners of a line and their confirmed representatives, by the rules a phone of one's own goes by."""
    holders = proxies.holders_of(session, line_id)
    ids = [each.id for each in holders]
    grounds, speakers = representatives.grounds_of(session, ids), representatives.speakers_for(session, ids)
    found: list[Present] = []
    for owner in holders:
        refusal = None
        if grounds.get(owner.id) in IN_PLACE_OF_OWNER:
            refusal = GUARDIAN
        elif owner.kind == PersonKind.ORGANISATION:
            refusal = ORGANISATION
        found.append(Present(owner, owner, refusal))
        if owner.id in speakers:
            found.append(Present(speakers[owner.id], owner, None))
    return found


def bind_signature(session: Session, ballot_id: str, by: Helped, place: Place) -> None:
    """Bind the drawn signature to the ballot it confirms, in the caller's transaction."""
    assert by.worker.account_id is not None
    evidence.use(
        session,
        by.signature,
        subject=f"ballot:{ballot_id}",
        purpose="assisted_ballot",
        account_id=by.worker.account_id,
        place=place,
    )
