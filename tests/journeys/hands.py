"""How a person works a page: with the mouse, or with the keyboard alone (Tab, Enter, Space, arrows, typing)."""

from typing import Protocol

from playwright.sync_api import Locator

MOST_STEPS = 200
HERE = "e => e === document.activeElement"
GROUP_HERE = """e => document.activeElement?.type === 'radio' && document.activeElement.name === e.name"""


class Hand(Protocol):
    def press(self, target: Locator) -> None:
        """Press a button, follow a link, open what folds."""

    def write(self, target: Locator, text: str) -> None:
        """Put text into a field in place of what stands there."""

    def choose(self, target: Locator, label: str) -> None:
        """Choose from a list by the words shown."""

    def tick(self, target: Locator) -> None:
        """Tick a box, or choose one of a group."""


class Mouse:
    def press(self, target: Locator) -> None:
        target.click()

    def write(self, target: Locator, text: str) -> None:
        target.fill(text)

    def choose(self, target: Locator, label: str) -> None:
        target.select_option(label=label)

    def tick(self, target: Locator) -> None:
        target.check()


class Keyboard:
    """Never touches what the Tab key does not reach."""

    def press(self, target: Locator) -> None:
        self._reach(target)
        target.page.keyboard.press("Enter")

    def write(self, target: Locator, text: str) -> None:
        self._reach(target)
        target.page.keyboard.press("Control+A")
        target.page.keyboard.type(text)

    def choose(self, target: Locator, label: str) -> None:
        self._reach(target)
        words = target.evaluate("e => [...e.options].map(o => o.label.trim())")
        now = target.evaluate("e => e.selectedIndex")
        for _ in range(abs(words.index(label) - now)):
            target.page.keyboard.press("ArrowDown" if words.index(label) > now else "ArrowUp")

    def tick(self, target: Locator) -> None:
        if target.get_attribute("type") != "radio":
            self._reach(target)
            target.page.keyboard.press("Space")
            return
        self._reach(target, GROUP_HERE)
        target.page.keyboard.press("Space")
        for _ in range(MOST_STEPS):
            if target.is_checked():
                return
            target.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not reach {target}")

    def _reach(self, target: Locator, there: str = HERE) -> None:
        """Press Tab until the target has the focus; forward only, as a person who does not know the page would."""
        target.wait_for(state="attached")
        for _ in range(MOST_STEPS):
            if target.evaluate(there):
                return
            target.page.keyboard.press("Tab")
        raise AssertionError(f"the Tab key does not reach {target}")
