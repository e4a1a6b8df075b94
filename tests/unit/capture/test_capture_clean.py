# ruff: noqa: E501 (samples are kept on one line each)
"""What a ticket holds becomes what the person said. All samples are made up."""

import time

import pytest

from signaltriage.capture import MAX_CHARACTERS, STEPS, clean_text
from signaltriage.capture.clean import cap
from signaltriage.capture.html import html_to_text, looks_like_html, unescape_entities
from signaltriage.capture.mail import drop_boilerplate, drop_quoted, drop_signature

SAME = [
    "",
    "The export hangs at 90 %.",
    "unable access share drive please reset permission thank you engineer",
    "if a < b and c > d then x <b and y> z",
    "List<String> becomes Map<String, Integer>",
    "replace <username> with yours",
    "AT&T bill & more, see page?a=1&copy=2",
    "2 * 3 * 4 and a_b_c and **kwargs",
    "C:\\Users\\ana\\Desktop stays",
    "meeting at 10:30:45, ratio 3:2:1",
    "My flight on Monday; I wrote: nothing came",
    "Grüße aus Köln 日本語 😀",
    "how does <p> differ from a line break",
    "@airline lost my bag #fail",
    "From: Berlin\nTo: Oslo\nPassengers: two",
    "Sent from my account to the client but it never arrived, why?\nplease check",
    "Unsubscribe link does not work\nI click and nothing happens.",
    "Data leak\nThis email with confidential data went to the wrong person, please delete it",
    "Need access\nThanks\nUser: jdoe\nSystem: payroll",
    "Two wishes\nthanks\n1. a new badge\n2. a parking spot",
    "https://example.com/a",
]


@pytest.mark.parametrize("text", SAME)
def test_what_has_nothing_to_clean_stays(text: str) -> None:
    assert clean_text(text) == text


HTML = [
    (
        "<p>Hello <b>team</b>,</p><p>it is&nbsp;empty &amp; slow.<br/>Since 3&nbsp;May</p>",
        "Hello team,\nit is empty & slow.\nSince 3 May",
    ),
    ("<style>p {color: red}</style><script>alert('x')</script><div>Only this</div>", "Only this"),
    ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
    ("<table><tr><th>Error</th><td>E42</td></tr><tr><td>Page</td><td>cart</td></tr></table>", "Error E42\nPage cart"),
    ("<p>source\nlines\nare no lines</p>", "source lines are no lines"),
    ("first line\nsecond <b>line</b>", "first line\nsecond line"),
    ("<pre>E1: no route\nE2: retry</pre>", "E1: no route\nE2: retry"),
    ("<p>write to <john@example.com> or <team></p>", "write to <john@example.com> or <team>"),
    ("<p>a<o:p></o:p><x-note>b</x-note></p>", "ab"),
    ('<div style="display:none">preheader</div><div>Body</div>', "Body"),
    ("Crash<!-- internal <b>note</b> --> <br> today", "Crash\ntoday"),
    ("&lt;p&gt;escaped twice &amp;amp; more&lt;/p&gt;", "escaped twice & more"),
    ("<p>unclosed <b>bold <i>text", "unclosed bold text"),
    ("<p>5 < 6 and <br>7 > 3", "5 < 6 and\n7 > 3"),
    ("<p>Pay <a href='https://pay.example.com/x'>here</a></p>", "Pay here"),
    ("<![if !mso]><p>Seen</p><![endif]>", "Seen"),
    ("<p>cut in the mid<a href=", "cut in the mid<a href="),
]


@pytest.mark.parametrize(("raw", "text"), HTML)
def test_html(raw: str, text: str) -> None:
    assert clean_text(raw) == text


@pytest.mark.parametrize(
    "raw",
    [
        '<div>Still no invoice.</div><div class="gmail_quote">On Mon, Billing wrote:<blockquote>We sent it</blockquote></div>',
        '<p>Still no invoice.</p><blockquote type="cite"><div>We sent it</div></blockquote>',
        '<p>Still no invoice.</p><div class="moz-signature">-- <br>Ana<div>Acme</div></div>',
        '<aside class="quote">We sent it</aside><p>Still no invoice.</p>',
        "<p>Still no invoice.</p><hr><p><b>From:</b> Billing &lt;b@example.com&gt;<br><b>Sent:</b> Monday<br>"
        "<b>To:</b> Ana<br><b>Subject:</b> RE: Invoice</p><p>We sent it</p>",
    ],
)
def test_quoted_mails_in_html(raw: str) -> None:
    assert clean_text(raw) == "Still no invoice."


