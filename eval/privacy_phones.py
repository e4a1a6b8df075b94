"""Phone numbers of many countries for `python -m eval.privacy`, as their people write them.

The numbers are libphonenumber's examples with other last digits, checked to be possible numbers of their country; how
they are written is put together here.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from eval.privacy_sets import ANYWHERE, Format, Maker

DEV: Final = ["US", "GB", "DE", "FR", "ES", "NL", "SE", "PL", "IN", "AU", "BR", "ZA", "JP", "CA", "CH"]
HELD_OUT: Final = [
    "IE",
    "AT",
    "BE",
    "PT",
    "NO",
    "DK",
    "FI",
    "IT",
    "CZ",
    "HU",
    "RO",
    "GR",
    "TR",
    "IL",
    "AE",
    "SG",
    "MX",
    "AR",
    "CO",
    "KE",
    "NG",
    "EG",
    "NZ",
    "KR",
    "PH",
    "MY",
    "TH",
    "VN",
    "UA",
    "PK",
]
_TOLD: Final = (
    "call me on {}",
    "my mobile is {}",
    "Tel: {}",
    "Phone: {}",
    "you can reach me at {}",
    "text me at {} please",
)
_TOLD_HELD_OUT: Final = (
    "please ring {} after five",
    "contact number {}",
    "{} is my cell",
    "WhatsApp {}",
    "Fax {}",
    "give us a call back at {}",
    "Mobile no. {}",
    "Telefon: {}",
    "mon portable {}",
)


def _number(rng: random.Random, region: str) -> PhoneNumber:
    kind = rng.choice((PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE))
    example = phonenumbers.example_number_for_type(region, kind) or phonenumbers.example_number(region)
    if example is None:
        raise ValueError(f"no example of a number of {region}")
    for _ in range(40):
        text = str(example.national_number)
        text = text[:-4] + "".join(rng.choices("0123456789", k=4))
        number = PhoneNumber(example.country_code, int(text), italian_leading_zero=example.italian_leading_zero)
        if phonenumbers.is_valid_number(number):
            return number
    return example


def written(regions: list[str], style: int, change: Callable[[str], str] = str) -> Callable[[random.Random], str]:
    """Numbers of some regions in a style of libphonenumber's, changed as said."""
    return lambda rng: change(phonenumbers.format_number(_number(rng, rng.choice(regions)), style))


def _in(templates: tuple[str, ...], make: Callable[[random.Random], str]) -> Maker:
    return lambda rng: (rng.choice(templates), make(rng))


def _whole(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _trunk_in_brackets(text: str) -> str:
    """+44 20 7946 0958 to +44 (0)20 7946 0958."""
    code, _, rest = text.partition(" ")
    return f"{code} (0){rest}"


def phone_formats() -> list[Format]:
    """Every format of phones."""
    world, national, e164 = PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL, PhoneNumberFormat.E164
    anywhere, at_home = (ANYWHERE,), ["GB", "DE", "FR", "NL", "AU", "JP", "ZA"]
    dev: dict[str, Maker] = {
        "+ grouped": _in(anywhere, written(DEV, world)),
        "+ whole": _in(anywhere, written(DEV, e164)),
        "national, told": _in(_TOLD, written(DEV, national)),
        "00 grouped": _in(anywhere, written(["GB", "DE", "FR", "NL"], world, lambda t: t.replace("+", "00"))),
        "+ dots": _in(anywhere, written(DEV, world, lambda t: t.replace(" ", "."))),
        "american": _in(anywhere, written(["US", "CA"], national)),
        "american dashes": _in(anywhere, written(["US"], e164, lambda t: f"{t[2:5]}-{t[5:8]}-{t[8:]}")),
        "american fiction": _in(anywhere, lambda r: f"(555) 01{r.randint(0, 9)}-{r.randint(1000, 9999)}"),
        "american 1-": _in(anywhere, written(["US"], e164, lambda t: f"1-{t[2:5]}-{t[5:8]}-{t[8:]}")),
        "american extension": _in(anywhere, written(["US"], national, lambda t: t + " ext. 204")),
        "national, 0 first": _in(anywhere, written(at_home[:4], national)),
    }
    held: dict[str, Maker] = {
        "+ grouped": _in(anywhere, written(HELD_OUT, world)),
        "+ whole": _in(anywhere, written(HELD_OUT, e164)),
        "+ dashes": _in(anywhere, written(HELD_OUT, world, lambda t: t.replace(" ", "-"))),
        "+ hard blanks": _in(anywhere, written(HELD_OUT, world, lambda t: t.replace(" ", "\u00a0"))),
        "+ (0)": _in(anywhere, written(["GB", "DE", "CH", "AT", "SE"], world, _trunk_in_brackets)),
        "(+) in brackets": _in(anywhere, written(HELD_OUT, world, lambda t: "(" + t.replace(" ", ") ", 1))),
        "tel link": _in(("<a href='tel:{}'>",), written(HELD_OUT, e164)),
        "national, told": _in(_TOLD_HELD_OUT, written(HELD_OUT, national)),
        "national whole, told": _in(_TOLD_HELD_OUT, written(HELD_OUT, national, _whole)),
        "011": _in(anywhere, written(["IT", "BR", "IN", "KR"], world, lambda t: t.replace("+", "011 "))),
        "american dots": _in(anywhere, written(["US"], e164, lambda t: f"{t[2:5]}.{t[5:8]}.{t[8:]}")),
        "american x": _in(anywhere, written(["US"], e164, lambda t: f"{t[2:5]}-{t[5:8]}-{t[8:]} x{t[-3:]}")),
        "american +1 brackets": _in(anywhere, written(["US"], e164, lambda t: f"+1 ({t[2:5]}) {t[5:8]}-{t[8:]}")),
        "american whole, told": _in(_TOLD_HELD_OUT, written(["US"], e164, lambda t: t[2:])),
        "german slash": _in(anywhere, written(["DE"], national, lambda t: t.replace(" ", "/", 1))),
    }  # fmt: skip
    return [
        *(Format("phone", name, "dev", make) for name, make in dev.items()),
        *(Format("phone", name, "held_out", make) for name, make in held.items()),
    ]
