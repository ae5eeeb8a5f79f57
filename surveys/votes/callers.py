"""Who calls, as the services take it."""

from kernel.web import identity
from surveys.votes.services.casting import Voter
from surveys.votes.services.preparing import Staff


def staff() -> Staff:
    """The member of staff who is signed in. Raises NotSignedIn."""
    who = identity()
    return Staff(who.actor, who.person_id, account_id=who.account_id)


def voter() -> Voter:
    """The account that is signed in. Raises NotSignedIn."""
    who = identity()
    return Voter(who.account_id, who.actor)
