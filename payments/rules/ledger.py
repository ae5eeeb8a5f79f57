"""Double entry: which accounts there are, and which entry a fact makes.

Debit is positive, credit negative, every entry sums to 0. Entries are only added; a correction is another entry.
Accounts belong to a collection, so one estate's books never mix with another's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kernel.money import Fen


class AccountKind(StrEnum):
    """What a ledger account stands for."""

    AT_WECHAT = "at_wechat"
    """Asset: money the payment service holds for the account holder."""
    DEPOSITS_HELD = "deposits_held"
    """Liability: deposits held for the households."""
    TO_REFUND = "to_refund"
    """Liability: money that has to go back: a second payment, or a deposit whose return two people approved."""
    CONTRIBUTIONS = "contributions"
    """Liability: what became a contribution to the works, to be spent on them."""
    AT_BANK = "at_bank"
    """Asset: the account holder's own bank account. Below 0 while only payments out of it are recorded here."""
    CASH_ON_HAND = "cash_on_hand"
    """Asset: what collectors have taken and not yet handed in at the bank."""
    CASH_IN_TRANSIT = "cash_in_transit"
    """Asset: cash handed in at the bank that its statement does not show yet."""
    AT_POS = "at_pos"
    """Asset: card payments the bank has not settled yet."""
    CASH_DIFFERENCES = "cash_differences"
    """What boxes held less (or more) than was entered, until two people have decided about it (待处理长短款)."""
    CASH_SHORT = "cash_short"
    """Shortages two people decided about: whoever took the cash or the account holder makes them good, no household."""
    CASH_OVER = "cash_over"
    """Liability: surpluses two people decided to keep for whom they belong to; never income, never spent."""
    BANK_FEES = "bank_fees"
    """What banks kept or took for their services (terminal, account): the account holder's cost, no household's."""
    FROM_WECHAT = "from_wechat"
    """Asset: withdrawn from the payment service for the bank, whose statement does not show it yet."""
    WECHAT_FEES = "wechat_fees"
    """What the payment service took for its services: the account holder's cost, like a bank's. A household that paid
    500 has paid 500 and may have 500 back, whatever it cost to take them.
    """
    HOLDER_FUNDS = "holder_funds"
    """Liability: the account holder's own money at the payment service (what it topped up), no household's."""


class EntryKind(StrEnum):
    """Which fact an entry records. A fact is recorded once: ``(kind, reference)`` is unique."""

    DEPOSIT_PAID = "deposit_paid"
    SECOND_PAYMENT = "second_payment"
    REFUND_DONE = "refund_done"
    REFUND_OWED = "refund_owed"
    REFUND_PAID_OUT = "refund_paid_out"
    CONVERTED = "converted"
    CONTRIBUTION_PAID = "contribution_paid"
    SPENT = "spent"
    SPENT_BACK = "spent_back"
    PAYMENT_VOIDED = "payment_voided"
    """A payment of our own counter that was entered wrongly: its entry in the other direction."""
    CASH_DIFFERENCE = "cash_difference"
    CASH_DIFFERENCE_DECIDED = "cash_difference_decided"
    CASH_BANKED = "cash_banked"
    CASH_ARRIVED = "cash_arrived"
    CASH_ARRIVAL_UNDONE = "cash_arrival_undone"
    """Two people found that a line was not that cash: its entry in the other direction."""
    POS_ARRIVED = "pos_arrived"
    POS_ARRIVAL_UNDONE = "pos_arrival_undone"
    FEE_TAKEN = "fee_taken"
    FEE_UNDONE = "fee_undone"
    WITHDRAWN = "withdrawn"
    WITHDRAWAL_ARRIVED = "withdrawal_arrived"
    WITHDRAWAL_UNDONE = "withdrawal_undone"
    WITHDRAWAL_BOUNCED = "withdrawal_bounced"
    SERVICE_FEE = "service_fee"
    """Fees of trades, as the service's bills tell them, or (``back``) given back with refunds."""
    SERVICE_FEE_BACK = "service_fee_back"
    SERVICE_CHARGE = "service_charge"
    """Something else the service took or gave, which two people found to be its charge."""
    SERVICE_CHARGE_UNDONE = "service_charge_undone"
    HOLDER_MOVED = "holder_moved"
    """What two people found to be the account holder's own money."""
    HOLDER_UNDONE = "holder_undone"
    SETTLED_AT_BANK = "settled_at_bank"
    """The account holder made a cost good at the bank, or gave a surplus of cash back from there."""
    SETTLEMENT_UNDONE = "settlement_undone"


