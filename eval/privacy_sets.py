"""What is planted for `python -m eval.privacy`: one generator a kind, in formats to tune on and formats held out.

Nothing is shared with the recognisers, so that a mistake in one shows against the other: check digits are made here
from the standards, tokens from their makers' descriptions. Every value is drawn at random; none belongs to anybody.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

Group = Literal["dev", "held_out", "fresh"]
Maker = Callable[[random.Random], tuple[str, str]]
"""Gives a text with one `{}`, and the value that belongs there and must not be left."""

ALNUM: Final = string.ascii_letters + string.digits
HEX: Final = "0123456789abcdef"
URLSAFE: Final = ALNUM + "-_"
ANYWHERE: Final = "{}"


@dataclass(frozen=True, slots=True)
class Format:
    """One way in which a kind is written."""

    kind: str
    name: str
    group: Group
    make: Maker


def draw(rng: random.Random, alphabet: str, size: int) -> str:
    """Random characters, with at least one digit and one letter where the alphabet has both and there is room."""
    while True:
        text = "".join(rng.choices(alphabet, k=size))
        both = any(c.isdigit() for c in alphabet) and any(c.isalpha() for c in alphabet) and size > 7
        if not both or (any(c.isdigit() for c in text) and any(c.isalpha() for c in text)):
            return text


def within(template: str, make: Callable[[random.Random], str]) -> Maker:
    """The value in one template."""
    return lambda rng: (template, make(rng))


# E-mail addresses ----------------------------------------------------------------------------------------------------
_FIRST: Final = [
    "ana",
    "bo",
    "chidi",
    "dara",
    "eli",
    "fatou",
    "grete",
    "hiro",
    "ines",
    "juma",
    "kofi",
    "lena",
    "mateo",
    "nils",
    "oya",
    "priya",
    "quinn",
    "rosa",
    "sven",
    "tariq",
]
_LAST: Final = [
    "abbott",
    "berg",
    "costa",
    "diaz",
    "eriksen",
    "faure",
    "garcia",
    "huber",
    "ito",
    "jansen",
    "klein",
    "lopez",
    "meyer",
    "novak",
    "okoro",
    "patel",
]
_HOSTS: Final = [
    "example.com",
    "example.org",
    "mail.example.co.uk",
    "contoso.de",
    "fabrikam.fr",
    "north.example.net",
    "acme-tools.io",
    "uni.edu",
]


def mail(rng: random.Random, local: str = "{f}.{l}", host: str = "") -> str:
    """An address at an example host."""
    name = local.format(f=rng.choice(_FIRST), l=rng.choice(_LAST), n=rng.randint(1, 99))
    return f"{name}@{host or rng.choice(_HOSTS)}"


def _spelt(rng: random.Random, at: str, dot: str) -> str:
    name, _, host = mail(rng, "{f}{l}", "mail.example.com").partition("@")
    return name + at + host.replace(".", dot)


def _emails() -> list[Format]:
    dev: dict[str, Maker] = {
        "plain": within(ANYWHERE, mail),
        "plus tag": within(ANYWHERE, lambda r: mail(r, "{f}+{l}{n}")),
        "capitals": within(ANYWHERE, lambda r: mail(r).upper()),
        "digits": within(ANYWHERE, lambda r: mail(r, "{f}_{l}{n}")),
        "full stop": within("{}. ", mail),
        "in angle brackets": within("<{}>", mail),
        "mailto": within("mailto:{}", mail),
        "umlaut": within(ANYWHERE, lambda r: mail(r, "jürgen.{l}")),
        "in a query": within("https://app.example.com/login?email={}&next=home", mail),
        "coded at": within("https://app.example.com/u?mail={}", lambda r: mail(r).replace("@", "%40")),
        "(at) dot": within(ANYWHERE, lambda r: _spelt(r, " (at) ", " dot ")),
        "[at] .": within(ANYWHERE, lambda r: _spelt(r, "[at]", ".")),
    }
    held: dict[str, Maker] = {
        "hyphens": within(ANYWHERE, lambda r: mail(r, "{f}-{l}", "my-firm.example.com")),
        "sub-domains": within(ANYWHERE, lambda r: mail(r, "{f}", "eu.west.mail.example.com")),
        "quotes": within('"{}",', mail),
        "slack": lambda r: (lambda m: ("<mailto:" + m + "|{}>", m))(mail(r)),
        "colon before": within("E-mail:{};", mail),
        "new top level": within(ANYWHERE, lambda r: mail(r, "{f}.{l}", "example.technology")),
        "own letters": within(ANYWHERE, lambda r: mail(r, "юля{n}", "пример.рф")),
        "question mark": within("({})?", mail),
        "[at] [dot]": within(ANYWHERE, lambda r: _spelt(r, " [at] ", " [dot] ")),
        "entity": within(ANYWHERE, lambda r: mail(r).replace("@", "&#64;")),
        "initial": within(ANYWHERE, lambda r: mail(r, "{n}.{l}")),
    }
    return kind_formats("email", dev, held)


# Payment cards -------------------------------------------------------------------------------------------------------
def check_digit(number: str) -> str:
    """ISO/IEC 7812-1, annex B: from the right, every other digit doubled, its digits summed."""
    total = sum(sum(divmod(int(d) * (2 if i % 2 == 0 else 1), 10)) for i, d in enumerate(number[::-1]))
    return str(-total % 10)


def payment_card(
    prefixes: tuple[str, ...], size: int, groups: tuple[int, ...] = (), mark: str = ""
) -> Callable[[random.Random], str]:
    """Numbers that pass their check, in groups with a mark between them."""

    def make(rng: random.Random) -> str:
        number = rng.choice(prefixes)
        number += draw(rng, string.digits, size - 1 - len(number))
        number += check_digit(number)
        if not groups:
            return number
        parts, place = [], 0
        for group in groups:
            parts.append(number[place : place + group])
            place += group
        return mark.join(parts)

    return make


def _cards() -> list[Format]:
    visa, master, amex = ("4",), ("51", "52", "53", "54", "55"), ("34", "37")
    four, uneven = (4, 4, 4, 4), (4, 6, 5)
    dev = {
        "visa": payment_card(visa, 16),
        "visa blanks": payment_card(visa, 16, four, " "),
        "mastercard dashes": payment_card(master, 16, four, "-"),
        "mastercard": payment_card(master, 16),
        "amex blanks": payment_card(amex, 15, uneven, " "),
        "discover": payment_card(("6011", "65"), 16),
    }
    held = {
        "visa dots": payment_card(visa, 16, four, "."),
        "amex": payment_card(amex, 15),
        "amex dashes": payment_card(amex, 15, uneven, "-"),
        "mastercard 2-series": payment_card(("2223", "2500", "2719"), 16, four, " "),
        "jcb": payment_card(("3530", "3566"), 16, four, " "),
        "diners": payment_card(("36", "38", "301"), 14, (4, 6, 4), " "),
        "unionpay": payment_card(("62",), 16, four, " "),
    }
    return kind_formats(
        "card", {n: within(ANYWHERE, m) for n, m in dev.items()}, {n: within("card {}", m) for n, m in held.items()}
    )


# IP addresses --------------------------------------------------------------------------------------------------------
def ip_v4(rng: random.Random) -> str:
    """An IPv4 address that is no version of anything."""
    return ".".join(
        str(n) for n in (rng.choice((10, 172, 192, 185, 203, 88, 64, 41)), *(rng.randint(1, 254) for _ in range(3)))
    )


def ip_v6(rng: random.Random, head: str = "2001:db8") -> str:
    """An IPv6 address."""
    return head + ":" + ":".join(f"{rng.randint(1, 0xFFFF):x}" for _ in range(8 - len(head.split(":"))))


def _ips() -> list[Format]:
    dev: dict[str, Maker] = {
        "v4": within(ANYWHERE, ip_v4),
        "v4 port": within("{}:8080", ip_v4),
        "v4 url": within("http://{}/login", ip_v4),
        "v4 mask": within("{}/24", ip_v4),
        "v6": within(ANYWHERE, ip_v6),
        "v6 short": within(ANYWHERE, lambda r: f"2a00:1450::{r.randint(1, 0xFFFF):x}"),
        "v6 link": within(ANYWHERE, lambda r: f"fe80::{r.randint(1, 0xFFFF):x}:{r.randint(1, 0xFFFF):x}"),
    }
    held: dict[str, Maker] = {
        "v4 brackets": within("({}),", ip_v4),
        "v4 quotes": within("host='{}'", ip_v4),
        "v4 log": within("client={} status=502", ip_v4),
        "v4 at": within("ssh root@{}", ip_v4),
        "v6 brackets": within("https://[{}]:8443/", ip_v6),
        "v6 capitals": within(ANYWHERE, lambda r: ip_v6(r).upper()),
        "v6 mapped": within(ANYWHERE, lambda r: "::ffff:" + ip_v4(r)),
        "v6 unique local": within(ANYWHERE, lambda r: f"fd12:3456:789a::{r.randint(1, 0xFFFF):x}"),
    }
    return kind_formats("ip", dev, held)


# Bank accounts -------------------------------------------------------------------------------------------------------
# Country to the form of its account part: n digits, a capitals, c either.
_ACCOUNTS: Final = {
    "DE": "18n",
    "FR": "10n11c2n",
    "GB": "4a14n",
    "NL": "4a10n",
    "ES": "20n",
    "IT": "1a10n12c",
    "CH": "5n12c",
    "PL": "24n",
}
_HELD_OUT_ACCOUNTS: Final = {
    "NO": "11n",
    "MT": "4a5n18c",
    "BE": "12n",
    "SE": "20n",
    "PT": "21n",
    "TR": "5n1n16c",
    "AE": "19n",
    "GR": "7n16c",
    "IE": "4a14n",
    "BR": "23n1a1c",
}
_ALPHABETS: Final = {"n": string.digits, "a": string.ascii_uppercase, "c": string.ascii_uppercase + string.digits}


def iban(country: str, form: str, grouped: str | None) -> Callable[[random.Random], str]:
    """Account numbers of a country, by the form of their account part."""

    def make(rng: random.Random) -> str:
        account, count = "", ""
        for char in form:
            if char.isdigit():
                count += char
            else:
                account += "".join(rng.choices(_ALPHABETS[char], k=int(count)))
                count = ""
        # ISO 13616: country and 00 behind, letters as 10 to 35; the rest modulo 97 from 98.
        digits = "".join(str(ord(c) - 55) if c.isalpha() else c for c in account + country + "00")
        iban = f"{country}{98 - int(digits) % 97:02d}{account}"
        return iban if grouped is None else grouped.join(iban[i : i + 4] for i in range(0, len(iban), 4))

    return make


def _ibans() -> list[Format]:
    dev = {
        f"{c} {n}": within(ANYWHERE, iban(c, f, g))
        for c, f in _ACCOUNTS.items()
        for n, g in (("blanks", " "), ("whole", None))
    }
    held: dict[str, Maker] = {c: within(ANYWHERE, iban(c, f, " ")) for c, f in _HELD_OUT_ACCOUNTS.items()}
    held["dashes"] = within("IBAN:{},", iban("DE", "18n", "-"))
    held["small letters"] = within(ANYWHERE, lambda r: iban("GB", "4a14n", None)(r).lower())
    return kind_formats("iban", dev, held)


def kind_formats(kind: str, dev: dict[str, Maker], held: dict[str, Maker]) -> list[Format]:
    """The formats of a kind, those to tune on first."""
    return [
        *(Format(kind, name, "dev", make) for name, make in dev.items()),
        *(Format(kind, name, "held_out", make) for name, make in held.items()),
    ]


def formats() -> list[Format]:
    """Every format but those of secrets and phones, which have files of their own."""
    return [*_emails(), *_cards(), *_ips(), *_ibans()]
