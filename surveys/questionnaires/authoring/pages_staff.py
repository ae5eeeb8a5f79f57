"""The pages of those who write questionnaires: the list, the editor, the preview, versions, what lies between them."""

import json
from types import SimpleNamespace
from typing import Any

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.clock import china_day, china_text
from kernel.database import reading
from kernel.errors import Invalid
from kernel.places.models import PlaceKind
from kernel.places.queries import places_below
from kernel.web import Pages, identity, page, require_grant
from surveys.questionnaires import queries as versions
from surveys.questionnaires import tongues
from surveys.questionnaires.authoring import queries, services
from surveys.questionnaires.authoring.services import Author
from surveys.questionnaires.corrections import queries as corrections
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.rules import branching, languages, subjects
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.lifecycle import Channel, State
from surveys.questionnaires.rules.parts import parts
from surveys.questionnaires.rules.questions import KINDS
from surveys.questionnaires.rules.wording import KIND_WORDS, labels_of
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.yearly_mappings.queries import waiting_for
from surveys.questionnaires.yearly_mappings.showing import shown

blp = Pages(
    "survey_authoring_pages",
    __name__,
    guard=require_grant(services.MANAGE),
    url_prefix="/work/questionnaires",
    template_folder="../templates",
)

HOW_WORDS = {
    "added": ("新加", "ok"),
    "dropped": ("去掉", "bad"),
    "reworded": ("改了文字", "wait"),
    "changed": ("改了内容", "todo"),
}
STATES = {State.DRAFT: ("未开始", ""), State.OPEN: ("进行中", "ok"), State.CLOSED: ("已截止", "")}
FACT_WORDS = {
    "channel": "怎么填的",
    "dwelling.floor": "住在几楼",
    "building.floors": "楼有几层",
    "building.has_lift": "楼里有没有电梯",
    "estate.renovated": "小区改造过没有",
    "estate.built_year": "小区建成年份",
}


def _author() -> Author:
    who = identity()
    return Author(who.person_id, who.actor)


@blp.route("")
def overview() -> Response:
    """What is being written, what was published, a new one, an import."""
    session = reading()
    return page(
        "questionnaires/authoring_list.html",
        drafts=queries.open_drafts(session),
        versions=queries.versions(session),
        china_text=china_text,
    )


@blp.route("/drafts/<draft>")
def editor(draft: str) -> Response:
    """The editor of a draft; read only for whom it does not belong to."""
    found = services.standing(draft, author=_author(), now=clock.now())
    given = {
        "draft": draft,
        "number": found.draft.number,
        "document": found.draft.document,
        "faults": found.faults,
        "mine": found.mine and found.draft.version_id is None,
        "kinds": [[kind, KIND_WORDS[kind]] for kind in KINDS],
        "inner": [kind for kind, one in KINDS.items() if one.in_repeat],
        "facts": [
            {"name": name, "label": FACT_WORDS[name], "values": None if values is None else list(values)}
            for name, values in branching.FACTS.items()
        ],
    }
    return page(
        "questionnaires/authoring_draft.html",
        found=found,
        given=json.dumps(given, ensure_ascii=False),
        languages=services.languages_of(found.draft.document),
        china_text=china_text,
    )


KNOWN_LANGUAGES = [
    ("en", "English"),
    ("zh-hant", "繁體中文"),
    ("ug", "ئۇيغۇرچە"),
    ("bo", "བོད་ཡིག"),
    ("mn", "ᠮᠣᠩᠭᠣᠯ"),
    ("za", "Vahcuengh"),
]


@blp.route("/drafts/<draft>/languages")
def translations(draft: str) -> Response:
    """The draft's texts with their translations, to be written here; ``?open=en``."""
    found = services.standing(draft, author=_author(), now=clock.now())
    document = found.draft.document
    known = services.languages_of(document)
    if not known:
        raise Invalid("questionnaire-invalid", "问卷的内容还不完整，请先改好再写其他语言。")
    given = {
        "draft": draft,
        "number": found.draft.number,
        "document": document,
        "mine": found.mine and found.draft.version_id is None,
        "own": known[0][1],
        "open": request.args.get("open", known[1][0] if len(known) > 1 else "")[:20],
        "known": [list(each) for each in KNOWN_LANGUAGES if each[0] != known[0][0]],
        "texts": services.texts_to_translate(document),
    }
    return page("questionnaires/authoring_languages.html", found=found, given=json.dumps(given, ensure_ascii=False))


