"""Who may enter: every blueprint names one guard, and a test walks all routes to see that it does.

A guard answers "may this caller come in at all?"; whether he may touch *this* place or dwelling is the service's
question (``grants.require``, a tie), because only it knows which one is meant.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app, request

from kernel import clock, grants
from kernel.database import reading
from kernel.errors import NotAllowed, NotSignedIn


@dataclass(frozen=True)
class Identity:
    """Who is signed in: a WeChat account, and for staff and post-holders the person their grants hang on."""

    account_id: int
    account_public_id: str
    person_id: int | None

    @property
    def actor(self) -> str:
        """How the audit chain names him."""
        return f"account:{self.account_public_id}"


@dataclass(frozen=True)
class Guard:
    """A named check that runs before every view of a blueprint and raises when the caller may not enter.

    ``own_check``: the views prove their caller themselves (a payment notice's signature), so they are not asked for
    what our own pages send against cross-site requests.
    """

    name: str
    says: str
    check: Callable[[], None]
    own_check: bool = False


IdentityLoader = Callable[[], Identity | None]
_IDENTITY = "gongjian.identity"


def use_identity_loader(app: Flask, loader: IdentityLoader) -> None:
    """Tell the guards how a request's session becomes an identity (``portal.auth`` does)."""
    app.extensions["gongjian.identity_loader"] = loader


def maybe_identity() -> Identity | None:
    """Who is signed in, or None; asked once a request."""
    if _IDENTITY not in request.environ:
        loader: IdentityLoader = current_app.extensions.get("gongjian.identity_loader", lambda: None)
        request.environ[_IDENTITY] = loader()
    found: Identity | None = request.environ[_IDENTITY]
    return found


def identity() -> Identity:
    """Who is signed in. Raises NotSignedIn."""
    found = maybe_identity()
    if found is None:
        raise NotSignedIn("not-signed-in", "请先登录。登录后会回到这一页，您填的内容还在。")
    return found


def _signed_in() -> None:
    identity()


open_to_all = Guard("open_to_all", "Anyone, signed in or not.", lambda: None)
require_resident = Guard("require_resident", "A signed-in account; the service checks its tie.", _signed_in)


def require_grant(action: str) -> Guard:
    """A guard for people who may do ``action`` at some place; the service checks the place itself."""

    def check() -> None:
        who = identity()
        if not grants.may_anywhere(reading(), who.person_id, action, clock.now()):
            raise NotAllowed("no-such-role", "这个页面只给有相应职责的人员使用。如有疑问请联系街道。")

    return Guard(f"require_grant({action})", f"Somebody who may {action} at the place in question.", check)


def proves_itself(how: str) -> Guard:
    """A guard for machines' calls that carry their own proof, checked by the view: ``how`` says which."""
    return Guard("proves_itself", how, lambda: None, own_check=True)
