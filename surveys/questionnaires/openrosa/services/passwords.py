"""App passwords: made once and shown, taken back at any time, good only while the worker's role lasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.database import new_public_id, reading, transaction, translating, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, NotAllowed, NotSignedIn
from kernel.idempotency import Key, recall, remember
from surveys.questionnaires.openrosa import queries, rules
from surveys.questionnaires.openrosa.models import OpenrosaPassword
from surveys.questionnaires.services.responses import ASSIST

WRONG = NotSignedIn(
    "wrong-app-password", "用户名或应用密码不对，或者已经收回、过期。请在工作页面的“应用密码”里新建一个。"
)


@dataclass(frozen=True)
class Made:
    """A new password in clear: the only time it is."""

    public_id: str
    username: str
    password: str
    label: str
    ends_at: datetime


@dataclass(frozen=True)
class Signed:
    """Whom an app acts for."""

    account_id: int
    person_id: int
    actor: str


@use_case
def make(*, label: str, account_id: int, actor: str, key: Key, now: datetime) -> Made:
    """Make a password for one phone; audited. The same key shows the same one again, for as long as keys are kept.

    The password is drawn by the vault's index key from the row's random id and the client's random key, so it need
    not be stored to be told twice. Raises Conflict when there are as many as there may be.
    """
    with transaction() as session:
        done = recall(session, key)
        if done is not None:
            return _shown(queries.password_of(session, account_id, done), key)
        live = list(queries.live_passwords(session, account_id))
        for old in [one for one in live if one.ends_at <= now]:
            old.revoked_at = now
            live.remove(old)
        session.flush()
        free = sorted(set(range(1, rules.MOST + 1)) - {one.slot for one in live})
        if not free:
            raise Conflict("too-many-app-passwords", f"最多 {rules.MOST} 个应用密码。请先收回不用的，再建新的。")
        public_id = new_public_id()
        remember(session, key, public_id, now=now)
        salt = new_public_id().encode()
        made = OpenrosaPassword(
            public_id=public_id,
            account_id=account_id,
            slot=free[0],
            username=rules.new_username(),
            label=label,
            salt=salt,
            hash=rules.hashed(_password(public_id, key), salt),
            made_at=now,
            ends_at=now + rules.TERM,
        )
        busy = Conflict("try-again", "刚才同时建了另一个应用密码，请再点一次。")
        with translating({"openrosa_password_one_a_slot": busy, "openrosa_password_username_key": busy}):
            session.add(made)
            session.flush()
        _record(session, made, "made", actor=actor, now=now)
        return _shown(made, key)


def _password(public_id: str, key: Key) -> str:
    return rules.spelled(vault().blind_index("app-password", f"{public_id}:{key.token}"))


def _shown(made: OpenrosaPassword, key: Key) -> Made:
    return Made(made.public_id, made.username, _password(made.public_id, key), made.label, made.ends_at)


@use_case
def revoke(password: str, *, account_id: int, actor: str, key: Key, now: datetime) -> None:
    """Take a password back: from now on its phone is refused. Twice does it once. Raises NotFound."""
    with transaction() as session:
        if recall(session, key) is not None:
            return
        found = queries.password_of(session, account_id, password)
        remember(session, key, found.public_id, now=now)
        if found.revoked_at is None:
            found.revoked_at = now
            _record(session, found, "revoked", actor=actor, now=now)


def _record(session: Session, password: OpenrosaPassword, what: str, *, actor: str, now: datetime) -> None:
    subject = f"app_password:{password.public_id}"
    audit.record(session, actor=actor, action=f"app_password.{what}", subject=subject, now=now)


def listing(*, account_id: int, now: datetime) -> Sequence[OpenrosaPassword]:
    """The account's passwords that work now, oldest first."""
    return [one for one in queries.live_passwords(reading(), account_id) if one.ends_at > now]


def sign_in(username: str, password: str, *, now: datetime) -> Signed:
    """Whom an app acts for. Raises NotSignedIn for a wrong or dead password, NotAllowed when the role is over."""
    session = reading()
    found = queries.password_by_username(session, username.strip().lower()[:40])
    # A name nobody has costs the same as a wrong password, so that names cannot be told by the time it takes.
    salt, expected = (found[0].salt, found[0].hash) if found else (b"0" * 22, b"")
    if not rules.fits(password, salt, expected) or found is None or found[0].ends_at <= now:
        raise WRONG
    account = found[1]
    if account.person_id is None or not grants.may_anywhere(session, account.person_id, ASSIST, now):
        raise NotAllowed("no-such-role", "您现在没有入户的职责，不能用 ODK Collect 取表和交表。如有疑问请联系街道。")
    return Signed(account.id, account.person_id, f"account:{account.public_id}")
