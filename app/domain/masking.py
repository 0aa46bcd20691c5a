"""How personal values look when they are not needed in full (masked by default)."""


def masked_phone(phone: str) -> str:
    """138****5678; a short number keeps its last two digits only."""
    digits = phone.strip()
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else f"****{digits[-2:]}"


def masked_id_number(number: str) -> str:
    """350***********1234, enough to tell two people apart on a sheet of paper, not enough to misuse."""
    return f"{number[:3]}{'*' * 11}{number[-4:]}" if len(number) >= 18 else "*" * len(number)


def masked_name(name: str) -> str:
    """陈** for public lists."""
    return name[:1] + "*" * (len(name) - 1)
