"""What an estate collects now: deposits, or contributions once shares are published; whichever way the money comes."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from kernel.errors import Conflict
from kernel.money import Fen
from kernel.places.models import Dwelling
from payments.contributions import queries as budgets
from payments.contributions.services.contributing import standing
from payments.models import Collection, CollectionMode
from payments.rules import due
from payments.rules.deposit import Purpose


@dataclass(frozen=True)
class Stage:
    """What is collected, and what the payer agrees to by paying it."""

    purpose: Purpose
    terms_version: str


def stage_of(session: Session, collection: Collection) -> Stage:
    """What a collection takes now. Conflict where all is collected once and no shares are published yet."""
    budget = budgets.current_budget(session, collection.id)
    if budget is not None:
        return Stage(Purpose.CONTRIBUTION, f"budget-{budget.version}")
    if collection.mode == CollectionMode.ONE_SHOT:
        raise Conflict("nothing-due", "本小区还没有公布分摊方案，现在不收出资。")
    return Stage(Purpose.DEPOSIT, collection.terms_version)


def must_not_exceed(session: Session, collection: Collection, dwelling: Dwelling, amount_fen: Fen) -> None:
    """Raises Invalid or Conflict when somebody hands over more than the dwelling owes; a deposit may be any amount."""
    budget = budgets.current_budget(session, collection.id)
    if budget is not None:
        due.must_be_open(amount_fen, standing(session, collection, budget, dwelling).open_fen)
