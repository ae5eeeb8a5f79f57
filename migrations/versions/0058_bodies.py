"""One table of bodies for every kind of them – self-management group, owners' committee – with offices and filing."""

import sqlalchemy as sa
from alembic import op

from kernel.database import BigInt, UTCDateTime, append_only
from kernel.database.altering import allow_words, forbid_words

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

ROLES = ("committee_member", "committee_chair")


def upgrade() -> None:
    """Make the tables, carry the groups over, take theirs away."""
    op.create_table(
        "body",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("place_id", BigInt, nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("formed_by", sa.String(length=80), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("body_term_runs_forward")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("body_place_id_fkey")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("body_vote_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("body_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("body_public_id_key")),
        sa.UniqueConstraint("vote_id", name="body_one_a_vote"),
    )
    op.create_index(
        "body_one_in_office",
        "body",
        ["place_id", "kind"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "body_handover",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("body_id", BigInt, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("done_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("body_handover_body_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("body_handover_pkey")),
        sa.UniqueConstraint("body_id", "position", name="body_handover_one_place"),
        sa.UniqueConstraint("public_id", name=op.f("body_handover_public_id_key")),
    )
    op.create_table(
        "body_member",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("body_id", BigInt, nullable=False),
        sa.Column("candidate_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("grant_id", BigInt, nullable=False),
        sa.Column("office", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("left_at", UTCDateTime(), nullable=True),
        sa.Column("left_why", sa.String(length=24), nullable=True),
        sa.CheckConstraint("office IN ('leader', 'vice', 'member')", name=op.f("body_member_office_known")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("body_member_body_id_fkey")),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("body_member_candidate_id_fkey")),
        sa.ForeignKeyConstraint(["grant_id"], ["grant_given.id"], name=op.f("body_member_grant_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("body_member_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("body_member_pkey")),
        sa.UniqueConstraint("body_id", "candidate_id", name="body_member_one_a_candidate"),
        sa.UniqueConstraint("body_id", "person_id", name="body_member_once"),
    )
    op.create_index("body_member_person_id_idx", "body_member", ["person_id"], unique=False)
    op.create_table(
        "body_filing",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("body_id", BigInt, nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("number <> ''", name=op.f("body_filing_has_a_number")),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("body_filing_body_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("body_filing_pkey")),
        sa.UniqueConstraint("body_id", "number", name="body_filing_number_once"),
        sa.UniqueConstraint("public_id", name=op.f("body_filing_public_id_key")),
    )
    append_only(op, "body_filing")
    op.create_table(
        "election_seat",
        sa.Column("candidate_id", BigInt, autoincrement=False, nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("election_seat_candidate_id_fkey")),
        sa.PrimaryKeyConstraint("candidate_id", name=op.f("election_seat_pkey")),
    )
    allow_words(op, "grant_given", "role", *ROLES)
    body = "public_id, place_id, vote_id, starts_at, ends_at, formed_by, ended_at"
    member = "candidate_id, person_id, grant_id, name, shown, left_at, left_why"
    item = "public_id, position, title, done_at, done_by"
    op.execute(f"INSERT INTO body (kind, {body}) SELECT 'self_group', {body} FROM self_group ORDER BY id")  # noqa: S608
    there = "JOIN self_group g ON g.id = group_id JOIN body b ON b.vote_id = g.vote_id"
    op.execute(
        f"INSERT INTO body_member (body_id, office, {member})"  # noqa: S608
        f" SELECT b.id, role, {member} FROM self_group_member m {there} ORDER BY m.id"
    )
    items = ", ".join(f"i.{name}" for name in item.split(", "))
    op.execute(f"INSERT INTO body_handover (body_id, {item}) SELECT b.id, {items} FROM handover_item i {there}")  # noqa: S608
    op.execute(
        "INSERT INTO election_seat (candidate_id, held, changed_at)"
        " SELECT candidate_id, left_at IS NULL, coalesce(left_at, g.starts_at) FROM self_group_member"
        " JOIN self_group g ON g.id = group_id"
    )
    for table in ("self_group_member", "handover_item", "self_group"):
        op.drop_table(table)


def downgrade() -> None:
    """Make the groups' tables again from the bodies that are groups; committees and filings had no place there."""
    op.create_table(
        "self_group",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("place_id", BigInt, nullable=False),
        sa.Column("vote_id", BigInt, nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("formed_by", sa.String(length=80), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("self_group_term_runs_forward")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("self_group_place_id_fkey")),
        sa.ForeignKeyConstraint(["vote_id"], ["vote.id"], name=op.f("self_group_vote_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("self_group_pkey")),
        sa.UniqueConstraint("public_id", name=op.f("self_group_public_id_key")),
        sa.UniqueConstraint("vote_id", name="self_group_one_a_vote"),
    )
    op.create_index(
        "self_group_one_in_office",
        "self_group",
        ["place_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "handover_item",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("group_id", BigInt, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("done_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["self_group.id"], name=op.f("handover_item_group_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("handover_item_pkey")),
        sa.UniqueConstraint("group_id", "position", name="handover_item_one_place"),
        sa.UniqueConstraint("public_id", name=op.f("handover_item_public_id_key")),
    )
    op.create_table(
        "self_group_member",
        sa.Column("id", BigInt, sa.Identity(always=False), nullable=False),
        sa.Column("group_id", BigInt, nullable=False),
        sa.Column("candidate_id", BigInt, nullable=False),
        sa.Column("person_id", BigInt, nullable=False),
        sa.Column("grant_id", BigInt, nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("left_at", UTCDateTime(), nullable=True),
        sa.Column("left_why", sa.String(length=24), nullable=True),
        sa.CheckConstraint("role IN ('leader', 'member')", name=op.f("self_group_member_role_known")),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("self_group_member_candidate_id_fkey")),
        sa.ForeignKeyConstraint(["grant_id"], ["grant_given.id"], name=op.f("self_group_member_grant_id_fkey")),
        sa.ForeignKeyConstraint(["group_id"], ["self_group.id"], name=op.f("self_group_member_group_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("self_group_member_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("self_group_member_pkey")),
        sa.UniqueConstraint("group_id", "candidate_id", name="self_group_member_one_a_candidate"),
        sa.UniqueConstraint("group_id", "person_id", name="self_group_member_once"),
    )
    op.create_index("self_group_member_person_id_idx", "self_group_member", ["person_id"], unique=False)
    group = "public_id, place_id, vote_id, starts_at, ends_at, formed_by, ended_at"
    member = "candidate_id, person_id, grant_id, name, shown, left_at, left_why"
    op.execute(f"INSERT INTO self_group ({group}) SELECT {group} FROM body WHERE kind = 'self_group' ORDER BY id")  # noqa: S608
    there = "JOIN body b ON b.id = body_id JOIN self_group g ON g.vote_id = b.vote_id"
    op.execute(
        f"INSERT INTO self_group_member (group_id, role, {member}) SELECT g.id,"  # noqa: S608
        f" CASE office WHEN 'leader' THEN 'leader' ELSE 'member' END, {member} FROM body_member m {there} ORDER BY m.id"
    )
    op.execute(
        "INSERT INTO handover_item (group_id, public_id, position, title, done_at, done_by)"  # noqa: S608
        f" SELECT g.id, i.public_id, i.position, i.title, i.done_at, i.done_by FROM body_handover i {there}"
    )
    op.drop_table("election_seat")
    op.drop_table("body_filing")
    for table in ("body_member", "body_handover", "body"):
        op.drop_table(table)
    forbid_words(op, "grant_given", "role", *ROLES)
