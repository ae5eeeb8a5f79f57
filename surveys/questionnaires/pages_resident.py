"""The questionnaire on a phone: one question a screen for residents, one long page for the worker at the door."""

import json
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_day, china_text
from kernel.database import reading
from kernel.places.queries import place_by_id
from kernel.web import Pages, identity, page, require_resident
from surveys.questionnaires import settings, tongues
from surveys.questionnaires.drafts import services as drafts
from surveys.questionnaires.models import Response as StoredResponse
from surveys.questionnaires.needs import opening
from surveys.questionnaires.paper.services import contesting
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.lifecycle import CHANNEL_WORDS, Channel, State
from surveys.questionnaires.second_visitors.services import asking
from surveys.questionnaires.second_visitors.services.asking import Candidate
from surveys.questionnaires.services import responses
from surveys.questionnaires.services.forms import plan_of
from surveys.questionnaires.services.responses import WORKER, Standing
from surveys.questionnaires.standing.services import reviewing
from surveys.questionnaires.standing.services.reviewing import History, Version

blp = Pages("questionnaires", __name__, guard=require_resident, url_prefix="/q", template_folder="templates")


def _standing(campaign: str, dwelling: str) -> Standing:
    who = identity()
    return responses.standing(campaign, dwelling, account_id=who.account_id, person_id=who.person_id, now=clock.now())


def _home(standing: Standing) -> str:
    """Where this person goes on: the dwelling's page, or the worker's page of it."""
    prefix = "/work/d/" if standing.relation == WORKER else "/d/"
    return prefix + standing.dwelling.public_id


@blp.route("/<campaign>/<dwelling>")
def fill(campaign: str, dwelling: str) -> Response:
    """The questionnaire of a dwelling; ``?mode=scroll`` puts all questions on one page (workers get it unasked).

    A household that has answered, or a campaign that takes no answers, gets a page that says so and keeps what the
    phone holds.
    """
    standing = _standing(campaign, dwelling)
    by_worker = standing.relation == WORKER
    correcting = request.args.get("edit") == "1" and standing.takes_answers
    if standing.response is not None and not correcting:
        return _answered(standing, standing.response)
    if not standing.takes_answers:
        if standing.campaign.state == State.DRAFT:
            return _told(
                standing, "wait", "问卷还没有开始", "开始后再扫门口的码就能填。", [("返回", _home(standing), "main")]
            )
        return _told(
            standing,
            "wait",
            "问卷已经截止",
            "不再收新的答卷。您在这部手机上填过的内容还留着；要补充意见，请找社区。",
            [
                ("看结果", f"/q/{campaign}/results?estate={standing.estate.code}", "main"),
                *_paper(standing),
                *_draft(standing),
                ("返回", _home(standing), ""),
            ],
        )
    form = plan_of(reading(), standing.campaign.version_id, standing.content_hash).form
    mode = request.args.get("mode", "scroll" if by_worker else "step")
    channels = [Channel.WORKER_VISIT] if by_worker else [Channel.WECHAT_SELF, Channel.WECHAT_BY_FAMILY]
    usual = Channel.WECHAT_BY_FAMILY if standing.relation == "family" else channels[0]
    last = opening.shown(standing, account_id=identity().account_id)
    return page(
        "questionnaires/fill.html",
        standing=standing,
        form=form,
        mode="scroll" if mode == "scroll" else "step",
        by_worker=by_worker,
        channels=[(channel.value, CHANNEL_WORDS[channel]) for channel in channels],
        usual=usual.value,
        home=_home(standing),
        version=standing.version,
        until=china_text(standing.campaign.closes_at) if standing.campaign.closes_at else "",
        last=last,
        offers_last=last is not None and last.may_copy and not _has_draft(standing),
        companions=_companions(standing) if by_worker else [],
        correcting=standing.response is not None,
        paper=_paper(standing),
        given=json.dumps(_given(standing, form, usual), ensure_ascii=False),
        sections_url=_sections_url(standing, form),
        **tongues.on_this_page(form, request.args),
    )


def _companions(standing: Standing) -> list[Candidate]:
    """Whom a worker may say came along."""
    session = reading()
    building = place_by_id(session, standing.building.id)
    return asking.candidates(session, [building], but=identity().person_id, now=clock.now())


def _answered(standing: Standing, response: StoredResponse) -> Response:
    """The household has answered: what that means for whoever looks, and what he may do."""
    here = f"/q/{standing.campaign.public_id}/{standing.dwelling.public_id}"
    see, change = f"{here}/done", f"{here}?edit=1"
    if standing.relation == WORKER:
        who = reviewing.by_words(reading(), response, clock.now())
        text = f"{china_text(response.submitted_at)} {who}。不用再填；再填一份，两份不一样的要社区核对才定。"
        actions = [("下一户", _home(standing), "main"), ("看已交的问卷", see, ""), ("再填一份", change, "")]
    elif standing.takes_answers and reviewing.waits_for_owner(reading(), response, standing.relation):
        text = "租客填的只算需求。同意改造和出资的意见要业主来说：请再填一份，租客填的照样算。"
        actions = [("填业主的一份", change, "main"), ("看已交的问卷", see, "")]
    else:
        mine = response.account_id == identity().account_id
        text = "一户算一份。截止以前可以改，改过的每一份都留着。"
        actions = [("看已交的问卷", see, "main"), ("修改" if mine else "我来改或另填一份", change, "")]
    if not standing.takes_answers:
        text, actions = "问卷已经截止。", [action for action in actions if action[1] != change]
    back = [] if standing.relation == WORKER else [("返回", _home(standing), "")]
    return _told(standing, "ok", "这一户已经填过了", text, [*actions, *_paper(standing), *_draft(standing), *back])


