"""What goes out of the published books."""

from marshmallow import fields

from kernel.web.schemas import Answer


class PublicationRowOut(Answer):
    """One published row; ``text`` is what is hashed."""

    kind = fields.String(required=True)
    building = fields.String(required=True)
    receipt_tail = fields.String(required=True)
    amount_fen = fields.Integer(required=True)
    day = fields.Date(required=True)
    mark = fields.String(required=True)
    text = fields.String(required=True)


class PublicationOut(Answer):
    """A published period; ``leaves``: the hashes the root is over, the header's first."""

    number = fields.Integer(required=True, attribute="publication.number")
    first_day = fields.Date(required=True, attribute="publication.first_day")
    last_day = fields.Date(required=True, attribute="publication.last_day")
    opening_fen = fields.Integer(required=True, attribute="publication.opening_fen")
    in_fen = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    again_fen = fields.Integer(required=True, attribute="publication.again_fen")
    refunded_fen = fields.Integer(required=True, attribute="publication.refunded_fen")
    out_fen = fields.Integer(required=True, attribute="publication.out_fen")
    fees_fen = fields.Integer(required=True, attribute="publication.fees_fen")
    cash_fen = fields.Integer(required=True, attribute="publication.cash_fen")
    closing_fen = fields.Integer(required=True, attribute="publication.closing_fen")
    header = fields.String(required=True, attribute="publication.header")
    previous_root = fields.String(required=True, attribute="publication.previous_root")
    root = fields.String(required=True, attribute="publication.root")
    rows = fields.List(fields.Nested(PublicationRowOut), required=True)
    leaves = fields.List(fields.String(), required=True)


class InclusionOut(Answer):
    """The proof that a publication holds the payer's row: hash ``text``, climb ``path``, arrive at ``root``."""

    number = fields.Integer(required=True, attribute="publication.number")
    text = fields.String(required=True, attribute="row.text")
    place = fields.Integer(required=True)
    size = fields.Integer(required=True)
    leaf = fields.String(required=True)
    path = fields.List(fields.String(), required=True)
    root = fields.String(required=True)


class InclusionsOut(Answer):
    """Every publication that holds something of a deposit."""

    inclusions = fields.List(fields.Nested(InclusionOut), required=True)