def test_html_with_nothing_but_a_quotation_keeps_it() -> None:
    assert clean_text('<div class="gmail_quote"><p>You charged me twice</p></div>') == "You charged me twice"


@pytest.mark.parametrize(
    ("text", "is_html"),
    [
        ("a < b", False),
        ("x <b and c> d", False),
        ("use <p> here", False),
        ("<p> at the start", True),
        ("two <b>and <i>", True),
        ("closing </div>", True),
        ("line<br>break", True),
        ('an <a href="x">', True),
        ("<!DOCTYPE html>", True),
        ("vector<int> and List<a>", False),
    ],
)
def test_looks_like_html(text: str, is_html: bool) -> None:
    assert looks_like_html(text) is is_html
    if not is_html:
        assert html_to_text(text) == text


def test_entities_need_their_semicolon() -> None:
    assert unescape_entities("&lt;3 &#39;a&#x27; AT&T &notit; x&copy=1") == "<3 'a' AT&T &notit; x&copy=1"


QUOTED = [
    "On Mon, 3 Mar 2025 at 09:12, Help Desk <help@acme.test> wrote:\n> Have you tried a restart?\n>> older",
    "On Monday, March 3, 2025 at 9:12 AM Help Desk\n<help@acme.test> wrote:\n\nHave you tried a restart?",
    "Am 03.03.2025 um 09:12 schrieb Support <help@acme.test>:\n> Haben Sie neu gestartet?",
    "Le lun. 3 mars 2025 à 09:12, Support <help@acme.test> a écrit :\n> Avez-vous redémarré ?",
    "El lun, 3 mar 2025 a las 9:12, Soporte (<help@acme.test>) escribió:\n> ¿Ha reiniciado?",
    "Il giorno lun 3 mar 2025 alle ore 09:12 Supporto <help@acme.test> ha scritto:\n> Ha riavviato?",
    "Op ma 3 mrt 2025 om 09:12 schreef Support <help@acme.test>:\n> Opnieuw gestart?",
    "Em seg., 3 de mar. de 2025 às 09:12, Suporte <help@acme.test> escreveu:\n> Reiniciou?",
    "Den mån 3 mars 2025 kl 09:12 skrev Support <help@acme.test>:\n> Startat om?",
    "W dniu 3.03.2025 o 09:12, Wsparcie napisał(a):\n> Czy?",
    "2025-03-03 9:12 GMT+01:00 Help Desk <help@acme.test>:\n> Restart?",
    "-----Original Message-----\nFrom: Help\nSent: Monday\nTo: Ana\nSubject: RE: it\n\nRestart it.",
    "-----Ursprüngliche Nachricht-----\nBitte neu starten.",
    "________________________________\nFrom: Help <help@acme.test>\nSent: Monday\nTo: Ana\nSubject: RE: it\n\nRestart it.",
    "Von: Help <help@acme.test>\nGesendet: Montag, 3. März 2025\nAn: Ana\nBetreff: AW: es\n\nBitte neu starten.",
    "De : Help\nEnvoyé : lundi\nÀ : Ana\nObjet : RE: ça\n\nRedémarrez.",
    "*From:* Help\n*Sent:* Monday\n*To:* Ana\n*Subject:* it\n\nRestart it.",
]


@pytest.mark.parametrize("quoted", QUOTED)
def test_quoted_replies_go(quoted: str) -> None:
    assert clean_text(f"It still fails.\n\n{quoted}") == "It still fails."
    assert clean_text(f"It still fails.\r\n\r\n{quoted}".replace("\n", "\r\n")) == "It still fails."


def test_replies_below_and_between_quoted_lines_stay() -> None:
    raw = "On Mon, 3 Mar 2025, Support wrote:\n> Which browser?\nFirefox on Linux.\n> Which page?\nThe cart."
    assert clean_text(raw) == "Firefox on Linux.\nThe cart."


