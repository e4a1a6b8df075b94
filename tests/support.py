"""What tests share: labelled signals of a made-up company, small encoders, a way to run the command line."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ["st_team", "st_outcome", "st_probability", "st_best_guess", "st_runner_up", "st_reason"]

SIGNALS: dict[str, tuple[str, ...]] = {
    "payments": (
        "I was charged twice for the same order, please refund one of the two payments",
        "My card is declined at checkout although it works in every other shop",
        "Where is my refund? You promised it five days ago and my bank shows nothing",
        "The invoice shows the wrong VAT number, can you send me a corrected one",
        "Paid by PayPal but the order still says payment pending",
        "Why was an extra fee of 4.99 taken from my credit card last night?",
        "checkout keeps spinning after i enter my card number and then says payment failed",
        "Please move my subscription from monthly to yearly billing",
        "The discount code was accepted but the full price was charged",
        "I cancelled last month and you still took money from my account",
        "Refund went to an old card that I no longer own",
        "Need a receipt for my March payment, the invoice page is empty",
        "Double payment on my credit card statement, I want my money back",
    ),
    "identity": (
        "I cannot log in, the password reset e-mail never arrives",
        "My account is locked after three wrong passwords",
        "The two-factor code from the authenticator is always rejected at login",
        "New colleague needs access to the sales folder, single sign-on says not authorised",
        "Reset my password please, I am locked out since this morning",
        "Sign-in with Google stopped working, it says account not found",
        "I changed my phone and lost my authenticator, cannot log in any more",
        "The password reset link has expired every time I click it",
        "please give me admin permission for the project, login works but access is denied",
        "Account locked again!! Third time this week I must reset the password",
        "Someone logged in to my account from another country, please block access",
        "SSO login loops back to the sign-in page and never lets me in",
        "How do I change the e-mail address of my account login",
    ),
    "network": (
        "VPN drops every ten minutes when I work from home",
        "The office wifi on floor three is unbearably slow since Monday",
        "Cannot connect to the VPN, it stops at verifying the certificate",
        "No internet in meeting room Oslo, the network cable seems dead",
        "The VPN client asks for an update and then the connection fails",
        "wifi keeps disconnecting my laptop during video calls",
        "File server is unreachable over VPN, the connection times out",
        "Network printer on the second floor has lost its connection",
        "Guest wifi does not hand out an address to visitors",
        "Video calls stutter, the network latency in the Berlin office is awful",
        "vpn very slow today, downloads crawl at 20 kilobytes",
        "The router in the warehouse blinks red and wifi is gone",
        "Cannot reach the intranet from home, VPN is connected though",
    ),
    "payroll": (
        "My payslip for April is missing two overtime shifts",
        "Salary was paid late again this month, when will it come?",
        "How many days of annual leave do I have left this year",
        "The tax class on my payslip is wrong since I got married",
        "My expense claim for the trip to Lyon has not been paid out with the salary",
        "I need a certificate of employment and salary for my landlord",
        "Parental leave request still waits for approval by HR",
        "The leave calendar shows a sick day as annual leave",
        "Bank details for my salary changed, where do I update them with HR",
        "Overtime from last month does not appear on the payslip",
        "My bonus is not on the payslip although my manager confirmed it",
        "Who at HR approves unpaid leave of three weeks?",
        "Payslip portal shows somebody else's salary, please check at once",
    ),
    "shipping": (
        "My parcel has been stuck in the sorting centre for six days",
        "The courier says delivered but there is no package at my door",
        "Wrong item in the box, I ordered the blue lamp and got a red one",
        "Tracking number is not recognised by the carrier's site",
        "The package arrived crushed and the glass inside is broken",
        "Can you deliver the parcel to a pickup point instead of my home",
        "Half of my order is missing from the delivery",
        "delivery was promised for friday, tracking still says label created",
        "Please change the delivery address before the parcel leaves the warehouse",
        "The courier left my package in the rain and everything is wet",
        "How do I send the wrong item back, there is no return label in the box",
        "Parcel returned to sender although the address was right",
        "Two weeks and no delivery, tracking has not moved since the 3rd",
    ),
    "app": (
        "The app crashes as soon as I open the photo screen on Android",
        "After the latest update the app shows only a white screen",
        "Push notifications come hours late on my iPhone",
        "Dark mode makes the buttons of the app unreadable",
        "The app freezes when I rotate the tablet",
        "Search in the app returns nothing since version 5.2",
        "app crash on startup, reinstalling did not help, pixel 7",
        "The update drains my battery, the app runs in the background all day",
        "Buttons overlap the text on small screens in the app",
        "Scrolling is jerky on the home screen since the new version of the app",
        "Cannot upload a picture, the app says unknown error and closes",
        "Widget on the Android home screen is empty after the update",
        "The app forgets my language and goes back to English at every start",
    ),
}
# Too vague to tell whose they are: without them every held-out guess would be right and nothing held for a person.
VAGUE = {
    "payments": ("It still does not work, please help", "What happened yesterday evening?", "nobody answers me"),
    "identity": ("Same problem as last time", "please call me back", "Error again!!"),
    "network": ("nothing works this morning", "Still waiting for an answer", "is there a known problem today?"),
    "payroll": ("Who can help me with this?", "I wrote to you last week already", "see the attached file"),
    "shipping": ("This is not acceptable", "any news?", "I would like to complain"),
    "app": ("help", "It worked fine until yesterday", "why does it take so long"),
}
_ROWS = [(text, team) for part in (SIGNALS, VAGUE) for team, texts in part.items() for text in texts]
TEXTS = [text for text, _ in _ROWS]
TEAMS = [team for _, team in _ROWS]
FRESH = [
    "the vpn will not connect from my hotel",
    "please refund the double charge on my card",
    "my payslip misses a week of overtime",
    "forgot my password and the reset mail does not come",
    "package marked as delivered, nothing here",
    "the new version of the app crashes at start",
    "Can somebody water the plants in the lobby?",
    "xqzt",
    "",
]


class WordsEncoder:
    """Each word has a random direction, a text the sum of its words': learnable, instant, nothing to load."""

    def __init__(self, dimension: int = 48) -> None:
        self.name = "words"
        self.dimension = dimension
        self.digest = hashlib.sha256(f"words-{dimension}".encode()).hexdigest()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([self._vector(text) for text in texts], dtype=np.float32).reshape(len(texts), self.dimension)

    def _vector(self, text: str) -> np.ndarray:
        words = re.findall(r"\w+", text.lower()) or [""]
        total = sum(direction(word, self.dimension) for word in words)
        return total / np.linalg.norm(total)


