"""Keeping what somebody has begun to fill in, for his other phone."""

from typing import Any

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_resident
from kernel.web.rate_limits import limiter
from surveys.questionnaires.drafts import services
from surveys.questionnaires.drafts.schemas import DraftAnswer, InCurrentWordsAnswer, OlderWords, SavedDraft, SaveDraft
from surveys.questionnaires.rules.lifecycle import Channel

blp = Api(
    "survey_drafts",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1/campaigns",
    description="What one has begun to fill in",
)


@blp.route("/<campaign>/drafts/<dwelling>", methods=["GET"])
@blp.response(200, DraftAnswer)
def read(campaign: str, dwelling: str) -> Any:
    """One's own draft for a dwelling, also after the campaign has closed."""
    who = identity()
    return services.read(campaign, dwelling, account_id=who.account_id, person_id=who.person_id, now=clock.now())


@blp.route("/<campaign>/drafts/<dwelling>", methods=["PATCH"])
@limiter.limit("120 per minute")
@blp.arguments(SaveDraft)
@blp.response(200, SavedDraft)
def save(body: dict[str, Any], campaign: str, dwelling: str) -> Any:
    """Put changed answers into one's draft. When another phone saved meanwhile it is a 409 (draft-elsewhere) and
    nothing changes: read it, put the two together, save again.
    """
    who = identity()
    number = services.save(
        campaign,
        dwelling,
        number=body["number"],
        changes=body["changes"],
        channel=body["channel"],
        at=body["at"],
        account_id=who.account_id,
        person_id=who.person_id,
        key=idempotency_key(),
        content_hash=body["content_hash"],
        now=clock.now(),
    )
    return {"number": number}


@blp.route("/<campaign>/drafts/<dwelling>/in-current-words", methods=["POST"])
@limiter.limit("60 per minute")
@blp.arguments(OlderWords)
@blp.response(200, InCurrentWordsAnswer)
def in_current_words(body: dict[str, Any], campaign: str, dwelling: str) -> Any:
    """What a phone holds in words that were corrected since, in those of today, and what to look at again; nothing is
    kept, so the same key may say anything."""
    idempotency_key()
    who = identity()
    return services.in_current_words(
        campaign,
        dwelling,
        body["answers"],
        content_hash=body["content_hash"],
        channel=Channel(body["channel"]),
        account_id=who.account_id,
        person_id=who.person_id,
        now=clock.now(),
    )
