"""A whole workbook: which sheets and rows count, and what each row, or the rows of a team together, ask for."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.domain.refusals import RuleBroken
from app.domain.rosters import cells
from app.domain.rosters.entries import EntityFacts, Entry, Mention, Problem, Reading
from app.domain.rosters.headings import NAMING, PASSED_OVER, Field, Headings, find_headings
from app.domain.rosters.rows import Books, RowReader
from app.domain.rosters.workbook import Sheet, SheetRow, Value
from app.domain.vocabulary import Kind, Source

# With these a row below the roster begins that is no person's: sums, remarks, who filled it in.
_SUM = re.compile(r"^(合计|总计|小计|共计)")
_CLOSING = re.compile(
    r"^(合计|总计|小计|共计|备注|注[:：.、意\d(（]|注$|说明|填表|填报|制表|制单|审核|审批|复核|负责人签|签字|签章|盖章"
    r"|单位.{0,6}盖章|联系人|日期|附件|以上)"
)
NO_HEADINGS = (
    "没有找到表头。请确认名册有一行列名，至少写明“姓名”（团队写“团队名称”，法人写“单位名称”），"
    "列的顺序不限；也可以下载导入模板，把内容贴进去。"
)
NO_ROWS = "名册里没有人员。请确认选对了文件，人员写在表头下面。"


def read_roster(sheets: Sequence[Sheet], books: Books) -> Reading:
    """Every appointment that a workbook asks for, in its order.

    Refused (RuleBroken, field workbook): no sheet has headings, or nobody stands below them.
    """
    entries: list[Entry] = []
    remarks: list[str] = []
    found_any = False
    for place, sheet in enumerate(sheets):
        if not sheet.rows:
            continue
        headings = find_headings(sheet)
        if headings is None:
            remarks.append(f"工作表“{sheet.name}”没有可识别的表头，未读取")
            continue
        if sheet.hidden:
            remarks.append(f"工作表“{sheet.name}”是隐藏的，未读取")
            continue
        found_any = True
        if headings.unread:
            remarks.append(f"工作表“{sheet.name}”中未读取的列：{'、'.join(headings.unread)}")
        entries += _entries_of(place, sheet, headings, books)
    if not found_any:
        raise RuleBroken(NO_HEADINGS, field="workbook")
    if not entries:
        raise RuleBroken(NO_ROWS, field="workbook")
    return Reading(tuple(entries), tuple(remarks))


def data_rows(sheet: Sheet, headings: Headings) -> Iterator[SheetRow]:
    """The rows below the headings that speak of somebody: no repeated headings, sums, remarks or bare numbers."""
    told = [place for column, places in headings.columns.items() if column not in PASSED_OVER for place in places]
    naming = [place for column in NAMING for place in headings.columns.get(column, ())]
    for row in sheet.rows[headings.first_data_row :]:
        filled = [place for place in told if _says_something(row.value(place))]
        if not filled or headings.repeats(row) or _closes(row, naming):
            continue
        if len(filled) == 1 and filled[0] not in naming and len(told) > 2:
            continue  # a stray word, or a cell merged over an empty row
        yield row


def _says_something(value: Value) -> bool:
    return value is not None and (not isinstance(value, str) or value.strip().lower() not in cells.NOTHING)


def _closes(row: SheetRow, naming: Sequence[int]) -> bool:
    """Whether a row is a sum or a remark: such a word comes first, and no name stands beside it."""
    first_place, first = next((place, value) for place, value in enumerate(row.values) if value is not None)
    if not isinstance(first, str) or not _CLOSING.match(re.sub(r"\s", "", first)):
        return False
    if _SUM.match(re.sub(r"\s", "", first)) and first_place not in naming:
        return True  # 合计 under 序号, and "2人" under 姓名
    return not any(_says_something(row.value(place)) for place in naming if place != first_place)


@dataclass(frozen=True)
class _Line:
    """One row as read, before rows of one team come together."""

    entry: Entry
    leads: bool


def _entries_of(place: int, sheet: Sheet, headings: Headings, books: Books) -> list[Entry]:
    teams: dict[tuple[str, str], list[_Line]] = {}
    ordered: list[Entry | list[_Line]] = []
    for row in data_rows(sheet, headings):
        line = _read_row(f"{place + 1}-{row.number}", RowReader(books, sheet, headings, row))
        if line.entry.kind is not Kind.TEAM or not line.entry.name:
            ordered.append(line.entry)
            continue
        together = teams.get((line.entry.name, line.entry.county_code))
        if together is None:
            ordered.append(teams.setdefault((line.entry.name, line.entry.county_code), [line]))
        else:
            together.append(line)
    return [item if isinstance(item, Entry) else _one_team(item) for item in ordered]


def _read_row(key: str, reader: RowReader) -> _Line:
    kind = reader.kind()
    reader.check_level_and_year()
    county = reader.county()
    source = reader.source(county)
    people: list[Mention] = []
    entity, leads = None, False
    if kind is Kind.INDIVIDUAL:
        found = reader.person(key, source)
        people, name = ([found], found.name) if found else ([], _written_name(reader))
        if not reader.headings.has(Field.KIND) and reader.value(Field.TEAM) is not None:
            reader.note("没有“类别”列，按个人导入")
    elif kind is Kind.TEAM:
        people, name, leads = _team_row(key, reader, source)
    else:
        entity, name = _entity_row(reader)
    term, industries = reader.term(), reader.industries()
    entry = Entry(
        key=key,
        sheet=reader.sheet.name,
        rows=(reader.row.number,),
        kind=kind,
        name=name,
        county_code=county,
        people=tuple(people),
        entity=entity,
        sending_unit=reader.text(Field.SENDING_UNIT) or ("" if kind is Kind.ENTITY else reader.text(Field.EMPLOYER)),
        source=source,
        specialities=reader.text(Field.SPECIALITY, 300),
        industry_ids=industries,
        ground=reader.ground(),
        document=reader.text(Field.DOCUMENT, 120) or reader.books.setting.document,
        cover=reader.cover(county, industries),
    )
    if term is not None:
        entry = replace(entry, begins=term.begins, ends=term.ends)
    return _Line(replace(entry, problems=tuple(dict.fromkeys(reader.problems)), notes=tuple(reader.notes)), leads)


def _written_name(reader: RowReader) -> str:
    return cells.shown(Field.NAME, reader.value(Field.NAME))


def _team_row(key: str, reader: RowReader, source: Source) -> tuple[list[Mention], str, bool]:
    """(persons, the team's name, whether its leader is named) of a row of a team.

    Two ways are common: one row a team (负责人, 成员), or one row a member (姓名, 负责人/成员).
    """
    name = reader.text(Field.TEAM)
    lone_name = not name and reader.value(Field.LEADER) is not None
    if lone_name:
        name = reader.text(Field.NAME)  # one column for the names of people and teams alike
    if not name:
        reader.refuse(Field.TEAM, None, "团队要写团队名称，请补上。")
    leader = reader.leader(f"{key}-l") if reader.value(Field.LEADER) is not None else None
    people = [leader] if leader else []
    leads = leader is not None
    if reader.value(Field.NAME) is not None and not lone_name:
        own = reader.person(key, source)
        if own is not None and reader.leads() and not people:
            leads = True
        people += [own] if own else []
    return _once(people + reader.members(key)), name, leads


def _entity_row(reader: RowReader) -> tuple[EntityFacts | None, str]:
    name = reader.text(Field.ENTITY)
    contact = ""
    if name:
        contact = reader.text(Field.NAME, 60)
    else:
        name = reader.text(Field.NAME) or reader.text(Field.EMPLOYER)
    code, phone = reader.credit_code(), reader.read(Field.PHONE, cells.phone)
    if not name:
        reader.refuse(Field.ENTITY, None, "法人科技特派员要写单位名称，请补上。")
        return None, ""
    contact = contact or reader.text(Field.LEADER, 60)
    return EntityFacts(name, cells.organisation_kind(name), code, contact, phone), name


def _once(people: Iterable[Mention]) -> list[Mention]:
    """A team's persons without repetition: 负责人 also stands among the members; what each mention tells is joined."""
    found: list[Mention] = []
    for person in people:
        for place, known in enumerate(found):
            if known.name == person.name and not _apart(known, person):
                found[place] = replace(
                    known,
                    id_number=known.id_number or person.id_number,
                    phone=known.phone or person.phone,
                    employer=known.employer or person.employer,
                    title=known.title or person.title,
                    education=known.education or person.education,
                )
                break
        else:
            found.append(person)
    return found


def _apart(one: Mention, other: Mention) -> bool:
    """Whether two mentions of one name in one team are surely two persons."""
    return bool(one.id_number and other.id_number and one.id_number != other.id_number)


def _one_team(lines: Sequence[_Line]) -> Entry:
    """The rows of a team together: the leader's row counts where rows differ; places and industries are joined."""
    base = next((line for line in lines if line.leads), lines[0])
    ordered = [base, *(line for line in lines if line is not base)]
    entries = [line.entry for line in ordered]
    people = _once(person for entry in entries for person in entry.people)
    notes = list(dict.fromkeys(note for entry in entries for note in entry.notes))
    problems = [problem for line in lines for problem in line.entry.problems]
    if not base.leads and people:
        notes.append(f"没有注明负责人，按第一位{people[0].name}")
    whole = replace(
        base.entry,
        key=lines[0].entry.key,
        rows=tuple(sorted(row for entry in entries for row in entry.rows)),
        people=tuple(people),
        sending_unit=next((entry.sending_unit for entry in entries if entry.sending_unit), ""),
        specialities=next((entry.specialities for entry in entries if entry.specialities), ""),
        document=next((entry.document for entry in entries if entry.document), ""),
        industry_ids=tuple(dict.fromkeys(id_ for entry in entries for id_ in entry.industry_ids)),
        cover=tuple(dict.fromkeys(pair for entry in entries for pair in entry.cover)),
        problems=tuple(problems),
        notes=tuple(notes),
    )
    return whole if people or problems else _without_people(whole)


def _without_people(team: Entry) -> Entry:
    reason = "团队要写负责人，请补上“负责人”一列，或每名成员一行并注明谁是负责人。"
    return replace(team, problems=(Problem(team.sheet, team.row, Field.LEADER.label, "", reason),))
