"""Lines that show our own money at the bank: cash handed in, card payments, withdrawals, and what the bank took for it.

Each part of a line is one effect: planned, done by an entry under the part's own name, undone by the same entry the
other way. A line taken back may be planned anew; its parts are then others, so nothing is ever entered twice.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate

from sqlalchemy.orm import Session

from kernel.database import new_public_id, translating
from kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from kernel.money import Fen, shares, yuan_text
from kernel.people.queries import are_one
from kernel.places.models import Place
from payments.cash_desk import queries as desk
from payments.rules import ledger
from payments.rules.bank_line import PartState, checked_fee
from payments.rules.ledger import AccountKind, EntryKind, Posting
from payments.services.bookkeeping import enter
from payments.statements import queries
from payments.statements.models import BankAccount, BankLine, LinePart
from payments.statements.queries import parts as doings
from payments.withdrawals import queries as withdrawals

GONE = Conflict("line-settled", "这一行已经处理过了。请刷新页面。")
_UNDONE = {
    EntryKind.CASH_ARRIVED: EntryKind.CASH_ARRIVAL_UNDONE,
    EntryKind.POS_ARRIVED: EntryKind.POS_ARRIVAL_UNDONE,
    EntryKind.WITHDRAWAL_ARRIVED: EntryKind.WITHDRAWAL_UNDONE,
    EntryKind.FEE_TAKEN: EntryKind.FEE_UNDONE,
    EntryKind.SETTLED_AT_BANK: EntryKind.SETTLEMENT_UNDONE,
}
Effect = tuple[int, EntryKind, str, tuple[Posting, ...]]
"""(collection, kind, reference, postings)"""


def part_of(
    line: BankLine, at: int, amount_fen: Fen, *, fee_fen: Fen = 0, settles: AccountKind | None = None, **of: int | None
) -> LinePart:
    """One effect of a line, planned."""
    return LinePart(
        public_id=new_public_id(),
        line_id=line.id,
        position=at,
        amount_fen=amount_fen,
        fee_fen=fee_fen,
        settles=settles,
        state=PartState.PLANNED,
        **of,
    )


# ------------------------------------------------------------------------------------------------------------ planning


def plan_cash(session: Session, account: BankAccount, line: BankLine, banking: str) -> None:
    """Plan that a line is cash handed in. Raises NotFound, Invalid, Conflict (another line shows it)."""
    mine = {collection.id for collection, _ in queries.collections_of_account(session, account)}
    found = next((one for one in desk.bankings_waiting(session, mine) if one.public_id == banking), None)
    if found is None:
        raise NotFound("no-such-banking", "没有找到这笔解款，或它已经到账。")
    if found.amount_fen != line.amount_fen:
        raise Invalid("amount-differs", f"解款 {yuan_text(found.amount_fen)} 元，和到账金额不一样。")
    session.add(part_of(line, 1, found.amount_fen, banking_id=found.id))
    with translating({"line_part_one_banking": Conflict("banking-proposed", "这笔解款已经对到另一行了。")}):
        session.flush()


def plan_cards(session: Session, account: BankAccount, line: BankLine, fee_fen: Fen) -> None:
    """Plan that a line is what a terminal's bank paid us: the oldest card payments whose sum, less its fee, it is.

    Raises Invalid for a fee nobody takes, Conflict when no such payments add up.
    """
    mine = [collection.id for collection, _ in queries.collections_of_account(session, account)]
    open_ = doings.unsettled_cards(session, mine, until=line.day)
    sums = list(accumulate(taking.amount_fen for taking in open_))
    whole = (line.amount_fen or 0) + checked_fee(fee_fen, (line.amount_fen or 0) + fee_fen)
    if whole not in sums:
        told = f"最早未到账的刷卡合计 {yuan_text(sums[-1])} 元" if sums else "没有未到账的刷卡"
        came = f"{yuan_text(line.amount_fen or 0)} 元加手续费 {yuan_text(fee_fen)} 元"
        raise Conflict("cards-differ", f"{told}，凑不出这一行的 {came}。请对着小票核对金额和手续费。")
    settled = open_[: sums.index(whole) + 1]
    fees = shares(fee_fen, [taking.amount_fen for taking in settled])
    for at, (taking, fee) in enumerate(zip(settled, fees, strict=True), 1):
        session.add(part_of(line, at, taking.amount_fen, fee_fen=fee, taking_id=taking.id))
    with translating({"line_part_one_taking": Conflict("cards-proposed", "这些刷卡已经对到另一行了。")}):
        session.flush()


def plan_fee(session: Session, account: BankAccount, line: BankLine, estate: str) -> None:
    """Plan that a line is what the bank took for its services, borne by one estate's collection (``estate``: its public
    id, "" where only one gathers into the account). Raises Invalid, NotFound.
    """
    if line.amount_fen is None or line.amount_fen >= 0:
        raise Invalid("nothing-left", "这一行的金额没有读出来，或不是支出，不能记成手续费。")
    theirs = queries.collections_of_account(session, account)
    chosen = [collection for collection, place in theirs if len(theirs) == 1 or place.public_id == estate]
    if not chosen:
        raise Invalid("no-estate", "几个小区合用这个账户，请选手续费记在哪个小区。", {"estate": ["请选小区。"]})
    session.add(part_of(line, 1, -line.amount_fen, collection_id=chosen[-1].id))
    session.flush()


def plan_settlement(session: Session, account: BankAccount, line: BankLine, estate: str) -> None:
    """Plan that a line makes good what an estate's fees and shortages cost: the one it is exactly (whoever puts in what
    was missing does not pay fees with it), else in the order of ``ledger.COSTS``; or, where money left, that it gave a
    surplus of cash back. ``estate``: as for a fee; without one, a sum that is exactly what all estates of the account
    cost. Raises Invalid for more than there is to settle.
    """
    fen = line.amount_fen or 0
    theirs = queries.collections_of_account(session, account)
    chosen = [collection.id for collection, place in theirs if place.public_id == estate or not estate]
    if not fen or not chosen:
        raise Invalid("nothing-to-settle", "这一行的金额没有读出来，或没有选对小区。", {"estate": ["请选小区。"]})
    open_ = _to_settle(session, chosen, ledger.COSTS if fen > 0 else (AccountKind.CASH_OVER,))
    whole = sum(one for _, _, one in open_)
    if abs(fen) > whole or (len(chosen) > 1 and abs(fen) != whole):
        what = "没有补足的手续费和短款" if fen > 0 else "还没有退还的长款"
        raise Invalid(
            "more-than-open",
            f"{what}一共 {yuan_text(whole)} 元，和这一行的 {yuan_text(abs(fen))} 元对不上。"
            + ("几个小区合用这个账户时，请选小区。" if len(theirs) > 1 else ""),
            {"estate": ["请核对金额和小区。"]},
        )
    left, at = abs(fen), 0
    for collection_id, kind, there in [one for one in open_ if one[2] == left][-1:] or open_:
        if (taken := min(left, there)) > 0:
            left, at = left - taken, at + 1
            session.add(part_of(line, at, taken, settles=kind, collection_id=collection_id))
    session.flush()


def _to_settle(
    session: Session, collections: Sequence[int], kinds: Sequence[AccountKind]
) -> list[tuple[int, AccountKind, Fen]]:
    """(collection, account, what of it is not settled) of some collections, locked: a cap over what they cost."""
    locked = sorted(collections)
    balances = doings.locked_balances(session, locked, kinds)
    found = [(one, kind, abs(balances.get((one, kind), 0))) for one in locked for kind in kinds]
    return [(one, kind, fen) for one, kind, fen in found if _is_open(kind, balances.get((one, kind), 0))]


def _is_open(kind: AccountKind, balance_fen: Fen) -> bool:
    return balance_fen < 0 if kind is AccountKind.CASH_OVER else balance_fen > 0


def _must_be_open(session: Session, parts: Sequence[LinePart]) -> None:
    """Raises Conflict when what some parts settle was settled meanwhile."""
    wanted = [part for part in parts if part.settles is not None and part.collection_id is not None]
    if not wanted:
        return
    kinds = sorted({AccountKind(part.settles or "") for part in wanted})
    ids = {part.collection_id for part in wanted if part.collection_id is not None}
    open_ = {(one, kind): fen for one, kind, fen in _to_settle(session, list(ids), kinds)}
    for part in wanted:
        if part.amount_fen > open_.get((part.collection_id or 0, AccountKind(part.settles or "")), 0):
            raise Conflict("settled-meanwhile", "这些手续费或长短款刚刚补足、退还过了。请退回重提。")


# -------------------------------------------------------------------------------------------------------- done, undone


def do(session: Session, line: BankLine, parts: Sequence[LinePart], *, now: datetime) -> None:
    """Enter what some parts are. The line is locked. Raises Conflict when one of them is not possible any more."""
    _must_be_open(session, parts)
    for part in parts:
        if part.banking_id is not None:
            banking = doings.locked_banking(session, part.banking_id)
            if banking.line_id is not None:
                raise GONE
            banking.line_id, banking.arrived_at = line.id, now
        part.state = PartState.DONE
    for collection_id, kind, reference, postings in _effects(session, parts):
        enter(session, collection_id, kind, reference, postings, now=now)
    session.flush()


def undo(session: Session, parts: Sequence[LinePart], *, now: datetime) -> None:
    """Enter the other way round what some parts did. The line is locked."""
    for collection_id, kind, reference, postings in _effects(session, parts):
        enter(session, collection_id, _UNDONE[kind], reference, ledger.undone(postings), now=now)
    for part in parts:
        if part.banking_id is not None:
            banking = doings.locked_banking(session, part.banking_id)
            banking.line_id = banking.arrived_at = None
        part.state = PartState.UNDONE
    session.flush()


def _effects(session: Session, parts: Sequence[LinePart]) -> list[Effect]:
    made: list[Effect] = []
    sums: Counter[int] = Counter()
    fees: Counter[int] = Counter()
    first: dict[int, str] = {}
    for part in parts:
        if part.banking_id is not None:
            collection = doings.locked_banking(session, part.banking_id).collection_id
            postings = ledger.arrived_at_bank(part.amount_fen, out_of=AccountKind.CASH_IN_TRANSIT)
            made.append((collection, EntryKind.CASH_ARRIVED, part.public_id, postings))
        elif part.withdrawal_id is not None:
            for share in withdrawals.shares_of(session, part.withdrawal_id):
                postings = ledger.arrived_at_bank(share.amount_fen, out_of=AccountKind.FROM_WECHAT)
                reference = f"{part.public_id}:{share.collection_id}"
                made.append((share.collection_id, EntryKind.WITHDRAWAL_ARRIVED, reference, postings))
        elif part.collection_id is not None and part.settles is not None:
            postings = ledger.settled_at_bank(part.amount_fen, account=AccountKind(part.settles))
            made.append((part.collection_id, EntryKind.SETTLED_AT_BANK, part.public_id, postings))
        elif part.collection_id is not None:
            postings = ledger.fee_taken(part.amount_fen)
            made.append((part.collection_id, EntryKind.FEE_TAKEN, part.public_id, postings))
        elif part.taking_id is not None:
            deposit = doings.card_deposit(session, part.taking_id)
            if deposit is None:
                raise Conflict("cards-differ", "有一笔刷卡已经作废，和到账对不上了。请退回重提。")
            # One entry a collection for all its cards, under the name of the first of them.
            first.setdefault(deposit.collection_id, part.public_id)
            sums[deposit.collection_id] += part.amount_fen
            fees[deposit.collection_id] += part.fee_fen
    for collection in sorted(sums):
        postings = ledger.arrived_at_bank(sums[collection], out_of=AccountKind.AT_POS, fee_fen=fees[collection])
        made.append((collection, EntryKind.POS_ARRIVED, first[collection], postings))
    return made


# ----------------------------------------------------------------------------------------------------------------- who


def estates_of(session: Session, parts: Sequence[LinePart]) -> dict[int, Place]:
    """The estates whose money some parts are, by inner id."""
    ids: set[int] = set()
    for part in parts:
        if part.banking_id is not None:
            ids.add(doings.locked_banking(session, part.banking_id).collection_id)
        elif part.withdrawal_id is not None:
            ids |= {share.collection_id for share in withdrawals.shares_of(session, part.withdrawal_id)}
        elif part.collection_id is not None:
            ids.add(part.collection_id)
        elif part.taking_id is not None:
            ids.add(doings.collection_of_taking(session, part.taking_id))
    return {place.id: place for place in (desk.estate_of_collection(session, one) for one in ids)}


def must_not_have_made(session: Session, parts: Sequence[LinePart], by: int) -> None:
    """Raises NotAllowed for whoever handed the cash in, ran the card, or collected what was missing or too much,
    whatever name he goes by.
    """
    if any(are_one(session, by, hand) for hand in doings.hands_of(session, parts)):
        raise NotAllowed("own-taking", "这笔现金、刷卡或长短款是您经手的，要由另一位工作人员复核。")
