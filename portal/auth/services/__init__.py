"""Signing in and out (``sessions``), giving and taking roles (``roles``)."""

from portal.auth.services.roles import RoleGiven, grant_role, revoke_roles
from portal.auth.services.sessions import (
    Begun,
    Return,
    Signed,
    begin,
    end_session,
    end_sessions_of_person,
    forget_old,
    identify,
    my_sessions,
    sign_in,
    sign_out,
    use_state,
)

__all__ = [
    "Begun",
    "Return",
    "RoleGiven",
    "Signed",
    "begin",
    "end_session",
    "end_sessions_of_person",
    "forget_old",
    "grant_role",
    "identify",
    "my_sessions",
    "revoke_roles",
    "sign_in",
    "sign_out",
    "use_state",
]
