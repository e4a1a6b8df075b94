"""The third group of `eval.privacy`: formats and traps written down after the last change to a pattern, and run once.

The formats held out first had shown mistakes that were then corrected, so that they count as seen since. So did these:
passphrases of plain words and Windows security identifiers beside the name of a messenger; both are corrected now.
"""

from __future__ import annotations

import random
import string
import urllib.parse

from phonenumbers import PhoneNumberFormat

from eval.privacy_phones import written
from eval.privacy_sets import (
    ALNUM,
    ANYWHERE,
    HEX,
    URLSAFE,
    Format,
    Maker,
    draw,
    iban,
    ip_v4,
    ip_v6,
    mail,
    payment_card,
    within,
)
from eval.privacy_traps import digits

_WORLD = PhoneNumberFormat.INTERNATIONAL
_ELSEWHERE = [
    "BG",
    "HR",
    "SK",
    "LT",
    "EE",
    "SI",
    "LU",
    "MA",
    "TN",
    "SA",
    "ID",
    "TW",
    "HK",
    "PE",
    "CL",
    "EC",
    "GH",
    "TZ",
]


def _told(rng: random.Random) -> tuple[str, str]:
    template = rng.choice(("our hotline is {}", "dial {} and ask", "Handy: {}", "you can text me on {}", "teléfono {}"))
    return template, written(_ELSEWHERE, PhoneNumberFormat.NATIONAL)(rng)


def _turned(rng: random.Random) -> str:
    """An e-mail address as it stands in a header."""
    return mail(rng, "{f}.{l}", "lists.example.org")


