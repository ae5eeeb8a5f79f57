"""Submitting a response: the hot path, so few and simple statements."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.clock import china_day
from kernel.database import core, new_public_id, reading, transaction, translating, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from kernel.idempotency import Key, claim
from kernel.places.queries import dwelling_by_id, place_by_id
from surveys.questionnaires import queries
from surveys.questionnaires.corrections.old_words import must_be_carried, taken_in
from surveys.questionnaires.corrections.reading import AsAsked
from surveys.questionnaires.models import Response
from surveys.questionnaires.rules import lifecycle
from surveys.questionnaires.rules.form import canonical
from surveys.questionnaires.rules.lifecycle import ENTERED, Channel, State
from surveys.questionnaires.rules.plan import Line, shown, together
from surveys.questionnaires.rules.standing import Evidence, Verdict, given
from surveys.questionnaires.rules.subjects import Part, Speaks, speaks_as
from surveys.questionnaires.second_visitors.services import asking
from surveys.questionnaires.services import sealing
from surveys.questionnaires.services.forms import form_of, plan_of
from surveys.questionnaires.standing.services import reviewing, superseding

ASSIST = "response.assist"
PROVED = Evidence.PROVED
WORKER = "worker"
TURNS = 4
"""How often a submission looks again when another of the same dwelling was quicker."""

# Built once: building a statement costs more than running it.
_TABLES = Response.metadata.tables
_FILES = _TABLES["attachment"]
_ADD_RESPONSE = sa.insert(_TABLES["response"]).returning(_TABLES["response"].c.id)
_ADD_VALID = sa.insert(_TABLES["valid_response"])
_ADD_TO_QUEUE = sa.insert(_TABLES["tally_queue"]).inline()
_USE_FILE = (
    sa.update(_FILES)
    .where(
        _FILES.c.public_id == sa.bindparam("file"),
        _FILES.c.campaign_id == sa.bindparam("of_campaign"),
        _FILES.c.dwelling_id == sa.bindparam("of_dwelling"),
        _FILES.c.account_id == sa.bindparam("by_account"),
        _FILES.c.response_id.is_(None),
    )
    .values(response_id=sa.bindparam("used_by"))
)


@dataclass(frozen=True)
class Receipt:
    """What the household keeps: the response's public id and the hash of its row in the audit chain."""

    response: str
    number: str
    submitted_at: datetime
    standing: str = Verdict.COUNTS
    """counts; waits (for somebody to settle it); replaced (by a later one)"""


def submit(
    campaign: str,
    dwelling: str,
    *,
    answers: dict[str, Any],
    channel: Channel,
    account_id: int,
    person_id: int | None,
    actor: str,
    replaces: str = "",
    second_visitor: str = "",
    key: Key,
    content_hash: str | None = None,
    now: datetime,
) -> Receipt:
    """Store a household's answers ({question: value}); the receipt says whether they count.

    ``channel``: worker_visit asks for the grant response.assist at the dwelling; the others for a tie of the account.
    ``replaces``: public id of the response that its sender had before him, where there is one. The first response of a
    dwelling counts; what becomes of a later one is for ``rules.standing`` to say, and it is kept in any case.
    ``second_visitor``: public id of the person who came along to a visit; "" for nobody, then the visit ranks lower.
    ``content_hash``: of the wording the page showed, when it says so. Where it was corrected since, the sheet is kept
    in those words when the correction carries every answer (``rules.carried``). The same key gives the same receipt.
    Raises NotFound (no such campaign or dwelling, or another household's), Conflict (not open yet;
    questionnaire-corrected: something is to be looked at again), Gone (closed), Invalid (answers, by question),
    TooMany.
    """
    values = Sheet(
        campaign, dwelling, answers, channel, account_id, person_id, actor, replaces, content_hash, second_visitor
    )
    for _ in range(TURNS):
        with contextlib.suppress(Meanwhile):
            return _submit(values, key=key, now=now)
    raise Unavailable("database-busy", "这一户正有几份问卷同时在交，请过一分钟再点一次。您填的内容还在。")


