"""What a person may do: role × node of the place tree × term."""

from kernel.grants.rules import ROLES, Role
from kernel.grants.services import give, grants_of, may, may_anywhere, places_for, require, revoke

__all__ = ["ROLES", "Role", "give", "grants_of", "may", "may_anywhere", "places_for", "require", "revoke"]
