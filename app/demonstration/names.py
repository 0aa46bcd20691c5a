"""Invented names: people, villages, co-operatives, works and sending units. Any likeness is chance."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from app.domain.identity import id_check_digit

SURNAMES = "林陈黄张吴李郑王刘苏叶杨邓罗曾谢廖江邱余赖范温巫官卢游涂池严"
FIRST = "建国志文明晓春秀玉丽海永家庆新学振仁德清福兴荣宗光景美雪素少"
SECOND = "生华平英辉强梅芳兰峰斌勇杰敏军艳涛波鹏宇琴霞珍贤坤龙昌福源茂"
VILLAGE_HEADS = "青上下前后东西南北中长溪坪源坑岭桥田垅塘湖口洋坂"
VILLAGE_TAILS = "云岩竹松泉石山林禾谷峰屏莲桂枫梨茶杉"


class Names:
    """Names in a reproducible order; no person's name comes twice."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.used: set[str] = set()
        self.serial = 0

    def person(self) -> str:
        while True:
            name = self.random.choice(SURNAMES) + self.random.choice(FIRST)
            if self.random.random() < 0.92:
                name += self.random.choice(SECOND)
            if name not in self.used and len(name) > 1:
                self.used.add(name)
                return name

    def id_number(self) -> str:
        """A well-formed number of nobody: the serial part counts on, the birth date is made up."""
        self.serial += 1
        born = date(1958, 1, 1) + timedelta(days=(self.serial * 37) % 12_700)
        first = f"350498{born:%Y%m%d}{self.serial % 1000:03d}"  # 350498 is no division: the number is nobody's
        return first + id_check_digit(first)

    def phone(self) -> str:
        """From a range of which no number is given out to anybody as far as is known: 199 0598 xxxx."""
        self.serial += 1
        return f"1990{598_0000 + self.serial % 9999:07d}"

    def village(self) -> str:
        return f"{self.random.choice(VILLAGE_HEADS)}{self.random.choice(VILLAGE_TAILS)}村"

    def cooperative(self, product: str) -> str:
        return f"{self.random.choice(VILLAGE_TAILS)}{self.random.choice(SECOND)}{product}专业合作社（演示）"

    def enterprise(self, trade: str) -> str:
        return f"{self.random.choice(VILLAGE_HEADS)}{self.random.choice(SECOND)}{trade}公司（演示）"

    def farm(self) -> str:
        return f"{self.random.choice(VILLAGE_TAILS)}{self.random.choice(SECOND)}家庭农场（演示）"


SENDING_UNITS = [
    ("示例农业科学研究所", None),
    ("示例林业科学研究所", None),
    ("示例农林大学农学院", None),
    ("示例农林大学林学院", None),
    ("示例大学食品学院", None),
    ("示例大学材料学院", None),
    ("示例大学机械学院", None),
    ("示例水产研究所", None),
    ("示例中医药研究院", None),
    ("示例建筑规划院", None),
    ("示例文旅学院", None),
    ("北京示例农林科学院", None),
]


def cycle(items: list[str], random: Random) -> Iterator[str]:
    """Items over and over, in an order shuffled once."""
    order = list(items)
    random.shuffle(order)
    while True:
        yield from order