@dataclass(frozen=True)
class Sheet:
    """What was handed in, by whom. ``keyed``: from a paper that two people read alike (``paper``): it was handed in in
    time, and what it leaves empty stays empty."""

    campaign: str
    dwelling: str
    answers: dict[str, Any]
    channel: Channel
    account_id: int
    person_id: int | None
    actor: str
    replaces: str = ""
    content_hash: str | None = None
    second_visitor: str = ""
    keyed: bool = False


class Meanwhile(Conflict):
    """What counts for the dwelling changed between looking and writing: look again."""

    def __init__(self) -> None:
        super().__init__("answered-meanwhile", "这一户刚刚交了另一份问卷，请再点一次提交。")


@use_case
def _submit(sheet: Sheet, *, key: Key, now: datetime) -> Receipt:
    with transaction() as session:
        return hand_in(session, sheet, key=key, now=now)


def hand_in(session: Session, sheet: Sheet, *, key: Key, now: datetime) -> Receipt:
    """Store a sheet in the caller's transaction; the same key gives what it made before. Raises as ``submit``, and
    Meanwhile (look again from the start)."""
    public_id = new_public_id()
    # First of all: a twin with the same key waits here, and is then told what this one made.
    made = claim(session, key, public_id, now=now)
    if made != public_id:
        return _receipt(session, made)
    asked = queries.asked(session, sheet.campaign, sheet.dwelling, sheet.account_id)
    relation = WORKER if sheet.keyed else _relation(session, asked, sheet.channel, sheet.person_id, now)
    if not sheet.keyed:
        lifecycle.must_take_answers(State(asked.campaign_state), asked.closes_at, now)
    current = asked.version_id, asked.content_hash
    version_id, content_hash = taken_in(session, asked.campaign_id, current, sheet.content_hash)
    plan = plan_of(session, version_id, content_hash)
    facts = facts_of(asked.floor, asked.building_facts, asked.estate_facts, sheet.channel)
    checked = plan.check(sheet.answers, facts, today=china_day(now), complete=not sheet.keyed)
    if version_id != asked.version_id and sheet.channel not in ENTERED:  # nobody goes back to a door to ask again
        must_be_carried(session, asked, version_id, together(plan.form, checked.answers, checked.private), facts)
    new = given(
        sheet.channel,
        account_id=sheet.account_id,
        speaks=speaks_as(plan.form.document, relation, checked.answers),
        level=asked.level,
    )
    compared = None
    if asked.response_id is not None:
        compared = superseding.compare(
            session,
            campaign_id=asked.campaign_id,
            dwelling_id=asked.dwelling_id,
            new=new,
            seen=sheet.replaces,
            has_owners=bool(plan.form.owners_questions),
        )
        if compared is None:
            raise Meanwhile
    entry = audit.record(
        session,
        actor=sheet.actor,
        action="response.submitted",
        subject=f"response:{public_id}",
        now=now,
        payload={
            "campaign": asked.campaign,
            "dwelling": asked.dwelling,
            "channel": sheet.channel,
            "questionnaire": content_hash,
            # Binds the receipt to the words answered; without the key it cannot be guessed back into answers.
            "document": vault().blind_index("response", digest(public_id, checked.answers, checked.private)).hex(),
            **(_after_another(compared) if compared else {}),
        },
    )
    response = {
        "public_id": public_id,
        "campaign_id": asked.campaign_id,
        "version_id": version_id,
        "dwelling_id": asked.dwelling_id,
        "estate_id": asked.estate_id,
        "channel": sheet.channel,
        "relation": relation,
        "account_id": sheet.account_id,
        "person_id": sheet.person_id if relation == WORKER else asked.tie_person_id,
        "submitted_at": now,
        "answers": checked.answers,
        "private_sealed": sealing.seal(public_id, checked.private),
        "receipt": entry.row_hash,
        "replaces_id": compared.replaces_id if compared else None,
    }
    link = core(session)
    response_id = link.execute(_ADD_RESPONSE, response).scalar_one()
    if compared is None:
        counts = {"campaign_id": asked.campaign_id, "dwelling_id": asked.dwelling_id, "response_id": response_id}
        with translating({"valid_response_pkey": Meanwhile()}):
            link.execute(_ADD_VALID, counts)
        part = Part.ALL if new.speaks == Speaks.OWNER else Part.NEEDS
        link.execute(_ADD_TO_QUEUE, {"response_id": response_id, "sign": 1, "part": part})
    else:
        superseding.apply(
            session,
            compared,
            campaign_id=asked.campaign_id,
            dwelling_id=asked.dwelling_id,
            response_id=response_id,
            public_id=public_id,
            new=new,
            now=now,
        )
    if sheet.second_visitor and sheet.channel == Channel.WORKER_VISIT:
        stored = queries.response_by_public_id(session, public_id)
        home = dwelling_by_id(session, asked.dwelling_id)
        chosen = asking.eligible(session, home, sheet.second_visitor, first=sheet.person_id, now=now)
        asking.ask(session, stored, chosen, actor=sheet.actor, now=now)
    if checked.files:
        _use_files(session, checked.files, asked, sheet.account_id, response_id)
    if compared is None and relation == WORKER:
        superseding.tell_of_assistance(session, public_id, now=now)
    waits = compared is not None and compared.weighed.needs == Verdict.WAITS
    return Receipt(public_id, entry.row_hash, now, Verdict.WAITS if waits else Verdict.COUNTS)


