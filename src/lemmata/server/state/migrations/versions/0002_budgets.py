"""What a key may use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("api_keys") as table:
        table.add_column(sa.Column("requests_per_minute", sa.Integer))
        table.add_column(sa.Column("sequences", sa.Integer))
        table.add_column(sa.Column("tokens_per_day", sa.BigInteger))
    op.create_table(
        "key_usage",
        sa.Column(
            "key_id",
            sa.String(16),
            sa.ForeignKey("api_keys.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("tokens", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("key_usage")
    with op.batch_alter_table("api_keys") as table:
        for name in ("requests_per_minute", "sequences", "tokens_per_day"):
            table.drop_column(name)
