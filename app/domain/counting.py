"""What 名, 人次, 组次 and 家次 are: persons and appointments are two things, and every figure is derived.

名 = distinct natural persons holding an individual appointment in the span asked for. 人次 / 组次 / 家次 =
appointments of individuals / teams / legal entities whose batch year (选认年度) lies in the span. A provincial
appointment does not also count at city or county level; a person holding three levels is 1 名 at each level and
1 名 in the total, so persons are never added up. Team members are counted apart (团队成员).
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields

from app.domain.vocabulary import Kind, Level


@dataclass(frozen=True)
class AppointmentFact:
    """One appointment in force, as counting sees it. `person_id` is set for individuals only."""

    level: Level
    kind: Kind
    batch_year: int
    commissioner_id: int
    person_id: int | None


@dataclass(frozen=True)
class Headcount:
    """The four figures of a level, or of all levels together."""

    individual_people: int = 0  # 名
    individual_appointments: int = 0  # 人次
    team_appointments: int = 0  # 组次
    entity_appointments: int = 0  # 家次

    @property
    def appointments(self) -> int:
        """Appointments of all kinds together; their units differ, so pages name the three beside it."""
        return self.individual_appointments + self.team_appointments + self.entity_appointments

    def __bool__(self) -> bool:
        return any(getattr(self, f.name) for f in fields(self))


FIGURE_OF_KIND = {
    Kind.INDIVIDUAL: "individual_appointments",
    Kind.TEAM: "team_appointments",
    Kind.ENTITY: "entity_appointments",
}


def headcount(facts: Iterable[AppointmentFact]) -> Headcount:
    """Count appointments in force by kind, and the distinct persons behind the individual ones."""
    people: set[int] = set()
    figures = dict.fromkeys(FIGURE_OF_KIND.values(), 0)
    for fact in facts:
        figures[FIGURE_OF_KIND[fact.kind]] += 1
        if fact.kind is Kind.INDIVIDUAL and fact.person_id is not None:
            people.add(fact.person_id)
    return Headcount(individual_people=len(people), **figures)
