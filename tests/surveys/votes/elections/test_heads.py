"""Whom an account speaks for before there is a roll: the same lines the whole roll would give, read from few rows."""

import pytest
import sqlalchemy as sa

from kernel.database import reading
from kernel.errors import DomainError, NotAllowed, NotFound
from kernel.people.models import Holding
from surveys.votes import queries
from surveys.votes.elections.services.heads import count, heads_of
from surveys.votes.rules import roll
from surveys.votes.rules.catalogue import Electorate
from tests.factories import Factory
from tests.surveys.votes.stories import Estate


def by_the_whole_roll(estate: Estate, account_id: int, electorate: Electorate) -> set[tuple[str, ...]]:
    """The labels of the lines an account may use, of the roll of the whole estate."""
    session = reading()
    claims = [claim for claim, _, _ in queries.claims_of(session, account_id)]
    found = set()
    for line in roll.build(queries.register_of(session, estate.place).entries, electorate):
        try:
            roll.must_be_on_it(line, claims, electorate)
        except DomainError:
            continue
        found.add(line.labels)
    return found


@pytest.mark.parametrize("electorate", [Electorate.OWNERS, Electorate.RESIDENTS])
def test_heads_are_those_of_the_whole_roll_for_everybody(estate: Estate, make: Factory, electorate: Electorate) -> None:
    # 陈 also owns half of 钱's flat; somebody is tied to a door of the factory that he does not own.
    make.holding(estate.people["chen"], estate.dwellings[7], "co_owner")
    tenant = make.account("o-tenant")
    make.tie(tenant, estate.dwellings[4], person=make.person("tenant", "13900000000"), relation="tenant")
    for account in (*estate.accounts.values(), tenant):
        expected = by_the_whole_roll(estate, account.id, electorate)
        try:
            found = {head.labels for head in heads_of(reading(), estate.place, electorate, account.id).mine}
        except (NotAllowed, NotFound):
            found = set()
        assert found == expected
    assert count(reading(), estate.place, electorate) == len(
        roll.build(queries.register_of(reading(), estate.place).entries, electorate)
    )


def test_the_register_is_read_only_near_the_caller(estate: Estate) -> None:
    session = reading()
    claims = queries.claims_of(session, estate.accounts["zhao"].id)
    near = queries.register_near(session, estate.place, claims)
    assert [entry.label for entry in near.entries] == ["1栋1单元401"]
    factory = queries.claims_of(session, estate.accounts["factory"].id)
    assert len(queries.register_near(session, estate.place, factory).entries) == 3
    assert session.scalar(sa.select(sa.func.count()).select_from(Holding)) == 9
    with pytest.raises(NotAllowed) as stranger:
        heads_of(session, estate.place, Electorate.OWNERS, 0)
    assert stranger.value.code == "not-on-the-roll"
