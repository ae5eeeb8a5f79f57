"""Nominating oneself or another, signing for somebody, agreeing to stand, the street's check, stepping back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, evidence, idempotency, outbox
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, Invalid, NotAllowed
from kernel.idempotency import Key
from kernel.places import queries as places
from kernel.places.models import Place
from surveys.votes import queries
from surveys.votes.elections import queries as elections
from surveys.votes.elections.models import (
    CandidateWithdrawal,
    ElectionSection,
    NominationCall,
    Nominee,
)
from surveys.votes.elections.services import signing
from surveys.votes.elections.services.calls import managed, name_context, record
from surveys.votes.elections.services.heads import heads_of, registered_name
from surveys.votes.elections.services.nominees import must_be_nominee, plain, stands_himself
from surveys.votes.rules import catalogue, lifecycle
from surveys.votes.rules import nominations as rules
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.nominations import CallState, Check, Consent, Way
from surveys.votes.services.casting import Voter
from surveys.votes.services.preparing import Staff, must_manage
from surveys.votes.services.two_people import had_a_hand

TWICE = Conflict("nominated-already", "这个人已经被提名了。可以为他（她）联名，不用再提一次。")
NAME_FIRST = NotAllowed(
    "name-not-registered",
    "您家的名册上还没有登记您本人的姓名，不能用手机自荐。请到社区登记，或者由社区推荐并签纸质同意书。",
)


@dataclass(frozen=True)
class Recommended:
    """Somebody recommended for a section: by name and door, with what speaks for him."""

    section: str
    name: str
    door: str
    note: str = ""


def electorate_of(call: NominationCall) -> Electorate:
    """Who elects what a call is for."""
    return catalogue.of_matter(call.matter).electorate


@use_case
def nominate_self(
    call_id: str, section_id: str, name: str, note: str, *, by: Voter, now: datetime, key: Key | None = None
) -> str:
    """Nominate oneself, which is consent; gives the nominee's public id.

    Raises NotAllowed for who is not of the electorate or whose name nobody has proved, Conflict (nominations over,
    nominated already), Invalid for a name other than the register's.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        call, place = taking(session, call_id, now)
        heads = heads_of(session, place, electorate_of(call), by.account_id)
        known = registered_name(session, heads.mine)
        if not known:
            raise NAME_FIRST
        if plain(known) != plain(name):
            raise Invalid("another-name", "姓名和登记的不一样，请写本人姓名。", {"name": ["请写登记的姓名"]})
        door = next(head.own_dwelling_id for head in heads.mine if head.person_id is not None)
        nominee = _add(session, call, section_id, door, name, note, Way.SELF, by.actor, now)
        must_be_nominee(session, nominee, by.account_id)
        nominee.consent, nominee.consent_at, nominee.consent_by = Consent.GIVEN, now, by.actor
        return _done(session, call, nominee, by.actor, now, key)


@use_case
def recommend(call_id: str, who: Recommended, *, by: Voter, now: datetime, key: Key | None = None) -> str:
    """Recommend a neighbour by name and door: a joint nomination that begins with one's own signature.

    The nominee is asked for consent. Raises as ``nominate_self``, and Invalid for a door that is not of the place.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        call, place = taking(session, call_id, now)
        heads = heads_of(session, place, electorate_of(call), by.account_id)
        nominee = _add_recommended(session, call, place, who, Way.JOINT, by.actor, now)
        signing.put(session, nominee, [head.dwelling_id for head in heads.mine], account_id=by.account_id, now=now)
        return _done(session, call, nominee, by.actor, now, key)


@use_case
def recommend_by_committee(call_id: str, who: Recommended, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """The residents' committee recommends somebody, who is asked for consent. Raises as ``recommend``."""
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        call, place = taking(session, call_id, now)
        must_manage(session, by, place, now)
        nominee = _add_recommended(session, call, place, who, Way.COMMITTEE, by.actor, now)
        return _done(session, call, nominee, by.actor, now, key)


