"""Votes and ballots beside the log: a ballot that is gone, moved or replaced, a text, roll or result that changed."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.audit import Fact, Told
from kernel.errors import Conflict
from surveys.votes import queries
from surveys.votes.extensions.services import EXTENDED
from surveys.votes.models import Ballot, CountedBallot, RollLine, Vote
from surveys.votes.results.services import recounting
from surveys.votes.rules import ballot
from surveys.votes.rules.ballot import Standing
from surveys.votes.secret.models import EnvelopeHash
from surveys.votes.services import counting
from surveys.votes.services.papers import papers_of


class BallotFact(Fact):
    """Every ballot was cast in the log, as it stands there; one of its line counts if it is valid."""

    title = "选票"
    prefix = "ballot:"
    begins = ("ballot.cast",)

    def rows(self) -> sa.SelectBase:
        """See ``Fact``."""
        counted = sa.exists().where(CountedBallot.roll_line_id == Ballot.roll_line_id)
        columns = (
            Vote.public_id.label("vote"),
            RollLine.public_id.label("line"),
            Ballot.receipt_no,
            Ballot.standing,
            Ballot.text_hash,
            Ballot.channel,
            Ballot.device,
            Ballot.confirmed,
            Ballot.by_proxy,
            Ballot.cast_at,
            Ballot.choices_sealed,
            Ballot.audit_hash,
            EnvelopeHash.sha256,
            counted.label("line_counts"),
        )
        return (
            sa.select(Ballot.public_id.label("key"), *columns)
            .join(Vote, Vote.id == Ballot.vote_id)
            .join(RollLine, RollLine.id == Ballot.roll_line_id)
            .outerjoin(EnvelopeHash, EnvelopeHash.ballot_id == Ballot.id)
        )

    def differs(self, session: Session, row: Any, told: Sequence[Told]) -> Iterator[str]:
        """See ``Fact``."""
        (cast,) = told
        said = cast.payload
        same = ("vote", "line", "receipt_no", "standing", "text_hash", "channel", "device", "confirmed", "by_proxy")
        if any(getattr(row, name) != said[name] for name in same) or row.audit_hash != cast.row_hash:
            yield "与投票时的记录不同"
        if row.cast_at != datetime.fromisoformat(said["received_at"]):
            yield "收到的时间与审计链不同"
        sealed = hashlib.sha256(row.choices_sealed).hexdigest()
        if sealed != said.get("sealed_sha256", said.get("envelope_sha256")) or row.sha256 != said.get(
            "envelope_sha256"
        ):
            yield "封存的内容与审计链不同"
        if row.standing == Standing.VALID and not row.line_counts:
            yield "有效，但这一户没有一张票计入"


class VoteFact(Fact):
    """Every vote is as its notice, opening, extensions and result are in the log; counted again it gives the same."""

    title = "表决"
    prefix = "vote:"
    begins = ("vote.published",)
    then = ("vote.opened", EXTENDED, "vote.result", "vote.recounted")

    def rows(self) -> sa.SelectBase:
        """See ``Fact``: from the notice on; of a draft nothing is promised."""
        return sa.select(Vote.public_id.label("key"), Vote.id.label("vote_id")).where(Vote.text_hash.is_not(None))

    def differs(self, session: Session, row: Any, told: Sequence[Told]) -> Iterator[str]:
        """See ``Fact``."""
        vote = session.get_one(Vote, row.vote_id)
        said = {one.action: one.payload for one in told}
        notice, opened = said["vote.published"], said.get("vote.opened")
        text = ballot.text_hash(vote.public_id, vote.title, papers_of(session, vote.id))
        if {text, vote.text_hash} != {notice["text_hash"]}:
            yield "选票上的文字与公告时不同"
        closes = said[EXTENDED]["new_closes_at"] if EXTENDED in said else notice["closes_at"]
        if vote.closes_at != datetime.fromisoformat(closes) or vote.opens_at != datetime.fromisoformat(
            notice["opens_at"]
        ):
            yield "起止时间与公告、延期的记录不同"
        if (opened["roll_hash"] if opened else None) != vote.roll_hash:
            yield "名册的指纹与开始投票时不同"
        if opened and not counting.roll_is_intact(session, vote):
            yield "名册与冻结时不同"
        else:
            yield from _result(session, vote, said)


def _result(session: Session, vote: Vote, said: dict[str, Any]) -> Iterator[str]:
    result = queries.result_of(session, vote.id)
    counted = said.get("vote.recounted", said.get("vote.result"))
    if result is None or counted is None:
        if (result is None) != (counted is None):
            yield "有没有结果，与审计链不同"
        return
    if {counting.tally_hash(result.document), result.tally_hash} != {counted["tally_hash"]}:
        yield "公布的结果与计票时不同"
    try:
        again = recounting.counted_now(session, vote)
    except Conflict as refused:
        yield refused.detail
    else:
        if counting.tally_hash(again) != counted["tally_hash"]:
            yield "按现有选票重数，与公布的结果不同"
