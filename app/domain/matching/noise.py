"""What is not content: phrases every text has, numbers, times, places and the names of units.

Taken out before words are counted, so that two texts never look alike because both say 省级科技特派员 or
2万亩. A word here must say nothing about *what* is asked or offered in any industry.
"""

import re
from collections.abc import Iterable


def word_list(text: str) -> tuple[str, ...]:
    """The words of a blank-separated list, in order, once each."""
    return tuple(dict.fromkeys(text.split()))


_CJK = "\u4e00-\u9fff"

# Roles, programmes, courtesy and administration: every demand or offer may carry them.
PHRASES = word_list(
    """
    科技特派员 科特派员 科特派 特派员 特派团队 特派团 省级科技特派 市级科技特派 县级科技特派 科技特派
    选认 选派 派驻 驻村 驻镇 挂职 三农 科技小院 服务团 服务队 工作站 工作组 专家组 专家团队 专家团
    专家顾问 专家库 首席专家 高级农艺师 农艺师 高级工程师 工程师 高级畜牧师 畜牧师 高级兽医师 兽医师
    高级实验师 助理研究员 副研究员 研究员 副教授 教授 讲师 博士后 博士 硕士 研究生 高工 推广研究员
    技术员 院士 导师 学者 带头人 负责人 非遗传承人 传承人 合作社 农业合作社 专业合作社 家庭农场 种植户
    养殖户 种养户 农户 大户 散户 菜农 果农 茶农 菇农 村民 农民 群众 社员 学员 工人师傅 老板 村干部
    村委会 村委 村里 镇里 县里 市里 乡里 我村 我镇 本村 本镇 我们村 我们厂 我厂 厂里 我家 家里 自家 公司
    有限公司 责任公司 股份 企业 集团 工厂 大学 学院 研究院 研究所 科学院 农科院 农科所 林科院 林科所
    试验站 推广站 推广中心 科技厅 科技局 农业农村局 农业局 林业局 产业办 座谈会 推介会 对接会 现场会
    论证会 榜单 揭榜挂帅 张榜 揭榜 热线 视频 微信 电话 线上线下 呼叫中心 平台 信息员 代报 上报 求助
    求诊断 求解 求教 请教 请问 咨询 想知道 想了解 想请 希望 盼望 急需 急求 求购 特急 紧急 尽快 马上 次日
    怎么办 怎么治 怎么防 怎么管 怎么做 怎么弄 怎么回事 怎么 如何 为什么 为啥 什么原因 咋办 咋整 咋回事
    咋 啥 是不是 能不能 会不会 要不要 该不该 可不可以 有没有 行不行 好不好 什么 哪些 哪种 原因 办法 方法
    问题 难题 难点 瓶颈 情况 现象 建议 意见 需求 需要 求 请 帮忙 帮助 帮 解决 处理 应对 专家 老师 团队
    技术人员 技术 技术指导 现场指导 指导服务 上门服务 上门 到场 到村 进村 入户 下乡 进车间 查看 看看
    看一下 会诊 把脉开方 把脉 指导 服务 培训班 讲座 示范户 长期 多年 多次 常年 每年 去年 今年 明年
    近年来 近年 近两年 最近 这几天 这两天 上个月 现在 目前 期间 不少 很多 许多 大量 大批 部分 一些 个别
    有的 有些 全部 整个 各种 多种 多个 几个 几家 几户 一片 成片 大片 大面积 一批 一直 老是 总是 经常
    比较 非常 特别 十分 有点 一点 越来越 几乎 基本 严重 厉害 明显 突然 逐步 逐渐 开始 出现 发现 发生
    存在 造成 导致 引起 影响 进行 开展 实施 推动 推进 促进 提升 提高 改善 加强 增强 实现 达到 形成 建立
    完善 优化 落实 打造 利用 采用 使用 运用 应用 具有 具备 擅长 熟悉 从事 研究 研发 主持 参与 承担 负责
    担任 曾任 获得 获奖 先后 累计 主要 重点 核心 关键 关键技术 综合 系统 全程 全省 全市 全县 全乡 全镇
    省内 全国 面向 围绕 针对 关于 以及 其中 相关 有关 等等 方面 领域 方向 工作 经验 成果 项目经验 成效
    效果 较好 良好 优质 高效 先进 新型 现代 传统 企业需求 产业链 全产业链 产业 行业 主导产业 基地
    示范基地 园区 示范园 示范点 示范 推广 普及 宣传 可以 可能 应该 已经 没有 无法 不能 不会 不知 不知道
    不懂 不好 不行 不了 上不去 起不来 太多 太大 太小 太高 太低 老化 首次 初次 第一次 提供 协助 辅导 讲解
    答疑 交流 合作 联合 对接 跟踪 前来 前往 赶到 安排 组织 支持 支撑 保障 本地 当地 外地 各地 地区 区域
    个人 法人 推介 展示 服务体系 四级 三级 两级 省级 市级 县级 国家级 省派 市派 高校 院校 师范大学
    农业大学 林业大学 职业技术学院 理工大学
    """
)

