"""The workers' pages of paper ballots: a vote's papers and their account, sheets to print, a paper's next step."""

from flask import redirect, request
from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.database import reading
from kernel.errors import NotFound
from kernel.places.rules import grouped, is_within, read_door_code
from kernel.web import Pages, files, identity, page, require_grant
from surveys.votes import queries, words
from surveys.votes.callers import staff
from surveys.votes.models import Vote
from surveys.votes.paper import queries as papers
from surveys.votes.paper import services, sheets
from surveys.votes.rules import paper as rules
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.decision import CHOICE_WORDS
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.paper import PaperState, VoidReason
from surveys.votes.services import reading as shown
from surveys.votes.services.papers import papers_of
from surveys.votes.terms.queries import terms_of

blp = Pages(
    "votes_paper_pages",
    __name__,
    guard=require_grant(services.ENTER),
    url_prefix="/work",
    template_folder="../templates",
)
ROWS = 60
ASKED_BY = ("本人", "家人", "代理人", "单位代表")
TONES = {
    PaperState.SETTLED: "ok",
    PaperState.VOID: "",
    PaperState.RETURNED: "todo",
    PaperState.KEYED: "todo",
    PaperState.DIFFERS: "bad",
}


@blp.route("/papers")
def overview() -> Response:
    """The running votes at my places that take paper; a number typed or scanned (?code=) leads to its paper."""
    session = reading()
    code = read_door_code(request.args.get("code", ""))
    if code:
        return redirect(f"/work/papers/{code}")
    mine = grants.places_for(session, identity().person_id, services.ENTER, clock.now())
    rows = [
        (vote, place, papers.account_of(session, vote.id))
        for vote, place in queries.all_votes(session, (State.OPEN, State.CLOSED))
        if terms_of(session, vote).paper and any(is_within(place.path, each.path) for each in mine)
    ]
    return page("votes/paper/overview.html", rows=rows, wrong=request.args.get("code", "") and not code)


@blp.route("/votes/<vote>/papers")
def list_of(vote: str) -> Response:
    """A vote's papers and their account; ?door= finds the papers, and the lines without one, of a door."""
    session = reading()
    found = _mine(vote)
    door = request.args.get("door", "").strip()
    roll = {line.id: line for line in queries.roll_of(session, found.id)}
    near = {each for each, line in roll.items() if any(door in label for label in line.value.labels)}
    rows = [paper for paper in papers.papers_of_vote(session, found.id) if not door or paper.roll_line_id in near]
    good = papers.good_papers(session, list(near)) if door else {}
    pages = max(-(-len(rows) // ROWS), 1)
    number = min(max(request.args.get("page", 1, type=int), 1), pages)
    return page(
        "votes/paper/list.html",
        view=shown.notice(session, found),
        account=papers.account_of(session, found.id),
        rows=[(paper, roll[paper.roll_line_id]) for paper in rows[(number - 1) * ROWS : number * ROWS]],
        without=[roll[each] for each in sorted(near, key=lambda each: roll[each].value.number) if each not in good][:20]
        if door
        else [],
        number=number,
        pages=pages,
        door=door,
        tones=TONES,
        states=rules.STATE_WORDS,
        voids=rules.VOID_WORDS,
        grouped=grouped,
        may_print=found.state == State.OPEN,
    )


@blp.route("/votes/<vote>/papers.pdf")
def print_out(vote: str) -> Response:
    """The sheets: those not handed out yet, or one (?serial=)."""
    session = reading()
    found = _mine(vote)
    serial = request.args.get("serial", "")
    roll = {line.id: line.value for line in queries.roll_of(session, found.id)}
    chosen = [
        sheets.Sheet(
            paper.number,
            paper.serial,
            paper.receipt_no,
            roll[paper.roll_line_id].number,
            "、".join(roll[paper.roll_line_id].labels),
        )
        for paper in papers.papers_of_vote(session, found.id)
        if (paper.serial == serial if serial else paper.state == PaperState.PRINTED)
    ]
    if not chosen:
        raise NotFound("nothing-to-print", "没有要打印的选票。请先生成编号，或者它们都已经发出了。")
    assert found.closes_at is not None
    head = sheets.Head(
        title=found.title,
        place=queries.place_of(session, found).name,
        until=words.instant_text(found.closes_at),
        text_hash=found.text_hash or "",
        clash=terms_of(session, found).clash,
        owners=found.electorate == Electorate.OWNERS,
        address=request.url_root,
        vote=found.public_id,
    )
    return files.shown(sheets.pdf(head, papers_of(session, found.id), chosen), files.PDF, "papers.pdf")


@blp.route("/papers/<serial>")
def one(serial: str) -> Response:
    """One paper: where it is, and its next step for me. Where a third must decide, the look at what differs is
    on record.
    """
    session, who = reading(), identity()
    paper = papers.paper_by_serial(session, serial)
    vote = _mine(papers.vote_of(session, paper).public_id)
    keyed_by = [keying.person_id for keying in papers.keyings_of(session, paper.id)]
    differ = {}
    if paper.state == PaperState.DIFFERS and who.person_id not in keyed_by:
        differ = services.look_at_differences(serial, by=staff(), now=clock.now())
        session = reading()
    offered = papers_of(session, vote.id)
    (line,) = [each for each in queries.roll_of(session, vote.id) if each.id == paper.roll_line_id]
    return page(
        "votes/paper/one.html",
        paper=paper,
        view=shown.notice(session, vote),
        place=queries.place_of(session, vote),
        line=line,
        keyed_by_me=who.person_id in keyed_by,
        may_void=paper.state in rules.OUT
        or (
            paper.state in rules.TO_KEY
            and who.person_id not in {*papers.hands_of(session, paper), papers.person_of(session, paper.voiding_by)}
        ),
        voiding_word=rules.VOID_WORDS[VoidReason(paper.voiding_reason)]
        if paper.voiding_reason and paper.state in rules.TO_KEY
        else "",
        differ=differ,
        reads=lambda motion, value: _words(offered, motion, value),
        titles={each.motion: each.title for each in offered},
        choices=CHOICE_WORDS,
        asked_by=ASKED_BY,
        state_word=rules.STATE_WORDS[PaperState(paper.state)],
        tone=TONES.get(PaperState(paper.state), "wait"),
        void_word=rules.VOID_WORDS[VoidReason(paper.void_reason)] if paper.void_reason else "",
        voids=[(reason.value, word) for reason, word in rules.VOID_WORDS.items() if reason != VoidReason.REPRINTED],
        may_reprint=vote.state == State.OPEN,
        words=words,
        grouped=grouped,
        out=rules.OUT,
        to_key=rules.TO_KEY,
    )


def _words(offered: list[rules.Paper], motion: str, value: object) -> str:
    """A reading in words, for the third person."""
    if motion == rules.SIGNED:
        return "有签名" if value else "没有签名"
    if value == rules.SPOILT:
        return "多勾或看不清"
    if isinstance(value, list):
        names = {identity: name for paper in offered for identity, name in paper.candidates}
        return "、".join(names[each] for each in value) or "一个也没选（弃权）"
    return next((word for choice, word in CHOICE_WORDS.items() if str(choice) == value), "")


def _mine(vote: str) -> Vote:
    """An announced vote at a place of mine. Raises NotFound."""
    session = reading()
    found = queries.announced_vote(session, vote)
    if not grants.may(session, identity().person_id, services.ENTER, queries.place_of(session, found), clock.now()):
        raise NotFound("no-such-vote", "没有找到这次表决，或者它不归您负责。")
    return found
