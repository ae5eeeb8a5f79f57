"""Correcting a roll before it is frozen, amending it after. Each change has a reason, and stays on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, evidence, idempotency
from kernel.clock import china_day
from kernel.database import new_public_id, transaction, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, Invalid
from kernel.idempotency import Key
from kernel.people import queries as people
from kernel.people import services as register
from kernel.people.models import HoldingKind, Person, PersonKind
from kernel.places.models import Dwelling, Place
from kernel.places.queries import dwelling_by_public_id
from surveys.votes import queries
from surveys.votes.models import RollLine, RollLineDwelling, RollLineHolder, Vote
from surveys.votes.paper import queries as papers
from surveys.votes.proxies import services as proxies
from surveys.votes.results import queries as standings
from surveys.votes.results import services as results
from surveys.votes.results.rules import Stage
from surveys.votes.rolls import queries as rolls
from surveys.votes.rolls.models import RollChange
from surveys.votes.rolls.services import building
from surveys.votes.rolls.services.objecting import held_by_staff, must_be_reasoned, settle
from surveys.votes.rules import lifecycle, roll
from surveys.votes.rules import roll_changes as rules
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.roll import Holder
from surveys.votes.rules.roll_changes import ChangeKind, Effect, ObjectionState
from surveys.votes.services.preparing import Staff


@dataclass(frozen=True)
class NewOwner:
    """An owner as the papers name them."""

    name: str
    phone: str | None = None
    organisation: bool = False


@dataclass(frozen=True)
class NewChange:
    """What is to be changed about one dwelling, and why. ``reason`` is published: it names nobody.

    ``area_dm2`` (0.01 ㎡) for an area, ``owners`` for what names new owners. ``objection``: the one it answers.
    """

    dwelling: str
    kind: ChangeKind
    reason: str
    area_dm2: int | None = None
    owners: tuple[NewOwner, ...] = ()
    objection: str | None = None
    evidence: tuple[str, ...] = ()


@use_case
def change(vote_id: str, wanted: NewChange, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Correct or amend the roll; gives the change's public id.

    Before the opening the roll is built again. After it single lines change: a used line stands. While a result is
    preliminary a wrong area may still be amended: the vote is counted again at once, both documents (each with its
    counterfactual sheet) are kept, and one that differs is published anew for its days. Raises NotFound, NotAllowed,
    Conflict (the result is final, the change comes too late, or a paper of the line waits to be keyed), Invalid (no
    reason, what does not fit).
    """
    reason = must_be_reasoned(wanted.reason)
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote, place = held_by_staff(session, vote_id, by, now)
        state = lifecycle.at(State(vote.state), closes_at=vote.closes_at, now=now)
        if state is State.RESULT:
            _must_be_preliminary(session, vote)
        frozen = _is_frozen(state, wanted.kind)
        rules.must_fit(wanted.kind, electorate=Electorate(vote.electorate), frozen=frozen)
        dwelling = _dwelling(session, vote, place, wanted)
        made = RollChange(
            public_id=new_public_id(),
            vote_id=vote.id,
            number=rolls.next_change(session, vote.id),
            dwelling_id=dwelling.id,
            frozen=frozen,
            kind=wanted.kind,
            effect=Effect.APPLIED,
            reason=reason,
            rows=[],
            made_at=now,
            made_by=by.actor,
        )
        if wanted.kind in rules.TRANSFERS:
            _transfer(session, vote, dwelling, wanted, made, now)
        elif wanted.kind is ChangeKind.AREA:
            _measure(session, vote, dwelling, wanted, made)
        else:
            left_out = wanted.kind is ChangeKind.LEFT_OUT
            made.old, made.new = {"left_out": not left_out}, {"left_out": left_out}
        _answer(session, vote, wanted, made, by, now)
        session.add(made)
        session.flush()
        if not frozen:
            building.build(session, vote, place, day=china_day(now))
        proofs: list[evidence.Proof] = []
        if wanted.evidence:
            proofs = evidence.use(
                session,
                wanted.evidence,
                subject=f"roll_change:{made.public_id}",
                purpose="roll",
                account_id=by.uploader(),
                place=place,
            )
        audit.record(
            session,
            actor=by.actor,
            action="roll.amended" if frozen else "roll.corrected",
            subject=f"roll_change:{made.public_id}",
            now=now,
            payload={
                "vote": vote.public_id,
                "dwelling": dwelling.public_id,
                "kind": made.kind,
                "effect": made.effect,
                "reason": made.reason,
                "old": made.old,
                "new": made.new,
                "proofs": [proof.sha256 for proof in proofs],
            },
        )
        if state is State.RESULT:
            results.count_again(session, vote, f"名册更正第 {made.number} 号：{reason}", by=by, now=now)
        idempotency.remember(session, key, made.public_id, now=now)
        return made.public_id


