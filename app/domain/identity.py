"""Numbers that carry a check digit: resident identity numbers (GB 11643) and unified social credit codes (GB 32100),
and mobile phone numbers as they are typed."""

import re
from datetime import date

from app.domain.refusals import RuleBroken

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def id_number(text: str, today: date) -> str:
    """The resident identity number in normal form (18 characters, X upper case).

    Refused: wrong length or characters, an impossible or future birth date, a wrong check digit.
    """
    number = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"\d{17}[\dX]", number):
        raise RuleBroken("身份证号应为18位（最后一位可以是X），请核对。", field="id_number")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise RuleBroken("身份证号中的出生日期不存在，请核对第7到14位。", field="id_number") from None
    if not date(1900, 1, 1) <= born <= today:
        raise RuleBroken("身份证号中的出生日期不合理，请核对第7到14位。", field="id_number")
    if id_check_digit(number[:17]) != number[17]:
        raise RuleBroken("身份证号最后一位校验码不对，请逐位核对。", field="id_number")
    return number


def id_check_digit(first17: str) -> str:
    return _ID_CHECK[sum(int(d) * w for d, w in zip(first17, _ID_WEIGHTS, strict=True)) % 11]


def credit_code(text: str) -> str:
    """The unified social credit code in normal form; refused if its check character does not fit."""
    code = re.sub(r"\s", "", text).upper()
    if len(code) != 18 or any(c not in _CREDIT_ALPHABET for c in code):
        raise RuleBroken("统一社会信用代码应为18位数字或大写字母（不含I、O、S、V、Z），请核对。", field="credit_code")
    if credit_check_character(code[:17]) != code[17]:
        raise RuleBroken("统一社会信用代码最后一位校验码不对，请逐位核对。", field="credit_code")
    return code


def credit_check_character(first17: str) -> str:
    total = sum(_CREDIT_ALPHABET.index(c) * w for c, w in zip(first17, _CREDIT_WEIGHTS, strict=True))
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


def mobile_phone(text: str) -> str:
    """A mainland mobile number as 11 digits, or a land line with area code; refused otherwise."""
    digits = re.sub(r"[\s\-—()（）]", "", text)
    digits = re.sub(r"^(\+?86|0086)(?=1\d{10}$)", "", digits)
    if not re.fullmatch(r"1[3-9]\d{9}|0\d{9,11}", digits):
        raise RuleBroken("电话应为11位手机号，或带区号的固定电话（如0598-8221234）。", field="phone")
    return digits
