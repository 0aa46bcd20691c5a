"""plans and jobs"""

import sqlalchemy as sa
from alembic import op
from app.storage.columns import Moment
revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('jobs',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False, comment='which handler, e.g. plans.solve'),
    sa.Column('subject_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='key of the row it is about'),
    sa.Column('state', sa.Enum('waiting', 'leased', 'done', 'dead', name='state', native_enum=False, create_constraint=True, length=32), nullable=False, comment='waiting, leased, done, dead'),
    sa.Column('attempts', sa.Integer(), nullable=False, comment='how often it was begun'),
    sa.Column('due_at', Moment(), nullable=False, comment='not before'),
    sa.Column('leased_until', Moment(), nullable=True, comment='the lease, renewed while working'),
    sa.Column('error', sa.String(length=500), nullable=True, comment='what went wrong last'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.CheckConstraint("(state = 'leased') = (leased_until IS NOT NULL)", name=op.f('ck_jobs_leased_has_its_end')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_jobs')),
    comment='work leased from the database; never holds personal values'
    )
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.create_index('ix_jobs_state_due_at_id', ['state', 'due_at', 'id'], unique=False)

    op.create_table('plans',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('title', sa.String(length=60), nullable=False, comment='what the planner calls it'),
    sa.Column('territory', sa.String(length=12), nullable=False, comment='whose townships are served'),
    sa.Column('year', sa.Integer(), nullable=False, comment='for which year'),
    sa.Column('mode', sa.Enum('fit', 'stable', 'cover', name='mode', native_enum=False, create_constraint=True, length=32), nullable=False, comment='what comes first'),
    sa.Column('what_if', sa.Text(), nullable=False, comment='the settings (JSON), see domain/plans.py'),
    sa.Column('state', sa.Enum('waiting', 'failed', 'ready', 'published', 'dropped', name='state', native_enum=False, create_constraint=True, length=32), nullable=False, comment='see domain/plans.py'),
    sa.Column('inputs', sa.Text(), nullable=True, comment='frozen inputs, canonical JSON, identifiers only'),
    sa.Column('inputs_sha256', sa.String(length=64), nullable=True, comment='of the inputs'),
    sa.Column('today', sa.Text(), nullable=True, comment='who serves which township when frozen (JSON), to compare with'),
    sa.Column('result', sa.Text(), nullable=True, comment='what the solver said (JSON)'),
    sa.Column('result_sha256', sa.String(length=64), nullable=True, comment='of the plan in the result'),
    sa.Column('error', sa.String(length=500), nullable=True, comment='why it was not computed'),
    sa.Column('by', sa.String(length=60), nullable=False, comment='role, not name'),
    sa.Column('words', sa.String(length=500), nullable=True, comment='why it was dropped'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.Column('solved_at', Moment(), nullable=True, comment='when the solver was done'),
    sa.Column('published_at', Moment(), nullable=True, comment='when invitations went out'),
    sa.Column('checked_at', Moment(), nullable=True, comment='last computed again'),
    sa.Column('checked_same', sa.Boolean(), nullable=True, comment='whether it came out the same'),
    sa.Column('version', sa.Integer(), nullable=False, comment='raised at each edit; a stale edit answers 409'),
    sa.CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name=op.f('ck_plans_published_has_its_moment')),
    sa.CheckConstraint("state NOT IN ('ready', 'published') OR (inputs IS NOT NULL AND result IS NOT NULL)", name=op.f('ck_plans_ready_has_its_result')),
    sa.ForeignKeyConstraint(['territory'], ['regions.code'], name=op.f('fk_plans_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plans')),
    sa.UniqueConstraint('uid', name=op.f('uq_plans_uid')),
    comment="what-ifs for a year's dispatch; inputs are frozen, so that each can be computed again"
    )
    with op.batch_alter_table('plans', schema=None) as batch_op:
        batch_op.create_index('ix_plans_territory_id', ['territory', 'id'], unique=False)

    op.create_table('plan_outcomes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('plan_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='of which plan'),
    sa.Column('pair', sa.String(length=120), nullable=False, comment='identifiers of demand and commissioner in the plan'),
    sa.Column('demand_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='for which demand'),
    sa.Column('commissioner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='who was meant'),
    sa.Column('match_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='the invitation'),
    sa.Column('words', sa.String(length=300), nullable=True, comment='why it was skipped'),
    sa.CheckConstraint('(match_id IS NULL) = (words IS NOT NULL)', name=op.f('ck_plan_outcomes_skipped_says_why')),
    sa.ForeignKeyConstraint(['commissioner_id'], ['commissioners.id'], name=op.f('fk_plan_outcomes_commissioner_id')),
    sa.ForeignKeyConstraint(['demand_id'], ['demands.id'], name=op.f('fk_plan_outcomes_demand_id')),
    sa.ForeignKeyConstraint(['match_id'], ['matches.id'], name=op.f('fk_plan_outcomes_match_id')),
    sa.ForeignKeyConstraint(['plan_id'], ['plans.id'], name=op.f('fk_plan_outcomes_plan_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_outcomes')),
    sa.UniqueConstraint('plan_id', 'pair', name=op.f('uq_plan_outcomes_plan_id_pair')),
    comment='each pair of a published plan: the invitation, or why there was none'
    )
    with op.batch_alter_table('plan_outcomes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_plan_outcomes_commissioner_id'), ['commissioner_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_plan_outcomes_demand_id'), ['demand_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_plan_outcomes_match_id'), ['match_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('plan_outcomes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_plan_outcomes_match_id'))
        batch_op.drop_index(batch_op.f('ix_plan_outcomes_demand_id'))
        batch_op.drop_index(batch_op.f('ix_plan_outcomes_commissioner_id'))

    op.drop_table('plan_outcomes')
    with op.batch_alter_table('plans', schema=None) as batch_op:
        batch_op.drop_index('ix_plans_territory_id')

    op.drop_table('plans')
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.drop_index('ix_jobs_state_due_at_id')

    op.drop_table('jobs')
