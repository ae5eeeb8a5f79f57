"""The pages of those who write questionnaires: the list, the editor, the preview, versions, what lies between them."""

import json
from types import SimpleNamespace
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.clock import china_day, china_text
from kernel.database import reading
from kernel.errors import Invalid
from kernel.places.models import PlaceKind
from kernel.places.queries import places_under
from kernel.web import Pages, identity, page, require_grant
from surveys.questionnaires import queries as versions
from surveys.questionnaires import tongues
from surveys.questionnaires.authoring import queries, services
from surveys.questionnaires.authoring.services import Author
from surveys.questionnaires.corrections import queries as corrections
from surveys.questionnaires.rules import branching
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.lifecycle import Channel, State
from surveys.questionnaires.rules.parts import parts
from surveys.questionnaires.rules.questions import KINDS
from surveys.questionnaires.rules.wording import labels_of
from surveys.questionnaires.services.forms import form_of

blp = Pages(
    "survey_authoring_pages",
    __name__,
    guard=require_grant(services.MANAGE),
    url_prefix="/work/questionnaires",
    template_folder="../templates",
)

KIND_WORDS = {
    "single": "单选",
    "multi": "多选",
    "ranking": "排序",
    "number": "数字",
    "number_grid": "几个数字",
    "rating": "打分",
    "matrix": "逐项打分",
    "text": "文字",
    "date": "日期",
    "phone": "电话",
    "cascade": "逐级选择",
    "photo": "照片",
    "signature": "签名",
    "consent": "同意事项",
    "repeat": "逐个填写",
    "place": "房屋地址（不用填）",
    "note": "说明文字",
}
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
        china_text=china_text,
    )


@blp.route("/drafts/<draft>/preview")
def preview(draft: str) -> Response:
    """The true page of filling in, on a draft; nothing is kept. ``?lift=yes&mode=scroll&channel=…``."""
    found = services.standing(draft, author=_author(), now=clock.now())
    if found.faults:
        return page(
            "message.html",
            tone="wait",
            heading="还不能预览",
            text=f"有 {len(found.faults)} 处还不对。改好以后再看。",
            more=[],
            actions=[("回去改", f"/work/questionnaires/drafts/{draft}", "main")],
        )
    form = services.form_of_draft(draft)
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
        **tongues.on_this_page(form, request.args),
    )


def _given(draft: str, form: Form, channel: Channel, sections_url: str) -> dict[str, Any]:
    facts = {
        "channel": channel.value,
        "dwelling.floor": 5,
        "building.floors": 7,
        "building.has_lift": request.args.get("lift") == "yes",
        "estate.renovated": request.args.get("renovated") == "yes",
        "estate.built_year": 1995,
    }
    return {
        "preview": True,
        "campaign": "preview",
        "dwelling": draft,
        "version": draft,
        "sections_url": sections_url,
        "try_url": f"/api/v1/staff/questionnaires/drafts/{draft}/try",
        "place": "示例小区 1栋1单元501",
        "facts": facts,
        "sections": len(parts(form.document)),
        "total": len({question.no or question.code for question in form.questions if question.parent is None}),
        "today": china_day(clock.now()).isoformat(),
    }


@blp.route("/versions/<version>")
def version(version: str) -> Response:
    """A version: its words, the campaigns that ask with it, and a new campaign."""
    session, who, now = reading(), identity(), clock.now()
    found = versions.version_by_public_id(session, version)
    form = form_of(session, found.id)
    mine = grants.places_for(session, who.person_id, services.MANAGE, now)
    estates = [estate for place in mine for estate in places_under(session, place, PlaceKind.ESTATE)]
    return page(
        "questionnaires/authoring_version.html",
        version=found,
        form=form,
        kinds=KIND_WORDS,
        places=[place for place in mine if place.kind != PlaceKind.ESTATE],
        estates=estates,
        year=china_day(now).year,
        campaigns=[
            (each, *STATES[State(each.state)], corrections.corrections_of(session, each.id))
            for each in queries.campaigns_with(session, found.id)
        ],
        others=[row for row in queries.versions(session) if row.code == form.code and row.id != found.id],
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
        "before": _questions(form_of(session, before.id)),
        "after": _questions(form_of(session, after.id)),
    }
    return page(
        "questionnaires/authoring_compare.html",
        after=after,
        before=before,
        changes=[(change, *HOW_WORDS[change.how]) for change in services.compared(other, version)],
        campaigns=[each for each in queries.campaigns_with(session, before.id) if each.state != State.CLOSED],
        given=json.dumps(given, ensure_ascii=False),
        china_text=china_text,
    )


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
