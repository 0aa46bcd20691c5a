"""How the city wants its tallies counted where no written rule is known."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.tallies import LevelRule
from app.storage import columns
from app.storage.base import Base, choice


class TallyRule(Base):
    __tablename__ = "tally_rules"
    __table_args__ = ({"comment": "the rule in force is the last row; earlier ones stay, so that old reports explain"},)

    id: Mapped[columns.key]
    level_rule: Mapped[LevelRule] = choice(LevelRule, "level_rule", comment="at which levels an appointment counts")
    decided_on: Mapped[date] = mapped_column(comment="Shanghai date")
    because: Mapped[str] = mapped_column(sa.String(300), comment="the document or reason given")
    made_at: Mapped[columns.created_at]