def _sections_url(standing: Standing, form: Form) -> str:
    """Where the parts are in the language asked for; "" for the sheet's own."""
    path = tongues.path_of(form, request.args)
    return f"/api/v1/questionnaire-versions/{standing.version}/{path}sections/" if path else ""


def _has_draft(standing: Standing) -> bool:
    return drafts.has_one(standing.campaign.id, standing.dwelling.id, identity().account_id)


def _draft(standing: Standing) -> list[tuple[str, str, str]]:
    """The way to what this person had filled in and not submitted, if anything."""
    if not _has_draft(standing):
        return []
    return [("看我填过的内容", f"/q/{standing.campaign.public_id}/{standing.dwelling.public_id}/draft", "")]


def _paper(standing: Standing) -> list[tuple[str, str, str]]:
    """The way to a paper of this household that is being keyed, if there is one."""
    if contesting.on_its_way(standing.asked, account_id=identity().account_id) is None:
        return []
    return [("看您家的纸质问卷", f"/q/{standing.campaign.public_id}/{standing.dwelling.public_id}/paper", "")]


def _given(standing: Standing, form: Form, usual: Channel) -> dict[str, Any]:
    """What the page's module needs to know, beside the questions themselves."""
    facts = responses.facts_of(standing.dwelling.floor, standing.building.facts, standing.estate.facts, usual)
    return {
        "campaign": standing.campaign.public_id,
        "dwelling": standing.dwelling.public_id,
        "version": standing.version,
        "content_hash": standing.content_hash,
        "place": f"{standing.estate.name} {standing.dwelling.label}",
        "facts": facts,
        "sections": form.part_count,
        "total": form.screens,
        "today": china_day(clock.now()).isoformat(),
        **({"sections_url": url} if (url := _sections_url(standing, form)) else {}),
        **_correction(standing),
    }


def _correction(standing: Standing) -> dict[str, Any]:
    """What a correction begins from, and which response it is seen beside; nothing for a first sheet."""
    if standing.response is None:
        return {}
    found: dict[str, Any] = {"replaces": standing.response.public_id}
    if standing.may_read and standing.relation != WORKER:
        found["start"] = responses.to_begin_from(standing.response, account_id=identity().account_id)
    return found


def _told(standing: Standing, tone: str, heading: str, text: str, actions: list[tuple[str, str, str]]) -> Response:
    where = f"{standing.estate.name} {standing.dwelling.label}"
    return page("message.html", tone=tone, heading=heading, text=text, more=[where], actions=actions)


@blp.route("/<campaign>/<dwelling>/done")
def done(campaign: str, dwelling: str) -> Response:
    """The receipt of one's own response, or of the one that counts; all responses of the dwelling; what was answered,
    for those who may read it (without names, phones). ``?v=``: another of them."""
    standing = _standing(campaign, dwelling)
    who, now, by_worker = identity(), clock.now(), standing.relation == WORKER
    history = reviewing.history(standing.asked, account_id=who.account_id, by_worker=by_worker, now=now)
    shown = _chosen(history, request.args.get("v", "")[:22])
    if shown is None:
        return _told(
            standing,
            "wait",
            "还没有交问卷",
            "填好后在最后一页点“提交问卷”。",
            [("去填问卷", f"/q/{campaign}/{dwelling}", "main"), ("返回", _home(standing), "")],
        )
    if by_worker:
        responses.looked_at(shown.response, actor=who.actor, now=now)
    return page(
        "questionnaires/done.html",
        standing=standing,
        history=history,
        shown=shown,
        response=shown.response,
        lines=responses.lines_of(shown.response, with_private=False) if shown.may_read else [],
        position=responses.sealed_position(shown.response),
        home=_home(standing),
        by_worker=by_worker,
        paper=_paper(standing),
        second=asking.shown(reading(), shown.response, person_id=who.person_id, now=now)
        if by_worker and shown.response.channel == Channel.WORKER_VISIT
        else None,
        china_text=china_text,
        days=settings.current().objection_days,
    )


def _chosen(history: History, wanted: str) -> Version | None:
    """The version asked for, else the latest of one's own, else the one that counts, else the latest."""
    for fits in (
        lambda one: one.response.public_id == wanted,
        lambda one: one.mine,
        lambda one: one.counts,
        lambda _: True,
    ):
        for version in history.versions:
            if fits(version):
                return version
    return None
