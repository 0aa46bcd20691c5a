"""Alembic's entry: one code for SQLite (batch mode) and PostgreSQL, online on a given connection or offline as SQL."""

from alembic import context

from app.storage.columns import Moment
from app.storage.session import make_engine
from app.tables import Base
from config import settings_from_environment


def render_item(kind, item, autogen_context):
    if kind == "type" and isinstance(item, Moment):
        autogen_context.imports.add("from app.storage.columns import Moment")
        return "Moment()"
    return False


def run(connection=None, **options):
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=True,
        **options,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if context.is_offline_mode():
    run(url=settings_from_environment().database_url, literal_binds=True)
elif given is not None:
    run(given)
else:
    with make_engine(settings_from_environment().database_url).connect() as own:
        run(own)
        own.commit()
