"""Keys, tokens and passwords for `python -m eval.privacy`, by their makers' forms and as people pass them on."""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Callable
from typing import Final

from eval.privacy_sets import ALNUM, ANYWHERE, HEX, URLSAFE, Format, Maker, draw, kind_formats, within

_OTHER_LANGUAGES: Final = (
    "Mein Passwort ist {}",
    "mot de passe : {}",
    "contraseña: {}",
    "senha={}",
    "Wachtwoord: {}",
)


def one_of(templates: tuple[str, ...], make: Callable[[random.Random], str]) -> Maker:
    """The value in one of some templates."""
    return lambda rng: (rng.choice(templates), make(rng))


def _jwt(rng: random.Random) -> str:
    parts = ('{"alg":"HS256","typ":"JWT"}', f'{{"sub":"{rng.randint(1000, 9999)}","name":"x"}}')
    head = [base64.urlsafe_b64encode(p.encode()).decode().rstrip("=") for p in parts]
    return ".".join((*head, draw(rng, URLSAFE, 43)))


def _pem(rng: random.Random, name: str) -> str:
    body = "\n".join(draw(rng, ALNUM + "+/", 64) for _ in range(3))
    return f"-----BEGIN {name}-----\n{body}\n-----END {name}-----"


def _basic(rng: random.Random) -> str:
    return base64.b64encode(f"{rng.choice(('ana', 'bo', 'chidi', 'grete'))}:{draw(rng, ALNUM, 9)}".encode()).decode()


def _password(rng: random.Random) -> str:
    return draw(rng, ALNUM, rng.randint(8, 14)) + rng.choice(("", "!", "#9", "$1"))


def _hook(rng: random.Random) -> str:
    capitals = string.ascii_uppercase + string.digits
    return f"T{draw(rng, capitals, 8)}/B{draw(rng, capitals, 8)}/{draw(rng, ALNUM, 24)}"


def secret_formats() -> list[Format]:
    """Every format of keys, tokens and passwords."""

    def shaped(prefix: str, alphabet: str, size: int) -> Maker:
        return within(ANYWHERE, lambda r: prefix + draw(r, alphabet, size))

    dev: dict[str, Maker] = {
        "aws id": shaped("AKIA", string.ascii_uppercase + "234567", 16),
        "aws secret": one_of(
            ("aws_secret_access_key={}", "AWS secret access key: {}"), lambda r: draw(r, ALNUM + "/+", 40)
        ),
        "github": shaped("ghp_", ALNUM, 36),
        "gitlab": shaped("glpat-", URLSAFE, 20),
        "slack bot": within(
            ANYWHERE, lambda r: f"xoxb-{r.randint(10**11, 10**12)}-{r.randint(10**11, 10**12)}-{draw(r, ALNUM, 24)}"
        ),
        "stripe": shaped("sk_live_", ALNUM, 24),
        "google": shaped("AIza", URLSAFE, 35),
        "openai": shaped("sk-proj-", ALNUM, 48),
        "jwt": within(ANYWHERE, _jwt),
        "pem": within(ANYWHERE, lambda r: _pem(r, "RSA PRIVATE KEY")),
        "bearer": within("Authorization: Bearer {}", lambda r: draw(r, URLSAFE, 32)),
        "basic": within("Authorization: Basic {}", _basic),
        "password=": one_of(("password={}", "DB_PASSWORD={}", '"password": "{}"', "Password: {}"), _password),
        "password is": one_of(("my password is {}", "the wifi password is {} by the way"), _password),
        "in a url": one_of(
            ("postgres://app:{}@db.example.com/main", "https://bo:{}@git.example.com/x.git"),
            lambda r: draw(r, ALNUM, 12),
        ),
        "signed url": within(
            "https://b.s3.amazonaws.com/f.pdf?X-Amz-Expires=60&X-Amz-Signature={}", lambda r: draw(r, HEX, 64)
        ),
        "api key": one_of(
            ("api_key={}", "API key: {}", "x-api-key: {}", "the token is {}"), lambda r: draw(r, HEX, 32)
        ),
    }
    held: dict[str, Maker] = {
        "aws session id": shaped("ASIA", string.ascii_uppercase + "234567", 16),
        "github fine": within(ANYWHERE, lambda r: f"github_pat_{draw(r, ALNUM, 22)}_{draw(r, ALNUM, 59)}"),
        "github app": shaped("ghs_", ALNUM, 36),
        "slack user": within("token {}", lambda r: f"xoxp-{r.randint(10**11, 10**12)}-{draw(r, ALNUM, 32)}"),
        "slack hook": within("https://hooks.slack.com/services/{}", _hook),
        "stripe restricted": shaped("rk_live_", ALNUM, 24),
        "google oauth": shaped("GOCSPX-", URLSAFE, 28),
        "anthropic-like": shaped("sk-ant-api03-", URLSAFE, 90),
        "hugging face": shaped("hf_", string.ascii_letters, 34),
        "sendgrid": within(ANYWHERE, lambda r: f"SG.{draw(r, URLSAFE, 22)}.{draw(r, URLSAFE, 43)}"),
        "pem, one line": within(ANYWHERE, lambda r: _pem(r, "EC PRIVATE KEY").replace("\n", " ")),
        "openssh": within("```\n{}\n```", lambda r: _pem(r, "OPENSSH PRIVATE KEY")),
        "curl header": within("curl -H 'authorization: bearer {}'", lambda r: draw(r, HEX, 40)),
        "curl user": within("curl -u admin:{} https://api.example.com", _password),
        "flag": within("mycli login --password {} --verbose", _password),
        "yaml": within("smtp:\n  passwd: {}\n  port: 587", _password),
        "other languages": one_of(_OTHER_LANGUAGES, _password),
        "connection string": within("Server=db;User Id=sa;Password={};Encrypt=true", lambda r: draw(r, ALNUM, 12)),
        "client secret": within("client_secret: '{}'", lambda r: draw(r, URLSAFE, 40)),
        "sas": within("https://x.blob.core.example.net/c/f?sv=2022-11-02&sig={}", lambda r: draw(r, ALNUM, 43) + "%3D"),
        "cvv": one_of(("cvv: {}", "CVC is {}"), lambda r: draw(r, string.digits, 3)),
    }  # fmt: skip
    return kind_formats("secret", dev, held)
