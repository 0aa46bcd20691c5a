"""The weights a bureau may set: the parts of a score, their names for people, and a setting's life. Light: no numpy."""

from collections.abc import Mapping
from dataclasses import asdict

from app.domain.matching.weights import Weights
from app.domain.refusals import RuleBroken
from app.domain.vocabulary import Labelled

# The parts of a score in the order in which people read them; how texts are read is not the bureau's to set.
PARTS: dict[str, str] = {
    "subject": "同一作物、产品或同类",
    "doing": "同一事项或问题",
    "discipline": "学科对口",
    "both": "作物和学科都对口",
    "text": "字面相近",
    "leaning": "用字像同一学科",
    "focus": "专长正是所求",
    "rare": "专长少见，不是常与需求沾边",
    "distance": "距离近",
    "capacity": "今年还有时间",
    "experience": "同类服务做得多",
    "level": "级别符合要求",
    "mode": "服务方式符合要求",
    "language": "会说所要的语言",
}
LARGEST = 1.0


class SettingState(Labelled):
    PROPOSED = ("proposed", "建议")
    ADOPTED = ("adopted", "已采用")
    DROPPED = ("dropped", "未采用")


def shipped() -> dict[str, float]:
    """The weights that ship."""
    return {name: value for name, value in asdict(Weights()).items() if name in PARTS}


def weights_of(values: Mapping[str, float]) -> Weights:
    """The ranking's weights with some parts set. Refused: an unknown part, a weight outside 0 to 1."""
    for name, value in values.items():
        if name not in PARTS:
            raise RuleBroken(f"没有叫“{name}”的权重。")
        if not 0 <= value <= LARGEST:
            raise RuleBroken(f"权重“{PARTS[name]}”是{value}，应在0到1之间。")
    return Weights().varied(**values)


def shares_of(values: Mapping[str, float]) -> dict[str, float]:
    """What each part is of a whole score under these weights; together 1."""
    return dict(weights_of(values).scored)
