"""A resident's API of elections: nominate, sign, agree or decline, step back; recall."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, idempotency_key, require_resident
from kernel.web.rate_limits import limiter
from surveys.votes.callers import voter
from surveys.votes.elections import queries as elections
from surveys.votes.elections.schemas import (
    ConsentIn,
    NominationCallOut,
    NomineeOrderIn,
    RecallIn,
    RecallPetitionOut,
    RecommendationIn,
    SelfNominationIn,
)
from surveys.votes.elections.services import nominating, recalls, supporting
from surveys.votes.elections.services import reading as shown
from surveys.votes.elections.services.nominating import Recommended

blp = Api(
    "elections_resident",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1",
    description="Standing for election, supporting others, recalling the elected; on one's own line.",
)


def _call(call: str) -> shown.CallView:
    session = reading()
    return shown.view(session, elections.call_by_public_id(session, call), clock.now(), account_id=voter().account_id)


def _petition(petition: str) -> shown.PetitionView:
    session = reading()
    found = elections.petition_by_public_id(session, petition)
    return shown.petition(session, found, clock.now(), account_id=voter().account_id)


@blp.route("/nominations/<string:call>/self", methods=["POST"])
@blp.arguments(SelfNominationIn)
@blp.response(201, NominationCallOut)
def nominate_self(body: dict[str, Any], call: str) -> shown.CallView:
    """Nominate oneself; that is consent."""
    nominating.nominate_self(
        call, body["section"], body["name"], body["note"], by=voter(), now=clock.now(), key=idempotency_key()
    )
    return _call(call)


@blp.route("/nominations/<string:call>/joint", methods=["POST"])
@limiter.limit("30 per hour")
@blp.arguments(RecommendationIn)
@blp.response(201, NominationCallOut)
def recommend(body: dict[str, Any], call: str) -> shown.CallView:
    """Recommend a neighbour, who is asked; one's own line signs at once."""
    nominating.recommend(call, Recommended(**body), by=voter(), now=clock.now(), key=idempotency_key())
    return _call(call)


@blp.route("/nominations/<string:call>/nominees/<string:nominee>/signature", methods=["POST"])
@blp.arguments(NomineeOrderIn)
@blp.response(200, NominationCallOut)
def sign(_body: dict[str, Any], call: str, nominee: str) -> shown.CallView:
    """Sign for a joint nomination."""
    supporting.sign(call, nominee, by=voter(), now=clock.now(), key=idempotency_key())
    return _call(call)


@blp.route("/nominations/<string:call>/nominees/<string:nominee>/signature/withdrawal", methods=["POST"])
@blp.arguments(NomineeOrderIn)
@blp.response(200, NominationCallOut)
def take_back(_body: dict[str, Any], call: str, nominee: str) -> shown.CallView:
    """Take back what one signed for a nominee on this account, while nominations are open."""
    supporting.take_back(call, nominee, by=voter(), now=clock.now(), key=idempotency_key())
    return _call(call)


@blp.route("/nominations/<string:call>/nominees/<string:nominee>/consent", methods=["POST"])
@blp.arguments(ConsentIn)
@blp.response(200, NominationCallOut)
def consent(body: dict[str, Any], call: str, nominee: str) -> shown.CallView:
    """The nominee agrees to stand, or does not."""
    nominating.consent(call, nominee, body["agrees"], by=voter(), now=clock.now(), key=idempotency_key())
    return _call(call)


@blp.route("/nominations/<string:call>/nominees/<string:nominee>/withdrawal", methods=["POST"])
@blp.arguments(NomineeOrderIn)
@blp.response(200, NominationCallOut)
def withdraw(_body: dict[str, Any], call: str, nominee: str) -> shown.CallView:
    """Step back; after the ballot was printed the name stays and votes for it are void."""
    nominating.withdraw(call, nominee, by=voter(), now=clock.now(), key=idempotency_key())
    return _call(call)


@blp.route("/votes/<string:vote>/recalls", methods=["POST"])
@limiter.limit("10 per day")
@blp.arguments(RecallIn)
@blp.response(201, RecallPetitionOut)
def start_recall(body: dict[str, Any], vote: str) -> shown.PetitionView:
    """Start a petition to recall members the vote elected."""
    made = recalls.start(vote, body["candidates"], body["reason"], by=voter(), now=clock.now(), key=idempotency_key())
    return _petition(made)


@blp.route("/recalls/<string:petition>/signature", methods=["POST"])
@blp.arguments(NomineeOrderIn)
@blp.response(200, RecallPetitionOut)
def sign_recall(_body: dict[str, Any], petition: str) -> shown.PetitionView:
    """Sign a petition on one's own line."""
    recalls.sign(petition, by=voter(), now=clock.now(), key=idempotency_key())
    return _petition(petition)


@blp.route("/recalls/<string:petition>/signature/withdrawal", methods=["POST"])
@blp.arguments(NomineeOrderIn)
@blp.response(200, RecallPetitionOut)
def take_back_recall(_body: dict[str, Any], petition: str) -> shown.PetitionView:
    """Take back what one signed on this account, before the number is reached."""
    recalls.take_back(petition, by=voter(), now=clock.now(), key=idempotency_key())
    return _petition(petition)