def _after_another(compared: superseding.Compared) -> dict[str, str]:
    """What the audit entry adds for a dwelling's later sheets."""
    return {"after": compared.replaces, "needs": compared.weighed.needs, "owners": compared.weighed.owners}


def digest(public_id: str, answers: dict[str, Any], private: dict[str, Any]) -> str:
    """What the log binds a sheet's words by, under a secret: all answers, private ones among them, in one byte form."""
    return canonical([public_id, answers, private]).decode()


def _relation(session: Session, asked: queries.Asked, channel: Channel, person_id: int | None, now: datetime) -> str:
    """Who the submitter is to the household. Raises NotFound, NotAllowed or Invalid."""
    if not asked.in_scope:
        raise NotFound("not-asked-here", "这次问卷不在您的小区进行。")
    if channel == Channel.PAPER_IMPORT:
        raise Invalid("no-such-channel", "纸质表要由两人分别录入，不能这样提交。", {"channel": ["不能选"]})
    if channel == Channel.WORKER_VISIT:
        if person_id is None:
            raise NotAllowed("no-such-role", "入户代填只由社区工作人员办理。")
        if not grants.may(session, person_id, ASSIST, place_by_id(session, asked.building_id), now):
            raise queries.NO_DWELLING
        return WORKER
    if asked.relation is None:
        raise queries.NO_DWELLING
    return asked.relation


def _use_files(session: Session, files: list[str], asked: queries.Asked, account_id: int, response_id: int) -> None:
    """Make uploads part of the response: each was uploaded by this account for this dwelling. A corrected sheet may
    show again what an earlier one showed; the upload then stays with the first."""
    values = {
        "of_campaign": asked.campaign_id,
        "of_dwelling": asked.dwelling_id,
        "by_account": account_id,
        "used_by": response_id,
    }
    link = core(session)
    left = len(files) - sum(link.execute(_USE_FILE, values | {"file": file}).rowcount for file in files)
    mine = (asked.campaign_id, asked.dwelling_id, account_id)
    if left and queries.shown_before(session, *mine, files, but=response_id) != left:
        raise Invalid("no-such-file", "有照片或签名没有上传成功，请重新拍照或签名。", {"files": ["没有找到文件"]})


