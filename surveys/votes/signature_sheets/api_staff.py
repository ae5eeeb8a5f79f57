"""Staff's API of signatures on paper: begin a recall, key a sheet, check it, note one taken back."""

from typing import Any

from kernel import clock
from kernel.idempotency import Key
from kernel.web import Api, idempotency_key, require_grant
from surveys.votes.callers import staff
from surveys.votes.signature_sheets import services
from surveys.votes.signature_sheets.schemas import (
    CauseOut,
    PaperRecallIn,
    PaperTakenBackIn,
    SheetCheckIn,
    SheetIn,
    SheetOut,
)
from surveys.votes.signature_sheets.services import CauseView, NewLine, SheetView
from surveys.votes.signature_sheets.services.causes import ENTER, NOMINEE, PETITION

blp = Api(
    "signature_sheets",
    __name__,
    guard=require_grant(ENTER),
    url_prefix="/api/v1",
    description="Signatures on paper for a recall or a joint nomination; two people behind each sheet.",
)


def _sheet(sheet: str) -> SheetView:
    return services.one_sheet(sheet, by=staff(), now=clock.now())[1]


def _enter(kind: str, cause: str, body: dict[str, Any], key: Key) -> SheetView:
    lines = [NewLine(**line) for line in body["lines"]]
    return _sheet(services.enter(kind, cause, lines, body["evidence"], by=staff(), now=clock.now(), key=key))


def _take_back(kind: str, cause: str, body: dict[str, Any], key: Key) -> CauseView:
    by, now = staff(), clock.now()
    services.take_back(kind, cause, body["door"], body["evidence"], by=by, now=now, key=key)
    return services.one_cause(kind, cause, by=by, now=now)


@blp.route("/votes/<string:vote>/paper-recalls", methods=["POST"])
@blp.arguments(PaperRecallIn)
@blp.response(201, SheetOut)
def begin_recall(body: dict[str, Any], vote: str) -> SheetView:
    """Begin a petition to recall members a vote elected with the paper that asks for it."""
    lines = [NewLine(**line) for line in body["lines"]]
    by, now, key = staff(), clock.now(), idempotency_key()
    candidates, reason, photos = body["candidates"], body["reason"], body["evidence"]
    return _sheet(services.begin_recall(vote, candidates, reason, lines, photos, by=by, now=now, key=key))


@blp.route("/recalls/<string:petition>/sheets", methods=["POST"])
@blp.arguments(SheetIn)
@blp.response(201, SheetOut)
def enter_recall(body: dict[str, Any], petition: str) -> SheetView:
    """Key a sheet for a petition."""
    return _enter(PETITION, petition, body, idempotency_key())


@blp.route("/nominees/<string:nominee>/sheets", methods=["POST"])
@blp.arguments(SheetIn)
@blp.response(201, SheetOut)
def enter_nomination(body: dict[str, Any], nominee: str) -> SheetView:
    """Key a sheet for a joint nomination."""
    return _enter(NOMINEE, nominee, body, idempotency_key())


@blp.route("/recalls/<string:petition>/paper-withdrawals", methods=["POST"])
@blp.arguments(PaperTakenBackIn)
@blp.response(200, CauseOut)
def take_back_recall(body: dict[str, Any], petition: str) -> CauseView:
    """Note that somebody took a signature for a petition back in writing."""
    return _take_back(PETITION, petition, body, idempotency_key())


@blp.route("/nominees/<string:nominee>/paper-withdrawals", methods=["POST"])
@blp.arguments(PaperTakenBackIn)
@blp.response(200, CauseOut)
def take_back_nomination(body: dict[str, Any], nominee: str) -> CauseView:
    """Note that somebody took a signature for a nominee back in writing."""
    return _take_back(NOMINEE, nominee, body, idempotency_key())


@blp.route("/signature-sheets/<string:sheet>/check", methods=["POST"])
@blp.arguments(SheetCheckIn)
@blp.response(200, SheetOut)
def check(body: dict[str, Any], sheet: str) -> SheetView:
    """Confirm a sheet another person keyed, but for the lines that do not stand on the photo so."""
    made = services.check(sheet, body["refused"], body["why"], by=staff(), now=clock.now(), key=idempotency_key())
    return _sheet(made)
