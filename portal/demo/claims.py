"""A claim that waits for the worker: somebody whose number is not the roster's."""

from kernel.database import reading, transaction, use_case
from kernel.people import queries as people
from kernel.people.services import make_sure_account, name_of
from kernel.places.queries import dwellings_of_estate, place_by_code
from kernel.web.guards import Identity
from portal.claims.services import make_claim
from portal.demo import Demo
from portal.demo.personas import TAOYUAN

OPENID = "demo-waiting"
HOME = "3栋1单元102"


def claims(demo: Demo) -> str:
    """The owner of 3栋1单元102 changed his number: name right, phone tail wrong, so a worker must look."""
    session = reading()
    estate = place_by_code(session, TAOYUAN)
    dwelling = next((each for each in dwellings_of_estate(session, estate.id) if each.label == HOME), None)
    if dwelling is None:
        return "认领：没有待核实的"
    owner = name_of(people.owners_of(session, dwelling.id)[0])
    make_claim(
        _account(demo),
        door_code=None,
        dwelling_id=dwelling.public_id,
        name=owner,
        phone_tail="0000",
        relation="self",
        key=None,
        now=demo.ago(1),
    )
    return f"认领：{HOME} 有 1 次登记待社区核实"


@use_case
def _account(demo: Demo) -> Identity:
    with transaction() as session:
        account = make_sure_account(session, OPENID, now=demo.ago(1))
        return Identity(account.id, account.public_id, account.person_id)
