"""Registering a paper form, keying it twice, deciding what differs; then it is a response like any other."""

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, double_keying, evidence, grants
from kernel.clock import china_day
from kernel.database import reading, transaction, translating, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, Invalid, Unavailable
from kernel.idempotency import Key, recall, remember
from kernel.people.queries import known_as
from kernel.places.models import Dwelling, Place
from kernel.places.queries import dwelling_by_public_id, place_by_id
from surveys.questionnaires import queries as surveys
from surveys.questionnaires.corrections.old_words import taken_in
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.paper import queries
from surveys.questionnaires.paper.models import SurveyKeying, SurveyPaper
from surveys.questionnaires.rules import paper as rules
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.lifecycle import Channel, State
from surveys.questionnaires.rules.paper import PaperState
from surveys.questionnaires.rules.plan import Plan, shown, together
from surveys.questionnaires.services import responses
from surveys.questionnaires.services.forms import form_of, plan_of
from surveys.questionnaires.services.responses import Sheet, facts_of

ENTER = "paper.enter"
PURPOSE = "paper_response"


@dataclass(frozen=True)
class Staff:
    """Who does it."""

    account_id: int
    person_id: int
    actor: str


def subject_of(paper: SurveyPaper) -> str:
    """How proofs and audit entries name a paper."""
    return f"survey_paper:{paper.public_id}"


def may_enter(session: Session, dwelling: Dwelling, by: Staff, now: datetime) -> Place:
    """The dwelling's building, for whoever keys papers there. Raises NotFound."""
    building = place_by_id(session, dwelling.building_id)
    if not grants.may(session, by.person_id, ENTER, building, now):
        raise queries.NO_PAPER
    return building


@use_case
def register(
    campaign: str,
    dwelling: str,
    *,
    received_at: datetime,
    photos: Sequence[str],
    content_hash: str | None = None,
    by: Staff,
    key: Key | None = None,
    now: datetime,
) -> str:
    """Register a paper that came back, with its photos (loose proofs); its public id.

    ``content_hash``: of the wording it was printed with, where the campaign was corrected since. Raises NotFound,
    Conflict (too late; one of this dwelling is on its way; a wording it never asked with), Invalid (no photo).
    """
    with transaction() as session:
        if done := recall(session, key):
            return done
        found = surveys.campaign_by_public_id(session, campaign)
        home = dwelling_by_public_id(session, dwelling)
        may_enter(session, home, by, now)
        if home.estate_id not in {estate.id for estate in surveys.estates_of(session, found.id)}:
            raise queries.NO_PAPER
        rules.must_be_in_time(State(found.state), found.opened_at, found.closed_at or found.closes_at, received_at, now)
        if not photos:
            raise Invalid("no-photo", "请给纸质表拍照，每一页都要。", {"photos": ["请拍照"]})
        current = found.version_id, surveys.content_hash(session, found.version_id)
        paper = SurveyPaper(
            campaign_id=found.id,
            version_id=taken_in(session, found.id, current, content_hash)[0],
            dwelling_id=home.id,
            state=PaperState.REGISTERED,
            received_at=received_at,
            registered_at=now,
            registered_by=by.person_id,
        )
        session.add(paper)
        with translating({"survey_paper_one_open": Conflict("paper-on-its-way", "这一户有一份纸质表正在录入。")}):
            session.flush()
        remember(session, key, paper.public_id, now=now)
        proofs = evidence.use(
            session,
            list(photos),
            subject=subject_of(paper),
            purpose=PURPOSE,
            account_id=by.account_id,
            place=place_by_id(session, home.building_id),
        )
        note(
            session,
            paper,
            "registered",
            by,
            now,
            campaign=campaign,
            dwelling=dwelling,
            photos=[proof.sha256 for proof in proofs],
        )
        return paper.public_id


def must_be_another(session: Session, by: Staff, hands: Sequence[int | None]) -> None:
    """Raise NotAllowed when who acts is one of the persons (inner ids) who had a hand in it, whichever the account."""
    double_keying.must_be_another(known_as(session, by.person_id, hands), hands)


def note(session: Session, paper: SurveyPaper, what: str, by: Staff, now: datetime, **payload: object) -> None:
    session.flush()
    audit.record(
        session,
        actor=by.actor,
        action=f"survey_paper.{what}",
        subject=subject_of(paper),
        now=now,
        payload={"state": paper.state, **payload},
    )


@dataclass(frozen=True)
class _Held:
    """A paper, locked, with what its steps need."""

    paper: SurveyPaper
    campaign: Campaign
    dwelling: Dwelling
    plan: Plan
    facts: dict[str, Any]