def _must_be_preliminary(session: Session, vote: Vote) -> None:
    """The result is held, so that no final word comes between. Raises Conflict once it is final."""
    if standings.standing_for_update(session, vote.id).stage == Stage.FINAL:
        raise Conflict(
            "result-final",
            "结果已经确认为最终结果，名册不能再更正。确有错误的，请向街道书面反映，或者在知道结果之日起一年内向法院起诉。",
        )


def _is_frozen(state: State, kind: ChangeKind) -> bool:
    if state in (State.DRAFT, State.PUBLISHED):
        return False
    if state is State.OPEN or kind is ChangeKind.AREA:
        return True
    raise Conflict(
        "too-late-for-the-roll",
        "投票已经截止：截止以后换业主，不影响已经投的票，名册不这样更正；面积有误的仍可以更正。对结果有异议的，请在公示期内提出。",
    )


def _dwelling(session: Session, vote: Vote, place: Place, wanted: NewChange) -> Dwelling:
    found = dwelling_by_public_id(session, wanted.dwelling)
    if not rolls.is_of(session, found, place):
        raise Invalid("not-of-this-vote", "这套房屋不在这次表决的范围里。", {"dwelling": ["不在表决范围里"]})
    return found


def _answer(session: Session, vote: Vote, wanted: NewChange, made: RollChange, by: Staff, now: datetime) -> None:
    if wanted.objection is None:
        return
    found = rolls.objection_by_public_id(session, vote.id, wanted.objection)
    if found.dwelling_id != made.dwelling_id:
        raise Invalid("another-dwelling", "这条异议说的是另一套房屋。")
    made.objection_id = found.id
    settle(session, vote, found, ObjectionState.UPHELD, made.reason, by=by, now=now)


# --------------------------------------------------------------------------------------------------------------- areas


def _measure(session: Session, vote: Vote, dwelling: Dwelling, wanted: NewChange, made: RollChange) -> None:
    if not wanted.area_dm2 or wanted.area_dm2 < 0:
        raise Invalid("area-missing", "请填写更正后的面积。", {"area_dm2": ["请填写"]})
    over = rolls.overrides_of(session, vote.id).get(dwelling.public_id)
    before = over.area_dm2 if over is not None and over.area_dm2 is not None else dwelling.area_dm2
    if before == wanted.area_dm2:
        raise Invalid("nothing-changed", "面积和名册上的一样，没有要更正的。", {"area_dm2": ["没有变化"]})
    made.old, made.new = {"area_dm2": before}, {"area_dm2": wanted.area_dm2}
    if made.frozen:
        line = _line(session, vote, dwelling)
        after = rules.measured(line.value, wanted.area_dm2 - (before or 0))
        _write(session, vote, made, line, [after])


def _line(session: Session, vote: Vote, dwelling: Dwelling) -> queries.StoredLine:
    found = rolls.line_of_dwelling(session, vote.id, dwelling.id)
    line = queries.line_by_public_id(session, vote.id, found.public_id) if found else None
    if line is None:
        raise Invalid("not-on-the-roll", "这套房屋不在冻结的名册上（没有计入）。", {"dwelling": ["不在名册上"]})
    return line


# -------------------------------------------------------------------------------------------------------------- owners


def _transfer(
    session: Session, vote: Vote, dwelling: Dwelling, wanted: NewChange, made: RollChange, now: datetime
) -> None:
    if not wanted.owners:
        raise Invalid("owners-missing", "请填写新的业主。", {"owners": ["请填写"]})
    before = sorted(person.public_id for person in people.owners_of(session, dwelling.id))
    owners = _owners(session, dwelling, wanted.owners)
    after = sorted({owner.public_id for owner in owners})
    if before == after:
        raise Invalid("nothing-changed", "业主和登记的一样，没有要更正的。", {"owners": ["没有变化"]})
    made.old, made.new = {"holders": before}, {"holders": after}
    if made.frozen:
        line = _line(session, vote, dwelling)
        if papers.waits_for_keying(session, line.id):
            raise Conflict(
                "paper-waits",
                "这一票的纸质票已经收回，还没有录完。请先录完或作废，再登记换业主：录完才知道原业主投了没有。",
            )
        over = rolls.overrides_of(session, vote.id).get(dwelling.public_id)
        area = over.area_dm2 if over is not None and over.area_dm2 is not None else dwelling.area_dm2
        effect, lines = rules.transferred(
            line.value,
            dwelling.public_id,
            area or 0,
            [Holder(owner.public_id, owner.kind == PersonKind.ORGANISATION) for owner in owners],
            used=rolls.is_used(session, line.id),
            next_number=rolls.highest_number(session, vote.id) + 1,
        )
        made.effect = effect
        _write(session, vote, made, line, lines)
    _register(session, dwelling, owners, now)


