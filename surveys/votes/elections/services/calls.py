"""A call for nominations: opened, its list shown, the ballot printed from it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, idempotency, outbox
from kernel.clock import china_day
from kernel.database import new_public_id, transaction, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, Invalid
from kernel.idempotency import Key
from kernel.places import queries as places
from kernel.places.models import Place, PlaceKind
from surveys.votes import queries
from surveys.votes.elections import queries as elections
from surveys.votes.elections.models import CandidateWithdrawal, ElectionPlan, ElectionSection, NominationCall, Nominee
from surveys.votes.rules import bodies, catalogue, periods
from surveys.votes.rules import nominations as rules
from surveys.votes.rules.bodies import Office
from surveys.votes.rules.nominations import CallState, Check, Consent, Contest, Nominated, Way
from surveys.votes.services import preparing
from surveys.votes.services.preparing import NewCandidate, NewMotion, NewVote, Staff, must_manage
from surveys.votes.words import instant_text


@dataclass(frozen=True)
class NewSection:
    """A section as drafted: the whole estate, a building, a unit – or the leader, elected directly."""

    label: str
    seats: int
    most: int
    leader: bool = False


@dataclass(frozen=True)
class NewCall:
    """A call as drafted. Shares are num/den; ``size_low``–``size_high`` bounds the body, leader included."""

    place_code: str
    matter: str
    title: str
    sections: tuple[NewSection, ...]
    until: datetime
    intro: str = ""
    contest: Contest = Contest.MORE
    spare_num: int = 1
    spare_den: int = 5
    signatures: int = 3
    alternates_num: int = 1
    alternates_den: int = 2
    list_days: int = 7
    notice_days: int = 7
    voting_days: int = 7
    size_low: int = 3
    size_high: int = 7
    size_odd: bool = True


def name_context(public_id: str) -> str:
    """What the seal of a nominee's name is bound to."""
    return f"nominee.name:{public_id}"


def name_of(nominee: Nominee) -> str:
    """A nominee's name."""
    return vault().open(nominee.name_sealed, context=name_context(nominee.public_id))


def nominated(nominee: Nominee, signatures: int) -> Nominated:
    """A nominee as the rules see it."""
    return Nominated(
        Way(nominee.way),
        signatures,
        Consent(nominee.consent),
        Check(nominee.checked),
        withdrawn=nominee.withdrawn_at is not None,
    )


