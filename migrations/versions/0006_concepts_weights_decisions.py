"""concepts, weights, decisions"""

import sqlalchemy as sa
from alembic import op
from app.storage.columns import Moment
revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('concept_edits',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('concept_id', sa.String(length=80), nullable=False, comment='stable name, e.g. crop.tea'),
    sa.Column('row', sa.Text(), nullable=True, comment='the concept (JSON by exchange column); empty: left out'),
    sa.Column('valid_from', sa.Date(), nullable=False, comment='Shanghai date from which it holds'),
    sa.Column('words', sa.String(length=300), nullable=False, comment='why'),
    sa.Column('by', sa.String(length=60), nullable=False, comment='role or command, not name'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_concept_edits')),
    sa.UniqueConstraint('uid', name=op.f('uq_concept_edits_uid')),
    comment="the bureau's changes to the matching vocabulary, append-only: of one concept the latest in force"
    )
    with op.batch_alter_table('concept_edits', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_concept_edits_concept_id'), ['concept_id'], unique=False)
        batch_op.create_index('ix_concept_edits_valid_from_id', ['valid_from', 'id'], unique=False)

    op.create_table('weight_settings',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('state', sa.Enum('proposed', 'adopted', 'dropped', name='state', native_enum=False, create_constraint=True, length=32), nullable=False, comment='proposed, adopted, dropped'),
    sa.Column('values', sa.Text(), nullable=False, comment='weight by part (JSON)'),
    sa.Column('measured', sa.Text(), nullable=False, comment='what was measured by cross-validation (JSON)'),
    sa.Column('valid_from', sa.Date(), nullable=True, comment='Shanghai date from which it holds'),
    sa.Column('words', sa.String(length=300), nullable=True, comment='why adopted or dropped'),
    sa.Column('by', sa.String(length=60), nullable=False, comment='role or command, not name'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.CheckConstraint("(state = 'adopted') = (valid_from IS NOT NULL)", name=op.f('ck_weight_settings_adopted_has_its_day')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_weight_settings')),
    sa.UniqueConstraint('uid', name=op.f('uq_weight_settings_uid')),
    comment="weights of the ranking's parts: proposed by a command, adopted by a person from a day on"
    )
    op.create_table('proposal_decisions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('demand_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='for which demand'),
    sa.Column('offer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='which proposal'),
    sa.Column('verdict', sa.Enum('invited', 'set_aside', name='verdict', native_enum=False, create_constraint=True, length=32), nullable=False, comment='invited, or set aside with a word'),
    sa.Column('place', sa.Integer(), nullable=False, comment='the rank at which it was shown'),
    sa.Column('score', sa.Integer(), nullable=False, comment='thousandths, as shown'),
    sa.Column('parts', sa.Text(), nullable=False, comment='share reached by part, thousandths (JSON), as shown'),
    sa.Column('setting_uid', sa.String(length=36), nullable=False, comment='weights it was ranked by; empty: as shipped'),
    sa.Column('words', sa.String(length=300), nullable=True, comment='why it does not suit'),
    sa.Column('by', sa.String(length=60), nullable=False, comment='role, not name'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.ForeignKeyConstraint(['demand_id'], ['demands.id'], name=op.f('fk_proposal_decisions_demand_id')),
    sa.ForeignKeyConstraint(['offer_id'], ['offers.id'], name=op.f('fk_proposal_decisions_offer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal_decisions')),
    sa.UniqueConstraint('demand_id', 'offer_id', name=op.f('uq_proposal_decisions_demand_id_offer_id')),
    comment='what an officer decided on a proposal, with the parts of its score as they were shown'
    )
    with op.batch_alter_table('proposal_decisions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proposal_decisions_offer_id'), ['offer_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('proposal_decisions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_proposal_decisions_offer_id'))

    op.drop_table('proposal_decisions')
    op.drop_table('weight_settings')
    with op.batch_alter_table('concept_edits', schema=None) as batch_op:
        batch_op.drop_index('ix_concept_edits_valid_from_id')
        batch_op.drop_index(batch_op.f('ix_concept_edits_concept_id'))

    op.drop_table('concept_edits')
