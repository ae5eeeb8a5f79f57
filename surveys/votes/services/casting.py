"""Casting a ballot by phone: once a line, sealed, with a receipt; late ones are kept and do not count."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import idempotency
from kernel.database import new_public_id, reading, transaction, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, DomainError, NotFound
from kernel.idempotency import Key
from surveys.votes import queries
from surveys.votes.elections import queries as elections
from surveys.votes.models import Vote
from surveys.votes.paper import queries as papers
from surveys.votes.proxies import queries as proxies
from surveys.votes.proxies import services as written
from surveys.votes.rolls import queries as rolls
from surveys.votes.rules import ballot, roll
from surveys.votes.rules.ballot import Paper, Standing
from surveys.votes.rules.binding import Channel, Device
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.conflicts import Held
from surveys.votes.rules.lifecycle import State
from surveys.votes.secret import queries as secret
from surveys.votes.services import helping, keeping, refusals
from surveys.votes.services.helping import Helped
from surveys.votes.services.keeping import How, Sealed
from surveys.votes.services.papers import papers_of


@dataclass(frozen=True)
class Voter:
    """Who casts: the account that is signed in, and the class of its device."""

    account_id: int
    actor: str
    device: Device = Device.UNKNOWN


def cast(
    vote_id: str,
    line_id: str,
    answers: Mapping[str, object],
    *,
    text_hash: str,
    by: Voter | Helped,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Cast the ballot of a roll line; gives the ballot's public id. A refused try is put on record.

    ``answers``: motion id → choice word or list of candidate ids, for every motion; ``text_hash``: of the ballot text
    the voter read. ``now``: the application's clock at arrival; it alone decides what is late.
    Raises NotFound (another household's line), NotAllowed (not verified, not an owner), Conflict (not open, line
    already used, text changed), Invalid (not filled in properly).
    """
    with refusals.on_record(vote_id, line_id, actor=by.actor, now=now):
        return _cast(vote_id, line_id, answers, text_hash=text_hash, by=by, now=now, key=key)


@use_case
def _cast(
    vote_id: str,
    line_id: str,
    answers: Mapping[str, object],
    *,
    text_hash: str,
    by: Voter | Helped,
    now: datetime,
    key: Key | None,
) -> str:
    # What cannot change under our hands (a frozen roll, a published text) or need not be the newest (a tie) is read
    # before the transaction: it stays short, and no two casters read what the other writes, which at SERIALIZABLE
    # would send most of them round again.
    session = reading()
    done = idempotency.recall(session, key)
    if done:
        return done
    vote = queries.announced_vote(session, vote_id)
    roll_version = rolls.changes_made(session, vote.id)
    line, how = line_for(session, vote, line_id, by, now=now)
    standing_of(vote, now, already_cast=keeping.used(session, vote, line.id, now=now))
    must_be_the_text(vote, text_hash)
    papers = named_papers(session, vote.id, text_hash)
    if any(paper.candidates for paper in papers):
        ballot.must_not_name(papers, answers, elections.withdrawn_of(session, vote.id))
    sealed = sealed_ballot(papers, answers)

    # The vote is held FOR SHARE: casters do not wait for each other, closing waits for all of them.
    with transaction(serializable=True) as session:
        # First of all the key: its twin waits here, is refused, and finds what this one made.
        idempotency.remember(session, key, sealed.public_id, now=now)
        vote = queries.vote_for_share(session, vote_id)
        if rolls.changes_made(session, vote.id) != roll_version:  # a sale recorded between the two readings
            raise Conflict("roll-just-changed", "名册刚刚有更正。请刷新页面再投。")
        standing = standing_of(vote, now, already_cast=False)
        if standing is Standing.LATE:
            standing_of(vote, now, already_cast=keeping.used(session, vote, line.id, now=now))
        at = (line.id, line.public_id)
        kept = keeping.add(session, vote, at, sealed, how=how, standing=standing, received_at=now, now=now)
        if isinstance(by, Helped):
            helping.bind(session, (kept, sealed.public_id), by, queries.place_of(session, vote), now=now)
        if how.proxy_id is not None:
            written.use(session, how.proxy_id, kept)
        if standing is Standing.VALID:
            new = Held(str(Channel.PHONE), now)
            keeping.make_count(session, vote, line.id, kept, new=new, actor=by.actor, now=now)
        return sealed.public_id


def line_for(
    session: Session, vote: Vote, line_id: str, by: Voter | Helped, *, now: datetime
) -> tuple[queries.StoredLine, How]:
    """The line that is voted for, and how: on the own phone, or on a worker's."""
    if isinstance(by, Helped):
        return helping.helped_line(session, vote, line_id, by, now=now)
    return own_line(session, vote, line_id, by, now=now)


def own_line(session: Session, vote: Vote, line_id: str, by: Voter, *, now: datetime) -> tuple[queries.StoredLine, How]:
    """The line a voter may use, for himself or as the agent of a confirmed proxy, and how he does.

    Raises NotFound (not his), NotAllowed with the next step.
    """
    line = queries.line_by_public_id(session, vote.id, line_id)
    if line is None:
        raise NotFound("no-such-line", "名册上没有找到您的这一票。请从自家门上的二维码进来再试。")
    claims = queries.claims_of(session, by.account_id)
    try:
        claim = roll.must_be_on_it(line.value, [each for each, _, _ in claims], Electorate(vote.electorate))
    except DomainError:
        proxy = proxies.usable_by(session, line.id, by.account_id, now)
        if proxy is None:
            raise
        door = papers.first_dwelling(session, line.id)
        how = How(by.actor, door, device=by.device, account_id=by.account_id, person_id=proxy.principal_id)
        return line, replace(how, by_proxy=True, proxy_id=proxy.id)
    _, dwelling_id, person_id = next(each for each in claims if each[0] is claim)
    how = How(
        by.actor,
        dwelling_id,
        device=by.device,
        account_id=by.account_id,
        person_id=person_id,
        person=claim.person,
    )
    return line, how


def must_be_the_text(vote: Vote, text_hash: str) -> None:
    """Raises Conflict when a ballot answers another text than the published one."""
    if text_hash != vote.text_hash:
        raise Conflict("text-changed", "选票的内容和您看到的不一样。请刷新页面，看清楚再投。")


def sealed_ballot(papers: list[Paper], answers: Mapping[str, object], *, receipt_no: str | None = None) -> Sealed:
    """Answers checked, packed to one length and sealed under a new ballot's name. Raises Invalid."""
    public_id = new_public_id()
    packed = ballot.pack(papers, ballot.check(papers, answers))
    choices = vault().seal(packed, context=keeping.choices_context(public_id))
    return Sealed(public_id, receipt_no or keeping.new_receipt_no(), choices)


def standing_of(vote: Vote, at: datetime, *, already_cast: bool) -> Standing:
    """What a ballot received at an instant is worth. Raises Conflict (not open, used already)."""
    return ballot.standing(
        state=State(vote.state), opens_at=vote.opened_at, closes_at=vote.closes_at, now=at, already_cast=already_cast
    )


_kept_papers: dict[str, list[Paper]] = {}
MOST_KEPT = 64


def named_papers(session: Session, vote_id: int, text_hash: str) -> list[Paper]:
    """The ballot paper of a published text, read once: its hash names it, in whichever city.

    Raises Conflict for a secret vote, which takes envelopes only.
    """
    papers = _kept_papers.get(text_hash)
    if papers is None:
        secret.must_be_named(session, vote_id)
        papers = papers_of(session, vote_id)
        if len(_kept_papers) >= MOST_KEPT:
            _kept_papers.clear()
        _kept_papers[text_hash] = papers
    return papers
