"""The desk for paper forms: what is on its way, registering one, keying it with a keyboard, deciding."""

import json

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_day, china_text
from kernel.database import reading
from kernel.places.queries import dwelling_by_public_id
from kernel.web import Pages, identity, page, require_grant
from surveys.questionnaires import queries
from surveys.questionnaires.corrections.queries import older_wordings
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.paper import services
from surveys.questionnaires.paper.api_staff import staff
from surveys.questionnaires.paper.services import View
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.rules.paper import WORDS, PaperState, printed_mark
from surveys.questionnaires.rules.parts import parts

blp = Pages(
    "survey_paper_pages",
    __name__,
    guard=require_grant(services.ENTER),
    url_prefix="/work/surveys",
    template_folder="../templates",
)


@blp.route("/papers")
def waiting() -> Response:
    """Papers on their way in my places."""
    rows = services.waiting(person_id=identity().person_id, now=clock.now())
    return page("questionnaires/papers.html", rows=rows, china_text=china_text)


@blp.route("/<campaign>/paper")
def register(campaign: str) -> Response:
    """``?dwelling=``: print a form for a dwelling, and register the one that came back."""
    session = reading()
    found = queries.campaign_by_public_id(session, campaign)
    home = dwelling_by_public_id(session, request.args.get("dwelling", "")[:22])
    building = services.may_enter(session, home, staff(), clock.now())
    return page(
        "questionnaires/paper_register.html",
        campaign=found,
        dwelling=home,
        building=building,
        wordings=_wordings(session, found),
    )


def _wordings(session: Session, campaign: Campaign) -> list[tuple[str, str]]:
    """(hash, as it stands at the foot of each page) of the wordings a paper may have been printed with."""
    now = queries.version_by_id(session, campaign.version_id)
    older = [(hashed, edition) for _, edition, hashed in older_wordings(session, campaign.id)]
    known = dict([(now.content_hash, now.edition), *older])
    return [(hashed, printed_mark(edition, hashed)) for hashed, edition in known.items()]


@blp.route("/papers/<paper>")
def paper(paper: str) -> Response:
    """A paper's next step: key it, decide what differs, or wait for another person."""
    found = services.view(paper, by=staff(), now=clock.now())
    keyable = found.paper.state in (PaperState.REGISTERED, PaperState.KEYED) and not found.stands_still
    keys = keyable and not found.mine
    return page(
        "questionnaires/paper.html",
        found=found,
        keys=keys,
        word=WORDS[PaperState(found.paper.state)],
        given=json.dumps(_given(found), ensure_ascii=False) if keys else "",
        china_text=china_text,
    )


def _given(found: View) -> dict[str, object]:
    """What the page's module needs to know, beside the questions themselves."""
    return {
        "campaign": found.campaign.public_id,
        "dwelling": found.dwelling.public_id,
        "version": queries.version_by_id(reading(), found.paper.version_id).public_id,
        "place": f"{found.estate.name} {found.dwelling.label}",
        "facts": found.facts | {"channel": Channel.PAPER_IMPORT},
        "sections": len(parts(found.form.document)),
        "total": found.form.screens,
        "today": china_day(clock.now()).isoformat(),
        "paper": found.paper.public_id,
    }