@use_case
def consent(call_id: str, nominee_id: str, agrees: bool, *, by: Voter, now: datetime, key: Key | None = None) -> str:
    """The nominee says yes or no, on the own phone; gives the nominee's public id. No can become yes and yes no, until
    nominations are over. Raises NotAllowed for anybody else, Conflict when they are.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        call, _ = taking(session, call_id, now)
        nominee = elections.nominee(session, call.id, nominee_id)
        must_be_nominee(session, nominee, by.account_id)
        nominee.consent = Consent.GIVEN if agrees else Consent.DECLINED
        nominee.consent_at, nominee.consent_by = now, by.actor
        record(
            session,
            call,
            "nominee.consented" if agrees else "nominee.declined",
            by.actor,
            now,
            {"nominee": nominee.public_id},
        )
        idempotency.remember(session, key, nominee.public_id, now=now)
        return nominee.public_id


@use_case
def consent_on_paper(
    call_id: str,
    nominee_id: str,
    photos: Sequence[str],
    *,
    by: Staff,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Note a signed consent of a nominee without a phone, with its photo. Gives the nominee's public id.

    Raises NotAllowed, Conflict (nominations over), Invalid without a usable photo.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        call, place = taking(session, call_id, now)
        must_manage(session, by, place, now)
        nominee = elections.nominee(session, call.id, nominee_id)
        proofs = _signed_paper(session, photos, "同意书", f"nominee:{nominee.public_id}", by, place)
        nominee.consent, nominee.consent_at, nominee.consent_by = Consent.GIVEN, now, by.actor
        payload = {"nominee": nominee.public_id, "proofs": [each.sha256 for each in proofs]}
        record(session, call, "nominee.consented_on_paper", by.actor, now, payload)
        idempotency.remember(session, key, nominee.public_id, now=now)
        return nominee.public_id


@use_case
def check(
    call_id: str,
    nominee_id: str,
    qualified: bool,
    reason: str,
    *,
    by: Staff,
    now: datetime,
    key: Key | None = None,
) -> str:
    """The street says whether a nominee may stand, with the reason; neither who nominated nor who stands.

    Gives the nominee's public id. Raises NotAllowed, Conflict (list out, own nomination, own candidacy), Invalid for a
    refusal without a reason.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        call = managed(session, call_id, by, now)
        if call.state != CallState.OPEN:
            raise Conflict("listed-already", "候选人名单已经公示，不能再改审核结果。")
        nominee = elections.nominee(session, call.id, nominee_id)
        if stands_himself(session, nominee, by):
            raise Conflict("own-candidacy", "您就是被提名人，请由别的工作人员审核。")
        if had_a_hand(session, by, [nominee.nominated_by]):
            raise Conflict("own-nomination", "这个人是您提名的，请由别的工作人员审核。")
        if not qualified and not reason.strip():
            raise Invalid("reason-needed", "请写明不能参选的理由。", {"reason": ["请写理由"]})
        nominee.checked = Check.QUALIFIED if qualified else Check.REFUSED
        nominee.check_reason, nominee.checked_at, nominee.checked_by = reason, now, by.actor
        record(
            session,
            call,
            "nominee.checked",
            by.actor,
            now,
            {"nominee": nominee.public_id, "qualified": qualified, "reason": reason},
        )
        idempotency.remember(session, key, nominee.public_id, now=now)
        return nominee.public_id


@use_case
def withdraw(call_id: str, nominee_id: str, *, by: Voter, now: datetime, key: Key | None = None) -> str:
    """Step back. Before printing the name goes; after it the name stays, votes for it are void, and the pages say so.

    Gives the nominee's public id. Raises NotAllowed for anybody else, Conflict once voting has closed.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        call = elections.call_by_public_id(session, call_id, hold=True)
        nominee = elections.nominee(session, call.id, nominee_id)
        must_be_nominee(session, nominee, by.account_id)
        _step_back(session, call, nominee, by.actor, now)
        idempotency.remember(session, key, nominee.public_id, now=now)
        return nominee.public_id


@use_case
def withdraw_on_paper(
    call_id: str, nominee_id: str, photos: Sequence[str], *, by: Staff, now: datetime, key: Key | None = None
) -> str:
    """Note that a nominee without a phone stepped back in writing, with the photo. Gives the nominee's public id.

    Raises NotAllowed, Conflict (withdrawn already, voting over), Invalid without a usable photo.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        call = managed(session, call_id, by, now)
        nominee = elections.nominee(session, call.id, nominee_id)
        place = places.place_by_id(session, call.place_id)
        proofs = _signed_paper(session, photos, "退选书", f"withdrawal:{nominee.public_id}", by, place)
        _step_back(session, call, nominee, by.actor, now, proofs)
        idempotency.remember(session, key, nominee.public_id, now=now)
        return nominee.public_id