def facts_of(
    floor: int | None, building_facts: Mapping[str, Any], estate_facts: Mapping[str, Any], channel: Channel
) -> dict[str, Any]:
    """What the register knows of a dwelling, for conditions (``rules.branching.FACTS``); the unknown is left out."""
    facts = {
        "channel": str(channel),
        "dwelling.floor": floor,
        "building.floors": building_facts.get("floors"),
        "building.has_lift": building_facts.get("has_lift"),
        "estate.renovated": estate_facts.get("renovated"),
        "estate.built_year": estate_facts.get("built_year"),
    }
    return {name: value for name, value in facts.items() if value is not None}


def _receipt(session: Session, public_id: str) -> Receipt:
    response = queries.response_by_public_id(session, public_id)
    standing = superseding.standing_of(session, response)
    return Receipt(response.public_id, response.receipt, response.submitted_at, standing)


@dataclass(frozen=True)
class Standing:
    """How an account meets a questionnaire at a dwelling, for the page. ``response``: the one that counts, or None."""

    asked: queries.Asked
    campaign: queries.MetCampaign
    version: str
    content_hash: str
    dwelling: queries.MetHome
    building: queries.MetPlace
    estate: queries.MetPlace
    relation: str
    takes_answers: bool
    response: Response | None
    may_read: bool
    """Whether the account may read the answers: its own, those of its side of the household when proved, or a worker's
    (``standing.services.reviewing.may_read``)."""


def standing(campaign: str, dwelling: str, *, account_id: int, person_id: int | None, now: datetime) -> Standing:
    """What the page of a questionnaire needs; a read. Raises NotFound for another household's dwelling."""
    session = reading()
    met = queries.met(session, campaign, dwelling, account_id)
    asked = met.asked
    channel = Channel.WECHAT_SELF if asked.relation is not None else Channel.WORKER_VISIT
    if channel == Channel.WORKER_VISIT and person_id is None:
        raise queries.NO_DWELLING
    relation = _relation(session, asked, channel, person_id, now)
    response = None
    if asked.response_id is not None:
        response = queries.valid_response(session, asked.campaign_id, asked.dwelling_id)
    return Standing(
        asked,
        met.campaign,
        met.version,
        asked.content_hash,
        met.dwelling,
        met.building,
        met.estate,
        relation,
        lifecycle.takes_answers(State(asked.campaign_state), asked.closes_at, now),
        response,
        # A name and a phone's tail (level 1) can be known to a neighbour: enough to answer, not to read.
        relation == WORKER or (response is not None and reviewing.may_read(session, asked, response, account_id)),
    )


def lines_of(response: Response, *, with_private: bool) -> list[Line]:
    """A stored response in plain words; ``with_private`` opens names and phones (the caller records the look)."""
    form = form_of(reading(), response.version_id)
    return shown(form, response.answers, private=sealing.open_sealed(response) if with_private else None)


def looked_at(response: Response, *, actor: str, now: datetime) -> None:
    """Record that a worker looked at a household's answers."""
    audit.look(actor=actor, what="response", subject=f"response:{response.public_id}", now=now)


def sealed_position(response: Response) -> int | None:
    """Where the receipt's row stands in the audit chain; None while it is not sealed (about a second)."""
    sealed = audit.sealed_position(reading(), response.receipt)
    return sealed[0] if sealed else None


def to_begin_from(response: Response, *, account_id: int) -> dict[str, Any]:
    """The answers a correction begins from: without signature and date, which are given anew; names, phones and
    pictures only to the account that gave them."""
    mine = response.account_id == account_id
    asked = AsAsked(reading())
    form, answers = asked.read(response.campaign_id, response.version_id, response.answers)
    opened = sealing.open_sealed(response) if mine else {}
    held = together(form, answers, asked.read(response.campaign_id, response.version_id, opened)[1])
    kept_out = ("signature", "date") if mine else ("signature", "date", "photo")
    return {code: value for code, value in held.items() if (form.by_code[code].kind not in kept_out)}