@blp.route("/drafts/<draft>/preview")
def preview(draft: str) -> Response:
    """The true page of filling in, on a draft; nothing is kept. ``?floor=5&lift=yes&who=tenant&mode=scroll``."""
    try:
        form = services.form_of_draft(draft)
    except Invalid as refused:
        return page(
            "message.html",
            tone="wait",
            heading="还不能预览",
            text=f"有 {len(refused.fields)} 处还不对。改好以后再看。",
            more=[],
            actions=[("回去改", f"/work/questionnaires/drafts/{draft}", "main")],
        )
    worker = request.args.get("channel") == Channel.WORKER_VISIT.value
    channel = Channel.WORKER_VISIT if worker else Channel.WECHAT_SELF
    home = f"/work/questionnaires/drafts/{draft}"
    sections_url = f"/api/v1/staff/questionnaires/drafts/{draft}/{tongues.path_of(form, request.args)}sections/"
    return page(
        "questionnaires/fill.html",
        standing=SimpleNamespace(
            campaign=SimpleNamespace(title=f"预览：{form.title}"),
            estate=SimpleNamespace(name="示例小区"),
            dwelling=SimpleNamespace(label="1栋1单元501"),
        ),
        form=form,
        mode="scroll" if request.args.get("mode") == "scroll" or worker else "step",
        by_worker=worker,
        channels=[(channel.value, "本人填写")] if not worker else [],
        usual=channel.value,
        home=home,
        version=draft,
        sections_url=sections_url,
        until="",
        given=json.dumps(_given(draft, form, channel, sections_url), ensure_ascii=False),
        pretend=_pretend(form),
        **tongues.on_this_page(form, request.args),
    )


YES_NO = [("", "不知道"), ("yes", "有"), ("no", "没有")]
FLOORS = [("", "不知道"), *((str(n), f"{n} 层") for n in range(1, 34))]
YEARS = [("", "不知道"), *((str(year), f"{year} 年") for year in range(1960, 2011, 5))]
USUAL = {
    "floor": "5",
    "floors": "7",
    "lift": "no",
    "renovated": "no",
    "built": "1995",
    "channel": "",
    "who": "",
    "mode": "",
}


def _said(name: str) -> str:
    """What is pretended of the imagined household."""
    return request.args.get(name, USUAL[name])[:20]


def _pretend(form: Form) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """The controls over a preview: (name, label, what is chosen, [(value, words)])."""
    channels = [("", "居民自己"), (Channel.WORKER_VISIT.value, "社区人员入户")]
    found = [
        ("channel", "谁在填", _said("channel"), channels),
        ("floor", "住在几楼", _said("floor"), FLOORS),
        ("floors", "楼有几层", _said("floors"), FLOORS),
        ("lift", "楼里电梯", _said("lift"), YES_NO),
        ("renovated", "小区改造过没有", _said("renovated"), [YES_NO[0], ("yes", "改造过"), ("no", "没有")]),
        ("built", "小区建成", _said("built"), YEARS),
        ("mode", "怎么显示", _said("mode"), [("", "一题一屏"), ("scroll", "全在一页")]),
    ]
    if form.document.get("speaks_as"):
        found.insert(0, ("who", "住户是", _said("who"), [("", "先不答"), ("owner", "业主"), ("tenant", "承租人")]))
    return found


def _start(form: Form) -> dict[str, Any]:
    """What is answered already of an imagined owner or tenant: the question that says so."""
    said, who = form.document.get("speaks_as"), _said("who")
    if not said or who not in ("owner", "tenant"):
        return {}
    tenant = who == subjects.Speaks.TENANT
    options = [one.code for one in form.by_code[said["question"]].options if (one.code in said["tenant"]) == tenant]
    return {said["question"]: options[0]} if options else {}


