"""Rosters into the register, on both databases."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.audit.models import AuditEntry
from kernel.database import reading
from kernel.errors import NotFound
from kernel.people.models import Holding, Person, Tie
from kernel.people.queries import owners_of, tie_of
from kernel.people.services import name_of, phone_of
from kernel.places.models import Dwelling, Place
from kernel.places.queries import dwellings_of_estate
from portal.register.rules.tables import Sheet
from portal.register.services import import_roster
from portal.register.workbook import read_workbook

DATA = Path(__file__).parents[2] / "data"
HEAD = ["楼栋", "单元", "房号", "面积", "户主", "电话", "租户"]


@pytest.fixture
def estate(make):
    return make.place("estate", make.place("community", make.city()), name="桃园北巷", code="taoyuan-beixiang")


def bring(estate, *rows, **more):
    report, _ = import_roster(
        [Sheet("名册", [HEAD, *rows])], estate.code, actor="operator:test", now=clock.now(), **more
    )
    return report


def count(model):
    return reading().scalar(sa.select(sa.func.count()).select_from(model))


def only_dwelling():
    return reading().scalars(sa.select(Dwelling)).one()


def test_the_shipped_roster_becomes_96_dwellings_in_4_buildings(estate):
    report, _ = import_roster(
        read_workbook(DATA / "roster_good.xlsx"), estate.code, actor="operator:test", now=clock.now()
    )
    assert (report.new, report.new_buildings, report.new_people) == (96, 4, 90)
    session = reading()
    dwellings = dwellings_of_estate(session, estate.id)
    assert [dwelling.label for dwelling in dwellings[:3]] == ["1栋1单元101", "1栋1单元102", "1栋1单元201"]
    chen = next(dwelling for dwelling in dwellings if dwelling.label == "3栋2单元501")
    assert (chen.unit, chen.door, chen.floor, chen.area_dm2, chen.use) == ("2", "501", 5, 7836, "home")
    [owner] = owners_of(session, chen.id)
    assert (name_of(owner), phone_of(owner)) == ("陈秀英", "13900000001")
    building = session.scalars(sa.select(Place).where(Place.code == "taoyuan-beixiang-3")).one()
    assert (building.name, building.kind, building.facts) == ("3栋", "building", {"floors": 6})
    assert session.scalars(sa.select(Place.name).where(Place.code == "taoyuan-beixiang-3-2")).one() == "2单元"


def test_importing_twice_changes_nothing(estate):
    for _ in range(2):
        report, _ = import_roster(
            read_workbook(DATA / "roster_good.xlsx"), estate.code, actor="operator:test", now=clock.now()
        )
    assert (report.new, report.changed, report.unchanged, report.new_people, report.changed_people) == (0, 0, 96, 0, 0)
    assert (count(Dwelling), count(Person)) == (96, 90)


def test_nothing_is_written_when_one_row_is_wrong(estate):
    rows = [["1栋", 1, 101, 70, "陈秀英", "13800000001", None], ["1栋", 1, 102, "x", "王建国", None, None]]
    report = bring(estate, *rows)
    assert (report.refused, report.written, report.bad_rows) == (True, False, 1)
    assert (count(Dwelling), count(Person)) == (0, 0)
    report = bring(estate, *rows, accept_good_rows=True)
    assert (report.refused, report.written, report.new) == (False, True, 1)
    assert only_dwelling().label == "1栋1单元101"


def test_a_dry_run_says_what_would_happen_and_writes_nothing(estate):
    report = bring(estate, ["1栋", 1, 101, 70, "陈秀英", "13800000001", None], dry_run=True)
    assert (report.new, report.new_people, report.written) == (1, 1, False)
    assert count(Dwelling) == 0
    assert count(AuditEntry) == 0


def test_names_and_numbers_are_sealed(estate):
    bring(estate, ["1栋", 1, 101, 70, "陈秀英", "13800000001", None])
    person = reading().scalars(sa.select(Person)).one()
    assert "陈秀英".encode() not in person.name_sealed
    assert b"13800000001" not in person.phone_sealed + person.phone_index
    assert (name_of(person), phone_of(person)) == ("陈秀英", "13800000001")


def test_a_sale_ends_the_holding_and_the_tie_that_rested_on_it(estate, make):
    bring(estate, ["1栋", 1, 101, 70, "陈秀英", "13800000001", "赵六六 13900000003"])
    dwelling = only_dwelling()
    [chen] = owners_of(reading(), dwelling.id)
    account, tenant = make.account("o-chen"), make.account("o-tenant")
    make.tie(account, dwelling, person=chen)
    renter = next(p for p in reading().scalars(sa.select(Person)) if name_of(p) == "赵六六")
    make.tie(tenant, dwelling, person=renter, relation="tenant")
    report = bring(estate, ["1栋", 1, 101, 70, "李明", "13900000009", "赵六六 13900000003"])
    assert (report.changed, report.ended_holdings, report.new_people) == (1, 1, 1)
    session = reading()
    assert [name_of(person) for person in owners_of(session, dwelling.id)] == ["李明"]
    assert tie_of(session, account.id, dwelling.id) is None, "the seller no longer speaks for the flat"
    assert tie_of(session, tenant.id, dwelling.id) is not None
    assert count(Tie) == 2, "ended, not deleted"
    assert count(Holding) == 3
    actions = set(session.scalars(sa.select(AuditEntry.action)))
    assert {"roster.imported", "dwelling.changed", "tie.ended"} <= actions


def test_a_new_number_keeps_the_person_and_the_tie(estate, make):
    bring(estate, ["1栋", 1, 101, 70, "陈秀英", "13800000001", None])
    dwelling = only_dwelling()
    [chen] = owners_of(reading(), dwelling.id)
    account = make.account("o-chen")
    make.tie(account, dwelling, person=chen)
    report = bring(estate, ["1栋", 1, 101, 70, "陈秀英", "13900000001", None])
    assert (report.changed_people, report.new_people, report.ended_holdings) == (1, 0, 0)
    [same] = owners_of(reading(), dwelling.id)
    assert (same.id, phone_of(same)) == (chen.id, "13900000001")
    assert tie_of(reading(), account.id, dwelling.id) is not None


def test_doors_the_roster_leaves_out_are_named_and_kept(estate):
    bring(estate, *[["1栋", 1, door, 70, f"陈{name}", None, None] for door, name in ((101, "甲"), (102, "乙"))])
    report = bring(estate, ["1栋", 1, 101, 70, "陈甲", None, None])
    assert report.missing == 1
    assert any("1栋1单元102" in note for note in report.notes)
    assert count(Dwelling) == 2


def test_the_owner_of_flats_in_two_estates_is_one_person(estate, make):
    other = make.place("estate", make.place("community", make.city()), name="工商局宿舍", code="gongshangju")
    bring(estate, ["1栋", 1, 101, 70, "陈秀英", "13800000001", None])
    bring(other, ["1栋", 1, 101, 70, "陈秀英", "13800000001", None])
    assert (count(Dwelling), count(Person)) == (2, 1)


def test_an_unknown_estate_is_said_at_once(make):
    for code in ("nowhere", make.city().code):
        with pytest.raises(NotFound, match="no-such-estate"):
            import_roster([Sheet("名册", [HEAD])], code, actor="operator:test", now=clock.now())
