"""Staff's API of elections: open a call, recommend, check, list, print; lots and run-offs."""

from typing import Any

from kernel import clock
from kernel.web import Api, idempotency_key, require_grant
from surveys.votes.callers import staff
from surveys.votes.elections.schemas import (
    ExtensionIn,
    LotIn,
    NominationCallIn,
    NominationCallOut,
    NomineeCheckIn,
    NomineeOrderIn,
    PaperConsentIn,
    RecommendationIn,
    VoteMadeOut,
)
from surveys.votes.elections.services import calls, nominating, ties
from surveys.votes.elections.services import reading as shown
from surveys.votes.elections.services.calls import NewCall, NewSection
from surveys.votes.elections.services.nominating import Recommended
from surveys.votes.elections.services.ties import NewLot
from surveys.votes.rules.bodies import SIZES
from surveys.votes.services.preparing import MANAGE

blp = Api(
    "elections_staff",
    __name__,
    guard=require_grant(MANAGE),
    url_prefix="/api/v1",
    description="Bringing nominations to a ballot, and deciding ties.",
)


def _shown(call: str) -> shown.CallView:
    return shown.managed_view(call, by=staff(), now=clock.now())


@blp.route("/nominations", methods=["POST"])
@blp.arguments(NominationCallIn)
@blp.response(201, NominationCallOut)
def open_call(body: dict[str, Any]) -> shown.CallView:
    """Open a call for nominations."""
    low, high = SIZES[body["matter"]]
    body["size_low"], body["size_high"] = body["size_low"] or low, body["size_high"] or high
    sections = tuple(NewSection(**section) for section in body.pop("sections"))
    draft = NewCall(place_code=body.pop("place"), sections=sections, **body)
    return _shown(calls.open_call(draft, by=staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/nominations/<string:call>/committee", methods=["POST"])
@blp.arguments(RecommendationIn)
@blp.response(201, NominationCallOut)
def recommend(body: dict[str, Any], call: str) -> shown.CallView:
    """The residents' committee recommends somebody, who is asked."""
    nominating.recommend_by_committee(call, Recommended(**body), by=staff(), now=clock.now(), key=idempotency_key())
    return _shown(call)


@blp.route("/nominations/<string:call>/nominees/<string:nominee>/paper-consent", methods=["POST"])
@blp.arguments(PaperConsentIn)
@blp.response(200, NominationCallOut)
def consent_on_paper(body: dict[str, Any], call: str, nominee: str) -> shown.CallView:
    """Note a signed consent, with its photo."""
    nominating.consent_on_paper(call, nominee, body["evidence"], by=staff(), now=clock.now(), key=idempotency_key())
    return _shown(call)


@blp.route("/nominations/<string:call>/nominees/<string:nominee>/paper-withdrawal", methods=["POST"])
@blp.arguments(PaperConsentIn)
@blp.response(200, NominationCallOut)
def withdraw_on_paper(body: dict[str, Any], call: str, nominee: str) -> shown.CallView:
    """Note that somebody stepped back in writing, with the photo."""
    nominating.withdraw_on_paper(call, nominee, body["evidence"], by=staff(), now=clock.now(), key=idempotency_key())
    return _shown(call)


@blp.route("/nominations/<string:call>/nominees/<string:nominee>/check", methods=["POST"])
@blp.arguments(NomineeCheckIn)
@blp.response(200, NominationCallOut)
def check(body: dict[str, Any], call: str, nominee: str) -> shown.CallView:
    """Say whether a nominee may stand."""
    nominating.check(
        call, nominee, body["qualified"], body["reason"], by=staff(), now=clock.now(), key=idempotency_key()
    )
    return _shown(call)


@blp.route("/nominations/<string:call>/extension", methods=["POST"])
@blp.arguments(ExtensionIn)
@blp.response(200, NominationCallOut)
def extend(body: dict[str, Any], call: str) -> shown.CallView:
    """Take nominations until later."""
    calls.extend(call, body["until"], by=staff(), now=clock.now(), key=idempotency_key())
    return _shown(call)


@blp.route("/nominations/<string:call>/list", methods=["POST"])
@blp.arguments(NomineeOrderIn)
@blp.response(200, NominationCallOut)
def list_candidates(_body: dict[str, Any], call: str) -> shown.CallView:
    """Show the list of candidates for its days."""
    calls.list_candidates(call, by=staff(), now=clock.now(), key=idempotency_key())
    return _shown(call)


@blp.route("/nominations/<string:call>/ballot", methods=["POST"])
@blp.arguments(NomineeOrderIn)
@blp.response(201, VoteMadeOut)
def print_ballot(_body: dict[str, Any], call: str) -> dict[str, str]:
    """Make the vote's draft from the list; repeated, it answers the same vote."""
    idempotency_key()
    return {"id": calls.print_ballot(call, by=staff(), now=clock.now())}


@blp.route("/votes/<string:vote>/motions/<string:motion>/lot", methods=["POST"])
@blp.arguments(LotIn)
@blp.response(201, VoteMadeOut)
def record_lot(body: dict[str, Any], vote: str, motion: str) -> dict[str, str]:
    """Record a lot drawn before two witnesses; the result is counted again with it."""
    lot = NewLot(
        order=tuple(body["order"]),
        method=body["method"],
        drawn_by=body["drawn_by"],
        witnesses=tuple(body["witnesses"]),
        drawn_at=body["drawn_at"],
        photos=tuple(body["evidence"]),
    )
    return {"id": ties.record_lot(vote, motion, lot, by=staff(), now=clock.now(), key=idempotency_key())}


@blp.route("/votes/<string:vote>/motions/<string:motion>/run-off", methods=["POST"])
@blp.arguments(NomineeOrderIn)
@blp.response(201, VoteMadeOut)
def run_off(_body: dict[str, Any], vote: str, motion: str) -> dict[str, str]:
    """Draft the vote that decides a tie; repeated, it answers the same vote."""
    idempotency_key()
    return {"id": ties.run_off(vote, motion, by=staff(), now=clock.now())}
