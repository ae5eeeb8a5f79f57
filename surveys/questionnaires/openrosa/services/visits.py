"""What a worker's app fetches, and what it hands in: the very same submission as from the page at the door."""

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import grants
from kernel.database import reading
from kernel.errors import Conflict, Invalid, NotFound
from kernel.idempotency import Key, recall
from kernel.places.models import Dwelling
from kernel.places.queries import dwelling_by_door_code
from kernel.places.rules import read_door_code
from surveys.questionnaires.corrections.queries import older_wordings
from surveys.questionnaires.models import Campaign, Purpose
from surveys.questionnaires.openrosa import instance, queries
from surveys.questionnaires.openrosa.services.passwords import Signed
from surveys.questionnaires.queries import campaign_by_public_id, content_hash, version_by_id
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.second_visitors.services import asking
from surveys.questionnaires.services import attachments, responses
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.services.responses import ASSIST, Receipt
from surveys.questionnaires.xlsform import compiling, doors, exporting, relevance
from surveys.questionnaires.xlsform.sheets import SECOND_VISITOR

KEPT = 32
_made: dict[tuple[str, str, str], tuple[exporting.Exported, str]] = {}


@dataclass(frozen=True)
class Listed:
    """A form an app may fetch; ``digest``: MD5 hex of its XML, by which Collect sees that it changed."""

    campaign: str
    title: str
    version: str
    digest: str


def md5(data: bytes) -> str:
    """The digest the OpenRosa protocol asks for: a sign of change, no protection."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def form_list(who: Signed, *, now: datetime) -> list[Listed]:
    """The forms of campaigns that take answers now in the worker's places."""
    session = reading()
    places = grants.places_for(session, who.person_id, ASSIST, now)
    found = []
    for campaign in queries.open_campaigns(session, places, now):
        made, xml = _form(session, campaign)
        version = made.settings[0]["version"]
        found.append(Listed(campaign.public_id, campaign.title, version, md5(xml.encode())))
    return found


def form_xml(campaign: str, who: Signed, *, now: datetime) -> str:
    """The form of a campaign as XForm. Raises NotFound for one the worker is not sent."""
    return _form(reading(), _mine(campaign, who, now))[1]


def doors_csv(campaign: str, who: Signed, *, now: datetime) -> bytes:
    """The table of doors that goes with a form: codes, labels and what the register knows, of the worker's places."""
    session = reading()
    found = _mine(campaign, who, now)
    places = grants.places_for(session, who.person_id, ASSIST, now)
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["code", "label", *relevance.FACT_COLUMNS.values()])
    for code, label, floor, building, estate in queries.doors(session, found.id, places):
        facts = responses.facts_of(floor, building, estate, Channel.WORKER_VISIT)
        table.writerow([code, label, *(_plain(facts.get(name)) for name in relevance.FACT_COLUMNS)])
    return out.getvalue().encode()


def visitors_csv(campaign: str, who: Signed, *, now: datetime) -> bytes:
    """The table of those who may have come along, of the worker's places, and of nobody."""
    _mine(campaign, who, now)
    session = reading()
    places = grants.places_for(session, who.person_id, ASSIST, now)
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["name", "label"])
    for one in asking.candidates(session, places, but=who.person_id, now=now):
        table.writerow([one.person, one.name])
    table.writerow([doors.ALONE, "今天只有我一个人"])
    return out.getvalue().encode()


def _came_along(chosen: str, dwelling: Dwelling, who: Signed, now: datetime) -> str:
    """The person chosen as second visitor, or "" where it may not be he (any more): a sheet filled in far from the
    network is not sent back for that, the worker names another on the page of his visits."""
    if not chosen or chosen == doors.ALONE:
        return ""
    try:
        return asking.eligible(reading(), dwelling, chosen[:22], first=who.person_id, now=now).public_id
    except Invalid:
        return ""