FORWARD = "From: Carla <carla@client.test>\nDate: Mon, 3 Mar 2025\nSubject: Invoice\nTo: <billing@acme.test>\n\nYou charged me twice."


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (f"---------- Forwarded message ---------\n{FORWARD}", "You charged me twice."),
        (FORWARD, "You charged me twice."),
        (f"FYI see below\n\n{FORWARD}", "FYI see below\nYou charged me twice."),
        (f"please advise\n\n{FORWARD}\n\n{FORWARD}", "please advise\nYou charged me twice."),
        (f"Fwd: one of our oldest clients is angry\n\n{FORWARD}", "one of our oldest clients is angry\nYou charged me twice."),
        (f"Begin forwarded message:\n\n{FORWARD}", "You charged me twice."),
        (f"Please refund this client at once, he called three times today.\n\n{FORWARD}", "Please refund this client at once, he called three times today."),
        ("On Mon, 3 Mar 2025, Ana wrote:\n> You charged me twice.", "On Mon, 3 Mar 2025, Ana wrote:\n> You charged me twice."),
    ],
)  # fmt: skip
def test_a_forwarded_mail_is_the_message(raw: str, text: str) -> None:
    assert clean_text(raw) == text


def test_one_line_with_an_angle_mark_is_no_quotation() -> None:
    assert drop_quoted(">90 % CPU on my laptop\nplease help") == "90 % CPU on my laptop\nplease help"


SIGNATURES = [
    "-- \nAna Lopez\nAcme GmbH",
    "--\nAna",
    "Best regards,\nAna Lopez\nSenior Accountant | Acme GmbH\n+49 30 1234567\nana@acme.test",
    "Kind Regards\nAna",
    "Many thanks in advance!\n\nAna\nTel: +49 30 1234567",
    "Thanks, Ana Lopez",
    "Thx\n",
    "Mit freundlichen Grüßen\nAna López",
    "Viele Gruesse\nAna",
    "Cordialement,\nAna",
    "Un saludo,\nAna",
    "Met vriendelijke groet,\nAna",
    "Sent from my iPhone",
    "Get Outlook for iOS<https://aka.ms/xyz>",
    "Von meinem iPhone gesendet",
    "Envoyé de mon iPhone",
    "*Best regards,*\n*Ana*",
]


@pytest.mark.parametrize("signature", SIGNATURES)
def test_signatures_go(signature: str) -> None:
    assert clean_text(f"The door does not open.\n\n{signature}") == "The door does not open."


@pytest.mark.parametrize(
    "text",
    [
        "Thanks",
        "Best regards,\nAna",
        "Regards\nPS: the printer is broken too",
        "Thanks\nIs there any other way to get into the building when the badge does not work?",
        "thanks for nothing\nit broke again",
        "Best\n" + "\n".join(f"a line of {i}" for i in range(20)),
    ],
)
def test_what_only_looks_like_a_signature_stays(text: str) -> None:
    assert drop_signature(text) == text
    assert clean_text(text) == text


def test_sent_from_my_phone_on_the_same_line() -> None:
    assert clean_text("Cannot log in. Sent from my iPhone") == "Cannot log in."


BOILERPLATE = [
    "##- Please type your reply above this line -##",
    "##- Bitte geben Sie Ihre Antwort über dieser Zeile ein. -##",
    "=== Reply above this line ===",
    "Your request (4711) has been updated. To add additional comments, reply to this email.",
    "This email is a service from Acme Support. Delivered by Zendesk",
    "[4GXQ9P-WX2Z]",
    "CAUTION: This email originated from outside of the organization. Do not click links unless you trust them.",
    "[EXTERNAL] This message came from outside your company.",
    "Please do not reply to this email.",
    "You are receiving this email because you have an account.",
    "Unsubscribe",
    "View this email in your browser",
    "Please consider the environment before printing this e-mail",
    "ref:_00D20abc._5003xyz:ref",
    "CONFIDENTIALITY NOTICE: This e-mail is confidential and intended only for\nthe named recipient. Delete it otherwise.",
    "This message and any attachments are confidential and intended solely for the addressee.\n"
    "If you are not the recipient, notify the sender.",
    "Diese E-Mail enthält vertrauliche Informationen. Der Empfänger darf sie nicht weitergeben; bitte löschen.",
    "Ce message est confidentiel; il est réservé au destinataire. Sinon, veuillez le détruire.",
]


