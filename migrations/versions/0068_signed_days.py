"""A signed day of an account never changes: the database itself refuses it."""

from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lock signed rows; a proposed one may still be signed or sent back, and no row's figures change."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION account_day_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN IF TG_OP = 'UPDATE' THEN IF OLD.state <> 'decided' AND NEW.account_id = OLD.account_id "
            "AND NEW.until = OLD.until AND NEW.figures = OLD.figures THEN RETURN NEW; END IF; END IF; "
            "RAISE EXCEPTION 'append-only' USING ERRCODE = '42501'; END $$"
        )
        op.execute(
            "CREATE TRIGGER account_day_signed BEFORE UPDATE OR DELETE ON account_day "
            "FOR EACH ROW EXECUTE FUNCTION account_day_refuse_change()"
        )
        op.execute(
            "CREATE TRIGGER account_day_no_truncate BEFORE TRUNCATE ON account_day "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    op.execute(
        "CREATE TRIGGER account_day_no_update BEFORE UPDATE ON account_day WHEN OLD.state = 'decided' "
        f"OR NEW.account_id <> OLD.account_id OR NEW.until <> OLD.until OR NEW.figures <> OLD.figures {refuse}"
    )
    op.execute(f"CREATE TRIGGER account_day_no_delete BEFORE DELETE ON account_day {refuse}")


def downgrade() -> None:
    """And back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER account_day_signed ON account_day")
        op.execute("DROP TRIGGER account_day_no_truncate ON account_day")
        op.execute("DROP FUNCTION account_day_refuse_change()")
    else:
        op.execute("DROP TRIGGER account_day_no_update")
        op.execute("DROP TRIGGER account_day_no_delete")
