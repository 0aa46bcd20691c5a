"""the foundation"""

import sqlalchemy as sa
from alembic import op
from app.storage.columns import Moment
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table('accounts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('login', sa.String(length=60), nullable=False, comment='what is typed at the door, lower case'),
    sa.Column('name', sa.String(length=60), nullable=False, comment='shown in the header'),
    sa.Column('password_hash', sa.String(length=255), nullable=True, comment='empty until set by a one-time link'),
    sa.Column('password_scheme', sa.String(length=20), nullable=False, comment='so that another can be added'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.Column('closed_at', Moment(), nullable=True, comment='closed accounts cannot sign in'),
    sa.Column('version', sa.Integer(), nullable=False, comment='raised at each edit; a stale edit answers 409'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts')),
    sa.UniqueConstraint('login', name=op.f('uq_accounts_login')),
    sa.UniqueConstraint('uid', name=op.f('uq_accounts_uid')),
    comment='one per person who signs in; never deleted, only closed'
    )
    op.create_table('boundary_versions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('version', sa.String(length=64), nullable=False, comment='sha256 of the township file'),
    sa.Column('townships_gzip', sa.LargeBinary(), nullable=False, comment='gzipped GeoJSON, simplified for drawing'),
    sa.Column('counties_gzip', sa.LargeBinary(), nullable=False, comment='gzipped GeoJSON, simplified for drawing'),
    sa.Column('source', sa.String(length=300), nullable=False, comment='data source, review number, licence'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.Column('current', sa.Boolean(), nullable=False, comment='the version pages draw'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_boundary_versions')),
    sa.UniqueConstraint('version', name=op.f('uq_boundary_versions_version')),
    comment="one prepared state of the map's lines; immutable, served at its own address"
    )
    op.create_table('events',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', Moment(), nullable=False, comment='UTC'),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='who; empty for the platform itself'),
    sa.Column('grant_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='in which grant'),
    sa.Column('actor_name', sa.String(length=100), nullable=False, comment='role or command, not a personal name'),
    sa.Column('tag', sa.String(length=60), nullable=False, comment='what happened, e.g. demands.submit'),
    sa.Column('subject_table', sa.String(length=60), nullable=False),
    sa.Column('subject_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('words', sa.Text(), nullable=True, comment='the reason given, or a difference in words'),
    sa.Column('changes', sa.Text(), nullable=True, comment='JSON: column → [before, after]; personal values left out'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events')),
    comment='append-only trail of every change and of every showing of personal data'
    )
    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_events_account_id'), ['account_id'], unique=False)
        batch_op.create_index('ix_events_subject', ['subject_table', 'subject_id'], unique=False)

    op.create_table('industry_schemes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False, comment='leading_four, county_chains …'),
    sa.Column('title', sa.String(length=200), nullable=False, comment='e.g. 四大主导产业'),
    sa.Column('valid_from', sa.Date(), nullable=False, comment='first day it is used'),
    sa.Column('valid_to', sa.Date(), nullable=True, comment='last day; empty while in use'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_industry_schemes')),
    sa.UniqueConstraint('code', name=op.f('uq_industry_schemes_code')),
    comment='a way of dividing industries, with the years it holds'
    )
    op.create_table('login_failures',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('login_hash', sa.String(length=64), nullable=False, comment='keyed hash of what was typed as name'),
    sa.Column('address_hash', sa.String(length=64), nullable=False, comment='keyed hash of the network address'),
    sa.Column('at', Moment(), nullable=False, comment='UTC'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_failures')),
    comment='failed attempts; throttling reads them, so it holds for all processes and restarts'
    )
    with op.batch_alter_table('login_failures', schema=None) as batch_op:
        batch_op.create_index('ix_login_failures_address_hash_at', ['address_hash', 'at'], unique=False)
        batch_op.create_index('ix_login_failures_login_hash_at', ['login_hash', 'at'], unique=False)

    op.create_table('named_periods',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('title', sa.String(length=200), nullable=False, comment='e.g. 2026年度考核期'),
    sa.Column('first_day', sa.Date(), nullable=False, comment='first service date'),
    sa.Column('last_day', sa.Date(), nullable=False, comment='last service date'),
    sa.CheckConstraint('last_day >= first_day', name=op.f('ck_named_periods_span')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_named_periods')),
    sa.UniqueConstraint('title', name=op.f('uq_named_periods_title')),
    sa.UniqueConstraint('uid', name=op.f('uq_named_periods_uid')),
    comment='a visit may count in several'
    )
    op.create_table('offer_change_head',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False, comment='always 1'),
    sa.Column('position', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='last position given out'),
    sa.Column('kept_from', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='changes before this are pruned'),
    sa.CheckConstraint('id = 1', name=op.f('ck_offer_change_head_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offer_change_head')),
    comment='one row: the last position given out, and the first one still kept'
    )
    op.create_table('offer_changes',
    sa.Column('position', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False, comment='commit order, without gaps'),
    sa.Column('offer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='the offer, which may be gone by now'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.PrimaryKeyConstraint('position', name=op.f('pk_offer_changes')),
    comment='offers that changed, in commit order; read by the matching index'
    )
    op.create_table('regions',
    sa.Column('code', sa.String(length=12), nullable=False, comment='administrative code: 6 digits, or 9 for a township'),
    sa.Column('name', sa.String(length=60), nullable=False, comment='full name, e.g. 列东街道'),
    sa.Column('rank', sa.String(length=20), nullable=False, comment='city, county, township or statistical_unit'),
    sa.Column('kind', sa.String(length=12), nullable=False, comment='市 区 县 街道 镇 乡 民族乡 …, as the code list says'),
    sa.Column('parent_code', sa.String(length=12), nullable=True, comment='one level up'),
    sa.Column('pinyin', sa.String(length=200).with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False, comment='pinyin, binary collation'),
    sa.Column('initials', sa.String(length=60), nullable=False, comment='first letters, for finding'),
    sa.Column('lon', sa.Double(), nullable=True, comment='seat, WGS84 degrees'),
    sa.Column('lat', sa.Double(), nullable=True, comment='seat, WGS84 degrees'),
    sa.Column('position_confidence', sa.String(length=10), nullable=True, comment='high, medium or low'),
    sa.Column('counted', sa.Boolean(), nullable=False, comment='whether it stands in the denominator of cover'),
    sa.Column('valid_from', sa.Date(), nullable=False, comment='first day as this division'),
    sa.Column('valid_to', sa.Date(), nullable=True, comment='last day; empty while it exists'),
    sa.CheckConstraint('valid_to IS NULL OR valid_to >= valid_from', name=op.f('ck_regions_valid_span')),
    sa.ForeignKeyConstraint(['parent_code'], ['regions.code'], name=op.f('fk_regions_parent_code')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_regions')),
    comment='administrative divisions by code, dated; changes come by import, never by code'
    )
    with op.batch_alter_table('regions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_regions_parent_code'), ['parent_code'], unique=False)
        batch_op.create_index(batch_op.f('ix_regions_rank'), ['rank'], unique=False)

    op.create_table('result_kinds',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False, comment='people_trained, techniques …'),
    sa.Column('title', sa.String(length=60), nullable=False, comment='e.g. 培训人次'),
    sa.Column('unit', sa.String(length=20), nullable=False, comment='人次, 项, 亩, 元 …'),
    sa.Column('smallest_unit', sa.String(length=20), nullable=False, comment='what the integer counts: 分 for money'),
    sa.Column('per_unit', sa.Integer(), nullable=False, comment='smallest units in one unit (100 for money)'),
    sa.Column('valid_from', sa.Date(), nullable=False, comment='first service date'),
    sa.Column('valid_to', sa.Date(), nullable=True, comment='last service date'),
    sa.Column('place', sa.Integer(), nullable=False, comment='order in forms and tables'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_result_kinds')),
    sa.UniqueConstraint('code', name=op.f('uq_result_kinds_code')),
    comment='results a visit may claim, in integers of the smallest unit'
    )
    op.create_table('stored_files',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('sha256', sa.String(length=64), nullable=False, comment='of the stored bytes'),
    sa.Column('media_type', sa.String(length=100), nullable=False, comment='decided by content, not by name'),
    sa.Column('size', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='bytes'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stored_files')),
    sa.UniqueConstraint('sha256', name=op.f('uq_stored_files_sha256')),
    sa.UniqueConstraint('uid', name=op.f('uq_stored_files_uid')),
    comment='one row per content; records point here'
    )
    op.create_table('held_forms',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='who typed it'),
    sa.Column('path', sa.String(length=300), nullable=False, comment='of the page with the form'),
    sa.Column('fields_sealed', sa.Text(), nullable=False, comment='sealed JSON: name → values'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_held_forms_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_held_forms')),
    sa.UniqueConstraint('uid', name=op.f('uq_held_forms_uid')),
    comment='typed fields waiting for their writer; dropped after three days'
    )
    with op.batch_alter_table('held_forms', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_held_forms_account_id'), ['account_id'], unique=False)

    op.create_table('import_batches',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('level', sa.Enum('county', 'city', 'province', name='level', native_enum=False, create_constraint=True, length=32), nullable=False, comment='of every appointment in it'),
    sa.Column('year', sa.Integer(), nullable=False, comment='batch year of every appointment in it'),
    sa.Column('county_code', sa.String(length=12), nullable=False, comment='territory of the importer'),
    sa.Column('file_name', sa.String(length=200), nullable=False, comment='as sent, shown only'),
    sa.Column('state', sa.Enum('previewed', 'applied', 'undone', 'dropped', name='state', native_enum=False, create_constraint=True, length=32), nullable=False, comment='previewed → applied → undone'),
    sa.Column('summary', sa.Text(), nullable=False, comment='JSON of counts and options, no personal values'),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='by whom; empty for a command'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.Column('applied_at', Moment(), nullable=True, comment='when kept'),
    sa.Column('undone_at', Moment(), nullable=True, comment='when undone'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_import_batches_account_id')),
    sa.ForeignKeyConstraint(['county_code'], ['regions.code'], name=op.f('fk_import_batches_county_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_batches')),
    sa.UniqueConstraint('uid', name=op.f('uq_import_batches_uid')),
    comment='one roster workbook and what became of it'
    )
    with op.batch_alter_table('import_batches', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_import_batches_county_code'), ['county_code'], unique=False)
        batch_op.create_index('ix_import_batches_made_at_id', ['made_at', 'id'], unique=False)

    op.create_table('industries',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('scheme_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='of which scheme'),
    sa.Column('code', sa.String(length=60), nullable=False, comment='stable name, e.g. agriculture.tea'),
    sa.Column('title', sa.String(length=60), nullable=False, comment='e.g. 特色现代农业'),
    sa.Column('parent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='upper level'),
    sa.Column('county_code', sa.String(length=12), nullable=True, comment='of a county chain'),
    sa.Column('place', sa.Integer(), nullable=False, comment='order in lists'),
    sa.Column('is_other', sa.Boolean(), nullable=False, comment='the catch-all of its scheme'),
    sa.ForeignKeyConstraint(['county_code'], ['regions.code'], name=op.f('fk_industries_county_code')),
    sa.ForeignKeyConstraint(['parent_id'], ['industries.id'], name=op.f('fk_industries_parent_id')),
    sa.ForeignKeyConstraint(['scheme_id'], ['industry_schemes.id'], name=op.f('fk_industries_scheme_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_industries')),
    sa.UniqueConstraint('scheme_id', 'code', name=op.f('uq_industries_scheme_id_code')),
    comment="two levels within a scheme; every scheme has 'other'"
    )
    with op.batch_alter_table('industries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_industries_parent_id'), ['parent_id'], unique=False)

    op.create_table('organisations',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('kind', sa.Enum('village', 'cooperative', 'family_farm', 'enterprise', 'township_government', 'sending_unit', 'station', 'other', name='kind', native_enum=False, create_constraint=True, length=32), nullable=False, comment='village, enterprise, sending unit …'),
    sa.Column('name', sa.String(length=200), nullable=False, comment='full name'),
    sa.Column('pinyin', sa.String(length=200).with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False, comment='pinyin, binary collation'),
    sa.Column('initials', sa.String(length=60), nullable=False, comment='first letters, for finding'),
    sa.Column('region_code', sa.String(length=12), nullable=True, comment='township or county; empty for units outside the city'),
    sa.Column('credit_code', sa.String(length=18), nullable=True, comment='unified social credit code'),
    sa.Column('contact_name', sa.String(length=60), nullable=True, comment='whom to ask'),
    sa.Column('contact_phone_sealed', sa.Text(), nullable=True, comment='sealed'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.Column('version', sa.Integer(), nullable=False, comment='raised at each edit; a stale edit answers 409'),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_organisations_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisations')),
    sa.UniqueConstraint('credit_code', name=op.f('uq_organisations_credit_code')),
    sa.UniqueConstraint('region_code', 'kind', 'name', name=op.f('uq_organisations_region_code_kind_name')),
    sa.UniqueConstraint('uid', name=op.f('uq_organisations_uid')),
    comment='what is served, what sends, and legal-entity commissioners'
    )
    with op.batch_alter_table('organisations', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_organisations_initials'), ['initials'], unique=False)
        batch_op.create_index(batch_op.f('ix_organisations_name'), ['name'], unique=False)
        batch_op.create_index('ix_organisations_pinyin_id', ['pinyin', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_organisations_region_code'), ['region_code'], unique=False)

    op.create_table('region_aliases',
    sa.Column('alias', sa.String(length=12), nullable=False, comment='the other code'),
    sa.Column('region_code', sa.String(length=12), nullable=False, comment='what it means today'),
    sa.Column('note', sa.String(length=200), nullable=False, comment='where the alias comes from'),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_region_aliases_region_code')),
    sa.PrimaryKeyConstraint('alias', name=op.f('pk_region_aliases')),
    comment='obsolete or foreign codes accepted on import'
    )
    op.create_table('region_geometries',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('boundary_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='which version'),
    sa.Column('region_code', sa.String(length=12), nullable=False, comment='which division'),
    sa.Column('kind', sa.Enum('official', 'imported', 'voronoi', 'point', name='kind', native_enum=False, create_constraint=True, length=32), nullable=False, comment='how far the line may be trusted'),
    sa.Column('wkb', sa.LargeBinary(), nullable=False, comment='well-known binary, EPSG:4490 (WGS84 for us)'),
    sa.Column('area_m2', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='square metres in EPSG:4548; not for reports when schematic'),
    sa.ForeignKeyConstraint(['boundary_id'], ['boundary_versions.id'], name=op.f('fk_region_geometries_boundary_id')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_region_geometries_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_region_geometries')),
    sa.UniqueConstraint('boundary_id', 'region_code', name=op.f('uq_region_geometries_boundary_id_region_code')),
    comment='full geometry of a division in one boundary version'
    )
    with op.batch_alter_table('region_geometries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_region_geometries_region_code'), ['region_code'], unique=False)

    op.create_table('set_up_links',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False, comment='sha256 of the token in the link'),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='for whom'),
    sa.Column('expires_at', Moment(), nullable=False, comment='useless after'),
    sa.Column('used_at', Moment(), nullable=True, comment='useless once used'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_set_up_links_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_set_up_links')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_set_up_links_token_hash')),
    comment='one-time links by which a person sets the first or a new password'
    )
    op.create_table('demands',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('title', sa.String(length=80), nullable=False, comment='the need in one sentence'),
    sa.Column('description', sa.Text(), nullable=False, comment='what happened, since when, what was tried'),
    sa.Column('region_code', sa.String(length=12), nullable=False, comment='township'),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='the needing party'),
    sa.Column('poster_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='who filed it'),
    sa.Column('contact_name', sa.String(length=60), nullable=True, comment='in the village or firm'),
    sa.Column('contact_phone_sealed', sa.Text(), nullable=True, comment='sealed; open to the parties of a match'),
    sa.Column('industry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='set at triage'),
    sa.Column('need_type', sa.Enum('planting', 'breeding', 'plant_protection', 'processing', 'equipment', 'materials', 'brand', 'planning', 'digital', 'testing', 'project', 'other', name='need_type', native_enum=False, create_constraint=True, length=32), nullable=True, comment='set at triage'),
    sa.Column('urgency', sa.Enum('critical', 'urgent', 'normal', name='urgency', native_enum=False, create_constraint=True, length=32), nullable=False, comment='特急 急 一般'),
    sa.Column('scale', sa.String(length=80), nullable=True, comment='500亩, 50个棚, 几百只: as people say it'),
    sa.Column('mode', sa.Enum('on_site', 'online', name='mode', native_enum=False, create_constraint=True, length=32), nullable=True, comment='wished; empty: either'),
    sa.Column('people_wanted', sa.Integer(), nullable=False, comment='how many commissioners'),
    sa.Column('wanted_by', sa.Date(), nullable=True, comment='wished by the needing party'),
    sa.Column('confidential', sa.Boolean(), nullable=False, comment='others see industry and title only'),
    sa.Column('state', sa.Enum('draft', 'submitted', 'triaged', 'open', 'chosen', 'agreed', 'in_service', 'done', 'evaluated', 'closed', 'returned', 'withdrawn', 'cancelled', 'none_suitable', 'reopened', name='state', native_enum=False, create_constraint=True, length=32), nullable=False, comment='see domain/demands.py'),
    sa.Column('outcome', sa.Enum('met', 'partly', 'unmet', name='outcome', native_enum=False, create_constraint=True, length=32), nullable=True, comment='how it ended'),
    sa.Column('submitted_on', sa.Date(), nullable=True, comment='Shanghai date of first submission'),
    sa.Column('due_on', sa.Date(), nullable=True, comment='by when the county should have found someone'),
    sa.Column('closed_on', sa.Date(), nullable=True, comment='Shanghai date of closing'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.Column('version', sa.Integer(), nullable=False, comment='raised at each edit; a stale edit answers 409'),
    sa.CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name=op.f('ck_demands_closed_has_its_outcome')),
    sa.CheckConstraint("state NOT IN ('draft') OR submitted_on IS NULL", name=op.f('ck_demands_draft_not_submitted')),
    sa.ForeignKeyConstraint(['industry_id'], ['industries.id'], name=op.f('fk_demands_industry_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_demands_organisation_id')),
    sa.ForeignKeyConstraint(['poster_id'], ['accounts.id'], name=op.f('fk_demands_poster_id')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_demands_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_demands')),
    sa.UniqueConstraint('uid', name=op.f('uq_demands_uid')),
    comment='technical needs of villages and enterprises, filed by themselves or for them'
    )
    with op.batch_alter_table('demands', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_demands_closed_on'), ['closed_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_demands_due_on'), ['due_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_demands_industry_id'), ['industry_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_demands_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_demands_poster_id'), ['poster_id'], unique=False)
        batch_op.create_index('ix_demands_region_code_state_id', ['region_code', 'state', 'id'], unique=False)
        batch_op.create_index('ix_demands_state_id', ['state', 'id'], unique=False)

    op.create_table('import_effects',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('batch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='made by'),
    sa.Column('table_name', sa.String(length=60), nullable=False, comment='in which table'),
    sa.Column('row_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='which row: the first column of its key'),
    sa.Column('other_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='the second column of its key, if it has one'),
    sa.Column('row_version', sa.Integer(), nullable=True, comment='its version after the import, where it has one'),
    sa.Column('content_hash', sa.String(length=64), nullable=False, comment='keyed hash of the row after the import; a row that differs now is not undone'),
    sa.Column('before_sealed', sa.Text(), nullable=True, comment='of a row that was there before: JSON of the columns filled in with what stood there, sealed'),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batches.id'], name=op.f('fk_import_effects_batch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_effects')),
    comment='every row a batch made or filled in, so that undoing leaves the database as it was'
    )
    with op.batch_alter_table('import_effects', schema=None) as batch_op:
        batch_op.create_index('ix_import_effects_batch_id', ['batch_id'], unique=False)

    op.create_table('import_workbooks',
    sa.Column('batch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='of which batch'),
    sa.Column('workbook_sealed', sa.Text(), nullable=True, comment='base64 of the .xlsx, sealed; while previewed'),
    sa.Column('report_sealed', sa.Text(), nullable=True, comment='JSON of rows left out and why, sealed; once applied'),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batches.id'], name=op.f('fk_import_workbooks_batch_id')),
    sa.PrimaryKeyConstraint('batch_id', name=op.f('pk_import_workbooks')),
    comment='what was sent, sealed, and what was said of it; gone when given up or undone'
    )
    op.create_table('people',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('name', sa.String(length=60), nullable=False, comment='as on the identity card'),
    sa.Column('pinyin', sa.String(length=200).with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False, comment='pinyin, binary collation'),
    sa.Column('initials', sa.String(length=60), nullable=False, comment='first letters, for finding'),
    sa.Column('id_number_sealed', sa.Text(), nullable=True, comment='resident identity number, sealed'),
    sa.Column('id_number_hash', sa.String(length=64), nullable=True, comment='keyed hash: one person, one row'),
    sa.Column('phone_sealed', sa.Text(), nullable=True, comment='mobile number, sealed'),
    sa.Column('phone_hash', sa.String(length=64), nullable=True, comment='keyed hash of the number'),
    sa.Column('employer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='where he or she works'),
    sa.Column('professional_title', sa.String(length=60), nullable=True, comment='职称, e.g. 高级农艺师'),
    sa.Column('education', sa.String(length=40), nullable=True, comment='学历'),
    sa.Column('anonymised_at', Moment(), nullable=True, comment='values replaced; counts stay'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.Column('version', sa.Integer(), nullable=False, comment='raised at each edit; a stale edit answers 409'),
    sa.ForeignKeyConstraint(['employer_id'], ['organisations.id'], name=op.f('fk_people_employer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_people')),
    sa.UniqueConstraint('id_number_hash', name=op.f('uq_people_id_number_hash')),
    sa.UniqueConstraint('uid', name=op.f('uq_people_uid')),
    comment='natural persons; numbers sealed, found by keyed hash'
    )
    with op.batch_alter_table('people', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_people_employer_id'), ['employer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_people_initials'), ['initials'], unique=False)
        batch_op.create_index(batch_op.f('ix_people_name'), ['name'], unique=False)
        batch_op.create_index(batch_op.f('ix_people_phone_hash'), ['phone_hash'], unique=False)
        batch_op.create_index('ix_people_pinyin_id', ['pinyin', 'id'], unique=False)

    op.create_table('commissioners',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('kind', sa.Enum('individual', 'team', 'entity', name='kind', native_enum=False, create_constraint=True, length=32), nullable=False, comment='个人 团队 法人'),
    sa.Column('name', sa.String(length=200), nullable=False, comment="person's, team's or entity's name, for lists"),
    sa.Column('pinyin', sa.String(length=200).with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False, comment='pinyin, binary collation'),
    sa.Column('initials', sa.String(length=60), nullable=False, comment='first letters, for finding'),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='of an individual'),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='of an entity'),
    sa.Column('source', sa.Enum('county', 'city', 'province', 'other_province', 'beijing', 'shanghai', 'taiwan', 'hongkong_macao', 'abroad', 'university_station', name='source', native_enum=False, create_constraint=True, length=32), nullable=False, comment='where they come from'),
    sa.Column('sending_unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='派出单位'),
    sa.Column('county_code', sa.String(length=12), nullable=False, comment="county that keeps the record; the city's own: 350400"),
    sa.Column('specialities', sa.String(length=300), nullable=False, comment='in free words, as people write them'),
    sa.Column('introduction', sa.Text(), nullable=True, comment='published with the menu'),
    sa.Column('yearly_half_days', sa.Integer(), nullable=False, comment='half-days a year he, she or it can serve'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.Column('version', sa.Integer(), nullable=False, comment='raised at each edit; a stale edit answers 409'),
    sa.CheckConstraint("(kind = 'individual') = (person_id IS NOT NULL) AND (kind = 'entity') = (organisation_id IS NOT NULL)", name=op.f('ck_commissioners_kind_has_its_subject')),
    sa.ForeignKeyConstraint(['county_code'], ['regions.code'], name=op.f('fk_commissioners_county_code')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_commissioners_organisation_id')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_commissioners_person_id')),
    sa.ForeignKeyConstraint(['sending_unit_id'], ['organisations.id'], name=op.f('fk_commissioners_sending_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commissioners')),
    sa.UniqueConstraint('organisation_id', name=op.f('uq_commissioners_organisation_id')),
    sa.UniqueConstraint('person_id', name=op.f('uq_commissioners_person_id')),
    sa.UniqueConstraint('uid', name=op.f('uq_commissioners_uid')),
    comment='individual → one person; team → members; legal entity → one organisation'
    )
    with op.batch_alter_table('commissioners', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_commissioners_county_code'), ['county_code'], unique=False)
        batch_op.create_index(batch_op.f('ix_commissioners_initials'), ['initials'], unique=False)
        batch_op.create_index('ix_commissioners_pinyin_id', ['pinyin', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_commissioners_sending_unit_id'), ['sending_unit_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_commissioners_source'), ['source'], unique=False)

    op.create_table('demand_photos',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('demand_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='of which demand'),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='re-encoded, no EXIF'),
    sa.Column('place', sa.Integer(), nullable=False, comment='order'),
    sa.ForeignKeyConstraint(['demand_id'], ['demands.id'], name=op.f('fk_demand_photos_demand_id')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_files.id'], name=op.f('fk_demand_photos_file_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_demand_photos')),
    sa.UniqueConstraint('demand_id', 'file_id', name=op.f('uq_demand_photos_demand_id_file_id')),
    sa.UniqueConstraint('uid', name=op.f('uq_demand_photos_uid')),
    comment='optional photos of what is wrong'
    )
    op.create_table('demand_steps',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('demand_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='of which demand'),
    sa.Column('verb', sa.String(length=20), nullable=False, comment='see domain/demands.py'),
    sa.Column('state', sa.Enum('draft', 'submitted', 'triaged', 'open', 'chosen', 'agreed', 'in_service', 'done', 'evaluated', 'closed', 'returned', 'withdrawn', 'cancelled', 'none_suitable', 'reopened', name='state', native_enum=False, create_constraint=True, length=32), nullable=False, comment='reached by it'),
    sa.Column('at', Moment(), nullable=False, comment='UTC'),
    sa.Column('by', sa.String(length=60), nullable=False, comment='role, not name'),
    sa.Column('words', sa.String(length=500), nullable=True, comment='reason or advice'),
    sa.ForeignKeyConstraint(['demand_id'], ['demands.id'], name=op.f('fk_demand_steps_demand_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_demand_steps')),
    comment='every move of a demand, shown to the township as its history'
    )
    with op.batch_alter_table('demand_steps', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_demand_steps_demand_id'), ['demand_id'], unique=False)

    op.create_table('grants',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='whose'),
    sa.Column('role', sa.Enum('township_official', 'commissioner', 'team_head', 'sending_contact', 'served_contact', 'county_triage', 'county_reviewer', 'county_head', 'city_triage', 'city_reviewer', 'city_head', 'finance_officer', 'panel_member', 'auditor', 'administrator', name='role', native_enum=False, create_constraint=True, length=32), nullable=False, comment='what it lets do'),
    sa.Column('scope', sa.Enum('territory', 'organisation', 'oneself', name='scope', native_enum=False, create_constraint=True, length=32), nullable=False, comment='over what'),
    sa.Column('region_code', sa.String(length=12), nullable=True, comment='the territory'),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='the organisation'),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='oneself'),
    sa.Column('begins', sa.Date(), nullable=False, comment='first day'),
    sa.Column('ends', sa.Date(), nullable=True, comment='last day; empty while it holds'),
    sa.CheckConstraint("(scope = 'territory') = (region_code IS NOT NULL) AND (scope = 'organisation') = (organisation_id IS NOT NULL) AND (scope = 'oneself') = (person_id IS NOT NULL)", name=op.f('ck_grants_scope_has_its_subject')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_grants_account_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_grants_organisation_id')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_grants_person_id')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_grants_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grants')),
    comment='role + scope; a person acts in one at a time'
    )
    with op.batch_alter_table('grants', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_grants_account_id'), ['account_id'], unique=False)

    op.create_table('appointments',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('commissioner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='who'),
    sa.Column('level', sa.Enum('county', 'city', 'province', name='level', native_enum=False, create_constraint=True, length=32), nullable=False, comment='县级 市级 省级'),
    sa.Column('batch_year', sa.Integer(), nullable=False, comment='选认年度'),
    sa.Column('begins', sa.Date(), nullable=False, comment='first day of the term'),
    sa.Column('ends', sa.Date(), nullable=False, comment='last day of the term'),
    sa.Column('ground', sa.Enum('free_service', 'leads_entity', 'cooperation', 'not_stated', name='ground', native_enum=False, create_constraint=True, length=32), nullable=False, comment='选认依据'),
    sa.Column('document', sa.String(length=120), nullable=True, comment='document number, e.g. 明科农〔2018〕5号'),
    sa.Column('county_code', sa.String(length=12), nullable=False, comment='recommending county; city and provincial units: the city'),
    sa.Column('renewal_of_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='续聘 of which'),
    sa.Column('state', sa.Enum('in_force', 'withdrawn', name='state', native_enum=False, create_constraint=True, length=32), nullable=False, comment='withdrawn ones do not count'),
    sa.Column('withdrawn_on', sa.Date(), nullable=True, comment='Shanghai date'),
    sa.Column('withdrawn_because', sa.String(length=300), nullable=True, comment='the reason given'),
    sa.Column('import_batch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='came by'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_on IS NOT NULL)", name=op.f('ck_appointments_withdrawn_has_its_day')),
    sa.CheckConstraint('ends >= begins', name=op.f('ck_appointments_term')),
    sa.ForeignKeyConstraint(['commissioner_id'], ['commissioners.id'], name=op.f('fk_appointments_commissioner_id')),
    sa.ForeignKeyConstraint(['county_code'], ['regions.code'], name=op.f('fk_appointments_county_code')),
    sa.ForeignKeyConstraint(['import_batch_id'], ['import_batches.id'], name=op.f('fk_appointments_import_batch_id')),
    sa.ForeignKeyConstraint(['renewal_of_id'], ['appointments.id'], name=op.f('fk_appointments_renewal_of_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appointments')),
    sa.UniqueConstraint('uid', name=op.f('uq_appointments_uid')),
    comment='one commissioner, one level, one batch year: what 人次, 组次 and 家次 count'
    )
    with op.batch_alter_table('appointments', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_appointments_commissioner_id'), ['commissioner_id'], unique=False)
        batch_op.create_index('ix_appointments_counting', ['batch_year', 'level', 'state', 'county_code', 'commissioner_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_appointments_county_code'), ['county_code'], unique=False)
        batch_op.create_index(batch_op.f('ix_appointments_import_batch_id'), ['import_batch_id'], unique=False)
        batch_op.create_index('uq_appointments_one_a_year', ['commissioner_id', 'level', 'batch_year'], unique=True, sqlite_where=sa.text("state = 'in_force'"), postgresql_where=sa.text("state = 'in_force'"))

    op.create_table('commissioner_industries',
    sa.Column('commissioner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('industry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['commissioner_id'], ['commissioners.id'], name=op.f('fk_commissioner_industries_commissioner_id')),
    sa.ForeignKeyConstraint(['industry_id'], ['industries.id'], name=op.f('fk_commissioner_industries_industry_id')),
    sa.PrimaryKeyConstraint('commissioner_id', 'industry_id', name=op.f('pk_commissioner_industries')),
    comment='what a commissioner works in'
    )
    with op.batch_alter_table('commissioner_industries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_commissioner_industries_industry_id'), ['industry_id'], unique=False)

    op.create_table('offers',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('commissioner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='whose'),
    sa.Column('title', sa.String(length=80), nullable=False, comment='what is offered'),
    sa.Column('description', sa.Text(), nullable=False, comment='how, with what experience'),
    sa.Column('industry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='leading industry'),
    sa.Column('need_type', sa.Enum('planting', 'breeding', 'plant_protection', 'processing', 'equipment', 'materials', 'brand', 'planning', 'digital', 'testing', 'project', 'other', name='need_type', native_enum=False, create_constraint=True, length=32), nullable=False, comment='field of help'),
    sa.Column('mode', sa.Enum('on_site', 'online', name='mode', native_enum=False, create_constraint=True, length=32), nullable=True, comment='only so; empty: either'),
    sa.Column('state', sa.Enum('draft', 'published', 'withdrawn', name='state', native_enum=False, create_constraint=True, length=32), nullable=False, comment='draft → published → withdrawn'),
    sa.Column('published_at', Moment(), nullable=True, comment='first publication'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.Column('version', sa.Integer(), nullable=False, comment='raised at each edit; a stale edit answers 409'),
    sa.ForeignKeyConstraint(['commissioner_id'], ['commissioners.id'], name=op.f('fk_offers_commissioner_id')),
    sa.ForeignKeyConstraint(['industry_id'], ['industries.id'], name=op.f('fk_offers_industry_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offers')),
    sa.UniqueConstraint('uid', name=op.f('uq_offers_uid')),
    comment='one dish of a menu; published facts are seen city-wide, contacts are not'
    )
    with op.batch_alter_table('offers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_offers_commissioner_id'), ['commissioner_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_offers_industry_id'), ['industry_id'], unique=False)
        batch_op.create_index('ix_offers_state_id', ['state', 'id'], unique=False)

    op.create_table('signed_in_sessions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('token_hash', sa.String(length=64), nullable=False, comment='sha256 of the token in the cookie'),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='whose'),
    sa.Column('grant_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='acts in'),
    sa.Column('device', sa.String(length=120), nullable=False, comment='browser and system in words, no version, no address'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.Column('seen_at', Moment(), nullable=False, comment='last use, to five minutes'),
    sa.Column('expires_at', Moment(), nullable=False, comment='signed out then at the latest'),
    sa.Column('revoked_at', Moment(), nullable=True, comment='signed out'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_signed_in_sessions_account_id')),
    sa.ForeignKeyConstraint(['grant_id'], ['grants.id'], name=op.f('fk_signed_in_sessions_grant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signed_in_sessions')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_signed_in_sessions_token_hash')),
    sa.UniqueConstraint('uid', name=op.f('uq_signed_in_sessions_uid')),
    comment='server-side sessions: listed to their owner, revocable'
    )
    with op.batch_alter_table('signed_in_sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_signed_in_sessions_account_id'), ['account_id'], unique=False)

    op.create_table('team_members',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('commissioner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='the team'),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='the member'),
    sa.Column('leads', sa.Boolean(), nullable=False, comment='负责人'),
    sa.Column('begins', sa.Date(), nullable=True, comment='first day in the team'),
    sa.Column('ends', sa.Date(), nullable=True, comment='last day in the team'),
    sa.ForeignKeyConstraint(['commissioner_id'], ['commissioners.id'], name=op.f('fk_team_members_commissioner_id')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_team_members_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team_members')),
    sa.UniqueConstraint('commissioner_id', 'person_id', name=op.f('uq_team_members_commissioner_id_person_id')),
    comment='团队成员, counted apart from appointments; the leader is one of them'
    )
    with op.batch_alter_table('team_members', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_team_members_person_id'), ['person_id'], unique=False)
        batch_op.create_index('uq_team_members_one_leader', ['commissioner_id'], unique=True, sqlite_where=sa.text('leads AND ends IS NULL'), postgresql_where=sa.text('leads AND ends IS NULL'))

    op.create_table('declared_cover',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('appointment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='declared in'),
    sa.Column('region_code', sa.String(length=12), nullable=False, comment='township, or county for 全县'),
    sa.Column('industry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='in which industry'),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointments.id'], name=op.f('fk_declared_cover_appointment_id')),
    sa.ForeignKeyConstraint(['industry_id'], ['industries.id'], name=op.f('fk_declared_cover_industry_id')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_declared_cover_region_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_declared_cover')),
    sa.UniqueConstraint('appointment_id', 'region_code', 'industry_id', name=op.f('uq_declared_cover_appointment_id_region_code_industry_id')),
    comment='declared township-industry pairs; a county code means 全县 and covers no township'
    )
    with op.batch_alter_table('declared_cover', schema=None) as batch_op:
        batch_op.create_index('ix_declared_cover_region_code_industry_id', ['region_code', 'industry_id'], unique=False)

    op.create_table('matches',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('demand_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='which demand'),
    sa.Column('commissioner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='which commissioner'),
    sa.Column('offer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='the menu entry that led here'),
    sa.Column('initiative', sa.Enum('invitation', 'application', name='initiative', native_enum=False, create_constraint=True, length=32), nullable=False, comment='invited or applied'),
    sa.Column('state', sa.Enum('invited', 'applied', 'accepted', 'declined', 'withdrawn', 'lapsed', name='state', native_enum=False, create_constraint=True, length=32), nullable=False, comment='see domain/matches.py'),
    sa.Column('seat', sa.Integer(), nullable=True, comment='1 … people wanted; two cannot sit on one'),
    sa.Column('reasons', sa.Text(), nullable=True, comment='why the platform proposed it, as shown then (JSON)'),
    sa.Column('words', sa.String(length=500), nullable=True, comment='what the inviting or applying side wrote'),
    sa.Column('answer_words', sa.String(length=500), nullable=True, comment='what the answer or the end said'),
    sa.Column('answer_by', Moment(), nullable=True, comment='wished answer'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.Column('answered_at', Moment(), nullable=True, comment='when the other side decided'),
    sa.Column('version', sa.Integer(), nullable=False, comment='raised at each edit; a stale edit answers 409'),
    sa.CheckConstraint("(state = 'accepted') = (seat IS NOT NULL)", name=op.f('ck_matches_accepted_has_a_seat')),
    sa.ForeignKeyConstraint(['commissioner_id'], ['commissioners.id'], name=op.f('fk_matches_commissioner_id')),
    sa.ForeignKeyConstraint(['demand_id'], ['demands.id'], name=op.f('fk_matches_demand_id')),
    sa.ForeignKeyConstraint(['offer_id'], ['offers.id'], name=op.f('fk_matches_offer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_matches')),
    sa.UniqueConstraint('demand_id', 'seat', name=op.f('uq_matches_demand_id_seat')),
    sa.UniqueConstraint('uid', name=op.f('uq_matches_uid')),
    comment='both sides choosing; a demand has as many seats as it asks for people'
    )
    with op.batch_alter_table('matches', schema=None) as batch_op:
        batch_op.create_index('ix_matches_commissioner_id_state', ['commissioner_id', 'state'], unique=False)
        batch_op.create_index('uq_matches_one_open_a_pair', ['demand_id', 'commissioner_id'], unique=True, sqlite_where=sa.text("state IN ('invited', 'applied', 'accepted')"), postgresql_where=sa.text("state IN ('invited', 'applied', 'accepted')"))

    op.create_table('proposal_refusals',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('demand_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='for which demand'),
    sa.Column('offer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='which proposal'),
    sa.Column('place', sa.Integer(), nullable=False, comment='the rank at which it was shown'),
    sa.Column('words', sa.String(length=300), nullable=False, comment='why it does not suit'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.ForeignKeyConstraint(['demand_id'], ['demands.id'], name=op.f('fk_proposal_refusals_demand_id')),
    sa.ForeignKeyConstraint(['offer_id'], ['offers.id'], name=op.f('fk_proposal_refusals_offer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal_refusals')),
    sa.UniqueConstraint('demand_id', 'offer_id', name=op.f('uq_proposal_refusals_demand_id_offer_id')),
    comment='proposals an officer set aside with a word: not proposed again, and kept to judge the ranking by'
    )
    with op.batch_alter_table('proposal_refusals', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proposal_refusals_offer_id'), ['offer_id'], unique=False)

    op.create_table('agreements',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('match_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='one agreement a match'),
    sa.Column('sending_unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='second party'),
    sa.Column('served_unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='third party'),
    sa.Column('cooperation', sa.Enum('public', 'paid', 'contract', 'technology_share', 'capital_share', 'founding', 'project', name='cooperation', native_enum=False, create_constraint=True, length=32), nullable=False, comment='how they share'),
    sa.Column('begins_on', sa.Date(), nullable=False, comment='first day'),
    sa.Column('ends_on', sa.Date(), nullable=False, comment='last day'),
    sa.Column('content', sa.Text(), nullable=False, comment='what is to be done, in words'),
    sa.Column('state', sa.Enum('draft', 'in_force', 'ended', name='state', native_enum=False, create_constraint=True, length=32), nullable=False, comment='draft → in force → ended'),
    sa.Column('scan_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='sealed sheet'),
    sa.Column('filed_on', sa.Date(), nullable=True, comment='Shanghai date of filing'),
    sa.Column('ended_on', sa.Date(), nullable=True, comment='Shanghai date of ending before its term'),
    sa.Column('ended_because', sa.String(length=500), nullable=True, comment='the reason given'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.Column('version', sa.Integer(), nullable=False, comment='raised at each edit; a stale edit answers 409'),
    sa.CheckConstraint("(state = 'ended') = (ended_on IS NOT NULL)", name=op.f('ck_agreements_ended_has_its_day')),
    sa.CheckConstraint("state <> 'in_force' OR filed_on IS NOT NULL", name=op.f('ck_agreements_in_force_is_filed')),
    sa.CheckConstraint('ends_on >= begins_on', name=op.f('ck_agreements_term')),
    sa.ForeignKeyConstraint(['match_id'], ['matches.id'], name=op.f('fk_agreements_match_id')),
    sa.ForeignKeyConstraint(['scan_id'], ['stored_files.id'], name=op.f('fk_agreements_scan_id')),
    sa.ForeignKeyConstraint(['sending_unit_id'], ['organisations.id'], name=op.f('fk_agreements_sending_unit_id')),
    sa.ForeignKeyConstraint(['served_unit_id'], ['organisations.id'], name=op.f('fk_agreements_served_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreements')),
    sa.UniqueConstraint('match_id', name=op.f('uq_agreements_match_id')),
    sa.UniqueConstraint('uid', name=op.f('uq_agreements_uid')),
    comment='commissioner, sending unit, served unit; the sealed scan is the evidence'
    )
    with op.batch_alter_table('agreements', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_agreements_served_unit_id'), ['served_unit_id'], unique=False)

    op.create_table('visits',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('demand_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='in answer to'),
    sa.Column('match_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='under which match'),
    sa.Column('writer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='who logged it'),
    sa.Column('region_code', sa.String(length=12), nullable=False, comment='township of service'),
    sa.Column('place', sa.String(length=120), nullable=True, comment='village or workshop, in words'),
    sa.Column('service_date', sa.Date(), nullable=False, comment='of a stay: its first day'),
    sa.Column('days', sa.Integer(), nullable=False, comment='calendar days of the stay'),
    sa.Column('industry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='prefilled from demand or appointment'),
    sa.Column('mode', sa.Enum('on_site', 'online', name='mode', native_enum=False, create_constraint=True, length=32), nullable=False, comment='现场 or 线上; on-line shown apart'),
    sa.Column('work_done', sa.Text(), nullable=False, comment='what was done'),
    sa.Column('advice', sa.Text(), nullable=True, comment='what the served side should do next'),
    sa.Column('fingerprint', sa.String(length=64), nullable=False, comment='hash of all it says, see domain/visits.py'),
    sa.Column('state', sa.Enum('draft', 'submitted', 'passed', 'returned', 'withdrawn', name='state', native_enum=False, create_constraint=True, length=32), nullable=False, comment='see domain/visits.py'),
    sa.Column('submitted_at', Moment(), nullable=True, comment='last submission'),
    sa.Column('passed_on', sa.Date(), nullable=True, comment='Shanghai date of review'),
    sa.Column('confirmed_on', sa.Date(), nullable=True, comment="Shanghai date of the served side's word"),
    sa.Column('review_words', sa.String(length=500), nullable=True, comment='why returned, or advice'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.Column('version', sa.Integer(), nullable=False, comment='raised at each edit; a stale edit answers 409'),
    sa.CheckConstraint("(state = 'passed') = (passed_on IS NOT NULL)", name=op.f('ck_visits_passed_has_its_day')),
    sa.CheckConstraint("confirmed_on IS NULL OR state <> 'draft'", name=op.f('ck_visits_draft_not_confirmed')),
    sa.CheckConstraint('days BETWEEN 1 AND 31', name=op.f('ck_visits_days')),
    sa.ForeignKeyConstraint(['demand_id'], ['demands.id'], name=op.f('fk_visits_demand_id')),
    sa.ForeignKeyConstraint(['industry_id'], ['industries.id'], name=op.f('fk_visits_industry_id')),
    sa.ForeignKeyConstraint(['match_id'], ['matches.id'], name=op.f('fk_visits_match_id')),
    sa.ForeignKeyConstraint(['region_code'], ['regions.code'], name=op.f('fk_visits_region_code')),
    sa.ForeignKeyConstraint(['writer_id'], ['accounts.id'], name=op.f('fk_visits_writer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visits')),
    sa.UniqueConstraint('uid', name=op.f('uq_visits_uid')),
    comment='counts by service date, once, and only when passed; its uid makes a late arrival exactly one'
    )
    with op.batch_alter_table('visits', schema=None) as batch_op:
        batch_op.create_index('ix_visits_counting', ['state', 'region_code', 'service_date', 'industry_id', 'mode', 'confirmed_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_visits_demand_id'), ['demand_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_visits_match_id'), ['match_id'], unique=False)
        batch_op.create_index('ix_visits_region_code_state_id', ['region_code', 'state', 'id'], unique=False)
        batch_op.create_index('ix_visits_service_date_id', ['service_date', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_visits_writer_id'), ['writer_id'], unique=False)

    op.create_table('confirmations',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='of which visit'),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='which served unit'),
    sa.Column('channel', sa.Enum('link', 'qr_on_site', 'sealed_sheet', 'call_back', name='channel', native_enum=False, create_constraint=True, length=32), nullable=False, comment='how it was asked'),
    sa.Column('token_hash', sa.String(length=64), nullable=True, comment='sha256 of the token in the link'),
    sa.Column('content_hash', sa.String(length=64), nullable=False, comment='fingerprint of what was shown; a changed visit asks again'),
    sa.Column('expires_at', Moment(), nullable=True, comment='the link is useless after'),
    sa.Column('answer', sa.Enum('confirmed', 'disputed', name='answer', native_enum=False, create_constraint=True, length=32), nullable=True, comment='the word'),
    sa.Column('answered_at', Moment(), nullable=True, comment='when'),
    sa.Column('answered_by', sa.String(length=60), nullable=True, comment='name given, optional'),
    sa.Column('words', sa.String(length=500), nullable=True, comment='what the served side added; may name people'),
    sa.Column('satisfaction', sa.Integer(), nullable=True, comment='1 to 5, optional'),
    sa.Column('scan_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='sealed sheet, if that was the channel'),
    sa.Column('made_at', Moment(), nullable=False, comment='UTC'),
    sa.CheckConstraint('(answer IS NULL) = (answered_at IS NULL)', name=op.f('ck_confirmations_answer_has_its_moment')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_confirmations_organisation_id')),
    sa.ForeignKeyConstraint(['scan_id'], ['stored_files.id'], name=op.f('fk_confirmations_scan_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_confirmations_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_confirmations')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_confirmations_token_hash')),
    comment="one request for the served side's word; GET shows, POST decides"
    )
    with op.batch_alter_table('confirmations', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_confirmations_visit_id'), ['visit_id'], unique=False)

    op.create_table('participants',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='of which visit'),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='who'),
    sa.Column('appointment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='acted under'),
    sa.Column('half_days', sa.Integer(), nullable=False, comment='service time'),
    sa.CheckConstraint('half_days BETWEEN 1 AND 62', name=op.f('ck_participants_half_days')),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointments.id'], name=op.f('fk_participants_appointment_id')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_participants_person_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_participants_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_participants')),
    sa.UniqueConstraint('visit_id', 'person_id', name=op.f('uq_participants_visit_id_person_id')),
    comment='a person once per visit, acting under one appointment'
    )
    with op.batch_alter_table('participants', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_participants_appointment_id'), ['appointment_id'], unique=False)
        batch_op.create_index('ix_participants_counting', ['visit_id', 'appointment_id', 'half_days'], unique=False)
        batch_op.create_index(batch_op.f('ix_participants_person_id'), ['person_id'], unique=False)

    op.create_table('served_units',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='of which visit'),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='which unit'),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_served_units_organisation_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_served_units_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_served_units')),
    sa.UniqueConstraint('visit_id', 'organisation_id', name=op.f('uq_served_units_visit_id_organisation_id')),
    comment='whom the visit served'
    )
    with op.batch_alter_table('served_units', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_served_units_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('visit_photos',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False, comment='stands in URLs, exchange files and offline records'),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='of which visit'),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='re-encoded, no EXIF'),
    sa.ForeignKeyConstraint(['file_id'], ['stored_files.id'], name=op.f('fk_visit_photos_file_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_visit_photos_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_photos')),
    sa.UniqueConstraint('uid', name=op.f('uq_visit_photos_uid')),
    sa.UniqueConstraint('visit_id', 'file_id', name=op.f('uq_visit_photos_visit_id_file_id')),
    comment='optional; no position is kept'
    )
    op.create_table('visit_results',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='of which visit'),
    sa.Column('kind_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='of what'),
    sa.Column('amount', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment="in the kind's smallest unit"),
    sa.CheckConstraint('amount > 0', name=op.f('ck_visit_results_amount')),
    sa.ForeignKeyConstraint(['kind_id'], ['result_kinds.id'], name=op.f('fk_visit_results_kind_id')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_visit_results_visit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_results')),
    sa.UniqueConstraint('visit_id', 'kind_id', name=op.f('uq_visit_results_visit_id_kind_id')),
    comment='claimed once per visit; confirmed with the visit'
    )
    with op.batch_alter_table('visit_results', schema=None) as batch_op:
        batch_op.create_index('ix_visit_results_counting', ['visit_id', 'kind_id', 'amount'], unique=False)
        batch_op.create_index(batch_op.f('ix_visit_results_kind_id'), ['kind_id'], unique=False)




def downgrade() -> None:

    with op.batch_alter_table('visit_results', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_visit_results_kind_id'))
        batch_op.drop_index('ix_visit_results_counting')

    op.drop_table('visit_results')
    op.drop_table('visit_photos')
    with op.batch_alter_table('served_units', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_served_units_organisation_id'))

    op.drop_table('served_units')
    with op.batch_alter_table('participants', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_participants_person_id'))
        batch_op.drop_index('ix_participants_counting')
        batch_op.drop_index(batch_op.f('ix_participants_appointment_id'))

    op.drop_table('participants')
    with op.batch_alter_table('confirmations', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_confirmations_visit_id'))

    op.drop_table('confirmations')
    with op.batch_alter_table('visits', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_visits_writer_id'))
        batch_op.drop_index('ix_visits_service_date_id')
        batch_op.drop_index('ix_visits_region_code_state_id')
        batch_op.drop_index(batch_op.f('ix_visits_match_id'))
        batch_op.drop_index(batch_op.f('ix_visits_demand_id'))
        batch_op.drop_index('ix_visits_counting')

    op.drop_table('visits')
    with op.batch_alter_table('agreements', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_agreements_served_unit_id'))

    op.drop_table('agreements')
    with op.batch_alter_table('proposal_refusals', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_proposal_refusals_offer_id'))

    op.drop_table('proposal_refusals')
    with op.batch_alter_table('matches', schema=None) as batch_op:
        batch_op.drop_index('uq_matches_one_open_a_pair', sqlite_where=sa.text("state IN ('invited', 'applied', 'accepted')"), postgresql_where=sa.text("state IN ('invited', 'applied', 'accepted')"))
        batch_op.drop_index('ix_matches_commissioner_id_state')

    op.drop_table('matches')
    with op.batch_alter_table('declared_cover', schema=None) as batch_op:
        batch_op.drop_index('ix_declared_cover_region_code_industry_id')

    op.drop_table('declared_cover')
    with op.batch_alter_table('team_members', schema=None) as batch_op:
        batch_op.drop_index('uq_team_members_one_leader', sqlite_where=sa.text('leads AND ends IS NULL'), postgresql_where=sa.text('leads AND ends IS NULL'))
        batch_op.drop_index(batch_op.f('ix_team_members_person_id'))

    op.drop_table('team_members')
    with op.batch_alter_table('signed_in_sessions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_signed_in_sessions_account_id'))

    op.drop_table('signed_in_sessions')
    with op.batch_alter_table('offers', schema=None) as batch_op:
        batch_op.drop_index('ix_offers_state_id')
        batch_op.drop_index(batch_op.f('ix_offers_industry_id'))
        batch_op.drop_index(batch_op.f('ix_offers_commissioner_id'))

    op.drop_table('offers')
    with op.batch_alter_table('commissioner_industries', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_commissioner_industries_industry_id'))

    op.drop_table('commissioner_industries')
    with op.batch_alter_table('appointments', schema=None) as batch_op:
        batch_op.drop_index('uq_appointments_one_a_year', sqlite_where=sa.text("state = 'in_force'"), postgresql_where=sa.text("state = 'in_force'"))
        batch_op.drop_index(batch_op.f('ix_appointments_import_batch_id'))
        batch_op.drop_index(batch_op.f('ix_appointments_county_code'))
        batch_op.drop_index('ix_appointments_counting')
        batch_op.drop_index(batch_op.f('ix_appointments_commissioner_id'))

    op.drop_table('appointments')
    with op.batch_alter_table('grants', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_grants_account_id'))

    op.drop_table('grants')
    with op.batch_alter_table('demand_steps', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_demand_steps_demand_id'))

    op.drop_table('demand_steps')
    op.drop_table('demand_photos')
    with op.batch_alter_table('commissioners', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_commissioners_source'))
        batch_op.drop_index(batch_op.f('ix_commissioners_sending_unit_id'))
        batch_op.drop_index('ix_commissioners_pinyin_id')
        batch_op.drop_index(batch_op.f('ix_commissioners_initials'))
        batch_op.drop_index(batch_op.f('ix_commissioners_county_code'))

    op.drop_table('commissioners')
    with op.batch_alter_table('people', schema=None) as batch_op:
        batch_op.drop_index('ix_people_pinyin_id')
        batch_op.drop_index(batch_op.f('ix_people_phone_hash'))
        batch_op.drop_index(batch_op.f('ix_people_name'))
        batch_op.drop_index(batch_op.f('ix_people_initials'))
        batch_op.drop_index(batch_op.f('ix_people_employer_id'))

    op.drop_table('people')
    op.drop_table('import_workbooks')
    with op.batch_alter_table('import_effects', schema=None) as batch_op:
        batch_op.drop_index('ix_import_effects_batch_id')

    op.drop_table('import_effects')
    with op.batch_alter_table('demands', schema=None) as batch_op:
        batch_op.drop_index('ix_demands_state_id')
        batch_op.drop_index('ix_demands_region_code_state_id')
        batch_op.drop_index(batch_op.f('ix_demands_poster_id'))
        batch_op.drop_index(batch_op.f('ix_demands_organisation_id'))
        batch_op.drop_index(batch_op.f('ix_demands_industry_id'))
        batch_op.drop_index(batch_op.f('ix_demands_due_on'))
        batch_op.drop_index(batch_op.f('ix_demands_closed_on'))

    op.drop_table('demands')
    op.drop_table('set_up_links')
    with op.batch_alter_table('region_geometries', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_region_geometries_region_code'))

    op.drop_table('region_geometries')
    op.drop_table('region_aliases')
    with op.batch_alter_table('organisations', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_organisations_region_code'))
        batch_op.drop_index('ix_organisations_pinyin_id')
        batch_op.drop_index(batch_op.f('ix_organisations_name'))
        batch_op.drop_index(batch_op.f('ix_organisations_initials'))

    op.drop_table('organisations')
    with op.batch_alter_table('industries', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_industries_parent_id'))

    op.drop_table('industries')
    with op.batch_alter_table('import_batches', schema=None) as batch_op:
        batch_op.drop_index('ix_import_batches_made_at_id')
        batch_op.drop_index(batch_op.f('ix_import_batches_county_code'))

    op.drop_table('import_batches')
    with op.batch_alter_table('held_forms', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_held_forms_account_id'))

    op.drop_table('held_forms')
    op.drop_table('stored_files')
    op.drop_table('result_kinds')
    with op.batch_alter_table('regions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_regions_rank'))
        batch_op.drop_index(batch_op.f('ix_regions_parent_code'))

    op.drop_table('regions')
    op.drop_table('offer_changes')
    op.drop_table('offer_change_head')
    op.drop_table('named_periods')
    with op.batch_alter_table('login_failures', schema=None) as batch_op:
        batch_op.drop_index('ix_login_failures_login_hash_at')
        batch_op.drop_index('ix_login_failures_address_hash_at')

    op.drop_table('login_failures')
    op.drop_table('industry_schemes')
    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.drop_index('ix_events_subject')
        batch_op.drop_index(batch_op.f('ix_events_account_id'))

    op.drop_table('events')
    op.drop_table('boundary_versions')
    op.drop_table('accounts')

