"""ODK Collect as a client: a worker's phone, the forms it fills, what it is told."""

import base64
import io
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from xml.sax.saxutils import escape

import defusedxml.ElementTree as Xml
from flask import Flask

from kernel.database import reading, transaction, use_case
from kernel.places.models import DoorCode, Dwelling
from kernel.places.rules import new_door_code
from surveys.questionnaires import queries
from surveys.questionnaires.rules.questions.scales import number_text
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.standing.queries import versions
from surveys.questionnaires.xlsform import exporting
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.conftest import NOW, Survey, drawn

ADDRESS = "http://openrosa.org/http/response"


@use_case
def labelled(dwelling: Dwelling) -> str:
    """Put a code on a door."""
    with transaction() as session:
        code = new_door_code()
        session.add(DoorCode(code=code, dwelling_id=dwelling.id, issued_at=NOW - timedelta(days=9)))
        return code


@dataclass
class Phone:
    """ODK Collect on a worker's phone."""

    app: Flask
    username: str
    password: str

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        pair = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {pair}", "X-OpenRosa-Version": "1.0"}

    def get(self, path: str, **more: Any) -> Any:
        """Fetch something."""
        return self.app.test_client().get(path, headers=self.headers, **more)

    def send(self, xml: str | bytes, files: Mapping[str, bytes] | None = None, **form: str) -> Any:
        """POST a filled form as Collect does: the XML as a file, each picture under its own name."""
        data: dict[str, Any] = dict(form)
        text = xml.encode() if isinstance(xml, str) else xml
        data["xml_submission_file"] = (io.BytesIO(text), "form.xml", "text/xml")
        for name, content in (files or {}).items():
            data[name] = (io.BytesIO(content), name, "image/jpeg")
        return self.app.test_client().post("/openrosa/submission", data=data, headers=self.headers)


def told(response: Any) -> str:
    """The message of an OpenRosa answer."""
    assert response.headers["X-OpenRosa-Version"] == "1.0"
    message = Xml.fromstring(response.data).find(f"{{{ADDRESS}}}message")
    assert message is not None
    return message.text or ""


@dataclass
class Visit:
    """A worker with a phone, and doors with codes."""

    survey: Survey
    phone: Phone
    worker: Any
    codes: list[str]

    def filled(self, door: str, **changes: str | None) -> str:
        """The XML of a complete sheet, as Collect writes it; ``changes`` by field name, None leaves a field out."""
        session = reading()
        campaign = queries.campaign_by_public_id(session, self.survey.campaign)
        made = exporting.export(form_of(session, campaign.version_id), form_id=campaign.public_id, at_doors=True)
        values: dict[str, str | None] = {"door_typed": door}
        for field in made.fields:
            value = FULL.get(field.code)
            if isinstance(value, dict):
                value = value.get(field.part)
            elif field.how == "place" and value is not None:
                value = value[int(field.part) - 1]
            if field.how == "file" or value is None:
                continue
            if field.how == "number":
                value = number_text(value, field.decimals)
            elif field.how == "yes_no":
                value = "yes" if value else "no"
            values[field.name] = " ".join(value) if isinstance(value, list) else str(value)
        values |= {"q38": "sign.jpg", "q38_visitor_1": "one.jpg", "q38_visitor_2": "two.jpg"}
        values |= changes
        body = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in values.items() if text is not None)
        return (
            f'<?xml version=\'1.0\' ?><data id="{campaign.public_id}" version="{made.settings[0]["version"]}" '
            'xmlns:orx="http://openrosa.org/xforms"><g__home>'
            f"{body}</g__home><orx:meta><orx:instanceID>uuid:{uuid.uuid4()}</orx:instanceID></orx:meta></data>"
        )

    def response_of(self, number: int) -> Any:
        """The response that counts for the n-th dwelling, or None."""
        session = reading()
        campaign = queries.campaign_by_public_id(session, self.survey.campaign)
        return queries.valid_response(session, campaign.id, self.survey.dwellings[number].id)

    def versions_of(self, number: int) -> Any:
        """All sheets of the n-th dwelling, the latest first."""
        session = reading()
        campaign = queries.campaign_by_public_id(session, self.survey.campaign)
        return versions(session, campaign.id, self.survey.dwellings[number].id)


SIGNED = {"sign.jpg": drawn(), "one.jpg": drawn(), "two.jpg": drawn()}
