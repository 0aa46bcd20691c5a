"""seals over the trail, and what each check of them found"""

import sqlalchemy as sa
from alembic import op
from app.storage.columns import Moment
revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('event_seals',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False, comment='1, 2, 3 … without gaps: two sealers collide'),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='of which event'),
    sa.Column('key_id', sa.String(length=16), nullable=False, comment='made with which key of the ring'),
    sa.Column('seal', sa.String(length=64), nullable=False, comment='HMAC-SHA256 over predecessor, sequence and content, hex'),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_event_seals')),
    sa.UniqueConstraint('event_id', name=op.f('uq_event_seals_event_id')),
    comment='the chain over the trail; append-only, one row an event'
    )
    op.create_table('trail_checks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', Moment(), nullable=False, comment='UTC'),
    sa.Column('up_to', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='seals checked: the last sequence'),
    sa.Column('faults', sa.Text(), nullable=False, comment='JSON: the first faults, in words; [] when all is well'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trail_checks')),
    comment='what each check of the whole chain found'
    )


def downgrade() -> None:
    op.drop_table('trail_checks')
    op.drop_table('event_seals')
