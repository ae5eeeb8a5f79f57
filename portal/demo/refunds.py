"""A few households of 桃园北巷 have asked their deposit back: one request waits, one has its first approval."""

import sqlalchemy as sa

from kernel.database import reading
from kernel.people.models import Account
from kernel.places import queries as places
from payments import queries as payments
from payments.models import Deposit
from payments.refunds.services import approving, asking
from payments.rules.deposit import DepositState
from payments.rules.giving_back import AskedReason
from portal.demo import Demo
from portal.demo.personas import TAOYUAN

ASKED = ((AskedReason.MOVED, 6), (AskedReason.CHANGED_MIND, 2))
"""Why, and how many days ago."""


def requests(demo: Demo) -> str:
    """Let two payers ask; the street's officer has approved the first."""
    session = reading()
    estate = places.place_by_code(session, TAOYUAN)
    collection = payments.collection_of(session, estate.id)
    if collection is None:
        session.close()
        return "退还申请：0 笔"
    held = session.execute(
        sa.select(Deposit.public_id, Account.id, Account.public_id)
        .join(Account, Account.id == Deposit.payer_account_id)
        .where(Deposit.collection_id == collection.id, Deposit.state == DepositState.PAID)
        .order_by(Deposit.paid_at, Deposit.dwelling_id)
        .offset(1)
        .limit(len(ASKED))
    ).all()
    officer = session.scalar(sa.select(Account).where(Account.openid == "demo-street"))
    session.close()
    made = [
        asking.ask(deposit, account_id=account, actor=f"account:{name}", reason=reason, now=demo.ago(days), key=None)
        for (deposit, account, name), (reason, days) in zip(held, ASKED, strict=False)
    ]
    if made and officer is not None and officer.person_id is not None:
        approving.approve(
            made[0], person_id=officer.person_id, actor=f"account:{officer.public_id}", now=demo.ago(1), key=None
        )
    return f"退还申请：{len(made)} 笔，一笔已有一人核准"
