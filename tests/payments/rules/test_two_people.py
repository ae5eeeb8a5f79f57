"""Maker is never checker."""

import pytest

from kernel.errors import Conflict, NotAllowed
from payments.rules.two_people import must_be_another, must_be_as_seen, must_be_proposed, must_wait


def test_who_proposed_does_not_decide() -> None:
    with pytest.raises(NotAllowed, match="own-proposal"):
        must_be_another(7, 7)
    must_be_another(8, 7)
    must_be_another(8, None)


@pytest.mark.parametrize("state", ["open", "decided", ""])
def test_only_what_was_proposed_is_decided(state: str) -> None:
    with pytest.raises(Conflict, match="nothing-proposed"):
        must_be_proposed(state, what="这一条")
    must_be_proposed("proposed", what="这一条")


def test_only_what_was_read_is_decided() -> None:
    with pytest.raises(Conflict, match="proposal-changed"):
        must_be_as_seen("a", "b", what="这一条")
    must_be_as_seen("a", "a", what="这一条")
    must_be_as_seen(None, "b", what="这一条")


def test_what_is_over_takes_no_proposal() -> None:
    with pytest.raises(Conflict, match="line-settled"):
        must_wait("decided", {"open", "proposed"}, code="line-settled", what="这一行")
    must_wait("proposed", {"open", "proposed"}, code="line-settled", what="这一行")