_NUMBER = re.compile(
    r"[0-9０-９.,%％~～\-－至到]*[0-9０-９]+(?:\.[0-9]+)?\s*(?:多|余|来|几|万|亿|千|百|十)*\s*"
    r"(?:平方米|立方米|平方公里|公里|公顷|公斤|千克|毫米|厘米|千瓦|小时|分钟|人次|人|亩|头|只|羽|尾|株|棵|个|名|位|家|户|"
    r"条|台|套|元|斤|吨|克|升|米|年|月|日|天|次|度|℃|%|项|款|种|批|组|支|场|期|届|号|栋|座|间|孔|口|箱|群|瓶|袋|盆)?"
)
_CHINESE_NUMBER = re.compile(
    r"[几数一二两三四五六七八九十百千]+[多余来]?(?:百|千|万|十)*(?:多|余)?(?:亩|头|只|羽|尾|株|棵|位|名|家|户|台|套|吨|斤|年|天|个月|次|人|箱|个棚|个|款|支|场)"
)
_TIME = re.compile(
    r"(?:[上下本这那前后昨今明去]|[0-9]+)?(?:个)?(?:年初|年底|月份|月底|月初|星期|礼拜|周末|上午|下午|早上|晚上)"
)
_PLACE = re.compile(
    rf"[{_CJK}]{{2,3}}(?:省|自治区)|[{_CJK}]{{2,3}}市(?!场)|[{_CJK}]{{2}}(?:县(?!级|域)|区(?!域|块|位)|州(?=[{_CJK}]))|"
    rf"[{_CJK}]{{2,3}}(?:街道|乡(?!村|镇|土|愁)|镇(?!域|静)|行政村|自然村)"
)
_LONG_PHRASE = re.compile("|".join(sorted((p for p in PHRASES if len(p) >= 4), key=len, reverse=True)))

# A label of the vocabulary that stands here finds no concept.
EMPTY_WORDS = frozenset(PHRASES)

# Function words and single characters that the cutter leaves behind.
_HAS_LETTER = re.compile(rf"[{_CJK}a-z]")
STOP_WORDS = frozenset(p for p in PHRASES if len(p) <= 3) | frozenset(
    word_list(
        """
    的 了 和 与 及 或 在 是 有 要 把 被 让 从 向 往 对 为 以 于 到 也 都 就 才 又 再 还 很 太 更 最 较
    不 没 无 未 非 别 个 些 这 那 其 该 每 各 某 上 下 中 内 外 里 前 后 间 时 会 能 可 想 怕 用 做 搞
    弄 叫 说 看 来 去 回 起 出 进 过 着 得 地 大 小 多 少 高 低 好 坏 新 老 长 短 快 慢 早 晚 全 总 约
    近 等 年 月 日 天 次 元 万 亿 千 百 十 一 二 三 四 五 六 七 八 九 两 几 半 我 你 他 她 它 们 人 家
    户 名 位 者 员 师 性 化 式 型 类 种 级 度 率 量 点 面 方 法 事 物 所 如 何 并 且 而 但 则 若 因 由
    此 之 将 是否 以来 以后 之前 之后 同时 其他 不同 不匀 附近 左右 以上 以下 用于 适合 适应 通过 按照
    根据 包括 涉及 以及 属于 作为 变成 成为
    """
    )
)

# Parts of speech the cutter names that never carry content: numerals, measures, pronouns, adverbs,
# particles, places...
EMPTY_TAGS = frozenset(
    ["m", "mq", "q", "r", "p", "c", "u", "ul", "uj", "y", "e", "o", "d", "x", "w", "t", "f", "ns", "nt"]
)


def without_quantities(text: str) -> str:
    """`text` (plain spelling) with numbers, their measures and times blanked out."""
    for pattern in (_NUMBER, _CHINESE_NUMBER, _TIME):
        text = pattern.sub(" ", text)
    return text


def without_phrases(text: str) -> str:
    """`text` without the long phrases that every text has; short ones are dropped word by word
    (`is_empty`).
    """
    return _LONG_PHRASE.sub(" ", text)


def is_empty(word: str, tag: str) -> bool:
    """Whether a cut word says nothing about what is asked or offered."""
    return tag in EMPTY_TAGS or word in STOP_WORDS or not word.strip() or not _HAS_LETTER.search(word)


def place_pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """One pattern for all place names of two or more characters, longest first; None when there are none."""
    usable = sorted({name for name in names if len(name) >= 2}, key=len, reverse=True)
    return re.compile("|".join(re.escape(name) for name in usable)) if usable else None


def without_places(text: str, known: re.Pattern[str] | None) -> str:
    """`text` without known place names and without words that look like administrative places (西滨镇)."""
    if known:
        text = known.sub(" ", text)
    return _PLACE.sub(" ", text)