def _owners(session: Session, dwelling: Dwelling, wanted: Sequence[NewOwner]) -> list[Person]:
    """The persons meant: one who owns here by that name, else one known by that phone and name, else a new one."""
    here = {register.name_of(person): person for person in people.owners_of(session, dwelling.id)}
    found: dict[str, Person] = {}
    for owner in wanted:
        name = owner.name.strip()
        person = here.get(name) or _known(session, name, owner.phone)
        if person is None:
            kind = PersonKind.ORGANISATION if owner.organisation else PersonKind.NATURAL
            person = register.add_person(session, name=name, phone=owner.phone, kind=kind)
        found[person.public_id] = person
    return list(found.values())


def _known(session: Session, name: str, phone: str | None) -> Person | None:
    if not phone:
        return None
    for person in people.persons_by_phone(session, vault().blind_index("phone", phone)):
        if register.name_of(person) == name:
            return person
    return None


def _register(session: Session, dwelling: Dwelling, owners: Sequence[Person], now: datetime) -> None:
    """Say in the register, too, who owns the dwelling from now on: by it they sign in and vote."""
    wanted = {owner.id: owner for owner in owners}
    for holding, person in people.holdings_of(session, dwelling.id):
        if holding.kind in people.OWNING and wanted.pop(person.id, None) is None:
            holding.held_until = now
    for owner in wanted.values():
        kind = HoldingKind.OWNER if len(owners) == 1 else HoldingKind.CO_OWNER
        if owner.kind == PersonKind.ORGANISATION:
            kind = HoldingKind.ORGANISATION
        register.hold(session, owner, dwelling.id, kind, now=now, evidence="roll_change")


# --------------------------------------------------------------------------------------------------------------- lines


def _write(
    session: Session, vote: Vote, made: RollChange, line: queries.StoredLine, after: Sequence[roll.RollLine]
) -> None:
    """Put the lines of an amendment in place of ``line`` and sum the roll again."""
    made.rows = list(roll.canonical_rows(vote.public_id, after))
    for each in after:
        if each.number == line.value.number:
            _replace(session, vote, line, each, made)
            vote.roll_area_dm2 += each.area_dm2 - line.value.area_dm2
        else:
            _split(session, vote, line, each)
            vote.roll_heads += each.heads
            vote.roll_area_dm2 += each.area_dm2
    session.flush()


def _replace(session: Session, vote: Vote, line: queries.StoredLine, after: roll.RollLine, made: RollChange) -> None:
    values: dict[str, Any] = {"kind": str(after.kind), "area_dm2": after.area_dm2}
    session.execute(sa.update(RollLine).where(RollLine.id == line.id).values(**values))
    if after.holders != line.value.holders:
        session.execute(sa.delete(RollLineHolder).where(RollLineHolder.roll_line_id == line.id))
        _hold(session, line.id, after.holders)
        proxies.end_of_former_holders(session, vote, line.id, by=made.made_by, now=made.made_at)


def _split(session: Session, vote: Vote, line: queries.StoredLine, after: roll.RollLine) -> None:
    added = RollLine(
        public_id=new_public_id(),
        vote_id=vote.id,
        number=after.number,
        kind=after.kind,
        heads=after.heads,
        area_dm2=after.area_dm2,
    )
    session.add(added)
    session.flush()
    moved = rolls.dwellings_named(session, after.dwellings)
    session.execute(
        sa.update(RollLineDwelling)
        .where(RollLineDwelling.roll_line_id == line.id, RollLineDwelling.dwelling_id.in_(moved))
        .values(roll_line_id=added.id)
    )
    _hold(session, added.id, after.holders)


def _hold(session: Session, line_id: int, holders: Sequence[str]) -> None:
    found = rolls.persons_of(session, holders)
    if found:
        session.execute(
            sa.insert(RollLineHolder), [{"roll_line_id": line_id, "person_id": person_id} for person_id in found]
        )
