"""asking further when nobody suits"""

import sqlalchemy as sa
from alembic import op
from app.storage.columns import Moment
revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('escalations',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('demand_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='for which demand'),
    sa.Column('asked', sa.Enum('counties', 'beijing', 'province', name='asked', native_enum=False, create_constraint=True, length=32), nullable=False, comment='counties, Beijing, the province'),
    sa.Column('words', sa.String(length=500), nullable=True, comment='what the asking side added'),
    sa.Column('by', sa.String(length=60), nullable=False, comment='role, not name'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.ForeignKeyConstraint(['demand_id'], ['demands.id'], name=op.f('fk_escalations_demand_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_escalations')),
    sa.UniqueConstraint('demand_id', 'asked', name=op.f('uq_escalations_demand_id_asked')),
    sa.UniqueConstraint('uid', name=op.f('uq_escalations_uid')),
    comment='whom one asked because nobody suited a demand; each once'
    )
    with op.batch_alter_table('escalations', schema=None) as batch_op:
        batch_op.create_index('ix_escalations_asked_id', ['asked', 'id'], unique=False)

    op.create_table('escalation_answers',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('escalation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='to which asking'),
    sa.Column('territory', sa.String(length=12), nullable=False, comment='who answers: a county or the city'),
    sa.Column('commissioner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='whom it names; empty: nobody'),
    sa.Column('words', sa.String(length=500), nullable=False, comment='what it says'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.ForeignKeyConstraint(['commissioner_id'], ['commissioners.id'], name=op.f('fk_escalation_answers_commissioner_id')),
    sa.ForeignKeyConstraint(['escalation_id'], ['escalations.id'], name=op.f('fk_escalation_answers_escalation_id')),
    sa.ForeignKeyConstraint(['territory'], ['regions.code'], name=op.f('fk_escalation_answers_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_escalation_answers')),
    sa.UniqueConstraint('escalation_id', 'territory', name=op.f('uq_escalation_answers_escalation_id_territory')),
    comment='what an asked county or the city answered, with somebody it names'
    )
    with op.batch_alter_table('escalation_answers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_escalation_answers_commissioner_id'), ['commissioner_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('escalation_answers', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_escalation_answers_commissioner_id'))

    op.drop_table('escalation_answers')
    with op.batch_alter_table('escalations', schema=None) as batch_op:
        batch_op.drop_index('ix_escalations_asked_id')

    op.drop_table('escalations')