def fresh_formats() -> list[Format]:
    """Values to be found and things to be left, each in a form that no other group has."""
    capitals = string.ascii_uppercase + string.digits
    makers: dict[str, dict[str, Maker]] = {
        "email": {
            "header": within("From: Somebody <{}>", _turned),
            "markdown link": within("[write to us](mailto:{})", mail),
            "json": within('{{"contact":"{}"}}'.replace("{{", "{ ").replace("}}", " }"), mail),
            "between slashes": within("user/{}/inbox", mail),
            "comma list": within("cc {},somebody", mail),
            "{at}": within(ANYWHERE, lambda r: mail(r, "{f}{l}").replace("@", "{at}")),
            "slack escaped": within("email&lt;{}&gt;", mail),
        },
        "phone": {
            "+ elsewhere": within(ANYWHERE, written(_ELSEWHERE, _WORLD)),
            "+ elsewhere whole": within("number:{};", written(_ELSEWHERE, PhoneNumberFormat.E164)),
            "national elsewhere, told": _told,
            "coded plus": within(
                "https://api.example.com/send?to={}",
                lambda r: urllib.parse.quote(written(["DE", "US"], PhoneNumberFormat.E164)(r)),
            ),
            "in brackets": within("({})", written(_ELSEWHERE, _WORLD)),
            "american bracket, no blank": within(
                ANYWHERE, lambda r: f"({r.randint(201, 989)}){r.randint(200, 999)}-{r.randint(1000, 9999)}"
            ),
            "rfc 3966": within(
                "tel:{}", written(["GB", "US", "BR"], PhoneNumberFormat.RFC3966, lambda t: t.removeprefix("tel:"))
            ),
        },
        "card": {
            "visa hard blanks": within(ANYWHERE, payment_card(("4",), 16, (4, 4, 4, 4), "\u00a0")),
            "mastercard in text": within("my credit card ({}) was charged", payment_card(("51", "55"), 16)),
            "maestro": within("maestro card {}", payment_card(("6759", "5018"), 16, (4, 4, 4, 4), " ")),
            "visa =": within("pan={}&exp=0127", payment_card(("4",), 16)),
        },
        "ip": {
            "json": within('"remote_addr": "{}",', ip_v4),
            "refused": within("connect to {} port 22: refused", ip_v4),
            "range": within("{}-255", ip_v4),
            "v6 log": within("peer {} closed", ip_v6),
            "arrow": within("{} -> gateway", ip_v4),
        },
        "iban": {
            "labelled": within("IBAN: {}.", iban("AT", "16n", " ")),
            "whole": within(ANYWHERE, iban("DK", "14n", None)),
            "quoted": within("'{}'", iban("FI", "14n", None)),
            "long": within(ANYWHERE, iban("HU", "24n", " ")),
            "in brackets": within("({})", iban("CZ", "20n", None)),
        },
        "secret": {
            "gitlab runner": within(ANYWHERE, lambda r: "glrt-" + draw(r, URLSAFE, 20)),
            "npm": within("//registry.example.com/:_authToken={}", lambda r: "npm_" + draw(r, ALNUM, 36)),
            "digitalocean": within(ANYWHERE, lambda r: "dop_v1_" + draw(r, HEX, 64)),
            "shopify": within(ANYWHERE, lambda r: "shpat_" + draw(r, HEX, 32)),
            "slack app": within(
                ANYWHERE, lambda r: f"xapp-1-A{draw(r, capitals, 10)}-{r.randint(10**12, 10**13)}-{draw(r, HEX, 64)}"
            ),
            "oauth code": within("https://app.example.com/cb?code={}&state=ok", lambda r: draw(r, ALNUM, 40)),
            "env": within("export STRIPE_SECRET_KEY={}", lambda r: draw(r, ALNUM, 32)),
            "spoken": within("the admin password was {} until today", lambda r: draw(r, ALNUM, 10)),
            "passphrase": within(
                "passphrase: {}", lambda r: "-".join(draw(r, string.ascii_lowercase, 6) for _ in range(4))
            ),
            "ini": within("[db]\npassword = {}\nport = 5432", lambda r: draw(r, ALNUM, 12)),
            "redis": within("redis://:{}@cache.example.com:6379/0", lambda r: draw(r, ALNUM, 20)),
            "set-cookie": within("Set-Cookie: session_id={}; HttpOnly", lambda r: draw(r, HEX, 32)),
        },
        "trap": {
            "rma": within(ANYWHERE, lambda r: f"RMA {digits(9)(r)}"),
            "flight": within(ANYWHERE, lambda r: f"flight UA{r.randint(100, 9999)} on 12/{r.randint(10, 28)}"),
            "office build": within(ANYWHERE, lambda r: f"Version 16.0.{digits(5)(r)}.{digits(5)(r)}"),
            "java": within(ANYWHERE, lambda r: f"java 1.8.0_{r.randint(100, 400)}-b{r.randint(10, 99)}"),
            "registry": within(ANYWHERE, lambda r: f"S-1-5-21-{digits(10)(r)}-{digits(9)(r)}-{digits(10)(r)}-1001"),
            "opening hours": within(ANYWHERE, lambda r: f"open 0{r.randint(7, 9)}:00 - 17:30, 10.00-16.00 on Saturday"),
            "table": within(
                ANYWHERE, lambda r: "; ".join(f"{r.randint(100, 999)} {r.randint(1000, 9999)}" for _ in range(3))
            ),
            "etag": within(ANYWHERE, lambda r: f'ETag: W/"{draw(r, HEX, 24)}"'),
            "docker": within(ANYWHERE, lambda r: f"sha256:{draw(r, HEX, 64)}"),
            "snowflake": within(ANYWHERE, lambda r: f"https://chat.example.com/channels/1{digits(17)(r)}"),
            "scores": within(
                ANYWHERE, lambda r: f"{r.randint(0, 9)}-{r.randint(0, 9)}, {r.randint(10, 99)}:{r.randint(10, 99)}"
            ),
            "talk of secrets": within(
                ANYWHERE,
                lambda r: r.choice(
                    (
                        "reset your password: click here",
                        "password is too weak",
                        "token: see the docs",
                        "no secret to it",
                    )
                ),
            ),
            "time stamps": within(ANYWHERE, lambda r: f"[{digits(10)(r)}.{digits(6)(r)}] usb 1-1: reset"),
        },
    }
    return [Format(kind, name, "fresh", make) for kind, of_kind in makers.items() for name, make in of_kind.items()]
