"""stamps of what is counted; the counting index in the order of township and industry"""

import sqlalchemy as sa
from alembic import op
revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

BEFORE = ['state', 'region_code', 'service_date', 'industry_id', 'mode', 'confirmed_on']
AFTER = ['state', 'region_code', 'industry_id', 'service_date', 'mode', 'confirmed_on']


def upgrade() -> None:
    op.create_table('change_stamps',
    sa.Column('place', sa.String(length=12), nullable=False, comment='county; empty: everywhere'),
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False, comment='0: all years'),
    sa.Column('stamp', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='random, never used twice'),
    sa.PrimaryKeyConstraint('place', 'year', name=op.f('pk_change_stamps')),
    comment='renewed with every change of what is counted in a county and year'
    )
    _counting(AFTER)


def downgrade() -> None:
    _counting(BEFORE)
    op.drop_table('change_stamps')


def _counting(columns: list[str]) -> None:
    op.drop_index('ix_visits_counting', table_name='visits')
    op.create_index('ix_visits_counting', 'visits', columns, unique=False)
