"""The shapes of clusters at the edge."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from kernel.web.schemas import Answer, Body, text
from surveys.votes.rules.clusters import MOST_ASSEMBLIES
from surveys.votes.schemas import NewVoteIn


class ClusterIn(NewVoteIn):
    """A vote drafted alike at several places: ``places`` by their codes, or those of a ``cluster`` of estates."""

    class Meta(NewVoteIn.Meta):
        exclude = ("place",)

    cluster = text(22, load_default="")
    places = fields.List(
        text(64, 1),
        load_default=None,
        validate=ma.validate.Length(2, MOST_ASSEMBLIES, error=f"请选 2 到 {MOST_ASSEMBLIES} 个小区。"),
    )

    @ma.validates_schema
    def _one_of_them(self, body: dict[str, Any], **_: Any) -> None:
        if bool(body.get("cluster")) == bool(body.get("places")):
            raise ma.ValidationError("请选小区，或者选一个片区。", "places")


class ClusterOrderIn(Body):
    """An order that needs no words."""


class AssemblyOut(Answer):
    """One assembly: its vote, how many have voted, and per motion carried, lost (false) or not final (null)."""

    vote = fields.String(attribute="vote.public_id")
    place = fields.String(attribute="place.code")
    place_name = fields.String(attribute="place.name")
    state = fields.String(attribute="vote.state")
    roll_heads = fields.Integer(attribute="vote.roll_heads")
    voted_heads = fields.Integer(attribute="turnout.heads")
    carried = fields.List(fields.Boolean(allow_none=True))


class ClusterOut(Answer):
    """A cluster; ``verdicts``: per motion carried, lost or pending."""

    id = fields.String(attribute="cluster.public_id")
    title = fields.String(attribute="cluster.title")
    motions = fields.List(fields.String())
    verdicts = fields.List(fields.String())
    assemblies = fields.List(fields.Nested(AssemblyOut))
