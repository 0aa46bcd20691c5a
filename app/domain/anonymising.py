"""When a person's values may be taken out for good: what must be finished before, and why it is done.

Nothing that counted is deleted (decision 17): the person stays one of the counted, without name, number or phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.refusals import RuleBroken
from app.domain.vocabulary import Labelled


class Because(Labelled):
    """Why. A closed set, so that nobody writes a name into the trail at the moment of taking it out."""

    ASKED = ("asked", "本人（或亲属）提出")
    KEPT_LONG_ENOUGH = ("kept_long_enough", "保存期限已过")
    BY_MISTAKE = ("by_mistake", "登记有误，不应保存")


@dataclass(frozen=True)
class Leaving:
    """What still hangs on a person on a day; `serves_until`: the last day of an appointment, own or a team's."""

    name: str
    anonymised: bool = False
    serves_until: date | None = None
    open_matches: int = 0
    waiting_visits: int = 0
    running_agreements: int = 0
    other_roles: Sequence[str] = ()
    elsewhere: Sequence[str] = ()


def hindrances(leaving: Leaving) -> list[str]:
    """What stands in the way, each with what to do about it; empty when nothing does."""
    if leaving.anonymised:
        return ["这个人的信息已经匿名化，不需要再办。"]
    found = []
    if leaving.elsewhere:
        found.append(f"在{'、'.join(leaving.elsewhere)}也有记录，请由市科技局办理。")
    if leaving.serves_until:
        found.append(f"还在任，任期到 {leaving.serves_until}。请等任期结束，或先撤销选认、退出团队。")
    if leaving.open_matches:
        found.append(f"还有 {leaving.open_matches} 件对接没有办完。请先办结需求，或解除对接。")
    if leaving.waiting_visits:
        found.append(f"还有 {leaving.waiting_visits} 条服务记录等着审核。请先审核。")
    if leaving.running_agreements:
        found.append(f"还有 {leaving.running_agreements} 份三方协议没有到期。请先终止协议。")
    if leaving.other_roles:
        found.append(f"账号还担任{'、'.join(leaving.other_roles)}。请先由系统管理员收回这些角色。")
    return found


def check(leaving: Leaving) -> None:
    """Refuse while anything stands in the way."""
    found = hindrances(leaving)
    if found:
        raise RuleBroken("现在还不能匿名化：" + "".join(found))
