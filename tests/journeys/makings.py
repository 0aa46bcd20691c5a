"""What a page is made of, as axe sees it: which pages must be read so that everything on every page has been.

Sixteen readers see eight hundred pages between them, most of them of the same parts: one list in ten roles, one form
with and without a hint. A part (a making) is an element with the chain of elements it stands in (tags, classes, types,
roles, names of attributes) and the sequence of what stands directly in it, repetition aside; whether it holds words is
told apart, because names come from words. What axe says of an element follows from its making, so a page all of whose
makings have been read elsewhere, at the same widths, holds nothing that is new to axe.
"""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from html.parser import HTMLParser

from tests.inspection import VOID

# Attributes whose value changes what an element is or how it looks; of all others the name is enough.
TELLING = frozenset({"class", "type", "role", "scope", "aria-hidden", "aria-current", "aria-invalid"})
UNSEEN = frozenset({"script", "style", "template"})


@dataclass
class _Node:
    tag: str
    looks: str
    within: list["_Node"] = field(default_factory=list)
    words: bool = False


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [_Node("page", "")]

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        given = dict(pairs)
        looks = " ".join(f"{name}={given[name]}" if name in TELLING else name for name in sorted(given))
        node = _Node(tag, looks)
        self.open[-1].within.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, pairs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        while len(self.open) > 1 and self.open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.open[-1].words |= bool(data.strip())


def makings(html: str) -> set[str]:
    """The makings of a page, each as twelve hexadecimal digits that are the same in every process."""
    tree = _Tree()
    tree.feed(html)
    found: set[str] = set()
    _collect(tree.open[0], "", found)
    return found


def _collect(node: _Node, place: str, found: set[str]) -> bool:
    """Add the makings of a node and of what stands in it; whether there is a word in any of them."""
    here = _digest(f"{place}/{node.tag} {node.looks}")
    seen = [inner for inner in node.within if inner.tag not in UNSEEN]
    spoken = [_collect(inner, here, found) for inner in seen]
    sequence = dict.fromkeys(f"{inner.tag} {inner.looks}" for inner in seen)
    found.add(_digest(f"{here} {node.words} {any(spoken)} {list(sequence)}"))
    return node.words or any(spoken)


def _digest(words: str) -> str:
    return blake2b(words.encode(), digest_size=6).hexdigest()


def enough(made: Mapping[tuple[str, str], set[str]]) -> list[tuple[str, str]]:
    """Of pages (reader, name) with what they are made of: few that hold everything between them, in a fixed order.

    Always the page that adds most; what a page adds only ever shrinks, so the next one is looked for from the top.
    """
    left = set().union(*made.values())
    waiting = [(-len(parts), page) for page, parts in made.items()]
    heapq.heapify(waiting)
    chosen = []
    while left:
        _, page = heapq.heappop(waiting)
        adds = len(made[page] & left)
        if waiting and adds and -adds > waiting[0][0]:
            heapq.heappush(waiting, (-adds, page))
        elif adds:
            chosen.append(page)
            left -= made[page]
    return chosen
