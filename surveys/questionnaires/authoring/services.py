"""Beginning a draft, saving, checking, trying and publishing it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.clock import china_day, china_text
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, Invalid, NotAllowed
from kernel.idempotency import Key, recall, remember
from kernel.places.models import Place
from kernel.places.queries import place_by_id
from kernel.places.rules import is_within
from surveys.questionnaires import queries as versions
from surveys.questionnaires.authoring import queries
from surveys.questionnaires.authoring.models import FormDraft
from surveys.questionnaires.rules import branching, form, languages, shapes
from surveys.questionnaires.rules import wording as rules
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.plan import Plan
from surveys.questionnaires.services.forms import form_of, keep
from surveys.questionnaires.xlsform import exporting, importing, kept, workbook

MANAGE = "survey.manage"


@dataclass(frozen=True)
class Author:
    """Who writes: the person whose rights decide, and the name audit entries know him by."""

    person_id: int | None
    actor: str


@dataclass(frozen=True)
class Standing:
    """A draft as its page shows it. ``faults``: by question code; ``mine``: whether this person may change it."""

    draft: FormDraft
    place: Place
    faults: Mapping[str, list[str]]
    mine: bool


@dataclass(frozen=True)
class Imported:
    """A draft made of a spreadsheet, and what did not come along."""

    draft: str
    listed: list[str]


def faults_of(document: Any) -> dict[str, list[str]]:
    """What is wrong with a document, by question; {} when it could be published."""
    try:
        form.read(document)
    except Invalid as refused:
        return {where: list(texts) for where, texts in refused.fields.items()}
    return {}


def _home(session: Session, author: Author, now: datetime) -> Place:
    """The place a new draft belongs to. Raises NotAllowed."""
    mine = grants.places_for(session, author.person_id, MANAGE, now)
    if not mine:
        raise NotAllowed("no-such-role", "编写问卷由街道、区县和市里的工作人员办理。")
    return mine[0]


def _covers(session: Session, author: Author, place: Place, now: datetime) -> bool:
    mine = grants.places_for(session, author.person_id, MANAGE, now)
    return any(is_within(place.path, at.path) for at in mine)


def _must_be_mine(session: Session, author: Author, draft: FormDraft, now: datetime) -> None:
    if not _covers(session, author, place_by_id(session, draft.place_id), now):
        raise NotAllowed("not-your-draft", "这份草稿是别处的，您可以看，也可以另存一份自己的，但不能改它。")


@use_case
def begin(
    *,
    code: str,
    title: str,
    version: str | None,
    document: Any = None,
    author: Author,
    key: Key | None = None,
    now: datetime,
) -> str:
    """Begin a draft: empty, from a ``version``, or from a ``document`` (of another draft); its public id. Audited.

    Raises NotFound, NotAllowed, Invalid (too large).
    """
    with transaction() as session:
        if done := recall(session, key):
            return done
        place = _home(session, author, now)
        base = versions.version_by_public_id(session, version) if version else None
        edition = f"{china_day(now).year}-1"
        if document is not None:
            made = _named(document, code=code, title=title)
        elif base is not None:
            made = rules.editable(base.document, code=code, title=title, edition=edition)
        else:
            made = rules.blank(code, title, edition)
        _must_fit(made)
        draft = FormDraft(
            code=code,
            title=title,
            place_id=place.id,
            number=1,
            document=made,
            based_on_id=base.id if base else None,
            saved_at=now,
            saved_by=author.actor,
        )
        session.add(draft)
        session.flush()
        _record(session, draft, "begun", author, now)
        remember(session, key, draft.public_id, now=now)
        return draft.public_id


def _named(document: Any, *, code: str, title: str) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise Invalid("questionnaire-invalid", "问卷的内容不对：最外层应是一个对象。")
    return {**document, "code": code, "title": title}


def _must_fit(document: Any) -> None:
    if len(json.dumps(document, ensure_ascii=False).encode()) > rules.MOST_BYTES:
        raise Invalid("questionnaire-too-large", "问卷的内容太多，存不下了。请分成两份。")


@use_case
def save(draft: str, *, number: int, document: Any, author: Author, key: Key | None = None, now: datetime) -> int:
    """Save a draft that was read as ``number``; its new number. It may be wrong: see ``faults_of``.

    Raises Conflict (form-draft-changed) when somebody saved since, NotFound, NotAllowed, Invalid.
    """
    with transaction() as session:
        if done := recall(session, key):
            return int(done)
        found = queries.draft_for_change(session, draft)
        _must_be_mine(session, author, found, now)
        _must_be_current(found, number)
        if not isinstance(document, dict):
            raise Invalid("questionnaire-invalid", "问卷的内容不对：最外层应是一个对象。")
        _must_fit(document)
        found.document = document
        found.code = str(document.get("code", ""))[:40]
        found.title = str(document.get("title", ""))[:120]
        found.number, found.saved_at, found.saved_by = number + 1, now, author.actor
        # Every save of a minute's work need not be in the audit; who published what is.
        remember(session, key, str(found.number), now=now)
        return found.number


def _must_be_current(draft: FormDraft, number: int) -> None:
    if draft.version_id is not None:
        raise Conflict("form-draft-published", "这份草稿已经发布，不能再改。要改正，请从发布的那一版再起一份草稿。")
    if draft.number != number:
        when = china_text(draft.saved_at)
        told = f"有人在 {when} 改过这份草稿，您这边的改动还没有存上，也没有覆盖别人的。"
        raise Conflict("form-draft-changed", told + "请先载入最新的再改，或者把您这边的另存成一份。")


@use_case
def put_away(draft: str, *, author: Author, key: Key | None = None, now: datetime) -> str:
    """Put a draft away; its public id. Raises NotFound, NotAllowed, Conflict (published)."""
    with transaction() as session:
        if done := recall(session, key):
            return done
        found = queries.draft_for_change(session, draft)
        _must_be_mine(session, author, found, now)
        _must_be_current(found, found.number)
        found.discarded_at = now
        _record(session, found, "put-away", author, now)
        remember(session, key, found.public_id, now=now)
        return found.public_id


@use_case
def publish(draft: str, *, number: int, author: Author, key: Key | None = None, now: datetime) -> str:
    """Freeze a draft as a version of its questionnaire; the version's public id. Audited.

    Raises Invalid with every fault by question, Conflict (changed meanwhile, published before, or word for word what
    is a version already), NotAllowed (the questionnaire is another place's), NotFound.
    """
    with transaction() as session:
        if done := recall(session, key):
            return done
        found = queries.draft_for_change(session, draft)
        _must_be_mine(session, author, found, now)
        _must_be_current(found, number)
        read = form.read(found.document)
        home = queries.home_of(session, read.code)
        if home is not None and not _covers(session, author, home, now):
            told = f"代码 {read.code} 的问卷由{home.name}管理。请换一个代码，作为自己的问卷发布。"
            raise NotAllowed("not-your-questionnaire", told)
        loaded = keep(session, read, actor=author.actor, now=now)
        if not loaded.new:
            raise Conflict("nothing-new", "和已经发布的一版一字不差，不用再发布。")
        found.version_id = loaded.version.id
        _record(session, found, "published", author, now, version=loaded.version.public_id)
        remember(session, key, loaded.version.public_id, now=now)
        return loaded.version.public_id


def _record(session: Session, draft: FormDraft, what: str, author: Author, now: datetime, **payload: str) -> None:
    audit.record(
        session,
        actor=author.actor,
        action=f"form-draft.{what}",
        subject=f"form_draft:{draft.public_id}",
        now=now,
        payload={"code": draft.code, "number": draft.number, **payload},
    )


def standing(draft: str, *, author: Author, now: datetime) -> Standing:
    """A draft for its page. Raises NotFound."""
    session = reading()
    found = queries.draft_by_public_id(session, draft)
    place = place_by_id(session, found.place_id)
    return Standing(found, place, faults_of(found.document), _covers(session, author, place, now))


def languages_of(document: Any) -> list[tuple[str, str]]:
    """(code, name) of the languages of a draft, its own first; [] while it has no shape to find texts in."""
    if not isinstance(document, dict) or list(shapes.problems(document)):
        return []
    return languages.names(document)


def texts_to_translate(document: dict[str, Any]) -> list[dict[str, str]]:
    """Every text of a draft as it would be frozen: its ``address``, ``text``, and ``part`` of the sheet."""
    found, part = [], "问卷的名称和说明"
    titles = {one.code: f"{one.no}. {one.title}" if one.no else one.title for one in form.questions_of(document)}
    for place in languages.places(form.written_out(document)):
        head = place.address.partition("/")[0]
        if head == "section":
            part = place.text
        elif "/" in place.address and head != "intro":
            part = titles.get(head.partition(".")[0], part)
        found.append({"address": place.address, "text": place.text, "part": part})
    return found


def spreadsheet(version: str) -> tuple[str, bytes]:
    """A version as an XLSForm file: (its name, the file). Raises NotFound."""
    session = reading()
    found = versions.version_by_public_id(session, version)
    read = form_of(session, found.id)
    return f"{read.code}-{found.edition}.xlsx", workbook.written(kept.sheets_of(read, exporting.export(read)))


def form_of_draft(draft: str) -> Form:
    """A draft's questions, when they can be asked; words still to be written only keep it from being published. Raises
    NotFound, Invalid with the faults."""
    return form.read(queries.draft_by_public_id(reading(), draft).document, stored=True)


def tried(draft: str, answers: dict[str, Any], facts: Mapping[str, Any], *, now: datetime) -> int:
    """Check answers as a submission would be, and keep nothing; how many questions are answered.

    ``facts``: of an imagined dwelling (``branching.FACTS``). Raises Invalid by question, NotFound.
    """
    plan = Plan(form_of_draft(draft))
    known = {name: value for name, value in facts.items() if name in branching.FACTS}
    checked = plan.check(answers, known, today=china_day(now))
    return len(checked.answers.keys() | checked.private.keys())


def imported(data: bytes, *, author: Author, key: Key | None = None, now: datetime) -> Imported:
    """A draft made of an XLSForm spreadsheet. Raises Invalid("form-refused") with ``fields`` {place: texts}."""
    found = importing.read_form(data)
    if found.document is None:
        told: dict[str, list[str]] = {}
        for remark in found.refused:
            told.setdefault(f"{remark.sheet} 表第 {remark.row} 行", []).append(remark.text)
        raise Invalid("form-refused", f"有 {len(found.refused)} 处不能导入，没有生成草稿。", told)
    document = found.document
    made = begin(
        code=document["code"], title=document["title"], version=None, document=document, author=author, key=key, now=now
    )
    return Imported(made, [str(remark) for remark in found.listed])


def compared(version: str, other: str) -> list[rules.Change]:
    """What lies between two versions, from the first to the second. Raises NotFound."""
    session = reading()
    before, after = (versions.version_by_public_id(session, one).id for one in (version, other))
    return rules.compared(form_of(session, before), form_of(session, after))
