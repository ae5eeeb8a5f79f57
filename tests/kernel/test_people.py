"""Names and phones are sealed at rest; ties rise, never fall by accident."""

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.database import reading, transaction
from kernel.encryption import SealBroken, vault
from kernel.people import queries, services
from kernel.people.models import Person
from kernel.places.queries import dwellings_of_estate


def test_a_name_and_a_phone_are_not_readable_in_the_table(make):
    make.person("欧阳锋", "13812341234")
    row = reading().execute(sa.select(Person)).scalar_one()
    stored = row.name_sealed + row.phone_sealed + row.phone_index
    assert "欧阳锋".encode() not in stored
    assert b"13812341234" not in stored
    assert (services.name_of(row), services.phone_of(row)) == ("欧阳锋", "13812341234")


def test_a_sealed_name_moved_to_another_row_does_not_open(make):
    one, two = make.person("甲"), make.person("乙")
    with transaction() as session:
        session.execute(sa.update(Person).where(Person.id == two.id).values(name_sealed=one.name_sealed))
    with pytest.raises(SealBroken):
        services.name_of(reading().get_one(Person, two.id))


def test_a_person_is_found_by_phone_however_it_is_written(make):
    person = make.person("甲", "138 1234 1234")
    found = queries.persons_by_phone(reading(), vault().blind_index("phone", "+86 13812341234"))
    assert [each.id for each in found] == [person.id]


def test_a_tie_rises_to_level_two_and_does_not_fall_back(make):
    dwelling = dwellings_of_estate(reading(), make.estate(floors=1, doors=1).id)[0]
    account = make.account()
    make.tie(account, dwelling, level=1)
    assert queries.tie_of(reading(), account.id, dwelling.id, level=2) is None
    make.tie(account, dwelling, level=2)
    make.tie(account, dwelling, level=1)
    assert queries.tie_of(reading(), account.id, dwelling.id, level=2) is not None
    assert len(queries.ties_to(reading(), dwelling.id)) == 1


def test_an_ended_tie_no_longer_speaks(make):
    dwelling = dwellings_of_estate(reading(), make.estate(floors=1, doors=1).id)[0]
    account = make.account()
    tie = make.tie(account, dwelling)
    with transaction() as session:
        services.end_tie(session, tie, actor="test", now=clock.now())
    assert queries.tie_of(reading(), account.id, dwelling.id) is None


def test_owners_are_told_from_tenants(make):
    dwelling = dwellings_of_estate(reading(), make.estate(floors=1, doors=1).id)[0]
    owner, tenant = make.person("业主"), make.person("租户", "13900000000")
    make.holding(tenant, dwelling, "tenant")
    make.holding(owner, dwelling, "owner")
    assert [person.id for person in queries.owners_of(reading(), dwelling.id)] == [owner.id]
    assert [person.id for _, person in queries.holdings_of(reading(), dwelling.id)] == [owner.id, tenant.id]
