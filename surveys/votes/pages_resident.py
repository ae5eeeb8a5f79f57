"""The voter's pages: the ballot of a line, and its receipt."""

from flask import redirect, request
from werkzeug.wrappers import Response

from kernel import clock
from kernel.database import reading
from kernel.errors import Conflict
from kernel.web import Pages, identity, page, require_resident
from surveys.votes import notice_sheet, queries, words
from surveys.votes.bylaws import queries as bylaws
from surveys.votes.rules import envelope
from surveys.votes.rules.decision import CHOICE_WORDS
from surveys.votes.secret import queries as secret
from surveys.votes.services import reading as shown
from surveys.votes.services import refusals
from surveys.votes.services.papers import papers_of

blp = Pages("votes_resident_pages", __name__, guard=require_resident, url_prefix="/v", template_folder="templates")


@blp.route("/<vote>/ballot")
def ballot(vote: str) -> Response:
    """The ballot of one line; a line used already leads to its receipt, unless a ballot by phone would count anyhow."""
    session = reading()
    found = queries.announced_vote(session, vote)
    now = clock.now()
    mine = shown.line_to_vote(session, found, identity().account_id, request.args.get("line", ""), now=now)
    key, accepts = secret.key_of(session, found.id), shown.accepts_ballots(found, now)
    if mine.ballot is not None and not mine.anew and not (key and accepts):
        return redirect(f"/v/{found.public_id}/receipt/{mine.ballot.receipt_no}")
    if not accepts:
        raise Conflict("not-open", "现在不是投票时间。请回到公告看开始和截止的时间。")
    return page(
        "votes/ballot.html",
        view=shown.notice(session, found),
        line=mine.line,
        choices=CHOICE_WORDS,
        silence=notice_sheet.silence_lines(bylaws.deemed_rule(session, found)),
        election=key,
        length=envelope.plain_length(papers_of(session, found.id)) if key else 0,
        words=words,
        helped=None,
    )


@blp.route("/<vote>/receipt/<receipt_no>")
def receipt(vote: str, receipt_no: str) -> Response:
    """The receipt: number, row hash, and its place in the audit chain."""
    session, who = reading(), identity()
    found = queries.announced_vote(session, vote)
    with refusals.on_record(vote, None, actor=who.actor, now=clock.now(), what="receipt"):
        receipt = shown.receipt(session, found, who.account_id, receipt_no)
    return page(
        "votes/receipt.html",
        view=shown.notice(session, found),
        receipt=receipt,
        envelope_hash=secret.envelope_hash(session, receipt.ballot.id),
        counts=secret.counts(session, receipt.ballot.id),
        may_recast=shown.accepts_ballots(found, clock.now()),
        account_id=who.account_id,
        words=words,
    )
