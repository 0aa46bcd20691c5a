"""The declarative base: naming of constraints, and columns that hold the policy's closed sets by value."""

from enum import Enum as PythonEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of the platform hangs on this metadata."""

    metadata = sa.MetaData(naming_convention=NAMING)


def choice(enum: type[PythonEnum], name: str, **column: Any) -> Mapped[Any]:
    """A column that stores an enum of the policy by value, checked by the database too.

    `name` names the check constraint (the naming convention prefixes it with the table).
    """
    kind = sa.Enum(
        enum,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        length=32,
        validate_strings=True,
        name=name,
    )
    return mapped_column(kind, **column)
