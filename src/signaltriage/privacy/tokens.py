"""Secrets that show themselves by their form: keys and tokens with a prefix of their maker, JWTs, private keys.

The prefixes are the makers' own, as their documentation and the public scanners (gitleaks, detect-secrets) list them.
detect-secrets itself scans files by lines with global settings, brings an HTTP client along, and its patterns alone
take three times as long for a text of 300 characters as the whole redaction does.
"""

from __future__ import annotations

import re
from typing import Final

from signaltriage.privacy.spans import Stretch

_A: Final = "[A-Za-z0-9]"
_W: Final = r"[\w-]"
# Maker's prefix and the least that follows. No upper limit: a pattern that takes all there is never turns back, which
# keeps it linear, and leaves no tail of a longer key behind.
_PREFIXED: Final[tuple[tuple[str, str], ...]] = (
    *(
        (f"A{p}", r"[A-Z0-9]{12,}") for p in ("KIA", "SIA", "BIA", "CCA", "GPA", "IDA", "ROA", "IPA", "NPA", "NVA")
    ),  # AWS
    *((p, r"[\w.-]{20,}") for p in ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_")),
    *((f"gl{p}-", r"[\w.-]{16,}") for p in ("pat", "ptt", "rt", "rtr", "dt", "ft", "cbt", "soat")),
    *((f"gl{p}-", r"[\w.-]{16,}") for p in ("oas", "imt", "agent", "ffct", "wt")),  # GitLab, with those above
    *((p, r"[\w.-]{10,}") for p in ("xoxa-", "xoxb-", "xoxc-", "xoxd-", "xoxe-", "xoxe.", "xoxo-", "xoxp-", "xoxr-")),
    *((p, r"[\w-]{10,}") for p in ("xoxs-", "xapp-", "xwfp-")),  # Slack, with those above
    *((f"{p}_{m}_", _A + "{10,}") for p in ("sk", "rk", "pk") for m in ("live", "test")),  # Stripe
    ("whsec_", "[A-Za-z0-9+/=]{20,}"),
    ("AIza", _W + "{30,}"),  # Google, with the next three
    ("GOCSPX-", _W + "{20,}"),
    ("ya29.", r"[\w.-]{20,}"),
    ("1//0", _W + "{30,}"),
    ("sk-", r"(?=[A-Za-z_-]{0,40}\d|[\w-]{32})[\w-]{20,}"),  # OpenAI, Anthropic and their like
    *((p, _A + "{30,}") for p in ("hf_", "npm_", "gsk_", "r8_", "ntn_", "lin_api_", "pplx-", "xai-", "secret_")),
    *((p, _W + "{32,}") for p in ("pypi-", "ATATT3", "ATCTT3", "nvapi-", "figd_", "CFPAT-", "glsa_", "phc_", "phx_")),
    *((p, "[a-fA-F0-9]{32,}") for p in ("dop_v1_", "doo_v1_", "dor_v1_", "shpat_", "shpca_", "shppa_", "shpss_")),
    *((p, "[a-fA-F0-9]{32,}") for p in ("rubygems_", "sbp_", "sgp_", "dapi", "pul-", "AC", "SK")),
    *((p, _W + "{20,}") for p in ("sq0atp-", "sq0csp-", "sq0idp-", "tskey-", "hvs.", "hvb.", "hvr.", "NRAK-")),
    *((p, r"[\w.-]{30,}") for p in ("dp.pt.", "dp.st.", "dp.ct.", "ops_ey", "sntrys_", "pat-na", "pat-eu", "PMAK-")),
    ("SG.", r"[\w-]{16,}\.[\w-]{16,}"),
    ("key-", "[a-z0-9]{32,}"),
    ("EAA", _A + "{60,}"),
    ("AGE-SECRET-KEY-1", "[A-Z0-9]{50,}"),
)
_COMPILED: Final = tuple(
    (prefix, re.compile(rf"(?<![A-Za-z0-9]){re.escape(prefix)}{rest}")) for prefix, rest in _PREFIXED
)
_SHORTEST: Final = 15
"""Characters without a blank that the shortest of all these has."""
_JWT: Final = re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*){0,3}")
_BOT: Final = re.compile(r"(?<!\d)\d{8,10}:AA[\w-]{30,}")
_HOOK: Final = re.compile(
    r"(?:hooks\.slack\.com/(?:services|workflows|triggers)|discord(?:app)?\.com/api/webhooks|webhook\.office\.com/webhookb2)"
    r"/([\w/@-]{16,})"
)
_PEM: Final = re.compile(r"-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_BODY: Final = re.compile(
    r"(?:(?:\\[rn]|\s){0,8}[A-Za-z0-9+/=:.,-]{16,})*(?:(?:\\[rn]|\s){0,8}[A-Za-z0-9+/]{2,}={0,2}(?!\S))?"
)


def find_tokens(text: str) -> list[Stretch]:
    """Where tokens of known form and private keys stand."""
    # A prefix is looked for in the few words that are long enough, a private key wherever it is.
    long = " ".join([word for word in text.split() if len(word) >= _SHORTEST])
    if not long:
        return _private_keys(text) if "-----BEGIN" in text else []
    found = [m.span() for prefix, form in _COMPILED if prefix in long for m in form.finditer(text)]
    if "eyJ" in long:
        found += [match.span() for match in _JWT.finditer(text)]
    if ":AA" in long:
        found += [match.span() for match in _BOT.finditer(text)]
    if "hook" in long:
        found += [match.span(1) for match in _HOOK.finditer(text)]
    if "-----BEGIN" in text:
        found += _private_keys(text)
    return found


def _private_keys(text: str) -> list[Stretch]:
    """From the opening line to the closing one, or as far as it looks like a key where the end was cut off."""
    found: list[Stretch] = []
    opened: re.Match[str] | None = None
    for line in [*_PEM.finditer(text), None]:
        if opened is not None:
            if line is not None and line.group(1) == "END":
                found.append((opened.start(), line.end()))
            else:
                body = _BODY.match(text, opened.end(), line.start() if line else len(text))
                found.append((opened.start(), body.end() if body else opened.end()))
        opened = line if line is not None and line.group(1) == "BEGIN" else None
    return found
