"""Voting on a worker's phone: the worker hands it over, the voter chooses, reads it back and confirms.

The worker is never the voter: the ballot has no account, names the helper, and only the voter confirms it, by a code
sent to the voter's own phone (``surveys.votes.assisted``) or, without one, by a signature.
In a secret election the choice is sealed on that phone like on any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import evidence, grants
from kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from kernel.people import queries as people
from kernel.people.models import Person, PersonKind
from kernel.places.models import Place
from kernel.places.queries import dwelling_by_public_id
from surveys.votes import queries
from surveys.votes.assisted import queries as codes
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
    """Who casts with help: the worker, whose register entry votes (``""`` for a household), and what confirms it: the
    drawn signature, or the code (its public id) the voter has said.
    """

    worker: Staff
    voter: str
    signature: Sequence[str] = ()
    code: str = ""

    @property
    def actor(self) -> str:
        """How the audit chain names the worker."""
        return self.worker.actor


def must_assist(session: Session, worker: Staff, vote: Vote, now: datetime) -> None:
    """Raises NotAllowed unless the worker may help at the vote's place now."""
    grants.require(session, worker.person_id, ASSIST, queries.place_of(session, vote), now)


def helped_line(session: Session, vote: Vote, line_id: str, by: Helped, *, now: datetime) -> tuple[StoredLine, How]:
    """The line a voter uses on a worker's phone, and how. Raises NotFound, NotAllowed, Conflict, Invalid."""
    must_assist(session, by.worker, vote, now)
    line = queries.line_by_public_id(session, vote.id, line_id)
    if line is None:
        raise NotFound("no-such-line", "名册上没有这一票。请核对房号。")
    if by.worker.account_id is None or len(by.signature) != (0 if by.code else 1):
        raise Invalid(
            "sign-first", "请投票人本人在屏幕上签名，或者用他手机上的验证码确认。", {"evidence": ["请签名。"]}
        )
    how = How(
        by.actor,
        papers.first_dwelling(session, line.id),
        device=Device.WORKER,
        confirmed=Confirmation.CODE if by.code else Confirmation.SIGNATURE,
        helper_id=by.worker.account_id,
    )
    if by.voter or by.code or vote.electorate != Electorate.RESIDENTS:
        person = voter_of(session, vote, line, by.voter)
        if by.code:
            _must_be_said(session, vote, line, person, by, now=now)
        owner = _owner_behind(session, line, person)
        how = replace(how, person_id=owner.id, person=owner.public_id)
    return line, how


def _must_be_said(session: Session, vote: Vote, line: StoredLine, person: Person, by: Helped, *, now: datetime) -> None:
    """Raises Conflict unless the voter has said the code, for this line and now."""
    code = codes.code_of(session, by.worker.account_id or 0, by.code)
    meant = (code.vote_id, code.roll_line_id, code.person_id) == (vote.id, line.id, person.id)
    if not meant or code.confirmed_at is None or code.used_at is not None or now >= code.expires_at:
        raise Conflict("code-not-said", "验证码还没有核对，或者已经用过、过期。请重新发一个，或者请他本人签名。")


def _owner_behind(session: Session, line: StoredLine, person: Person) -> Person:
    """Whose ballot it is: the owner's, where a representative stands before the worker; else the voter's own."""
    return next((each.owner for each in voters_of(session, line.id) if each.voter.id == person.id), person)


def voter_of(session: Session, vote: Vote, line: StoredLine, voter: str) -> Person:
    """The person of the register (by public id) who may stand before a worker for a line.

    Raises NotAllowed: not an owner, representative or member of the household, or one who may not vote himself.
    """
    if vote.electorate == Electorate.RESIDENTS:
        person = next((each for each in household_of(session, line) if each.public_id == voter), None)
        if person is None:
            raise NotAllowed("not-of-the-household", "这个人不在这一户的登记里。登记里没有的，请这一户的代表本人签名。")
        return person
    found = next((each for each in voters_of(session, line.id) if each.voter.public_id == voter), None)
    if found is None and vote.electorate == Electorate.REPRESENTATIVES:
        raise NotAllowed("representatives-only", "这次由居民代表本人投票，请选名册上的居民代表。")
    if found is None:
        raise NotAllowed("owners-only", "这次表决由业主投票，请选名册上的业主；业主不在场的，请办书面委托。")
    if found.refusal is not None:
        raise found.refusal
    return found.voter


def household_of(session: Session, line: StoredLine) -> list[Person]:
    """The people of the register who live at (or own) a household's home."""
    found: dict[int, Person] = {}
    for name in line.value.dwellings:
        for _, person in people.holdings_of(session, dwelling_by_public_id(session, name).id):
            if person.kind == PersonKind.NATURAL:
                found[person.id] = person
    return list(found.values())


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


def bind(session: Session, ballot: tuple[int, str], by: Helped, place: Place, *, now: datetime) -> None:
    """Bind what confirms a ballot (inner and public id) to it, the code or the drawn signature, in the caller's
    transaction. Raises Conflict for a code that confirms another ballot already.
    """
    assert by.worker.account_id is not None
    if by.code:
        code = codes.code_of(session, by.worker.account_id, by.code, hold=True)
        if not codes.use(session, code.id, ballot[0], now=now):
            raise Conflict("code-not-said", "这个验证码已经用过了。请重新发一个，或者请他本人签名。")
        return
    evidence.use(
        session,
        by.signature,
        subject=f"ballot:{ballot[1]}",
        purpose="assisted_ballot",
        account_id=by.worker.account_id,
        place=place,
    )