def _held(session: Session, paper: str, by: Staff, now: datetime) -> _Held:
    found = queries.paper_by_public_id(session, paper, change=True)
    home = queries.dwelling_of(session, found)
    building = may_enter(session, home, by, now)
    campaign = queries.campaign_of(session, found)
    plan = plan_of(session, found.version_id, surveys.content_hash(session, found.version_id))
    estate = place_by_id(session, home.estate_id)
    facts = facts_of(home.floor, building.facts, estate.facts, Channel.PAPER_IMPORT)
    rules.must_be_in_time(
        State(campaign.state), campaign.opened_at, campaign.closed_at or campaign.closes_at, found.received_at, now
    )
    rules.must_not_be_asked_void(found.void_asked_by)
    rules.must_not_be_contested(bool(queries.contested(session, [found.id])))
    return _Held(found, campaign, home, plan, facts)


def key_in(paper: str, answers: Mapping[str, Any], *, by: Staff, key: Key, now: datetime) -> str:
    """Key what a paper says ({question: value}, empty where it is empty); the paper's state.

    The second person's keying makes the response when it equals the first's; what differs waits for a third. Raises
    NotFound, NotAllowed (the same person again), Conflict, Invalid (by question).
    """
    return _again(lambda: _key_in(paper, answers, by=by, key=key, now=now))


@use_case
def _key_in(paper: str, answers: Mapping[str, Any], *, by: Staff, key: Key, now: datetime) -> str:
    with transaction() as session:
        if done := recall(session, key):
            return done
        held = _held(session, paper, by, now)
        rules.must_be_in(PaperState(held.paper.state), PaperState.REGISTERED, PaperState.KEYED)
        earlier = queries.keyings(session, held.paper.id)
        must_be_another(session, by, [each.person_id for each in earlier])
        checked = held.plan.check(answers, held.facts, today=china_day(now), complete=False)
        said = together(held.plan.form, checked.answers, checked.private)
        _keep(session, held.paper, said, turn=len(earlier) + 1, by=by, now=now)
        if not earlier:
            held.paper.state = PaperState.KEYED
        elif double_keying.differences(_opened(held.paper, earlier[0]), said):
            held.paper.state = PaperState.DIFFERS
        else:
            _finish(session, held, said, by=by, now=now)
        state = held.paper.state
        remember(session, key, state, now=now)
        note(session, held.paper, "keyed", by, now, turn=len(earlier) + 1)
        return state


def decide(paper: str, choices: Mapping[str, int], *, by: Staff, key: Key, now: datetime) -> str:
    """A third person takes one of the two readings (1 or 2) of each question that differs; the paper's state.

    Raises NotFound, NotAllowed (who keyed it), Conflict, Invalid by question.
    """
    return _again(lambda: _decide(paper, choices, by=by, key=key, now=now))


@use_case
def _decide(paper: str, choices: Mapping[str, int], *, by: Staff, key: Key, now: datetime) -> str:
    with transaction() as session:
        if done := recall(session, key):
            return done
        held = _held(session, paper, by, now)
        rules.must_be_in(PaperState(held.paper.state), PaperState.DIFFERS)
        earlier = queries.keyings(session, held.paper.id)
        must_be_another(session, by, [each.person_id for each in earlier])
        first, second = (_opened(held.paper, each) for each in earlier[:2])
        decided = {code: (first if choice == 1 else second).get(code) for code, choice in choices.items()}
        agreed = double_keying.settled(first, second, decided)
        # With a question decided, another may no longer be asked.
        asked = {one.code for one in held.plan.asked(agreed, held.facts)}
        agreed = {code: value for code, value in agreed.items() if code in asked}
        _keep(session, held.paper, agreed, turn=3, by=by, now=now)
        _finish(session, held, agreed, by=by, now=now)
        remember(session, key, held.paper.state, now=now)
        note(session, held.paper, "decided", by, now, questions=sorted(choices))
        return held.paper.state


def _again(step: Any) -> str:
    for _ in range(responses.TURNS):
        with contextlib.suppress(responses.Meanwhile):
            state: str = step()
            return state
    raise Unavailable("database-busy", "这一户正有几份问卷同时在交，请过一分钟再试。")


def _finish(session: Session, held: _Held, said: Mapping[str, Any], *, by: Staff, now: datetime) -> None:
    """Make it a response, by the very same way as everybody's."""
    sheet = Sheet(
        campaign=held.campaign.public_id,
        dwelling=held.dwelling.public_id,
        answers=dict(said),
        channel=Channel.PAPER_IMPORT,
        account_id=by.account_id,
        person_id=by.person_id,
        actor=by.actor,
        content_hash=held.plan.form.content_hash,
        keyed=True,
    )
    key = Key("system:paper", held.paper.public_id, held.paper.public_id)
    receipt = responses.hand_in(session, sheet, key=key, now=now)
    response = surveys.response_by_public_id(session, receipt.response)
    held.paper.state, held.paper.response_id = PaperState.DONE, response.id
    session.flush()