def _plain(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _mine(campaign: str, who: Signed, now: datetime) -> Campaign:
    session = reading()
    places = grants.places_for(session, who.person_id, ASSIST, now)
    for found in queries.open_campaigns(session, places, now):
        if found.public_id == campaign:
            return found
    raise NotFound(
        "no-such-form", "没有这份表，或者它已经截止，或者不在您负责的小区。请在 ODK Collect 里更新表格列表。"
    )


def _form(session: Session, campaign: Campaign, version_id: int | None = None) -> tuple[exporting.Exported, str]:
    """A campaign's form and its XML, kept at hand: equal hashes are equal texts. ``version_id``: of an older
    wording."""
    version_id = version_id or campaign.version_id
    key = (campaign.public_id, campaign.title, content_hash(session, version_id))
    if key not in _made:
        form = form_of(session, version_id)
        made = exporting.export(form, form_id=campaign.public_id, title=campaign.title, at_doors=True)
        if len(_made) >= KEPT:
            _made.clear()
        _made[key] = made, compiling.xform(made.sheets)
    return _made[key]


def hand_in(
    data: bytes, files: Mapping[str, bytes], who: Signed, *, more_to_come: bool, now: datetime
) -> Receipt | None:
    """Take a filled form with its pictures; None when more pictures of it are still to come.

    ``data``: the XML; ``files``: by the names it uses. Told twice it counts once, by the form's own instanceID; the
    pictures of a form that came in several parts are kept for the last one. Raises Invalid, NotFound, Conflict, Gone.
    """
    filled = instance.parsed(data)
    session = reading()
    campaign = campaign_by_public_id(session, filled.form_id)
    version_id = _wording(session, campaign, filled.version)
    made, _ = _form(session, campaign, version_id)
    form = form_of(session, version_id)
    code = read_door_code(filled.values.get("door_scan") or filled.values.get("door_typed", ""))
    if code is None:
        raise Invalid("no-door-code", "没有门牌码。请回到表格第一页，扫门上的码或输入 10 位编号。")
    home = dwelling_by_door_code(session, code)
    dwelling = home.public_id
    answers, pictures = _answers(made, form, filled)
    key = Key(who.actor, _token("odk", filled.instance_id), hashlib.sha256(data).hexdigest())
    if _new(session, key):
        for picture in pictures:
            kept = _keep(picture, files, form, filled, dwelling, who, more_to_come=more_to_come, now=now)
            _put(answers, picture, kept)
        if more_to_come:
            return None
    try:
        return responses.submit(
            filled.form_id,
            dwelling,
            answers=answers,
            channel=Channel.WORKER_VISIT,
            account_id=who.account_id,
            person_id=who.person_id,
            actor=who.actor,
            second_visitor=_came_along(filled.values.get(SECOND_VISITOR, ""), home, who, now),
            key=key,
            content_hash=form.content_hash,
            now=now,
        )
    except Invalid as refused:
        raise _in_words(refused, form) from None


def _new(session: Session, key: Key) -> bool:
    """Whether a form was not taken yet. Raises Invalid for one that was, with other answers."""
    try:
        return recall(session, key) is None
    except Invalid:
        text = (
            "这一份表已经收过了，那时填的和现在的不一样，所以没有再收。要改，请给这一户新填一份表再发，原来的会留着。"
        )
        raise Invalid("submission-changed", text) from None


def _wording(session: Session, campaign: Campaign, said: str) -> int:
    """The version a form was filled in: today's, or one the campaign asked with before a correction; a form that was
    taken along to the doors before it is not filled in again. Raises Conflict."""
    current = version_by_id(session, campaign.version_id)
    now = (current.id, current.edition, current.content_hash)
    for version_id, edition, hashed in (now, *older_wordings(session, campaign.id)):
        if said in ("", exporting.version_of(edition, hashed)):
            return version_id
    raise Conflict("form-outdated", "这份表不是这次问卷用过的版本。请在 ODK Collect 里更新表格后重新填。")


def _answers(
    made: exporting.Exported, form: Form, filled: instance.Instance
) -> tuple[dict[str, Any], list[instance.Picture]]:
    try:
        return instance.answers_of(made.fields, filled)
    except Invalid as refused:
        raise _in_words(refused, form) from None


def _keep(
    picture: instance.Picture,
    files: Mapping[str, bytes],
    form: Form,
    filled: instance.Instance,
    dwelling: str,
    who: Signed,
    *,
    more_to_come: bool,
    now: datetime,
) -> str | None:
    """The id of a picture's upload, made now or by an earlier part; None while it is still to come."""
    said = hashlib.sha256("\0".join([filled.form_id, dwelling, picture.filename]).encode()).hexdigest()
    key = Key(who.actor, _token("odkf", filled.instance_id, picture.filename), said)
    done = recall(reading(), key)
    if done is not None:
        return done
    if picture.filename not in files:
        if more_to_come:
            return None
        raise Invalid("picture-missing", f"照片 {picture.filename[:60]} 没有一起传上来。请在 ODK Collect 里再发一次。")
    signature = form.with_inner[picture.code].kind == "signature"
    try:
        return attachments.attach(
            filled.form_id,
            dwelling,
            purpose=Purpose.SIGNATURE if signature else Purpose.PHOTO,
            data=files[picture.filename],
            channel=Channel.WORKER_VISIT,
            account_id=who.account_id,
            person_id=who.person_id,
            key=key,
            now=now,
        )
    except Invalid as refused:
        raise Invalid(refused.code, f"“{form.with_inner[picture.code].title}”：{refused.detail}") from None


def _put(answers: dict[str, Any], picture: instance.Picture, kept: str | None) -> None:
    if kept is None:
        return
    place, code = answers, picture.code
    if picture.row >= 0:
        head, _, code = picture.code.partition(".")
        place = answers[head][picture.row]
    if picture.part:
        place.setdefault(code, []).append({"file": kept, "caption": picture.caption})
    else:
        place[code] = kept


def _token(*parts: str) -> str:
    """A key of at most 64 signs from parts of any length."""
    return f"{parts[0]}-{hashlib.sha256(chr(0).join(parts[1:]).encode()).hexdigest()[:56]}"


def _in_words(refused: Invalid, form: Form) -> Invalid:
    """What is wrong by question, as one text: the app shows nothing else."""
    return Invalid(refused.code, refused.detail + "".join(_lines(refused.fields, form)), refused.fields)


def _lines(faults: Mapping[str, Iterable[str]], form: Form) -> Iterable[str]:
    for code, texts in faults.items():
        question = form.by_code.get(code)
        title = f"{question.no} {question.title}".strip() if question else code
        yield f"\n{title}：{''.join(texts)}"
