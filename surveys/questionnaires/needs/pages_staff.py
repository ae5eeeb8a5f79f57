"""The menu of works for staff, with what became of each wish to set."""

from flask import request
from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.database import reading
from kernel.ratio import percent_text, quotient_text
from kernel.web import Pages, identity, page, require_grant
from surveys.questionnaires.needs import services
from surveys.questionnaires.rules.needs import WORDS, Became, by_class

blp = Pages(
    "survey_needs_pages",
    __name__,
    guard=require_grant(services.RESULTS),
    url_prefix="/work/surveys",
    template_folder="../templates",
)


@blp.route("/<campaign>/needs")
def menu(campaign: str) -> Response:
    """``?estate=`` (again for each of a cluster): the ranked menu of those, of all of mine without."""
    who, now = identity(), clock.now()
    chosen = [code[:64] for code in request.args.getlist("estate") if code]
    found = services.staff_menu(campaign, chosen, person_id=who.person_id, now=now)
    whole = services.staff_menu(campaign, [], person_id=who.person_id, now=now) if chosen else found
    alone = found.estates[0] if len(found.estates) == 1 else None
    return page(
        "questionnaires/staff_needs.html",
        found=found,
        estates=whole.estates,
        chosen={estate.code for estate in found.estates} if chosen else set(),
        alone=alone,
        stands=found.stands[alone.code] if alone else {},
        may_set=alone is not None and grants.may(reading(), who.person_id, services.MANAGE, alone, now),
        groups=by_class(found.wishes, found.catalogue),
        steps=[(each.value, word) for each, word in WORDS.items() if each != Became.ASKED],
        percent_text=percent_text,
        quotient_text=quotient_text,
    )