@use_case
def open_call(draft: NewCall, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Open a call for nominations; gives its public id.

    Raises NotAllowed without a grant at the place, Invalid for a body of the wrong size, a place that is no estate or
    building, or an end that has passed.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        place = places.place_by_code(session, draft.place_code)
        must_manage(session, by, place, now)
        _check(draft, place, now)
        call = NominationCall(
            public_id=new_public_id(),
            place_id=place.id,
            matter=draft.matter,
            title=draft.title,
            intro=draft.intro,
            contest=draft.contest,
            spare_num=draft.spare_num,
            spare_den=draft.spare_den,
            signatures=draft.signatures,
            alternates_num=draft.alternates_num,
            alternates_den=draft.alternates_den,
            list_days=draft.list_days,
            notice_days=draft.notice_days,
            voting_days=draft.voting_days,
            until=draft.until,
            created_by=by.actor,
            created_at=now,
        )
        session.add(call)
        session.flush()
        session.add_all(
            ElectionSection(
                public_id=new_public_id(),
                call_id=call.id,
                position=position,
                matter=(bodies.BY_MATTER[draft.matter].leader_matter if each.leader else None) or draft.matter,
                label=each.label,
                seats=each.seats,
                most=each.most,
            )
            for position, each in enumerate(draft.sections, start=1)
        )
        record(session, call, "nominations.opened", by.actor, now, {"place": place.code, "matter": draft.matter})
        outbox.stage(session, "nominations.opened", {"call": call.public_id}, now=now)
        idempotency.remember(session, key, call.public_id, now=now)
        return call.public_id


def _check(draft: NewCall, place: Place, now: datetime) -> None:
    if place.kind not in (PlaceKind.ESTATE, PlaceKind.BUILDING):
        raise Invalid("wrong-scope", "请选一个小区或者一栋楼。", {"place": ["请选小区或楼栋"]})
    kind = bodies.BY_MATTER.get(draft.matter)
    if kind is None or kind.matter != draft.matter:
        raise Invalid("unknown-matter", "只能选举自管小组或者业主委员会。", {"matter": ["请选择"]})
    catalogue.in_force(draft.matter, china_day(now))
    if not draft.sections:
        raise Invalid("no-section", "至少要有一个名额组。", {"sections": ["请填写"]})
    if any(each.leader for each in draft.sections) and kind.leader_matter is None:
        head = f"{kind.title}{kind.offices[Office.LEADER]}"
        raise Invalid("no-leader", f"{head}由当选的人推选，不直接选。", {"sections": ["请检查"]})
    if sum(each.leader for each in draft.sections) > 1 or any(
        each.leader and each.seats != 1 for each in draft.sections
    ):
        raise Invalid("one-leader", "组长只能有一名。", {"sections": ["请检查"]})
    if len({each.label for each in draft.sections}) < len(draft.sections):
        raise Invalid("same-section-twice", "有两个名额组写的一样。", {"sections": ["请检查"]})
    if not all(1 <= each.seats <= each.most for each in draft.sections):
        raise Invalid("seats-and-most", "每票最多可选人数不能少于应选人数。", {"sections": ["请检查"]})
    rules.Size(draft.size_low, draft.size_high, draft.size_odd).must_fit(sum(each.seats for each in draft.sections))
    if draft.until <= now:
        raise Invalid("until-passed", "提名截止时间已经过了。", {"until": ["请改晚一些"]})
    periods.opening(now, notice_days=draft.list_days)


@use_case
def list_candidates(call_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Show the list of candidates for its days; gives the call's public id.

    On it stands who agreed, was checked and has the signatures. Raises NotAllowed, Conflict (nominations running, a
    nominee unchecked, too few or under 等额 too many candidates).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        call = managed(session, call_id, by, now)
        rules.must_be_over(CallState(call.state), until=call.until, now=now, text=instant_text(call.until))
        signed = elections.signatures_of(session, call.id)
        waiting = [
            each
            for each in elections.nominees_of(session, call.id)
            if each.checked == Check.WAITING
            and each.consent == Consent.GIVEN
            and each.withdrawn_at is None
            and rules.is_supported(nominated(each, len(signed[each.id])), call.signatures)
        ]
        if waiting:
            raise Conflict("nominees-unchecked", f"还有 {len(waiting)} 名候选人没有审核资格，审核以后才能公示。")
        standing_by_section(session, call)
        call.state = CallState.LISTED
        call.listed_until, _ = periods.opening(now, notice_days=call.list_days)
        record(session, call, "nominations.listed", by.actor, now, {"until": call.listed_until.isoformat()})
        outbox.stage(session, "nominations.listed", {"call": call.public_id}, now=now)
        idempotency.remember(session, key, call.public_id, now=now)
        return call.public_id


def standing_by_section(session: Session, call: NominationCall) -> list[tuple[ElectionSection, list[Nominee]]]:
    """Who stands in each section, in the order they were nominated. Raises Conflict for a section with too few."""
    signed = elections.signatures_of(session, call.id)
    found = []
    nominees = elections.nominees_of(session, call.id)
    for section in elections.sections_of(session, call.id):
        standing = [
            each
            for each in nominees
            if each.section_id == section.id and rules.may_stand(nominated(each, len(signed[each.id])), call.signatures)
        ]
        rules.must_be_enough(
            section.label,
            len(standing),
            section.seats,
            Contest(call.contest),
            num=call.spare_num,
            den=call.spare_den,
        )
        found.append((section, standing))
    return found


def print_ballot(call_id: str, *, by: Staff, now: datetime) -> str:
    """Make the vote's draft from the list after its publicity; gives the vote's public id. Asked twice, printed once.

    Two transactions, the first with a key made of the call: after a crash between them the second finds the draft.
    Raises NotAllowed, Conflict (publicity running, withdrawals left too few).
    """
    ballot = _ballot(call_id, by=by, now=now)
    if isinstance(ballot, str):
        return ballot
    draft, nominees = ballot
    fingerprint = hashlib.sha256(call_id.encode()).hexdigest()
    vote_id = preparing.create(draft, by=by, now=now, key=Key("nominations", f"print:{call_id}", fingerprint))
    return _printed(call_id, vote_id, nominees, by=by, now=now)


@use_case
def _ballot(call_id: str, *, by: Staff, now: datetime) -> tuple[NewVote, list[list[str]]] | str:
    with transaction() as session:
        call = managed(session, call_id, by, now)
        if call.vote_id is not None:
            return queries.vote_by_id(session, call.vote_id).public_id
        rules.must_be_printable(
            CallState(call.state),
            until=call.listed_until,
            now=now,
            text=instant_text(call.listed_until) if call.listed_until else "",
        )
        place = places.place_by_id(session, call.place_id)
        sections = standing_by_section(session, call)
        draft = NewVote(
            place_code=place.code,
            title=call.title,
            intro=call.intro,
            notice_days=call.notice_days,
            voting_days=call.voting_days,
            motions=tuple(
                NewMotion(
                    matter=section.matter,
                    title=f"{section.label}（应选 {section.seats} 人）",
                    candidates=_named(standing),
                    seats=section.seats,
                    most=min(section.most, len(standing)),
                )
                for section, standing in sections
            ),
        )
        return draft, [[each.public_id for each in standing] for _, standing in sections]


def _named(standing: list[Nominee]) -> tuple[NewCandidate, ...]:
    """The names as printed; namesakes are told apart by a number, their notes say the rest."""
    names = [name_of(each) for each in standing]
    return tuple(
        NewCandidate(name if names.count(name) == 1 else f"{name}（{names[: place + 1].count(name)}）", each.note)
        for place, (name, each) in enumerate(zip(names, standing, strict=True))
    )


@use_case
def _printed(call_id: str, vote_id: str, nominees: list[list[str]], *, by: Staff, now: datetime) -> str:
    """Bind the nominees to the names on the paper. Who stepped back meanwhile is on it, and has withdrawn."""
    with transaction() as session:
        call = managed(session, call_id, by, now)
        if call.vote_id is not None:
            return vote_id
        vote = queries.vote_by_public_id(session, vote_id)
        candidates = queries.candidates_of(session, vote.id)
        motions = queries.motions_of(session, vote.id)
        sections = elections.sections_of(session, call.id)
        for motion, section, standing in zip(motions, sections, nominees, strict=True):
            most = rules.most_alternates(section.seats, num=call.alternates_num, den=call.alternates_den)
            session.add(ElectionPlan(motion_id=motion.id, alternates=most))
            for candidate, nominee_id in zip(candidates[motion.id], standing, strict=True):
                nominee = elections.nominee(session, call.id, nominee_id)
                nominee.candidate_id = candidate.id
                if nominee.withdrawn_at is not None:
                    session.add(CandidateWithdrawal(candidate_id=candidate.id, at=now, by=nominee.nominated_by))
        call.state, call.vote_id = CallState.PRINTED, vote.id
        record(session, call, "nominations.printed", by.actor, now, {"vote": vote.public_id})
        return vote_id


@use_case
def extend(call_id: str, until: datetime, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Take nominations until later, while they are open or too few came. Gives the call's public id.

    Raises NotAllowed, Conflict once the list is out, Invalid for an earlier end.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        call = managed(session, call_id, by, now)
        if call.state != CallState.OPEN:
            raise Conflict("listed-already", "候选人名单已经公示，不能再延长提名。")
        if until <= max(call.until, now):
            raise Invalid("not-later", "新的截止时间要比原来的晚。", {"until": ["请改晚一些"]})
        record(session, call, "nominations.extended", by.actor, now, {"until": until.isoformat()})
        call.until = until
        outbox.stage(session, "nominations.extended", {"call": call.public_id}, now=now)
        idempotency.remember(session, key, call.public_id, now=now)
        return call.public_id


def managed(session: Session, call_id: str, by: Staff, now: datetime) -> NominationCall:
    """A call held for a change by those in charge. Raises NotFound, NotAllowed."""
    call = elections.call_by_public_id(session, call_id, hold=True)
    must_manage(session, by, places.place_by_id(session, call.place_id), now)
    return call


def record(
    session: Session, call: NominationCall, action: str, actor: str, now: datetime, payload: dict[str, Any]
) -> None:
    """An audit entry about a call; never with a name."""
    session.flush()
    audit.record(session, actor=actor, action=action, subject=f"call:{call.public_id}", now=now, payload=payload)
