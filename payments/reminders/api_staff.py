"""Staff's API: send a round of reminders, set how often at most."""

from typing import Any

from kernel.web import Api, acting, require_grant
from payments.contributions.services.budgeting import MANAGE
from payments.reminders import schemas, services

blp = Api(
    "reminders_staff",
    __name__,
    guard=require_grant(MANAGE),
    url_prefix="/api/v1",
    description="Reminding households privately of what they bear: seldom, and no more once it is met.",
)


@blp.route("/estates/<string:estate>/contribution-reminders", methods=["POST"])
@blp.arguments(schemas.ReminderDeed)
@blp.response(201, schemas.RemindedOut)
def remind(_body: dict[str, Any], estate: str) -> dict[str, int]:
    """Send a round."""
    return {"dwellings": services.remind(estate, **acting())}


@blp.route("/estates/<string:estate>/contribution-reminders", methods=["PUT"])
@blp.arguments(schemas.ReminderMost)
@blp.response(200, schemas.ReminderSettingOut)
def set_most(body: dict[str, Any], estate: str) -> dict[str, int]:
    """Set how often at most."""
    return {"most": services.set_most(estate, body["most"], **acting())}
