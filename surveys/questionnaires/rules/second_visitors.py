"""A visit at the door is made by two (DOMAIN §1.3): who fills the sheet in, and a second who says himself that he came.

    named ──▶ confirmed                 the visit has the evidence of a visit
      ├─────▶ declined                  another may be named
      └─────▶ taken back                by naming another

Until somebody has confirmed, the visit is one worker's word and ranks below a proved household's sheet. A signature
drawn on the first one's phone is no second person: he confirms from his own session, or under his own app password.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from kernel.errors import Conflict, Gone, Invalid, NotAllowed


class SecondWord(StrEnum):
    """What became of asking somebody."""

    CONFIRMED = "confirmed"
    DECLINED = "declined"
    """he says that he was not there"""
    TAKEN_BACK = "taken_back"
    """another was named in his place"""


class Way(StrEnum):
    """How the second visitor proved that it is he."""

    OWN_SESSION = "own_session"
    APP_PASSWORD = "app_password"  # noqa: S105  (a word, no secret)
    """on the first one's phone, under his own app password"""


def due(submitted_at: datetime, days: int) -> datetime:
    """The instant from which nobody can be named or confirm any more: a visit is remembered, not reconstructed."""
    return submitted_at + timedelta(days=days)


def must_be_in_time(due_at: datetime, now: datetime) -> None:
    """Raise Gone when the days for the second visitor are over."""
    if now >= due_at:
        raise Gone("second-visitor-late", "确认同去的时间已经过了。这份问卷留着，仍按一个人入户算。")


def must_be_two(first: int | None, second: int) -> None:
    """Raise Invalid when one person would be both visitors."""
    if first == second:
        raise Invalid("same-visitor", "入户要两个人，第二人不能选自己。", {"second_visitor": ["请选另一个人"]})


def must_be_a_stranger_to(household: bool) -> None:
    """Raise Invalid when the second visitor is of the very household that was visited."""
    if household:
        raise Invalid("visitor-of-household", "这一户和他自己有关，请选别人。", {"second_visitor": ["请选别人"]})


def must_wait(word: str | None) -> None:
    """Raise Conflict when a named visitor has answered already, or another was named."""
    if word == SecondWord.CONFIRMED:
        raise Conflict("second-visitor-confirmed", "这次入户已经确认过了。")
    if word is not None:
        raise Conflict("second-visitor-answered", "这次入户不用再确认：已经答复过，或者改请了别人。")


def must_be_him(asked: int | None, person: int | None) -> None:
    """Raise NotAllowed when somebody else's app password is given in the second visitor's name."""
    if asked is None or asked != person:
        raise NotAllowed("not-the-second-visitor", "这个应用密码不是所选第二人的。请由他本人输入，或改选别人。")


def word(said: str | None, due_at: datetime, now: datetime) -> str:
    """How it stands, in words; ``said``: his answer, None while there is none."""
    if said == SecondWord.CONFIRMED:
        return "已确认同去"
    if said == SecondWord.DECLINED:
        return "说没有同去"
    return "待确认同去" if now < due_at else "没有确认"
