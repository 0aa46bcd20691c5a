"""events whose words name somebody who has been anonymised"""

import sqlalchemy as sa
from alembic import op
from app.storage.columns import Moment
revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('hidden_words',
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False, comment='which event'),
    sa.Column('hidden_at', Moment(), nullable=False, comment='UTC'),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_hidden_words_event_id')),
    sa.PrimaryKeyConstraint('event_id', name=op.f('pk_hidden_words')),
    comment='events whose words name somebody who has been anonymised: sealed, but not shown'
    )


def downgrade() -> None:
    op.drop_table('hidden_words')
