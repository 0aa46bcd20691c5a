"""The life of a dish on a service menu (菜单式): drafted, published city-wide, withdrawn, published again."""

from app.domain.moves import Move, MoveTable, states
from app.domain.vocabulary import Labelled


class OfferState(Labelled):
    DRAFT = ("draft", "草稿")
    PUBLISHED = ("published", "已公布")
    WITHDRAWN = ("withdrawn", "已撤下")


S = OfferState

MOVES = MoveTable(
    "服务项目",
    OfferState,
    [
        Move("publish", "公布", states(S.DRAFT, S.WITHDRAWN), S.PUBLISHED, "menus.keep"),
        Move("withdraw", "撤下", states(S.PUBLISHED), S.WITHDRAWN, "menus.keep"),
    ],
)
