"""What may come in about clusters of estates, and what goes out."""

from marshmallow import fields, validate

from kernel.clusters.rules import MOST_ESTATES
from kernel.web.schemas import Answer, Body, text


class JoinEstates(Body):
    """A name and the codes of the estates."""

    name = text(80, 2, required=True)
    estates = fields.List(
        text(64, 1),
        required=True,
        validate=validate.Length(2, MOST_ESTATES, error=f"一个片区要 2 到 {MOST_ESTATES} 个小区。"),
    )


class EndCluster(Body):
    """An order that needs no words."""


class EstateClusterAnswer(Answer):
    """A cluster of estates."""

    cluster = fields.String()
    name = fields.String()
    estates = fields.List(fields.String(), metadata={"description": "codes"})


class EstateClustersAnswer(Answer):
    """The clusters of my places."""

    clusters = fields.List(fields.Nested(EstateClusterAnswer))
