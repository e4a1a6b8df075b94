"""What must stay, for `python -m eval.privacy`: what looks like phones, cards, addresses and secrets."""

from __future__ import annotations

import random
import string
import uuid
from collections.abc import Callable
from typing import Final

from eval.privacy_sets import ALNUM, ANYWHERE, HEX, Format, check_digit, draw

Text = Callable[[random.Random], str]


def digits(size: int) -> Text:
    """A number of so many digits."""
    return lambda rng: rng.choice("123456789") + draw(rng, string.digits, size - 1)


def _date(rng: random.Random, form: str) -> str:
    fields = {
        "y": rng.randint(2012, 2026),
        "m": rng.randint(1, 12),
        "d": rng.randint(1, 28),
        "h": rng.randint(0, 23),
        "n": rng.randint(0, 59),
    }
    return form.format(**fields)


def _version(rng: random.Random) -> str:
    return f"{rng.randint(1, 120)}.{rng.randint(0, 9)}.{rng.randint(0, 9)}.{rng.randint(0, 99)}"


def _isbn(rng: random.Random) -> str:
    return f"978-{rng.randint(0, 9)}-{rng.randint(10, 99)}-{rng.randint(100000, 999999)}-{rng.randint(0, 9)}"


def _failed(number: str) -> str:
    return number + str((int(check_digit(number)) + random.Random(number).randint(1, 9)) % 10)


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _stop_code(rng: random.Random) -> str:
    return f"STOP 0x000000{draw(rng, HEX, 2)} (0x{draw(rng, HEX, 8)}, 0x{draw(rng, HEX, 8)})"


def _browser(rng: random.Random) -> str:
    version = rng.randint(70, 140)
    return f"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"


