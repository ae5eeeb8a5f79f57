"""Who a nominee is: which account is his, and whether an officer is he."""

from sqlalchemy.orm import Session

from kernel.errors import NotAllowed
from kernel.people import queries as people
from kernel.people.models import Person
from kernel.people.services import name_of as person_name
from surveys.votes.elections import queries as elections
from surveys.votes.elections.models import Nominee
from surveys.votes.elections.services.calls import name_of
from surveys.votes.rules.roll import NEIGHBOUR, VOTING_LEVEL
from surveys.votes.services.preparing import Staff
from surveys.votes.services.two_people import is_one_of


def is_nominee(session: Session, nominee: Nominee, account_id: int) -> bool:
    """Whether an account is the nominee: tied to that door at level 2, as a person of that name on the register.

    Who is tied as nobody's person is not: any housemate could say so. Such a nominee agrees and steps back on paper.
    """
    tie = elections.verified_tie(session, account_id, nominee.dwelling_id, VOTING_LEVEL)
    if tie is None or tie.relation == NEIGHBOUR or tie.person_id is None:
        return False
    return plain(person_name(session.get_one(Person, tie.person_id))) == name_of(nominee)


def plain(name: str) -> str:
    """A name as nominees bear it: without blanks."""
    return "".join(name.split())


def stands_himself(session: Session, nominee: Nominee, by: Staff) -> bool:
    """Whether an officer is the nominee: on this account, or as a person of that name behind that door."""
    if by.account_id is not None and is_nominee(session, nominee, by.account_id):
        return True
    named = name_of(nominee)
    there = [person for _, person in people.holdings_of(session, nominee.dwelling_id)]
    return is_one_of(session, by, [each.id for each in there if plain(person_name(each)) == named])


def must_be_nominee(session: Session, nominee: Nominee, account_id: int) -> None:
    """Raises NotAllowed unless the account is the nominee."""
    if not is_nominee(session, nominee, account_id):
        raise NotAllowed(
            "not-the-nominee", "只有被提名的本人可以决定。请用本人核实过身份的手机，或者到社区签纸质同意书。"
        )
