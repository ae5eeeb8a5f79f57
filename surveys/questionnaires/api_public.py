"""What anybody may read: a questionnaire's words, a campaign, its public results."""

import json
from typing import Any

from kernel.database import current_city, reading
from kernel.errors import NotFound
from kernel.web import Api, open_to_all
from kernel.web.kept import kept_a_second, versioned_bytes
from surveys.questionnaires import queries
from surveys.questionnaires.rules import languages
from surveys.questionnaires.rules.parts import parts
from surveys.questionnaires.schemas import CampaignInfo, PublicResultsQuery, ResultsAnswer
from surveys.questionnaires.services import results
from surveys.questionnaires.services.campaigns import info
from surveys.questionnaires.services.forms import form_of

blp = Api(
    "questionnaires_public",
    __name__,
    guard=open_to_all,
    url_prefix="/api/v1",
    description="Questionnaires, campaigns and public results",
)


@blp.route("/questionnaire-versions/<version>", methods=["GET"])
@blp.response(200, description="The frozen questionnaire, as one JSON document; never changes.")
def questionnaire_version(version: str) -> Any:
    """One wording of a questionnaire, whole."""
    return versioned_bytes(
        f"questionnaire:{current_city()}:{version}",
        lambda: _text(_document(version)),
        mimetype="application/json",
        immutable=True,
    )


@blp.route("/questionnaire-versions/<version>/sections/<int:number>", methods=["GET"])
@blp.response(200, description="One part of the frozen questionnaire; never changes.")
def questionnaire_section(version: str, number: int) -> Any:
    """One part (counted from 0; long sections are cut), so that a phone can show the first question before the rest
    has come."""

    def section() -> str:
        sections = parts(_document(version))
        if number >= len(sections):
            raise NotFound("no-such-section", "问卷没有这一部分。")
        return _text(sections[number])

    return versioned_bytes(
        f"questionnaire:{current_city()}:{version}:{number}", section, mimetype="application/json", immutable=True
    )


@blp.route("/questionnaire-versions/<version>/languages/<language>/sections/<int:number>", methods=["GET"])
@blp.response(200, description="One part of the frozen questionnaire in one of its languages; never changes.")
def translated_section(version: str, language: str, number: int) -> Any:
    """The same part in another language of the questionnaire; what has no translation is in the sheet's own words."""

    def section() -> str:
        document = _document(version)
        if language not in dict(languages.names(document)):
            raise NotFound("no-such-language", "问卷没有这种语言的文字。")
        sections = parts(languages.spoken(document, language))
        if number >= len(sections):
            raise NotFound("no-such-section", "问卷没有这一部分。")
        return _text(sections[number])

    key = f"questionnaire:{current_city()}:{version}:{language[:20]}:{number}"
    return versioned_bytes(key, section, mimetype="application/json", immutable=True)


def _document(version: str) -> dict[str, Any]:
    session = reading()
    found = queries.version_by_public_id(session, version)
    return dict(form_of(session, found.id).document)


def _text(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


@blp.route("/campaigns/<campaign>", methods=["GET"])
@kept_a_second()
@blp.response(200, CampaignInfo)
def campaign_info(campaign: str) -> Any:
    """When a campaign runs and which questionnaire it asks."""
    return info(campaign)


@blp.route("/campaigns/<campaign>/results", methods=["GET"])
@kept_a_second("estate", "place")
@blp.arguments(PublicResultsQuery, location="query", as_kwargs=True)
@blp.response(200, ResultsAnswer)
def public_results(campaign: str, estate: str, place: str) -> Any:
    """How many dwellings of each estate have answered; with ``estate`` that estate's figures, with ``place`` those of
    the estates under it added up.

    Figures move by five newcomers or more. Groups of 1 to 4 people are null, and so is what would give them away by
    subtraction.
    """
    found = results.public_results(campaign, estate, place)
    return {
        "campaign": found.campaign.public_id,
        "state": found.state,
        "waiting": 0,
        "taken_at": found.taken_at,
        "estates": found.estates,
        "figures": found.figures,
    }
