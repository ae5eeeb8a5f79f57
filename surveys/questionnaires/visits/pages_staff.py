"""The visit pack: a building's doors and its questionnaire on one page that works on without a network."""

import json
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_day, china_text
from kernel.web import Pages, identity, page, require_grant
from surveys.questionnaires.rules.parts import parts
from surveys.questionnaires.services.responses import ASSIST
from surveys.questionnaires.visits import services
from surveys.questionnaires.visits.services import Pack

blp = Pages(
    "survey_visits", __name__, guard=require_grant(ASSIST), url_prefix="/work/surveys", template_folder="../templates"
)


@blp.route("/<campaign>/pack")
def pack(campaign: str) -> Response:
    """``?building=``: take a building along. Load it with a network, then go from door to door without one. Once the
    campaign is closed the page still shows what this phone could not send."""
    who = identity()
    found = services.pack_of(campaign, request.args.get("building", "")[:22], person_id=who.person_id, now=clock.now())
    return page(
        "questionnaires/pack.html",
        found=found,
        until=china_text(found.campaign.closes_at) if found.campaign.closes_at else "",
        companions=found.companions,
        given=json.dumps(_given(found, who.account_public_id), ensure_ascii=False),
    )


def _given(found: Pack, worker: str) -> dict[str, Any]:
    """What the page's module needs to know, beside the questions themselves."""
    return {
        "worker": worker,
        "campaign": found.campaign.public_id,
        "version": found.version,
        "content_hash": found.form.content_hash,
        "sections": len(parts(found.form.document)),
        "total": found.form.screens,
        "today": china_day(clock.now()).isoformat(),
        "place": found.estate.name,
        "closed": found.closed,
        "doors": [
            {"dwelling": stop.dwelling.public_id, "label": stop.dwelling.label, "facts": stop.facts}
            for stop in found.stops
        ],
    }