_NO_PASSWORDS: Final = (
    "password is incorrect",
    "forgot my password again",
    "Password: required",
    "password reset token expired",
    "the API key is not working",
)
_STILL_NONE: Final = (
    "password: I keep forgetting it",
    "my password is not accepted",
    "enter your password=",
    "Passwort vergessen",
    "secret santa is tomorrow",
    "the token expired",
    "password manager",
)
DEV: Final[dict[str, Text]] = {
    "order number": lambda r: f"order {digits(10)(r)}",
    "ticket number": lambda r: f"ticket #{digits(9)(r)}",
    "order in groups": lambda r: f"order {digits(3)(r)}-{digits(7)(r)}-{digits(7)(r)}",
    "incident": lambda r: f"INC00{digits(5)(r)}",
    "error code": lambda r: f"0x8{draw(r, '0123456789abcdef', 7)}",
    "version": lambda r: r.choice(("version {}", "v{}", "Version: {}", "upgraded to version {}")).format(_version(r)),
    "version 10.2.3.4": lambda r: f"version 10.{r.randint(0, 9)}.{r.randint(0, 9)}.{r.randint(0, 9)}",
    "semantic version": lambda r: f"{r.randint(0, 20)}.{r.randint(0, 40)}.{r.randint(0, 40)}",
    "iso date and time": lambda r: _date(r, "{y}-{m:02d}-{d:02d} {h:02d}:{n:02d}:13"),
    "dotted date": lambda r: _date(r, "{d:02d}.{m:02d}.{y} um {h:02d}:{n:02d}"),
    "slashed date": lambda r: _date(r, "{m:02d}/{d:02d}/{y} {h}:{n:02d}"),
    "compact time": lambda r: _date(r, "{y}{m:02d}{d:02d}{h:02d}{n:02d}00"),
    "epoch": lambda r: f"timestamp {r.randint(1_400_000_000, 1_790_000_000)}",
    "guid": _uuid,
    "commit": lambda r: draw(r, HEX, 40),
    "short commit": lambda r: f"commit {draw(r, HEX, 8)}",
    "price": lambda r: f"${r.randint(1, 999)},{digits(3)(r)},{digits(3)(r)}.{digits(2)(r)}",
    "isbn": lambda r: f"ISBN {_isbn(r)}",
    "measurements": lambda r: " ".join(str(r.randint(10, 99)) for _ in range(8)),
    "loopback": lambda r: r.choice(("localhost:3000", "127.0.0.1", "0.0.0.0", "255.255.255.0", "::1")),
    "password, no value": lambda r: r.choice(_NO_PASSWORDS),
    "failed card check": lambda r: _failed("4" + draw(r, string.digits, 14)),
    "mention": lambda r: r.choice(("@airline", "@someone please", "<@U02AB3CD4>", "git@git.example.com:team/app.git")),
}  # fmt: skip
HELD_OUT: Final[dict[str, Text]] = {
    "invoice": lambda r: f"invoice no. {digits(4)(r)}-{digits(6)(r)}",
    "tracking": lambda r: f"tracking number 1Z{draw(r, ALNUM.upper(), 16)}",
    "case number": lambda r: f"case {digits(8)(r)}",
    "jira key": lambda r: f"PROJ-{digits(5)(r)}",
    "stop code": _stop_code,
    "browser": _browser,
    "chrome": lambda r: f"Chrome/{r.randint(70, 140)}.0.{r.randint(3000, 7000)}.{r.randint(10, 250)}",
    "driver": lambda r: f"driver {r.randint(10, 31)}.0.{r.randint(10, 15)}.{r.randint(1000, 9999)}",
    "build": lambda r: f"build {r.randint(10, 26)}{digits(3)(r)}.{r.randint(1, 999)}",
    "log time": lambda r: _date(r, "{d:02d}/Mar/{y}:{h:02d}:{n:02d}:09 +0100"),
    "time with fraction": lambda r: _date(r, "{y}-{m:02d}-{d:02d}T{h:02d}:{n:02d}:44.123456Z"),
    "german date range": lambda r: _date(r, "{d:02d}.{m:02d}.{y} - {d:02d}.{m:02d}.2027"),
    "euro price": lambda r: f"{r.randint(1, 99)}.{digits(3)(r)}.{digits(3)(r)},50 €",
    "sha256": lambda r: draw(r, HEX, 64),
    "md5": lambda r: f"md5 {draw(r, HEX, 32)}",
    "mac": lambda r: ":".join(draw(r, HEX, 2) for _ in range(6)),
    "coordinates": lambda r: f"{r.uniform(-60, 60):.6f}, {r.uniform(-170, 170):.6f}",
    "resolution": lambda r: f"{r.choice(('1920x1080', '2560 x 1440', '3840×2160'))} at 144 Hz",
    "imei": lambda r: f"IMEI {digits(15)(r)}",
    "ean": lambda r: f"EAN 40{draw(r, string.digits, 11)}",
    "path with id": lambda r: f"https://example.com/questions/{digits(8)(r)}/how-to-{digits(4)(r)}",
    "query id": lambda r: f"https://example.com/t?id={digits(10)(r)}&page=2",
    "readings": lambda r: "values " + ", ".join(f"{r.uniform(0, 99):.2f}" for _ in range(6)),
    "bytes": lambda r: f"{digits(10)(r)} bytes",
    "line range": lambda r: f"lines {r.randint(1000, 4000)}-{r.randint(5000, 9000)}",
    "kernel": lambda r: f"Linux {r.randint(4, 6)}.{r.randint(0, 19)}.0-{r.randint(20, 120)}-generic",
    "clause": lambda r: f"section {r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)}",
    "retina": lambda r: f"icon@{r.randint(2, 3)}x.png",
    "password, still none": lambda r: r.choice(_STILL_NONE),
    "code of c++": lambda r: r.choice(("std::vector<int>::iterator", "a::b::c", "list[1::2]", "12:30:45:678")),
}  # fmt: skip


def traps() -> list[Format]:
    """Every kind of trap; the text stands alone, with nothing in it to be found."""
    return [
        *(Format("trap", name, "dev", _maker(make)) for name, make in DEV.items()),
        *(Format("trap", name, "held_out", _maker(make)) for name, make in HELD_OUT.items()),
    ]


def _maker(make: Text) -> Callable[[random.Random], tuple[str, str]]:
    return lambda rng: (ANYWHERE, make(rng))
