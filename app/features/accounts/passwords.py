"""Passwords: argon2id hashes, the scheme's name beside them, and what a password must be."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from app.domain.refusals import RuleBroken

SHORTEST = 10
_hasher = PasswordHasher()
# Checked for unknown names too, so that the time of an answer does not tell which names exist.
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """An argon2id hash; refused when shorter than ten characters or one character repeated."""
    if len(password) < SHORTEST:
        raise RuleBroken(f"密码至少{SHORTEST}位，建议用几个不相关的词组合。", field="new_password")
    if len(set(password)) < 4 or password.isdigit():
        raise RuleBroken("密码太简单，请同时使用字母和数字，不要只用数字或重复的字符。", field="new_password")
    return _hasher.hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Whether `password` is the one behind the hash; takes as long when there is no hash."""
    try:
        return _hasher.verify(stored or _NOBODY, password) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False
