"""Classes: what students handed in, graded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "handed_in",
        sa.Column("owner", sa.String(16), primary_key=True),
        sa.Column("exercise", sa.String(200), primary_key=True),
        sa.Column("student", sa.String(255), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("row", sa.JSON, nullable=False),
        sa.Column("graded", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("handed_in")
