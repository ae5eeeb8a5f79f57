"""Claiming: by the roster, by a code, by a worker."""

from portal.claims.services.codes import confirm_by_code, on_claim_code, send_code
from portal.claims.services.making import make_claim, withdraw
from portal.claims.services.views import ClaimView, WorkClaimView, view, view_for_worker
from portal.claims.services.workers import claims_for_worker, confirm_by_worker, refuse

__all__ = [
    "ClaimView",
    "WorkClaimView",
    "claims_for_worker",
    "confirm_by_code",
    "confirm_by_worker",
    "make_claim",
    "on_claim_code",
    "refuse",
    "send_code",
    "view",
    "view_for_worker",
    "withdraw",
]
