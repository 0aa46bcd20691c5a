"""How one row is read: every cell by its column's rule, every refusal kept with its column, value and reason."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from app.domain import identity
from app.domain.appointments import check_cover, check_term
from app.domain.refusals import RuleBroken
from app.domain.rosters import cells
from app.domain.rosters.entries import Mention, Problem, Setting
from app.domain.rosters.headings import Field, Headings
from app.domain.rosters.industries import IndustryBook
from app.domain.rosters.places import PlaceBook, within
from app.domain.rosters.terms import Term, read_term, read_year
from app.domain.rosters.workbook import Sheet, SheetRow, Value
from app.domain.vocabulary import Ground, Kind, Level, Source

Read = TypeVar("Read")

_FOREIGN_PAPERS = frozenset({Source.TAIWAN, Source.HONGKONG_MACAO, Source.ABROAD})
_LEADS = re.compile(r"负责|组长|队长|团长|首席|带头|牵头|领队|^是$")
_IN_BRACKETS = re.compile(r"[(（]([^)）]*)[)）]")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_UNIT_ENDS = re.compile(r"(局|所|院|校|公司|中心|站|大学|社|厂|场|学院|协会|委|部|室|集团)")


@dataclass(frozen=True)
class Books:
    """What reading a roster looks up."""

    places: PlaceBook
    industries: IndustryBook
    setting: Setting


@dataclass
class RowReader:
    """Reads one row. A refused cell leaves a problem and gives None: all problems of a row are told at once."""

    books: Books
    sheet: Sheet
    headings: Headings
    row: SheetRow
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def value(self, column: Field) -> Value:
        return self.headings.value(self.row, column)

    def refuse(self, column: Field, value: Value, reason: str) -> None:
        shown = cells.shown(column, value)
        reason = cells.without_numbers(reason)
        self.problems.append(Problem(self.sheet.name, self.row.number, self.headings.word(column), shown, reason))

    def note(self, words: str) -> None:
        if words and words not in self.notes:
            self.notes.append(words)

    def read(self, column: Field, rule: Callable[[Value], Read]) -> Read | None:
        """What `rule` makes of the cell; None where it refuses."""
        value = self.value(column)
        try:
            return rule(value)
        except RuleBroken as broken:
            self.refuse(column, value, broken.message)
            return None

    def text(self, column: Field, most: int = 200) -> str:
        """The cell as text; "" where it is empty or refused."""
        return self.read(column, lambda v: cells.bounded(cells.text_of(v), most, column.label)) or ""

    # ----- what the appointment is

    def kind(self) -> Kind:
        """个人, 团队 or 法人: as the row says, else as the sheet is called, else by what is filled; else 个人."""
        stated = self.read(Field.KIND, lambda v: cells.kind(cells.text_of(v)))
        if stated is not None:
            return stated
        if not self.headings.has(Field.KIND):
            for kind in (Kind.TEAM, Kind.ENTITY):
                if kind.label in self.sheet.name and Kind.INDIVIDUAL.label not in self.sheet.name:
                    return kind
        if self.value(Field.NAME) is not None:
            return Kind.INDIVIDUAL
        if self.value(Field.TEAM) is not None or self.value(Field.LEADER) is not None:
            return Kind.TEAM
        return Kind.ENTITY if self.value(Field.ENTITY) is not None else Kind.INDIVIDUAL

    def check_level_and_year(self) -> None:
        """A row of another level or year belongs into an import of its own: refused, never bent."""
        setting = self.books.setting
        level: Level | None = self.read(Field.LEVEL, lambda v: cells.level(cells.text_of(v)))
        if level is not None and level is not setting.level:
            reason = f"本次导入的是{setting.level.label}，这一行是{level.label}。请按级别分开导入。"
            self.refuse(Field.LEVEL, self.value(Field.LEVEL), reason)
        year = self.read(Field.YEAR, read_year)
        if year is not None and year != setting.year:
            reason = f"本次导入的是{setting.year}年度，这一行是{year}年度。请按年度分开导入，或改正年度。"
            self.refuse(Field.YEAR, self.value(Field.YEAR), reason)

    def county(self) -> str:
        """The recommending county: of the row, else of the import, the sheet, its titles, or the unit's name."""
        places, setting = self.books.places, self.books.setting
        stated = self.read(Field.COUNTY, lambda v: places.county(cells.text_of(v)) if cells.text_of(v) else None)
        if stated is not None:
            code, note = stated
            self.note(note)
        elif any(p.column == self.headings.word(Field.COUNTY) for p in self.problems):
            return ""
        else:
            code = self._county_not_stated()
        if code and not within(setting.territory, code):
            reason = f"{places.names[code]}不在您的辖区，只能导入本地推荐的人员。请由该地科技局导入。"
            self.refuse(Field.COUNTY, self.value(Field.COUNTY) or places.names[code], reason)
        return code

    def _county_not_stated(self) -> str:
        places, setting = self.books.places, self.books.setting
        if setting.county_code:
            return setting.county_code
        if setting.territory and len(setting.territory) == 6 and setting.territory != places.city_code:
            return setting.territory
        for where, words in (("工作表名或标题", self.headings.titles), ("工作单位", self._unit_text())):
            code = places.county_in(words)
            if code:
                self.note(f"没有写县，按{where}记为{places.names[code]}")
                return code
        if setting.level is Level.COUNTY:
            reason = "县级选认要写明推荐的县（市、区）。请加一列“县（市、区）”，或把工作表改名为县名。"
            self.refuse(Field.COUNTY, None, reason)
            return ""
        self.note(f"没有写县，记为{places.city_name}（市直）")
        return places.city_code

    def _unit_text(self) -> str:
        return str(self.value(Field.EMPLOYER) or self.value(Field.SENDING_UNIT) or "")

    def term(self) -> Term | None:
        setting = self.books.setting
        column = next((c for c in (Field.ENDS, Field.BEGINS, Field.TERM) if self.value(c) is not None), Field.TERM)
        begins, ends = self.value(Field.BEGINS), self.value(Field.ENDS)
        try:
            found = read_term(self.value(Field.TERM), begins, ends, setting.usual_term, self.sheet.epoch)
            check_term(setting.year, found.begins, found.ends, setting.today)
        except RuleBroken as broken:
            column = {"begins": Field.BEGINS, "ends": Field.ENDS}.get(broken.field or "", column)
            column = column if self.value(column) is not None else self._filled_term(column)
            self.refuse(column, self.value(column), broken.message)
            return None
        self.note(found.note)
        return found

    def _filled_term(self, column: Field) -> Field:
        return next((c for c in (Field.TERM, Field.BEGINS, Field.ENDS) if self.value(c) is not None), column)

    def source(self, county: str) -> Source:
        stated = self.read(Field.SOURCE, lambda v: cells.source(cells.text_of(v)))
        if stated is not None:
            return stated
        return Source.CITY if county == self.books.places.city_code else Source.COUNTY

    def ground(self) -> Ground:
        text = self.text(Field.GROUND)
        found = cells.ground(text)
        if found is None:
            self.note(f"选认依据“{text[:20]}”对不上三种依据，记为未注明")
        return found or Ground.NOT_STATED

    # ----- what it covers

    def industries(self) -> tuple[int, ...]:
        """Industries of the row's own column, else those its specialities tell."""
        book, text = self.books.industries, self.text(Field.INDUSTRY, 300)
        if text:
            ids, unknown = book.read(text)
            return tuple(ids + self._unknown_industry(unknown, ids))
        ids, _ = book.read(self.text(Field.SPECIALITY, 300))
        if ids:
            self.note("没有写产业，按专业特长记为" + "、".join(book.titles[id_] for id_ in ids))
        return tuple(ids)

    def _unknown_industry(self, written: list[str], known: list[int]) -> list[int]:
        """其他 for what the dictionary does not hold, said with the two ways out; nothing is guessed."""
        if not written:
            return []
        words, other = "、".join(written)[:40], self.books.industries.other
        made = f"记为“{other.title}”" if other else "这一项不登记"
        self.note(f"产业“{words}”不在产业字典中，{made}；要按别的产业记，请改成字典里的名称再传，或请市科技局补进字典")
        return [other.id] if other and other.id not in known else []

    def cover(self, county: str, industries: tuple[int, ...]) -> tuple[tuple[str, int], ...]:
        """The declared pairs of place and industry; places outside the recommending county are refused."""
        places, home = self.books.places, county
        service = self.read(
            Field.SERVICE_COUNTY, lambda v: places.county(cells.text_of(v)) if cells.text_of(v) else None
        )
        if service is not None:
            home = service[0]
        text = self.text(Field.TOWNSHIPS, 1_000)
        if not county:
            return ()
        codes, notes, refused = places.service_areas(text, home)
        if not text and service is not None and home != places.city_code:
            codes = [home]
        for note in notes:
            self.note(note)
        for written, reason in refused:
            self.refuse(Field.TOWNSHIPS, written, reason)
        try:
            check_cover(county, codes, places.names)
        except RuleBroken as broken:
            self.refuse(Field.TOWNSHIPS, text or self.value(Field.SERVICE_COUNTY), broken.message)
            return ()
        other = self.books.industries.other
        if codes and not industries and other is not None:
            self.note(f"没有写产业，服务乡镇记在“{other.title}”下")
            industries = (other.id,)
        return tuple((code, id_) for code in codes for id_ in industries)

    # ----- who is meant

    def person(self, key: str, source: Source) -> Mention | None:
        """The person whom the row's own columns name."""
        name = self.read(Field.NAME, lambda v: cells.person_name(cells.text_of(v)))
        number = self._id_number(Field.ID_NUMBER, source)
        phone = self.read(Field.PHONE, cells.phone)
        gender = self.text(Field.GENDER, 20)
        if not cells.gender_fits(gender, number):
            self.note(f"性别写的是{gender}，与身份证号不一致，请核对")
        employer = self.text(Field.EMPLOYER) or self.text(Field.SENDING_UNIT)
        title, education = self.text(Field.TITLE, 60), self.text(Field.EDUCATION, 40)
        if name is None:
            return None
        return Mention(key, self.row.number, name, number, phone, employer, title, education)

    def _id_number(self, column: Field, source: Source) -> str | None:
        """The identity number; papers of another kind (台胞证, passports) are not kept."""
        if source in _FOREIGN_PAPERS and len(cells.folded(cells.text_of(self.value(column)))) < 15:
            if self.value(column) is not None:
                self.note("证件不是居民身份证，证件号不登记")
            return None
        return self.read(column, lambda v: cells.id_number(v, self.books.setting.today))

    def leader(self, key: str) -> Mention | None:
        """The person in the column 负责人."""
        name = self.read(Field.LEADER, lambda v: cells.person_name(cells.text_of(v)))
        number = self.read(Field.LEADER_ID, lambda v: cells.id_number(v, self.books.setting.today))
        phone = self.read(Field.LEADER_PHONE, cells.phone)
        return Mention(key, self.row.number, name, number, phone) if name else None

    def members(self, key: str) -> list[Mention]:
        """The persons in the column 成员: 张某（某单位）、李某13900000000."""
        text = self.text(Field.MEMBERS, 2_000)
        whole = _IN_BRACKETS.sub(lambda m: m[0].replace("、", " ").replace("，", " ").replace(",", " "), text)
        found = []
        for place, part in enumerate(cells.listed(whole)):
            inside = " ".join(_IN_BRACKETS.findall(part))
            phone = _MOBILE.search(part)
            try:
                name = cells.person_name(_MOBILE.sub("", _IN_BRACKETS.sub("", part)))
            except RuleBroken as broken:
                self.refuse(Field.MEMBERS, part, broken.message)
                continue
            unit = _MOBILE.sub("", inside).strip() if _UNIT_ENDS.search(inside) else ""
            mobile = phone[0] if phone else None
            found.append(Mention(f"{key}-m{place}", self.row.number, name, None, mobile, cells.text_of(unit)[:200]))
        return found

    def leads(self) -> bool:
        """Whether the column 负责人/成员 says that the row's person leads the team."""
        return bool(_LEADS.search(self.text(Field.ROLE)))

    def credit_code(self) -> str | None:
        def rule(value: Value) -> str | None:
            text = cells.folded(cells.text_of(value)).upper()
            return identity.credit_code(text) if text else None

        return self.read(Field.CREDIT_CODE, rule)
