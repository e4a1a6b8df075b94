"""What goes, what stays, and that what is left reads well. All values are invented, or reserved for examples."""

from __future__ import annotations

import random
import string
import time
from collections.abc import Mapping

import pytest

from signaltriage.privacy import PLACEHOLDER, Redactor

# Put together here, so that no scanner of repositories takes them for a leak.
_KEY = "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
_PEM = "-----{} RSA PRIVATE KEY-----"


def redacted(text: str) -> str:
    return Redactor().text(text).text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("write to jo@example.com.", "write to [email]."),
        ("<jo.bloggs+vpn@mail.example.co.uk>", "<[email]>"),
        ("<mailto:jo@example.org|jo@example.org>", "<mailto:[email]|[email]>"),
        ("josé@example.com, JO@EXAMPLE.COM; юля@пример.рф", "[email], [email]; [email]"),
        ("連絡はtaro@example.jpまで", "連絡は[email]まで"),
        ("jo (at) example dot com or jo[at]example.com", "[email] or [email]"),
        ("jo [at] mail [dot] example [dot] com", "[email]"),
        ("email jo dot bloggs at example dot com now", "email [email] now"),
        ("?mail=jo%40example.com&x=1 jo&#64;example.com", "?mail=[email]&x=1 [email]"),
        ("tags=author%3Ajo%40example.com", "tags=author%3A[email]"),
        ("ask jo@example.com.Thanks", "ask [email].Thanks"),
        ('"jo bloggs"@example.com', "[email]"),
    ],
)
def test_email_addresses_go(text: str, wanted: str) -> None:
    assert redacted(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "call +44 20 7946 0958",
        "+442079460958",
        "+44 (0)20 7946 0958",
        "(+49) 30 901820",
        "0049 30 901820",
        "011 39 06 6982",
        "(555) 010-9999",
        "555-010-9999",
        "555.010.9999 x12",
        "The invoice 201-555-2645 page shows nothing",
        "1-800-555-0199",
        "+1 (415) 555-2671 ext. 44",
        "020 7946 0958",
        "07700 900123",
        "Tel: 030/901820",
        "my number is 0151 23456789",
        "mobile 555 1234",
        "ring me on 5550109999",
        "(11) 96123-4567",
        "01 23 45 67 89",
        "電話は03-1234-5678です",
        "wa.me/447700900123",
        "967770106873+",
        "0301 1234567 is my mobile",
        "<a href='tel:+4930901820'>",
    ],
)
def test_phone_numbers_go(text: str) -> None:
    without = redacted(text).replace(PLACEHOLDER["phone"], "")
    assert len(without) < len(text)
    assert not any(c.isdigit() for c in without), without


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("card 4111 1111 1111 1111, thanks", "card [card], thanks"),
        ("4111-1111-1111-1111 and 378282246310005.", "[card] and [card]."),
        ("3782 822463 10005", "[card]"),
        ("in 2024 4111 1111 1111 1111 123", "in 2024 [card] 123"),
        ("4111111111111111 123 and exp 1226 4111111111111111", "[card] 123 and exp 1226 [card]"),
        ("DE89 3704 0044 0532 0130 00 AND", "[iban] AND"),
        ("gb82west12345698765432", "[iban]"),
        ("from 10.1.2.3:8080 and 192.168.7.20/24", "from [ip]:8080 and [ip]/24"),
        ("server version 4 on host 10.2.3.4", "server version 4 on host [ip]"),
        ("nothing after the last update 64.34.181.198", "nothing after the last update [ip]"),
        ("https://[2001:db8::8a2e:370:7334]:443 fe80::1%eth0", "https://[[ip]]:443 [ip]%eth0"),
        ("::ffff:10.9.8.7", "[ip]"),
    ],
)
def test_cards_accounts_and_addresses_go(text: str, wanted: str) -> None:
    assert redacted(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"gh{'p_'}{_KEY} and glpat-{_KEY[:20]}", "[secret] and [secret]"),
        (f"{'AK'}IAABCDEFGHIJKLMNOP", "[secret]"),
        (f"xo{'xb-'}1234567890-{_KEY}", "[secret]"),
        (f"sk{'_live_'}{_KEY[:24]} sk-{'proj-'}{_KEY}", "[secret] [secret]"),
        (f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{_KEY}", "[secret]"),
        (f"{_PEM.format('BEGIN')}\n{_KEY}\n{_PEM.format('END')} done", "[secret] done"),
        (f"{_PEM.format('BEGIN')} {_KEY} {_KEY}", "[secret]"),
        (
            f"https://hooks.slack.com/services/T0{_KEY[:6]}/B0{_KEY[:6]}/{_KEY}",
            "https://hooks.slack.com/services/[secret]",
        ),
        ("passphrase: correct-horse-battery-staple now", "passphrase: [secret] now"),
        ("Set-Cookie: sid=c7207e8b9a4b83873f5e; HttpOnly", "Set-Cookie: sid=[secret]; HttpOnly"),
        ("password: hunter2 and now?", "password: [secret] and now?"),
        ('{"password": "open sesame", "user": "jo"}', '{"password": "[secret]", "user": "jo"}'),
        ("DB_PASSWORD=xyzzy;user=jo", "DB_PASSWORD=[secret];user=jo"),
        ("Password: Sunshine", "Password: [secret]"),
        ("the wifi password is blue42horse.", "the wifi password is [secret]."),
        ("mot de passe : soleil77, Passwort ist x9y8z7", "mot de passe : [secret], Passwort ist [secret]"),
        ("api_key=f3a9c07b1e4d4c22", "api_key=[secret]"),
        ("Authorization: Bearer abcdef0123456789", "Authorization: Bearer [secret]"),
        ("Authorization: Basic am86aHVudGVyMg==", "Authorization: Basic [secret]"),
        ("postgres://app:s3cr3t@db.example.com/x", "postgres://app:[secret]@db.example.com/x"),
        ("curl -u admin:hunter2 https://x", "curl -u admin:[secret] https://x"),
        ("login --password hunter2 --now", "login --password [secret] --now"),
        ("/f.pdf?X-Amz-Expires=60&X-Amz-Signature=0f1e2d3c4b5a", "/f.pdf?X-Amz-Expires=60&X-Amz-Signature=[secret]"),
        ("cvv: 123, my pin is 4821", "cvv: [secret], my pin is [secret]"),
    ],
)
def test_secrets_go_and_what_announces_them_stays(text: str, wanted: str) -> None:
    assert redacted(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "order 12345678901, ticket #987654321, case 5551234567",
        "INC0012345 and 0x80070005",
        "2019-01-31 05:06:57, 31.12.2019 10:15, 02 25 2026, 20190131050657",
        "timestamp 1546300800 and 1546300800123",
        "version 10.2.3.4, v1.2.3.4, Firefox 3.6.0.13, driver 30.0.15.1179",
        "Chrome/96.0.4664.110, Racket 7.3.0.3, section 3.2.1.4",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "9fceb02d0ae598e95dc970b74767f19372d61af8",
        "price $1,234,567.89 or 1.234.567,50 €",
        "ISBN 978-3-16-148410-0",
        "10 20 30 40 50 60 70 80",
        "4111 1111 1111 1112",
        "DE88 3704 0044 0532 0130 00",
        "localhost 127.0.0.1 0.0.0.0 255.255.255.0 ::1",
        "std::vector a::b list[1::2] 12:30:45 aa:bb:cc:dd:ee:ff",
        "git@example.com:team/app.git icon@2x.png @someone user@host",
        "https://example.com/questions/53937982/how-to-5551234?id=5551234567",
        "look at example dot com",
        "the password is incorrect; Password: required; forgot my password again",
        "password = $DB_PASSWORD, token=${TOKEN}, password: <your password>, pwd=****",
        "password manager, secret santa, the token expired, basic authentication, API key not working",
        "I called 3 times in 2019, 2020 and 2021",
        "123-4567890-1234567 was ordered",
        "Linux 4.18.0-111-generic phone settings",
        "contact: 3546978563 bytes were lost",
        "enter your password= on the next page",
        "icon@3x.png",
        "AdapterDriverVersion: 24.2.8.0 in ~/racket/7.3.0.3-cs",
        "S-1-5-21-5866910441-909124788-9025540570-1001 is my contact",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert redacted(text) == text


def test_counts_say_how_many_of_each_kind() -> None:
    counts: Mapping[str, int] = Redactor().text("jo@example.com, bo@example.com from 10.1.2.3").counts
    assert counts == {"email": 2, "ip": 1}
    assert Redactor().text("nothing here").counts == {}


def test_regions_decide_which_national_numbers_are_known_by_their_shape() -> None:
    text = "0151 23456789 did not work"
    assert Redactor(regions=("DE",)).text(text).text == "[phone] did not work"
    assert Redactor(regions=("US",)).text(text).text == text


def test_placeholders_announce_nothing() -> None:
    text = "[phone] 5551234567, [secret] abcdefgh12345678, [card] 5018000000000009, [ip] 1.2.3.4"
    assert redacted(text) == text


_HOSTILE = {
    "at-signs": "a@",
    "half addresses": "a@a.",
    "digits": "1",
    "digits and blanks": "1 ",
    "phones": "+44 20 7946 0958 ",
    "cards": "4111 1111 1111 1111 ",
    "passwords": "password=",
    "tokens": "token=a1 ",
    "announced again and again": "secret_",
    "keys cut off": _PEM.format("BEGIN"),
    "half tokens": "eyJaaaaaaaa-",
    "colons": "a:b:",
    "accounts": "DE89 3704 ",
    "user names in links": "://a:b@",
    "quotes": '"@',
    "spelt": "a (at) b (dot) ",
}


@pytest.mark.slow
@pytest.mark.parametrize("unit", _HOSTILE.values(), ids=_HOSTILE)
def test_time_is_linear_on_hostile_texts(unit: str) -> None:
    def seconds(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        started = time.process_time()
        Redactor().text(text)
        return time.process_time() - started

    # Ten times the text may take ten times as long, and a slow machine its time; quadratic would be a hundred times.
    assert seconds(1_000_000) < max(4.0, 40 * seconds(100_000))


@pytest.mark.slow
def test_random_characters_take_no_more() -> None:
    rng = random.Random(0)
    for alphabet in (string.printable, "0123456789 -.()+", string.hexdigits + ":.", "@.a% "):
        text = "".join(rng.choices(alphabet, k=300_000))
        started = time.process_time()
        Redactor().text(text)
        assert time.process_time() - started < 10