def _given(draft: str, form: Form, channel: Channel, sections_url: str) -> dict[str, Any]:
    truths = {"yes": True, "no": False}
    numbers = {name: int(said) if (said := _said(name)).isdigit() else None for name in ("floor", "floors", "built")}
    known = {
        "channel": channel.value,
        "dwelling.floor": numbers["floor"],
        "building.floors": numbers["floors"],
        "building.has_lift": truths.get(_said("lift")),
        "estate.renovated": truths.get(_said("renovated")),
        "estate.built_year": numbers["built"],
    }
    facts = {name: value for name, value in known.items() if value is not None}
    return {
        "preview": True,
        "start": _start(form),
        "campaign": "preview",
        "dwelling": draft,
        "version": draft,
        "sections_url": sections_url,
        "try_url": f"/api/v1/staff/questionnaires/drafts/{draft}/try",
        "place": "示例小区 1栋1单元501",
        "facts": facts,
        "sections": len(parts(form.document)),
        "total": form.screens,
        "today": china_day(clock.now()).isoformat(),
    }


@blp.route("/versions/<version>")
def version(version: str) -> Response:
    """A version: its words, the campaigns that ask with it, and a new campaign."""
    session, who, now = reading(), identity(), clock.now()
    found = versions.version_by_public_id(session, version)
    form = form_of(session, found.id)
    mine = grants.places_for(session, who.person_id, services.MANAGE, now)
    estates = places_below(session, mine, PlaceKind.ESTATE)
    return page(
        "questionnaires/authoring_version.html",
        version=found,
        form=form,
        kinds=KIND_WORDS,
        places=[place for place in mine if place.kind != PlaceKind.ESTATE],
        estates=estates,
        over=queries.names_over(session, estates),
        tongues=languages.names(form.document),
        year=china_day(now).year,
        campaigns=[
            (
                each,
                *STATES[State(each.state)],
                corrections.corrections_of(session, each.id),
                corrections.mappings_of_campaign(session, each.id),
            )
            for each in queries.campaigns_with(session, found.id)
        ],
        others=[row for row in queries.versions(session) if row.code == form.code and row.id != found.id],
        waiting=[versions.version_by_id(session, each.from_version_id) for each in waiting_for(session, found.id)],
        china_text=china_text,
    )


@blp.route("/versions/<version>/compare")
def compare(version: str) -> Response:
    """``?with=``: what lies between this version and another."""
    session = reading()
    other = request.args.get("with", "")[:22]
    if not other:
        raise Invalid("no-other-version", "请选要比较的另一版。")
    after, before = (versions.version_by_public_id(session, one) for one in (version, other))
    if after.questionnaire_id != before.questionnaire_id:
        raise Invalid("another-questionnaire", "这是两份不同的问卷，不是同一份的两版。")
    given = {
        "version": version,
        "other": other,
        "before": _questions(form_of(session, before.id)),
        "after": _questions(form_of(session, after.id)),
    }
    return page(
        "questionnaires/authoring_compare.html",
        after=after,
        before=before,
        changes=[(change, *HOW_WORDS[change.how]) for change in services.compared(other, version)],
        campaigns=[each for each in queries.campaigns_with(session, before.id) if each.state != State.CLOSED],
        again=[each for each in queries.campaigns_with(session, after.id) if _came_from(session, each, before.id)],
        yearly=shown(session, before.id, after.id, person_id=identity().person_id),
        given=json.dumps(given, ensure_ascii=False),
        china_text=china_text,
    )


def _came_from(session: Session, campaign: Campaign, version_id: int) -> bool:
    """Whether a running campaign was corrected from a version, the last time it was."""
    history = corrections.corrections_of(session, campaign.id)
    return campaign.state != State.CLOSED and bool(history) and history[-1].from_version_id == version_id


def _questions(form: Form) -> list[dict[str, Any]]:
    """What a mapping is made of: the questions that are answered, with their options or rows in words."""
    return [
        {
            "code": code,
            "kind": question.kind,
            "title": question.title,
            "parts": [{"code": part, "label": label} for part, label in labels_of(question).items()],
        }
        for code, question in form.with_inner.items()
        if KINDS[question.kind].answerable
    ]
