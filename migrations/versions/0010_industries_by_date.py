"""industries that the bureau adds or ends, from a day on"""

import sqlalchemy as sa
from alembic import op
revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('industries', sa.Column('valid_from', sa.Date(), nullable=True, comment='first day; empty: as long as its scheme'))
    op.add_column('industries', sa.Column('valid_to', sa.Date(), nullable=True, comment='last day it can be chosen; empty while in use'))


def downgrade() -> None:
    op.drop_column('industries', 'valid_to')
    op.drop_column('industries', 'valid_from')
