"""Photos as proofs, for the votes' tests."""

import io
import uuid
from typing import Any

import sqlalchemy as sa
from PIL import Image

from kernel.audit.models import AuditEntry, AuditPayload
from kernel.database import reading
from kernel.evidence import services as evidence
from kernel.idempotency import Key
from surveys.votes.services.preparing import Staff
from tests.surveys.votes.stories import NOW, Estate


def photo() -> bytes:
    """A small photo."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 30, 30)).save(out, "JPEG")
    return out.getvalue()


def photographed(estate: Estate, worker: Staff, purpose: str = "delivery") -> str:
    """A loose proof of the worker's; its id."""
    return evidence.keep(
        photo(),
        purpose=purpose,
        place=estate.place.code,
        account_id=worker.account_id or 0,
        person_id=worker.person_id,
        key=Key(worker.actor, str(uuid.uuid4()), "x"),
        now=NOW,
    )


def proved_by(subject: str) -> list[str]:
    """The hashes of a record's proofs."""
    return [proof.sha256 for proof in evidence.of(reading(), subject)]


def logged(action: str) -> dict[str, Any]:
    """What the newest audit entry of an action says."""
    (document,) = reading().scalars(
        sa.select(AuditPayload.document)
        .join(AuditEntry, AuditEntry.id == AuditPayload.entry_id)
        .where(AuditEntry.action == action)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    return dict(document)