def _context(paper: SurveyPaper, turn: int) -> str:
    return f"survey_keying:{paper.public_id}:{turn}"


def _keep(
    session: Session, paper: SurveyPaper, said: Mapping[str, Any], *, turn: int, by: Staff, now: datetime
) -> None:
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    session.add(
        SurveyKeying(
            paper_id=paper.id,
            turn=turn,
            person_id=by.person_id,
            sealed=vault().seal(text, context=_context(paper, turn)),
            keyed_at=now,
        )
    )
    taken = Conflict("paper-not-there", "别人刚刚录过这一份，请刷新页面。")
    with translating({"survey_keying_once_a_turn": taken, "survey_keying_once_a_person": taken}):
        session.flush()


def _opened(paper: SurveyPaper, keying: SurveyKeying) -> dict[str, Any]:
    opened: dict[str, Any] = json.loads(vault().open(keying.sealed, context=_context(paper, keying.turn)))
    return opened


@dataclass(frozen=True)
class Differing:
    """A question two people read differently, each reading in words."""

    code: str
    no: str
    title: str
    first: list[str]
    second: list[str]


@dataclass(frozen=True)
class View:
    """A paper for its next step. ``differing`` is shown to a third person alone; ``mine``: one has keyed it."""

    paper: SurveyPaper
    campaign: Campaign
    dwelling: Dwelling
    estate: Place
    building: Place
    form: Form
    facts: dict[str, Any]
    photos: list[str]
    mine: bool
    differing: list[Differing]
    stands_still: bool
    """somebody asks that it be void, or the household contests it"""
    contested: bool
    """the household says that it handed in no such paper"""
    may_void: bool
    """may agree that it is void: neither asked for it, nor received nor keyed it"""
    may_go_on: bool
    """may let it go on: as above, where the household contests it; else anybody"""


def view(paper: str, *, by: Staff, now: datetime) -> View:
    """A paper for whoever keys there; looking at what differs is written down. Raises NotFound."""
    session = reading()
    found = queries.paper_by_public_id(session, paper)
    home = queries.dwelling_of(session, found)
    building = may_enter(session, home, by, now)
    keyed = queries.keyings(session, found.id)
    mine = by.person_id in [each.person_id for each in keyed]
    campaign = queries.campaign_of(session, found)
    form = form_of(session, found.version_id)
    estate = place_by_id(session, home.estate_id)
    differing: list[Differing] = []
    contested = bool(queries.contested(session, [found.id]))
    stands_still = contested or found.void_asked_by is not None
    hands = (found.registered_by, *(each.person_id for each in keyed))
    if found.state == PaperState.DIFFERS and not mine and not stands_still:
        first, second = (_opened(found, each) for each in keyed[:2])
        differing = [_differing(form, code, first, second) for code in double_keying.differences(first, second)]
    made = View(
        found,
        campaign,
        home,
        estate,
        building,
        form,
        facts_of(home.floor, building.facts, estate.facts, Channel.PAPER_IMPORT),
        [proof.file for proof in evidence.of(session, subject_of(found))],
        mine,
        sorted(differing, key=lambda one: [question.code for question in form.questions].index(one.code)),
        stands_still,
        contested,
        may_void=stands_still and by.person_id not in (found.void_asked_by, *hands),
        may_go_on=stands_still and not (contested and by.person_id in hands),
    )
    if differing:
        audit.look(actor=by.actor, what="survey_paper", subject=f"survey_paper:{paper}", now=now)
    return made


def _differing(form: Form, code: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> Differing:
    question = form.by_code[code]
    readings = [
        [text for line in shown(form, {code: said[code]}) for text in line.texts] if code in said else []
        for said in (first, second)
    ]
    return Differing(code, question.no, question.title, readings[0], readings[1])


def waiting(*, person_id: int | None, now: datetime) -> list[tuple[SurveyPaper, str, str, str, bool]]:
    """Papers on their way in the person's places, the oldest first: (paper, campaign, dwelling, how it stands in words,
    whether somebody has to decide)."""
    session = reading()
    rows = queries.waiting(session, grants.places_for(session, person_id, ENTER, now))
    contested = queries.contested(session, [row[0].id for row in rows])
    return [(row[0], row[1], row[2], *_stands(row[0], row[0].id in contested)) for row in rows]


def _stands(paper: SurveyPaper, contested: bool) -> tuple[str, bool]:
    if contested:
        return "住户说没有交过", True
    if paper.void_asked_by is not None:
        return "有人提出作废", True
    return rules.WORDS[PaperState(paper.state)], paper.state == PaperState.DIFFERS