@cache
def direction(word: str, dimension: int) -> np.ndarray:
    key = hashlib.sha256(word.encode("utf-8", "replace")).digest()[:8]
    return np.random.default_rng(list(key)).normal(size=dimension)


def write_csv(path: Path, rows: Iterable[Mapping[str, object]]) -> Path:
    """A CSV file with the keys of the first row as its header."""
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(listed[0]))
        writer.writeheader()
        writer.writerows(listed)
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, every cell as text."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def folder_bytes(path: Path) -> dict[str, bytes]:
    """Every file below a folder by its relative name."""
    return {str(file.relative_to(path)): file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}


def without_time(files: Mapping[str, bytes]) -> dict[str, object]:
    """The files of a model folder, the manifest as a record without the one thing that may differ between two runs."""
    manifest = json.loads(files["manifest.json"])
    manifest.pop("created_at")
    return {**files, "manifest.json": manifest}


def python(code: str, *args: object, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own."""
    command = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, env=environment())


def signaltriage(*args: object, stdin: bytes | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    done = subprocess.run(
        command_line(*args), input=stdin, capture_output=True, timeout=120, check=False, env=environment(**env)
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    )


def command_line(*args: object) -> list[str]:
    return [sys.executable, "-m", "signaltriage.cli", *map(str, args)]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "HF_HUB_OFFLINE": "1", "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", **more}


def summary(done: Any) -> dict[str, Any]:
    """The one JSON object on stdout."""
    record = json.loads(done.stdout)
    assert isinstance(record, dict)
    return record
