"""The workers' API of paper ballots: print, hand out, take back, key, decide, void."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.idempotency import Key
from kernel.web import Api, idempotency_key, identity, require_grant
from surveys.votes import queries
from surveys.votes.callers import staff
from surveys.votes.paper import queries as papers
from surveys.votes.paper import schemas, services
from surveys.votes.paper.models import BallotPaper
from surveys.votes.rules.paper import SIGNED, Account

blp = Api(
    "votes_paper",
    __name__,
    guard=require_grant(services.ENTER),
    url_prefix="/api/v1",
    description="Votes on paper: numbered, returned, keyed by two people, accounted for.",
)


def _by(key: Key) -> dict[str, Any]:
    return {"by": staff(), "now": clock.now(), "key": key}


def _shown(serial: str) -> BallotPaper:
    return papers.paper_by_serial(reading(), serial)


@blp.route("/votes/<string:vote>/papers", methods=["POST"])
@blp.arguments(schemas.PrintPapers)
@blp.response(201, schemas.PaperAccountOut)
def print_papers(body: dict[str, Any], vote: str) -> Account:
    """Number papers for some lines, or for all that have none; the sheets are at /work/votes/…/papers.pdf."""
    services.print_papers(vote, body["lines"], **_by(idempotency_key()))
    session = reading()
    return papers.account_of(session, queries.announced_vote(session, vote).id)


@blp.route("/papers/<string:serial>/handing", methods=["POST"])
@blp.arguments(schemas.HandPaper)
@blp.response(200, schemas.PaperOut)
def hand_out(body: dict[str, Any], serial: str) -> BallotPaper:
    """Note who asked for a paper and who took it."""
    return _shown(services.hand_out(serial, **body, **_by(idempotency_key())))


@blp.route("/papers/<string:serial>/return", methods=["POST"])
@blp.arguments(schemas.ReturnPaper)
@blp.response(200, schemas.PaperOut)
def take_back(body: dict[str, Any], serial: str) -> BallotPaper:
    """Note that a paper came back, with its photo."""
    return _shown(
        services.take_back(
            serial,
            received_at=body["received_at"],
            photos=body["evidence"],
            account_id=identity().account_id,
            **_by(idempotency_key()),
        )
    )


@blp.route("/papers/<string:serial>/keying", methods=["POST"])
@blp.arguments(schemas.KeyPaper)
@blp.response(200, schemas.PaperOut)
def key_in(body: dict[str, Any], serial: str) -> BallotPaper:
    """Key a paper: the first person, then another."""
    return _shown(services.key_in(serial, body["choices"], signed=body["signed"], **_by(idempotency_key())))


@blp.route("/papers/<string:serial>/decision", methods=["POST"])
@blp.arguments(schemas.DecidePaper)
@blp.response(200, schemas.PaperOut)
def decide(body: dict[str, Any], serial: str) -> BallotPaper:
    """Decide what two keyings differ in: a third person."""
    decided: dict[str, Any] = dict(body["decided"])
    if SIGNED in decided:
        decided[SIGNED] = decided[SIGNED] == "yes"
    return _shown(services.decide(serial, decided, **_by(idempotency_key())))


@blp.route("/papers/<string:serial>/void", methods=["POST"])
@blp.arguments(schemas.VoidPaper)
@blp.response(200, schemas.PaperOut)
def void(body: dict[str, Any], serial: str) -> BallotPaper:
    """Make a paper void; with ``reprint`` the answer is the new one."""
    return _shown(services.void(serial, body["reason"], reprint=body["reprint"], **_by(idempotency_key())))