@pytest.mark.parametrize("line", BOILERPLATE)
def test_boilerplate_goes(line: str) -> None:
    assert clean_text(f"{line}\n\nThe refund never arrived.") == "The refund never arrived."
    assert clean_text(f"The refund never arrived.\n\n{line}\n") == "The refund never arrived."
    assert drop_boilerplate("nothing of the kind") == "nothing of the kind"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Re: AW: [EXTERNAL] Payment failed", "Payment failed"),
        ("RE[2]: Payment", "Payment"),
        ("I answer re: your mail", "I answer re: your mail"),
        ("Re:", "Re:"),
    ],
)
def test_subject_prefixes(raw: str, text: str) -> None:
    assert clean_text(raw) == text


MARKDOWN = [
    ("# Title\n\nThe **save** button does _nothing_, ~~or~~ see `log.txt`", "Title\nThe save button does nothing, or see log.txt"),
    ("See [the log](https://ci.example.com/x_(1)/y?a=b \"title\") and ![screen](a.png)", "See the log and screen"),
    ("| step | result |\n|------|:------:|\n| click | nothing |", "step result\nclick nothing"),
    ("* one\n- two\n+ three\n- [ ] open\n- [x] done\n---\nend", "one\ntwo\nthree\nopen\ndone\nend"),
    ("__init__ and snake_case_name and 2*3*4", "init and snake_case_name and 2*3*4"),
    ("escaped \\*stars\\* and \\_lines\\_", "escaped *stars* and _lines_"),
    ("Title\n=====\ntext", "Title\ntext"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "text"), MARKDOWN)
def test_markdown(raw: str, text: str) -> None:
    assert clean_text(raw) == text


CHAT = [
    ("<@U02ABCDEF> the <#C01ABCDEF|help-it> wifi is down :rage: since 10:30:45", "the #help-it wifi is down since 10:30:45"),
    ("<!here> see <https://status.example.com/x|status> or <https://example.com>", "see status or https://example.com"),
    ("<mailto:it@acme.test|it@acme.test> a &lt; b &amp; c", "it@acme.test a < b & c"),
    ("<@U02ABCDEF>: could you look?", "could you look?"),
    ("<@W0ABCDEFG|ana> :thumbsup::skin-tone-2: ok", "ok"),
    ("h2. Checkout\nbq. quoted\n{color:red}red{color} {{total}} [the page|https://x.test/a] [~ana] !a b.png|thumbnail!", "Checkout\nquoted\nred total the page"),
    ("{noformat}\nE42\n{noformat}\n{panel:title=x}inside{panel}", "E42\ninside"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "text"), CHAT)
def test_slack_and_jira_marks(raw: str, text: str) -> None:
    assert clean_text(raw) == text


def test_code_blocks_keep_their_first_line_and_the_error() -> None:
    block = "\n".join(["$ deploy", *(f"step {i}" for i in range(40)), "ERROR E42: access denied", "bye"])
    for fence in ("```", "```bash", "{code:java}"):
        closing = "{code}" if fence.startswith("{") else "```"
        assert clean_text(f"Fails:\n{fence}\n{block}\n{closing}\nsince Monday") == (
            "Fails:\n$ deploy\nERROR E42: access denied\nsince Monday"
        )
    assert clean_text("short ```x = 1``` inline") == "short\nx = 1\ninline"
    assert clean_text("an unclosed ``` fence opens\nnothing") == "an unclosed ``` fence opens\nnothing"


TRACES = [
    (
        "java.lang.IllegalStateException: no session\n\tat com.acme.A.b(A.java:1)\n\tat com.acme.C.d(C.java:2)\n"
        "\tat com.acme.E.f(E.java:3)\n\t... 12 more",
        "java.lang.IllegalStateException: no session\nat com.acme.A.b(A.java:1)",
    ),
    (
        'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    run()\n  File "b.py", line 2, in run\n'
        '    go()\n  File "c.py", line 3, in go\n    raise ValueError("bad token")\nValueError: bad token',
        'Traceback (most recent call last):\nFile "a.py", line 1, in <module>\nValueError: bad token',
    ),
    (
        "\n".join(f"2025-03-03 09:12:{i:02d} INFO tick" for i in range(30)) + "\n2025-03-03 09:13:00 FATAL disk failed",
        "2025-03-03 09:12:00 INFO tick\n2025-03-03 09:13:00 FATAL disk failed",
    ),
]


@pytest.mark.parametrize(("raw", "text"), TRACES)
def test_traces_and_logs_keep_the_message(raw: str, text: str) -> None:
    assert clean_text(f"It crashes:\n{raw}\nHelp!") == f"It crashes:\n{text}\nHelp!"


