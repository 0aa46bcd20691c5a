"""Whether a person in a roster is somebody known: by identity number, name and phone, name and unit; else in doubt.

A name alone never decides: China has many of the same name, and both a wrong merging and a double entry spoil the
count of persons (名). What a person must decide comes with whom it may be.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.rosters.cells import folded
from app.domain.rosters.entries import Mention
from app.domain.rosters.known import Known, KnownPerson
from app.domain.vocabulary import Labelled

NEW = "new"  # the answer 不同人: nobody of those proposed


class Certainty(Labelled):
    """How it is known who is meant; only a sure match adds to what is on record about the person."""

    SURE = ("sure", "证件或电话相同")
    LIKELY = ("likely", "姓名和单位相同")
    NEW = ("new", "新增")
    DOUBTFUL = ("doubtful", "存疑")
    REFUSED = ("refused", "不能导入")


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be meant; `answer` is what the form sends back for 同一人."""

    answer: str
    said: str


@dataclass(frozen=True)
class Identified:
    """Who a mention is: `person_id` of somebody known, else `handle` of the first mention of the same new person."""

    certainty: Certainty
    handle: str
    person: KnownPerson | None = None
    candidates: tuple[Candidate, ...] = ()
    words: str = ""


@dataclass
class _InFile:
    """A person met earlier in the workbook, with all that its mentions told."""

    mention: Mention
    identified: Identified


@dataclass
class PersonFinder:
    """Finds who is meant, mention by mention in the order of the workbook; `answers` are a person's decisions."""

    known: Known
    answers: Mapping[str, str] = field(default_factory=dict)
    _numbers: dict[str, _InFile] = field(default_factory=dict)
    _names: dict[str, list[_InFile]] = field(default_factory=dict)

    def find(self, mention: Mention, county_if_individual: str = "") -> Identified:
        """Who is meant. `county_if_individual`: the recommending county where the row appoints this person alone."""
        found = self._by_number(mention) or self._by_phone(mention) or self._by_name(mention, county_if_individual)
        if found.certainty is not Certainty.REFUSED:
            self._remember(mention, found)
        return found

    def _remember(self, mention: Mention, found: Identified) -> None:
        met = _InFile(mention, found)
        if mention.id_number:
            self._numbers.setdefault(mention.id_number, met)
        self._names.setdefault(mention.name, []).append(met)

    def _by_number(self, mention: Mention) -> Identified | None:
        if not mention.id_number:
            return None
        met = self._numbers.get(mention.id_number)
        if met is not None:
            if met.mention.name != mention.name:
                words = f"与第{met.mention.row}行身份证号相同、姓名不同，请核对是哪一行填错。"
                return Identified(Certainty.REFUSED, mention.key, words=words)
            return met.identified
        person = self.known.by_number.get(mention.id_number)
        if person is None:
            return None
        if person.name != mention.name:
            words = "这个身份证号已登记在另一个姓名之下，请核对姓名和身份证号；登记有误请先在名册中更正。"
            return Identified(Certainty.REFUSED, mention.key, words=words)
        return _is(person, Certainty.SURE)

    def _by_phone(self, mention: Mention) -> Identified | None:
        if not mention.phone:
            return None
        met = next((m for m in self._names.get(mention.name, ()) if m.mention.phone == mention.phone), None)
        if met is not None and not (mention.id_number and met.mention.id_number):
            return met.identified
        person = next((p for p in self.known.by_name.get(mention.name, ()) if p.phone == mention.phone), None)
        if person is not None and not (mention.id_number and person.has_number):
            return _is(person, Certainty.SURE)
        if person is None and met is None:
            return None
        return self._asked(mention, [person] if person else [], [met] if met else [], "姓名和电话相同，身份证号不同")

    def _by_name(self, mention: Mention, county: str) -> Identified:
        people = [p for p in self.known.by_name.get(mention.name, ()) if not (mention.id_number and p.has_number)]
        met = [
            m
            for m in self._names.get(mention.name, ())
            if not (mention.id_number and m.mention.id_number) and m.identified.person not in people
        ]
        if not people and not met:
            return Identified(Certainty.NEW, mention.key)
        near = [p for p in people if p.works_at(mention.employer) and not (mention.phone and p.has_phone)]
        here = [m for m in met if _same_unit(m.mention, mention) and not (mention.phone and m.mention.phone)]
        if len(near) == 1 and not here:
            return _is(near[0], Certainty.LIKELY, "按姓名和单位认定为已登记的同一人")
        if here and not near and len({m.identified.handle for m in here}) == 1:
            return here[0].identified
        if len(people) == 1 and not met and self._listed_before(people[0], mention, county):
            return _is(people[0], Certainty.LIKELY, "姓名、县和选认都与已登记的一致")
        return self._asked(mention, people, met, "与已有人员或本表其他行同名，没有身份证号可以核对")

    @staticmethod
    def _listed_before(person: KnownPerson, mention: Mention, county: str) -> bool:
        """Whether the only namesake holds just this appointment and nothing speaks against him or her."""
        contradicted = (mention.phone and person.has_phone) or (
            mention.employer and person.units and not person.works_at(mention.employer)
        )
        return bool(county) and person.holds_in == county and not contradicted

    def _asked(self, mention: Mention, people: list[KnownPerson], met: list[_InFile], words: str) -> Identified:
        """What was answered; in doubt while nothing was."""
        candidates = [Candidate(f"person:{person.uid}", person.said or person.name) for person in people]
        first_met = {m.identified.handle: m for m in reversed(met)}  # rows that mean one person are one candidate
        met = [m for m in met if first_met[m.identified.handle] is m]
        candidates += [Candidate(f"row:{m.mention.key}", _said_in_file(m.mention)) for m in met]
        answer = self.answers.get(mention.key, "")
        if answer == NEW:
            return Identified(Certainty.NEW, mention.key)
        for person in people:
            if answer == f"person:{person.uid}":
                return _is(person, Certainty.LIKELY, "经核对是已登记的同一人")
        for m in met:
            if answer == f"row:{m.mention.key}" and m.identified.certainty is not Certainty.DOUBTFUL:
                return m.identified
        return Identified(Certainty.DOUBTFUL, mention.key, candidates=tuple(candidates), words=words)


def _is(person: KnownPerson, certainty: Certainty, words: str = "") -> Identified:
    return Identified(certainty, f"person:{person.uid}", person, words=words)


def _same_unit(one: Mention, other: Mention) -> bool:
    return bool(one.employer) and folded(one.employer) == folded(other.employer)


def _said_in_file(mention: Mention) -> str:
    return f"本表第{mention.row}行的{mention.name}" + (f"（{mention.employer}）" if mention.employer else "")
