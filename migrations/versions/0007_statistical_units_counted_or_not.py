"""which statistical units count as townships, from which day on, and why"""

import sqlalchemy as sa
from alembic import op
from app.storage.columns import Moment
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('unit_decisions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('region_code', sa.String(length=12), nullable=False, comment='the statistical unit'),
    sa.Column('counted', sa.Boolean(), nullable=False, comment='whether it stands in the denominator of cover'),
    sa.Column('holds_from', sa.Date(), nullable=False, comment='first day it holds on; no later than the day it was decided'),
    sa.Column('decided_on', sa.Date(), nullable=False, comment='Shanghai date'),
    sa.Column('because', sa.String(length=300), nullable=False, comment='the document or reason given'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.CheckConstraint('holds_from <= decided_on', name=op.f('ck_unit_decisions_day_has_come')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_unit_decisions_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit_decisions')),
    comment='of a unit the last written row holds from its day on; earlier ones stay, so that old reports explain'
    )
    op.create_index(op.f('ix_unit_decisions_region_code'), 'unit_decisions', ['region_code'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_unit_decisions_region_code'), table_name='unit_decisions')
    op.drop_table('unit_decisions')
