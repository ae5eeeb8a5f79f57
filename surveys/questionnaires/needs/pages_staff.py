"""The menu of works for staff, with what became of each wish to set."""

from flask import request
from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.clusters import queries as clusters
from kernel.database import reading
from kernel.ratio import percent_text, quotient_text
from kernel.web import Pages, identity, page, require_grant
from surveys.questionnaires.needs import menus, services
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
    """``?estate=`` (again for each of several) or ``?cluster=``: the ranked menu of those, of all of mine without."""
    who, now = identity(), clock.now()
    chosen = [code[:64] for code in request.args.getlist("estate") if code]
    cluster = request.args.get("cluster", "")[:22]
    found = menus.staff_menu(campaign, chosen, cluster=cluster, person_id=who.person_id, now=now)
    session = reading()
    mine = grants.places_for(session, who.person_id, services.RESULTS, now)
    estates = menus.estates_asked(session, found.campaign, mine)
    return page(
        "questionnaires/staff_needs.html",
        found=found,
        estates=estates,
        clusters=[each for each, _ in clusters.clusters_within(session, mine)],
        chosen={estate.code for estate in found.estates} if chosen or cluster else set(),
        may_set=bool(chosen or cluster or len(estates) == 1)
        and all(grants.may(session, who.person_id, services.MANAGE, each, now) for each in found.estates),
        may_join=grants.may_anywhere(session, who.person_id, services.MANAGE, now),
        groups=by_class(found.wishes, found.catalogue),
        steps=[(each.value, word) for each, word in WORDS.items() if each != Became.ASKED],
        percent_text=percent_text,
        quotient_text=quotient_text,
    )