@dataclass(frozen=True)
class Posting:
    """One line of an entry: ``amount_fen`` > 0 debits the account, < 0 credits it."""

    account: AccountKind
    amount_fen: Fen


def _pair(debit: AccountKind, credit: AccountKind, amount_fen: Fen) -> tuple[Posting, ...]:
    if amount_fen < 1:
        raise ValueError("an entry moves at least one fen")
    # Sorted by account: everyone touches accounts in the same order, so nobody waits in a circle.
    return tuple(sorted((Posting(debit, amount_fen), Posting(credit, -amount_fen)), key=lambda line: line.account))


def deposit_paid(amount_fen: Fen, *, into: AccountKind = AccountKind.AT_WECHAT) -> tuple[Posting, ...]:
    """A confirmed payment of a deposit: the money is at WeChat (or came by our counter) and held for the household."""
    return _pair(into, AccountKind.DEPOSITS_HELD, amount_fen)


def payment_voided(amount_fen: Fen, *, held: AccountKind, out_of: AccountKind) -> tuple[Posting, ...]:
    """What was entered at our counter by mistake, taken out of the books again: the same entry the other way round."""
    return _pair(held, out_of, amount_fen)


def cash_difference(missing_fen: Fen) -> tuple[Posting, ...]:
    """A box counted: what was missing in it, or was too much (below 0), leaves the cash on hand."""
    if missing_fen < 0:
        return _pair(AccountKind.CASH_ON_HAND, AccountKind.CASH_DIFFERENCES, -missing_fen)
    return _pair(AccountKind.CASH_DIFFERENCES, AccountKind.CASH_ON_HAND, missing_fen)


def cash_difference_decided(missing_fen: Fen) -> tuple[Posting, ...]:
    """Two people decided: a shortage is to be made good, a surplus (below 0) is kept for whom it belongs to."""
    if missing_fen < 0:
        return _pair(AccountKind.CASH_DIFFERENCES, AccountKind.CASH_OVER, -missing_fen)
    return _pair(AccountKind.CASH_SHORT, AccountKind.CASH_DIFFERENCES, missing_fen)


COSTS = (AccountKind.WECHAT_FEES, AccountKind.BANK_FEES, AccountKind.CASH_SHORT)
"""What is made good by money that comes to the bank, in this order: none of it is a household's."""


def settled_at_bank(amount_fen: Fen, *, account: AccountKind) -> tuple[Posting, ...]:
    """Money that came to the bank and makes a cost good; out of ``CASH_OVER``: a surplus that left it again."""
    if account is AccountKind.CASH_OVER:
        return _pair(account, AccountKind.AT_BANK, amount_fen)
    return _pair(AccountKind.AT_BANK, account, amount_fen)


def cash_banked(amount_fen: Fen) -> tuple[Posting, ...]:
    """Cash handed in at the bank; its statement has to show it yet."""
    return _pair(AccountKind.CASH_IN_TRANSIT, AccountKind.CASH_ON_HAND, amount_fen)


def arrived_at_bank(amount_fen: Fen, *, out_of: AccountKind, fee_fen: Fen = 0) -> tuple[Posting, ...]:
    """The bank's statement shows what was handed in, what its card terminal took (less the ``fee_fen`` it kept), or
    what was withdrawn from the payment service.
    """
    if not 0 <= fee_fen <= amount_fen:
        raise ValueError("a fee is never more than what it is taken of")
    came = {out_of: -amount_fen, AccountKind.AT_BANK: amount_fen - fee_fen, AccountKind.BANK_FEES: fee_fen}
    return tuple(Posting(account, fen) for account, fen in sorted(came.items()) if fen)