def _signed_paper(
    session: Session, photos: Sequence[str], title: str, subject: str, by: Staff, place: Place
) -> list[evidence.Proof]:
    """Bind the photo of a paper the nominee signed. Raises Invalid without a usable one."""
    if not photos:
        raise Invalid("photo-needed", f"请拍下本人签名的{title}。", {"evidence": ["请拍照"]})
    return evidence.use(session, photos, subject=subject, purpose="consent", account_id=by.uploader(), place=place)


def _step_back(
    session: Session,
    call: NominationCall,
    nominee: Nominee,
    actor: str,
    now: datetime,
    proofs: Sequence[evidence.Proof] = (),
) -> None:
    if nominee.withdrawn_at is not None:
        raise Conflict("withdrawn-already", "已经退出过了。")
    nominee.withdrawn_at = now
    payload = {
        "nominee": nominee.public_id,
        "printed": nominee.candidate_id is not None,
        "proofs": [proof.sha256 for proof in proofs],
    }
    if nominee.candidate_id is not None and call.vote_id is not None:
        vote = queries.vote_by_id(session, call.vote_id, hold=True)
        state = lifecycle.at(State(vote.state), closes_at=vote.closes_at, now=now)
        if state not in (State.DRAFT, State.PUBLISHED, State.OPEN):
            raise Conflict("voting-over", "投票已经截止，不能再退选。当选后不愿任职的，请向街道书面说明。")
        session.add(CandidateWithdrawal(candidate_id=nominee.candidate_id, at=now, by=actor))
        session.flush()
        audit.record(
            session,
            actor=actor,
            action="candidate.withdrawn",
            subject=f"vote:{vote.public_id}",
            now=now,
            payload={"nominee": nominee.public_id},
        )
        news = {"vote": vote.public_id, "nominee": nominee.public_id}
        outbox.stage(session, "candidate.withdrawn", news, now=now)
    record(session, call, "nominee.withdrawn", actor, now, payload)


def taking(session: Session, call_id: str, now: datetime) -> tuple[NominationCall, Place]:
    """A call that takes nominations now, held for a change, and its place. Raises NotFound, Conflict."""
    call = elections.call_by_public_id(session, call_id, hold=True)
    rules.must_nominate(CallState(call.state), until=call.until, now=now)
    return call, places.place_by_id(session, call.place_id)


def _door(session: Session, place: Place, label: str) -> int:
    found = elections.dwelling_at(session, place.id, "".join(label.split()))
    if found is None:
        raise Invalid("no-such-door", "没有找到这个房号，请照“1栋1单元101”这样写。", {"door": ["没有这个房号"]})
    return found.id


def _add_recommended(
    session: Session, call: NominationCall, place: Place, who: Recommended, way: Way, actor: str, now: datetime
) -> Nominee:
    door = _door(session, place, who.door)
    return _add(session, call, who.section, door, who.name, who.note, way, actor, now)


def _add(
    session: Session,
    call: NominationCall,
    section_id: str,
    dwelling_id: int,
    name: str,
    note: str,
    way: Way,
    actor: str,
    now: datetime,
) -> Nominee:
    section: ElectionSection | None = next(
        (each for each in elections.sections_of(session, call.id) if each.public_id == section_id), None
    )
    if section is None:
        raise Invalid("no-such-section", "请选一个名额组。", {"section": ["请选择"]})
    name, public_id = plain(name), new_public_id()
    nominee = Nominee(
        public_id=public_id,
        call_id=call.id,
        section_id=section.id,
        dwelling_id=dwelling_id,
        name_sealed=vault().seal(name, context=name_context(public_id)),
        name_index=vault().blind_index("nominee", name),
        note=note,
        way=way,
        nominated_by=actor,
        created_at=now,
    )
    session.add(nominee)
    with translating({"nominee_once_a_call": TWICE}):
        session.flush()
    return nominee


def _done(session: Session, call: NominationCall, nominee: Nominee, actor: str, now: datetime, key: Key | None) -> str:
    record(session, call, "nominee.added", actor, now, {"nominee": nominee.public_id, "way": str(nominee.way)})
    outbox.stage(session, "nominee.added", {"call": call.public_id, "nominee": nominee.public_id}, now=now)
    idempotency.remember(session, key, nominee.public_id, now=now)
    return nominee.public_id
