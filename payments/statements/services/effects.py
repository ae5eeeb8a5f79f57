"""What a decided line does: it credits households, or shows our own money at the bank (``arrivals``). Once.

What was proposed is kept as parts of the line; they take effect in the transaction in which the second person agrees,
and a credit is taken back only by entries the other way, which again takes two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import clock, grants, outbox
from kernel.encryption import vault
from kernel.errors import Conflict, Invalid, NotFound
from kernel.money import Fen, yuan_text
from kernel.people import queries as people
from kernel.people.services import name_of
from kernel.places.models import Dwelling, Place
from kernel.places.queries import dwelling_by_id, dwellings_of_estate, place_by_id
from payments import queries as payments
from payments.cash_desk import queries as desk
from payments.cash_desk.services.payers import Payer, deposit_for, payer_of
from payments.cash_desk.services.taking import TAKEN_TOPIC
from payments.cash_desk.services.voiding import VOIDED_TOPIC
from payments.refunds.queries import is_own
from payments.rules import reference
from payments.rules.bank_line import LineDecision, PartState, must_be_the_same
from payments.rules.channel import Desk
from payments.rules.deposit import Purpose, checked_amount
from payments.rules.giving_back import must_not_gain
from payments.rules.recognise import same_door, same_name
from payments.services import counter, doubles
from payments.services.collections import must_be_open
from payments.services.paying import DESCRIPTIONS
from payments.statements import queries
from payments.statements.models import BankAccount, BankLine, LinePart
from payments.statements.queries import parts as doings
from payments.statements.services import arrivals
from payments.statements.services.arrivals import part_of

MANAGE = "collection.manage"
LIVE_PARTS = (PartState.PLANNED, PartState.DONE)


@dataclass(frozen=True)
class Part:
    """A household so much of a line is for. ``home``: a public id, a reference, or a door as people write it."""

    home: str
    amount_fen: Fen


@dataclass(frozen=True)
class Told:
    """What a decision needs to know: the households credited, the cash handed in, a terminal's fee, whose cost a fee is
    (an estate's public id), the line it is told again.
    """

    parts: Sequence[Part] = ()
    banking: str = ""
    fee_fen: Fen = 0
    estate: str = ""
    same_as: str = ""


def reference_of(dwelling: Dwelling) -> str:
    """What the household writes on a transfer."""
    return reference.reference(vault().blind_index("bank_reference", dwelling.public_id))


def plan(
    session: Session,
    account: BankAccount,
    line: BankLine,
    decision: LineDecision,
    told: Told,
    *,
    by: int,
    now: datetime,
) -> None:
    """Keep what a decision would do, as ``by`` proposes. Raises Invalid, NotFound (also for a household of an estate he
    does not manage), NotAllowed (his own household), Conflict; nothing has an effect yet.
    """
    drop(session, line)
    if decision in {LineDecision.CREDITED, LineDecision.ARRIVED, LineDecision.POS} and (line.amount_fen or 0) < 1:
        raise Invalid("nothing-came", "这一行的金额没有读出来，或不是收入，不能这样处理。")
    if decision is LineDecision.CREDITED:
        _plan_credits(session, account, line, told.parts, by=by, now=now)
    elif decision is LineDecision.ARRIVED:
        arrivals.plan_cash(session, account, line, told.banking)
    elif decision is LineDecision.POS:
        arrivals.plan_cards(session, account, line, told.fee_fen)
    elif decision is LineDecision.FEE:
        arrivals.plan_fee(session, account, line, told.estate)
    elif decision is LineDecision.SETTLED:
        arrivals.plan_settlement(session, account, line, told.estate)
    elif decision is LineDecision.DUPLICATE:
        _plan_duplicate(session, line, told.same_as)


def _plan_duplicate(session: Session, line: BankLine, same_as: str) -> None:
    other = queries.line_of_account(session, line.account_id, same_as)
    if other is None or other.id == line.id:
        raise NotFound("no-such-line", "没有找到另一行。请从列出的行里选。")
    must_be_the_same((line.day, line.amount_fen), (other.day, other.amount_fen))
    if other.duplicate_of is not None or queries.duplicates_of(session, line.id):
        raise Conflict("line-is-a-duplicate", "两行里已经有一行记成了别的行的重复。请刷新页面，选真正算数的那一行。")
    line.duplicate_of = other.id
    session.flush()


def drop(session: Session, line: BankLine) -> None:
    """What was planned is not done: the line was sent back, or something else is proposed."""
    for part in doings.parts_of(session, line.id, PartState.PLANNED):
        part.state = PartState.DROPPED
    line.duplicate_of = None
    session.flush()


def apply(session: Session, line: BankLine, *, by: int, actor: str, now: datetime) -> None:
    """Two agreed: do what was planned, all of it or, where one part cannot be done, none. The line is locked."""
    parts = doings.parts_of(session, line.id, PartState.PLANNED)
    if line.duplicate_of is not None and queries.is_a_duplicate(session, line.duplicate_of):
        raise Conflict("line-is-a-duplicate", "选的那一行自己也记成了重复。请退回重提。")
    arrivals.must_not_have_made(session, parts, by)
    for part in parts:
        if part.dwelling_id is not None:
            _credit(session, line, part, by=by, actor=actor, now=now)
    arrivals.do(session, line, [part for part in parts if part.dwelling_id is None], now=now)


def homes_of(session: Session, line: BankLine) -> list[Dwelling]:
    """The households a line would credit."""
    parts = doings.parts_of(session, line.id, PartState.PLANNED)
    return [dwelling_by_id(session, part.dwelling_id) for part in parts if part.dwelling_id is not None]


def must_be_his(session: Session, account: BankAccount, line: BankLine, by: int, *, now: datetime) -> None:
    """Raises NotFound unless the person manages every estate whose money a line is: those of its parts that are planned
    or done; of a line that is nobody's in particular, all that gather into the account.
    """
    parts = [one for state in LIVE_PARTS for one in doings.parts_of(session, line.id, state)]
    estates: Sequence[Place] = [
        *arrivals.estates_of(session, parts).values(),
        *(place_by_id(session, dwelling_by_id(session, one.dwelling_id).estate_id) for one in parts if one.dwelling_id),
    ] or [estate for _, estate in queries.collections_of_account(session, account)]
    for estate in estates:
        if not grants.may(session, by, MANAGE, estate, now):
            raise NotFound(
                "not-your-household", f"这一行和{estate.name}的钱有关，不归您管。请由管理那个小区的工作人员办理。"
            )


def must_not_be_own(session: Session, line: BankLine, by: int) -> None:
    """Raises NotAllowed when a household a line credited is the person's own."""
    for part in doings.parts_of(session, line.id, PartState.DONE):
        if part.deposit_id is not None:
            must_not_gain(is_own(session, payments.deposit_by_id(session, part.deposit_id), by))


def take_back(session: Session, line: BankLine, *, actor: str, why: str, now: datetime) -> None:
    """Two agreed that a line is not what it was taken for: entries the other way; the line waits again."""
    parts = doings.parts_of(session, line.id, PartState.DONE)
    for part in parts:
        if part.deposit_id is None:
            continue
        deposit = payments.deposit_by_id(session, part.deposit_id, lock=True)
        attempt = payments.attempt_by_channel(session, deposit.id, Desk.BANK)
        counter.reverse(session, deposit, attempt, actor=actor, why=why, now=now)
        part.state = PartState.UNDONE
        outbox.stage(session, VOIDED_TOPIC, {"deposit": deposit.public_id}, now=now)
    arrivals.undo(session, [part for part in parts if part.dwelling_id is None], now=now)


# ------------------------------------------------------------------------------------------------------------- credits


def _plan_credits(
    session: Session, account: BankAccount, line: BankLine, parts: Sequence[Part], *, by: int, now: datetime
) -> None:
    if not parts:
        raise Invalid("no-household", "请写明记给哪一户。", {"home": ["请选一户，或写缴款码、门牌。"]})
    total = sum(part.amount_fen for part in parts)
    if total != line.amount_fen:
        raise Invalid(
            "parts-differ",
            f"各户合计 {yuan_text(total)} 元，和到账 {yuan_text(line.amount_fen or 0)} 元不一样。",
            {"home": ["各户合计要等于到账金额。"]},
        )
    homes = [_home_of(session, account, part.home) for part in parts]
    if len({home.id for home in homes}) != len(homes):
        raise Invalid("household-twice", "同一户写了两次。", {"home": ["同一户写了两次。"]})
    for home in homes:
        _must_be_of_his_place(session, home, by, now=now)
        must_not_gain(people.has_to_do_with(session, by, home.id))
    for at, (home, part) in enumerate(zip(homes, parts, strict=True), 1):
        checked_amount(part.amount_fen, largest_fen=must_be_open(session, home.estate_id).largest_fen)
        session.add(part_of(line, at, part.amount_fen, dwelling_id=home.id))
    session.flush()


def _must_be_of_his_place(session: Session, home: Dwelling, person_id: int, *, now: datetime) -> None:
    """Estates may gather into one account; each household is credited by those who manage its own."""
    if not grants.may(session, person_id, MANAGE, place_by_id(session, home.estate_id), now):
        raise NotFound("not-your-household", f"“{home.label}”这一户不归您管，请由管理那个小区的工作人员办理。")


def _home_of(session: Session, account: BankAccount, told: str) -> Dwelling:
    """The dwelling somebody meant, among those of the estates that gather into the account."""
    told = told.strip()
    wanted, meant = reference.found_in(told), []
    for _, estate in queries.collections_of_account(session, account):
        for home in dwellings_of_estate(session, estate.id):
            if told == home.public_id or reference_of(home) in wanted or same_door(home.label, told):
                meant.append(home)
    if not meant:
        raise NotFound("no-such-household", f"没有找到“{told[:20]}”这一户。请写缴款码，或像“3栋2单元501”这样写门牌。")
    if len({home.id for home in meant}) > 1:
        raise Conflict("several-households", f"“{told[:20]}”有好几户。请写缴款码。")
    return meant[0]


def _payer(session: Session, home: Dwelling, name: str) -> Payer:
    """The holder of that name, else somebody who pays for the household."""
    for _, person in people.holdings_of(session, home.id):
        if same_name(name_of(person), name):
            return payer_of(session, home, person=person.public_id, name="")
    return Payer(name or "转账人")


def _credit(session: Session, line: BankLine, part: LinePart, *, by: int, actor: str, now: datetime) -> None:
    assert part.dwelling_id is not None
    home = dwelling_by_id(session, part.dwelling_id)
    collection = must_be_open(session, home.estate_id)
    payer = _payer(session, home, queries.name_of_line(line))
    _must_be_of_his_place(session, home, by, now=now)
    for person in (by, line.proposed_by):
        must_not_gain(person is not None and people.has_to_do_with(session, person, home.id))
    deposit = deposit_for(session, collection, home, payer, amount_fen=part.amount_fen, now=now)
    paper = f"{line.public_id}:{home.public_id}"
    again = desk.times_voided(session, Desk.BANK, paper)
    counter.credit(
        session,
        deposit,
        Desk.BANK,
        f"{paper}/{again + 1}" if again else paper,
        actor=actor,
        description=f"{place_by_id(session, home.estate_id).name} {DESCRIPTIONS[Purpose(deposit.purpose)]}",
        paid_at=clock.china_moment(line.day) if line.day else now,
        now=now,
    )
    part.deposit_id, part.state = deposit.id, PartState.DONE
    doubles.watch(session, deposit, now=now)
    outbox.stage(session, TAKEN_TOPIC, {"deposit": deposit.public_id}, now=now)
