"""what counts towards a county's chain; how the city wants its tallies counted"""

import sqlalchemy as sa
from alembic import op
from app.storage.columns import Moment
revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('chain_parts',
    sa.Column('chain_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='cell of a county'),
    sa.Column('industry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='leading industry or part of one'),
    sa.ForeignKeyConstraint(['chain_id'], ['industries.id'], name=op.f('fk_chain_parts_chain_id')),
    sa.ForeignKeyConstraint(['industry_id'], ['industries.id'], name=op.f('fk_chain_parts_industry_id')),
    sa.PrimaryKeyConstraint('chain_id', 'industry_id', name=op.f('pk_chain_parts')),
    comment="which leading industries count towards a county's chain; a default, not a rule"
    )
    op.create_index(op.f('ix_chain_parts_industry_id'), 'chain_parts', ['industry_id'], unique=False)
    op.create_table('tally_rules',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('level_rule', sa.Enum('own', 'inclusive', name='level_rule', native_enum=False, create_constraint=True, length=32), nullable=False, comment='at which levels an appointment counts'),
    sa.Column('decided_on', sa.Date(), nullable=False, comment='Shanghai date'),
    sa.Column('because', sa.String(length=300), nullable=False, comment='the document or reason given'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tally_rules')),
    comment='the rule in force is the last row; earlier ones stay, so that old reports explain'
    )


def downgrade() -> None:
    op.drop_table('tally_rules')
    op.drop_index(op.f('ix_chain_parts_industry_id'), table_name='chain_parts')
    op.drop_table('chain_parts')
