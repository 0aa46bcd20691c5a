"""What happens when a rule says no: one exception with words a person can act on."""


class RuleBroken(Exception):
    """A rule of the policy refuses a wish.

    `message` is Chinese, says what is wrong and what to do; `field` names the form field it concerns, if any.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class MoveRefused(RuleBroken):
    """The record is not in a state from which this step is possible, or the person may not take it."""


class AlreadyDone(RuleBroken):
    """Somebody was faster: the single place, link or number is taken."""


class StaleEdit(RuleBroken):
    """The record was changed by someone else since the page was opened (answers 409, decisions: row versions)."""