URLS = [
    ("https://www.example.com/help/2024/reset-your-password?utm=1#top.", "example.com reset your password."),
    ("(https://ci.example.com/job/1234/artifact/0a1b2c3d4e5f6a7b8c9d)", "(ci.example.com artifact)"),
    ("https://user:pw@example.com/very/long/path/to/Quarterly%20Report_2025.pdf", "example.com Quarterly Report pdf"),
    ("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUA pic", "pic"),
    ("key " + "aB3" * 30 + " end", "key end"),
    ("b" * 80, "b" * 80),
]


@pytest.mark.parametrize(("raw", "text"), URLS)
def test_addresses_and_encoded_data(raw: str, text: str) -> None:
    assert clean_text(raw) == text


CHARACTERS = [
    ("cafe\u0301", "café"),
    ("zero\u200bwidth \u00adsoft\ufeff", "zerowidth soft"),
    ("a\u200cb \u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "ab \u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
    ("nul\x00 bell\x07 \x1b[0m", "nul bell [0m"),
    ("pair \ud83d\ude00 half \ud800 end", "pair 😀 half end"),
    ("many   spaces\t\u00a0and\n\n\n \nlines\r\nmore\rlast", "many spaces and\nlines\nmore\nlast"),
    ("line\u2028sep\x0bvt\x85nel", "line\nsep\nvt\nnel"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "text"), CHARACTERS)
def test_characters(raw: str, text: str) -> None:
    assert clean_text(raw) == text


def test_something_is_left_whenever_there_are_words() -> None:
    for raw in (
        ":rage:",
        "<title>Only a title</title>",
        "<@U02ABCDEF>",
        "> quoted\n> only",
        "[EXTERNAL]",
        "Unsubscribe",
    ):
        assert clean_text(raw)
    for raw in ("", " \n", "<p></p>", "\x00", "\ud800"):
        assert clean_text(raw) == ""


def test_long_texts_are_cut_but_not_spent_on_style_sheets_and_pictures() -> None:
    assert len(clean_text("word " * 300_000)) <= MAX_CHARACTERS
    css = "<style>" + "p {color: red} " * 5000 + "</style>"
    picture = f'<img src="data:image/png;base64,{"A" * 90_000}">'
    assert (
        clean_text(f"<html><head>{css}<!-- {'x' * 50_000} --></head>{picture}<p>Invoice wrong</p>") == "Invoice wrong"
    )
    cut = cap("x" * (MAX_CHARACTERS - 4) + '<a href="https://example.com">')
    assert cut.endswith("x")


ADVERSARIAL = [
    *(
        "<",
        ">",
        "> a\n",
        "<div>",
        "<!--",
        "<a ",
        '<a href="',
        "<p a=",
        "<style>",
        "</",
        "<![CDATA[",
        "&",
        "&#",
        "&lt;p&gt;",
    ),
    *(
        "[",
        "](",
        "[a](",
        "*",
        "**a",
        "_",
        "`",
        "```\n",
        "{code}",
        "{{a",
        "|",
        "|-",
        "#",
        "\n",
        "\r",
        "- ",
        "--\n",
        "\\",
    ),
    *(
        "On 1 ",
        "On 1\n",
        "wrote:\n",
        "From: a\nSubject: b\n",
        "Thanks,\n",
        "##-",
        ":a",
        ":a:",
        "<@U",
        "<http://",
        "http://a-",
    ),
    *(
        "data:image/png;base64,",
        "\tat a.b(c)\n",
        "12:00:00 x\n",
        "a\u0301\u0327",
        "\ud800",
        "aA1",
        "漢",
        "this message is ",
    ),
    *("If you are not the intended recipient ", "Re: ", "![", '<div class="gmail_quote">', "<pre>", "h1. "),
]


@pytest.mark.parametrize("piece", ADVERSARIAL)
@pytest.mark.parametrize("tail", ["", '">'])
def test_a_million_hostile_characters_take_less_than_a_second(piece: str, tail: str) -> None:
    raw = (piece * (1_000_000 // len(piece)))[: 19_990 if tail else None] + tail
    start = time.process_time()
    clean_text(raw)
    assert time.process_time() - start < 1


def test_the_steps_are_functions_from_text_to_text() -> None:
    assert len({step.__name__ for step in STEPS}) == len(STEPS)
    assert all(step("") == "" for step in STEPS)
