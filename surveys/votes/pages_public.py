"""The pages of a vote anyone may open: notice, masked roll, board of receipts, result sheet."""

from flask import render_template, request
from werkzeug.wrappers import Response

from kernel import clock
from kernel.database import reading
from kernel.errors import NotFound
from kernel.places.queries import dwelling_by_public_id
from kernel.web import Pages, files, maybe_identity, open_to_all, page
from kernel.web.kept import kept_a_second
from surveys.votes import notice_pdf, notice_sheet, queries, result_pdf, result_sheet, words
from surveys.votes.clusters import queries as clusters
from surveys.votes.delivery import queries as deliveries
from surveys.votes.results import queries as results
from surveys.votes.results.rules import STAGE_WORDS
from surveys.votes.rules.deliveries import RECIPIENT_WORDS, WAY_WORDS
from surveys.votes.rules.lifecycle import STATE_WORDS, State
from surveys.votes.rules.roll import LINE_KIND_WORDS
from surveys.votes.secret import queries as secret
from surveys.votes.services import reading as shown

blp = Pages("votes_pages", __name__, guard=open_to_all, url_prefix="/v", template_folder="templates")

ROLL_ROWS = 200
BOARD_ROWS = 300


def _back_door() -> str:
    """The dwelling to go back to, when the address names one (?d=); "" else."""
    asked = request.args.get("d", "")
    if not asked:
        return ""
    try:
        return dwelling_by_public_id(reading(), asked).public_id
    except NotFound:
        return ""


@blp.route("/<vote>")
def notice(vote: str) -> Response:
    """The notice with the rule printed; on top, what the visitor can do now."""
    session, now, who = reading(), clock.now(), maybe_identity()
    found = queries.announced_vote(session, vote)
    view = shown.notice(session, found)
    mine = shown.my_lines(session, found, who.account_id, now=now) if who else []
    return page(
        "votes/notice.html",
        view=view,
        mine=mine,
        election=secret.key_of(session, found.id),
        publicity_days=results.publicity_days(session, found.id),
        sheet=notice_sheet.sheet(session, found),
        cluster=clusters.cluster_of(session, found.id),
        told=deliveries.told_of(
            session, found.id, [name for each in mine if each.refusal is None for name in each.line.value.dwellings]
        ),
        ways=WAY_WORDS,
        recipients=RECIPIENT_WORDS,
        record_opening=bool(mine) and view.state in (State.PUBLISHED, State.OPEN),
        signed_in=who is not None,
        door=_back_door(),
        accepts=shown.accepts_ballots(found, now),
        state_word=STATE_WORDS[view.state]
        if shown.accepts_ballots(found, now) or found.state != State.OPEN
        else "已截止",
        words=words,
        here=request.full_path.rstrip("?"),
    )


@blp.route("/<vote>/notice.pdf")
def notice_on_paper(vote: str) -> Response:
    """The notice on A4 for the notice board and the doors, with the QR code of its page."""
    session = reading()
    found = queries.announced_vote(session, vote)
    address = request.host_url.rstrip("/") + f"/v/{found.public_id}"
    return files.shown(notice_pdf.pdf(notice_sheet.sheet(session, found), address), files.PDF, "notice.pdf")


@blp.route("/<vote>/roll")
@kept_a_second("page")
def roll(vote: str) -> str:
    """The masked roll: doors, heads, areas; no names and not who has voted."""
    session = reading()
    found = queries.announced_vote(session, vote)
    lines = [line.value for line in queries.roll_of(session, found.id)]
    number, pages = _numbered(len(lines), ROLL_ROWS)
    return render_template(
        "votes/roll.html",
        view=shown.notice(session, found),
        lines=lines[(number - 1) * ROLL_ROWS : number * ROLL_ROWS],
        number=number,
        pages=pages,
        kinds=LINE_KIND_WORDS,
        words=words,
    )


@blp.route("/<vote>/board")
def board(vote: str) -> Response:
    """The public board: every receipt by its number; a voter finds his own alone (?no= turns to its page)."""
    session = reading()
    found = queries.announced_vote(session, vote)
    receipts = queries.receipts_of(session, found.id)
    wanted = request.args.get("no", "").replace(" ", "").upper()[:14]
    at = next((place for place, row in enumerate(receipts) if row.receipt_no == wanted), None)
    number, pages = _numbered(len(receipts), BOARD_ROWS)
    if at is not None:
        number = at // BOARD_ROWS + 1
    return page(
        "votes/board.html",
        view=shown.notice(session, found),
        wanted=wanted,
        found=receipts[at].receipt_no if at is not None else "",
        receipts=receipts[(number - 1) * BOARD_ROWS : number * BOARD_ROWS],
        number=number,
        pages=pages,
        words=words,
    )


def _numbered(rows: int, a_page: int) -> tuple[int, int]:
    """The page asked for (?page=) and how many there are, at least one."""
    pages = max(-(-rows // a_page), 1)
    return min(max(request.args.get("page", 1, type=int), 1), pages), pages


@blp.route("/<vote>/result")
@kept_a_second()
def result(vote: str) -> str:
    """The result sheet, or when it will be there. The evening it comes out everybody opens it at once."""
    session = reading()
    found = queries.announced_vote(session, vote)
    if queries.result_of(session, found.id) is None:
        return render_template("votes/no_result.html", view=shown.notice(session, found), words=words)
    return render_template(
        "votes/result.html",
        vote=found,
        sheet=result_sheet.sheet(session, found),
        stages=STAGE_WORDS,
        without_heads=result_sheet.WITHOUT_HEADS,
        secret=secret.key_of(session, found.id) is not None,
        words=words,
    )


@blp.route("/<vote>/result.pdf")
def result_on_paper(vote: str) -> Response:
    """The result sheet on A4 for the notice board; 409 before the result is out."""
    session = reading()
    found = queries.announced_vote(session, vote)
    return files.shown(result_pdf.pdf(result_sheet.sheet(session, found)), files.PDF, "result.pdf")