def undone(postings: Sequence[Posting]) -> tuple[Posting, ...]:
    """The same entry the other way round."""
    return tuple(Posting(line.account, -line.amount_fen) for line in postings)


def fee_taken(amount_fen: Fen) -> tuple[Posting, ...]:
    """The bank took a fee from the account."""
    return _pair(AccountKind.BANK_FEES, AccountKind.AT_BANK, amount_fen)


def withdrawn(amount_fen: Fen) -> tuple[Posting, ...]:
    """Money left the payment service for the bank."""
    return _pair(AccountKind.FROM_WECHAT, AccountKind.AT_WECHAT, amount_fen)


def service_fee(amount_fen: Fen) -> tuple[Posting, ...]:
    """The payment service took a fee of what it holds, or gave one back (below 0): the account holder's cost."""
    return _moved(AccountKind.WECHAT_FEES, -amount_fen)


def holder_moved(amount_fen: Fen) -> tuple[Posting, ...]:
    """The account holder put money of its own into the account at the payment service, or took it out (below 0)."""
    return _moved(AccountKind.HOLDER_FUNDS, amount_fen)


def _moved(other: AccountKind, fen: Fen) -> tuple[Posting, ...]:
    """What came into (below 0: left) the account at the payment service against another account."""
    if fen < 0:
        return _pair(other, AccountKind.AT_WECHAT, -fen)
    return _pair(AccountKind.AT_WECHAT, other, fen)


def contribution_paid(amount_fen: Fen, *, into: AccountKind = AccountKind.AT_WECHAT) -> tuple[Posting, ...]:
    """A confirmed payment of a contribution: at WeChat (or come by our counter), to be spent on the works."""
    return _pair(into, AccountKind.CONTRIBUTIONS, amount_fen)


def second_payment(amount_fen: Fen) -> tuple[Posting, ...]:
    """A second success for a deposit already paid: the money is at WeChat and owed back."""
    return _pair(AccountKind.AT_WECHAT, AccountKind.TO_REFUND, amount_fen)


def refund_done(amount_fen: Fen) -> tuple[Posting, ...]:
    """A refund WeChat reports as done: what was owed back has left."""
    return _pair(AccountKind.TO_REFUND, AccountKind.AT_WECHAT, amount_fen)


def refund_owed(amount_fen: Fen, *, held: AccountKind = AccountKind.DEPOSITS_HELD) -> tuple[Posting, ...]:
    """Two people approved that money goes back: what was held for the household (as a deposit, or as a contribution:
    ``held``) is now owed to it.
    """
    return _pair(held, AccountKind.TO_REFUND, amount_fen)


def refund_paid_out(amount_fen: Fen) -> tuple[Posting, ...]:
    """A refund by bank transfer, confirmed by a second person: what was owed back left the bank account."""
    return _pair(AccountKind.TO_REFUND, AccountKind.AT_BANK, amount_fen)


def converted(amount_fen: Fen) -> tuple[Posting, ...]:
    """A deposit becomes a contribution: a transfer between two names, no money moves (DOMAIN §3.1)."""
    return _pair(AccountKind.DEPOSITS_HELD, AccountKind.CONTRIBUTIONS, amount_fen)


def spent(amount_fen: Fen) -> tuple[Posting, ...]:
    """A payment for the works that left the bank account."""
    return _pair(AccountKind.CONTRIBUTIONS, AccountKind.AT_BANK, amount_fen)


def spent_back(amount_fen: Fen) -> tuple[Posting, ...]:
    """Such a payment came back, or was recorded by mistake: the same entry the other way round."""
    return _pair(AccountKind.AT_BANK, AccountKind.CONTRIBUTIONS, amount_fen)


def is_balanced(amounts_fen: Sequence[Fen]) -> bool:
    """At least two lines, none of them nothing, that sum to 0."""
    return len(amounts_fen) >= 2 and all(amounts_fen) and sum(amounts_fen) == 0


def balances(postings: Sequence[Posting]) -> Mapping[AccountKind, Fen]:
    """Return every account's balance; accounts without a line have 0."""
    result = dict.fromkeys(AccountKind, 0)
    for line in postings:
        result[line.account] += line.amount_fen
    return result
