"""The phrases that mail programs and ticket tools use, in the languages they come in. Data for mail.py.

Every pattern is matched against one line (or anchored at an end of the text) and has bounded repeats only.
"""

from __future__ import annotations

import re
from typing import Final

_I: Final = re.IGNORECASE
_UE: Final = "(?:ü|ue)"
_SS: Final = "(?:ß|ss)"


def _any(*phrases: str) -> str:
    return f"(?:{'|'.join(phrases)})"


ORIGINAL: Final = re.compile(
    r"-{2,}\s*"
    + _any(
        *("original message", "original appointment", "forwarded message", "forwarded by .{1,80}", "reply message"),
        *(f"urspr{_UE}ngliche nachricht", "original-?nachricht", "weitergeleitete nachricht"),
        *("message d['’]origine", "message transf[ée]r[ée]", "mensaje original", "mensaje reenviado"),
        *("messaggio originale", "messaggio inoltrato", "mensagem original", "mensagem encaminhada"),
        *("oorspronkelijk bericht", "doorgestuurd bericht", "ursprungligt meddelande", "oprindelig meddelelse"),
        *("opprinnelig melding", "alkuperäinen viesti", "wiadomość oryginalna", "původní zpráva"),
        *("исходное сообщение", "原始邮件", "転送メッセージ"),
    )
    + r"\s*-{2,}$|"
    + _any(
        *("begin forwarded message", "anfang der weitergeleiteten nachricht", "inizio messaggio inoltrato"),
        *("début du message (?:transféré|réexpédié)", "inicio del mensaje reenviado"),
    )
    + r"\s?:$|_{20,}$",
    _I,
)
"""The line above a mail that was forwarded or answered."""

WROTE_START: Final = re.compile(
    _any("on", "am", "le", "el", "il", "op", "em", "den", "dne", "pe", "w dniu", "dnia", "på", "на", "在", "于")
    + r"\s",
    _I,
)
WROTE_END: Final = re.compile(
    _any(
        *(r"\bwrote", r"\bwrites", r"\bsaid", r"\bécrit", r"\becrit", r"\bescribi[óo]", r"\bha scritto"),
        *(r"\bescreveu", r"\bnapisał(?:\(?a\)?)?", r"\bkirjoitti", r"\bnapsal(?:\(?a\)?)?"),
        *(r"\bnapísal", r"\bнаписал(?:\(?а\)?)?", "写道", r"\b(?:schrieb|schreef|skrev)\b[^:]{0,150}"),
    )
    + r"\s{0,3}[::]\s*$",
    _I,
)
"""Start and end of "On 3 May 2024, Ana wrote:", which may be wrapped over three lines."""

DATED_SENDER: Final = re.compile(r"\d{4}[-/.]\d\d?[-/.]\d\d?\b[^<\n]{0,100}<[^<>\s]{1,100}@[^<>\s]{1,100}>\s?:?$")

_FIELDS: Final = {
    "from": "from von de da van från fra od от",
    "date": "sent date gesendet datum envoyé fecha enviado inviato data verzonden skickat sendt wysłano enviada",
    "to": "to cc bcc an à para a aan till til do kopie kopia",
    "subject": "subject betreff objet asunto oggetto onderwerp assunto ämne emne temat тема",
}
_KIND: Final = {word: kind for kind, words in _FIELDS.items() for word in words.split()}
_FIELD: Final = re.compile(r"[>\s*|]{0,10}([^\W\d_]{1,10})\s?\*{0,2}\s?:\*{0,2}(?=\s|$)")

DEVICE: Final = re.compile(
    r"\s*"
    + _any(
        r"sent from (?:my|outlook|mail|yahoo|gmail|samsung|proton|nine|blue)\b",
        *(r"sent (?:via|with) \w+ (?:mail|for)", "get outlook for", "download outlook for"),
        *(
            "von meinem .{1,40} gesendet",
            "gesendet von (?:mein|mail|outlook|yahoo)",
            "diese nachricht wurde von meinem",
        ),
        *("envoyé (?:de|depuis) (?:mon|ma|yahoo|outlook)", "enviado desde (?:mi|outlook|yahoo)", "enviado do meu"),
        *("inviato da(?:l mio|lla mia| iphone| outlook| yahoo)", "ver(?:zonden|stuurd) vanaf mijn", "skickat från min"),
        *("sendt fra min", "wysłane z", "lähetetty ", "отправлено с", "odesláno z"),
        *("发自我的", "从我的", "iphoneから送信"),
    )
    + r".{0,45}$",
    _I,
)
DEVICE_AT_END: Final = re.compile(
    r"(?<=[.!?)\s])sent from my (?:i(?:phone|pad)|android(?: phone)?|mobile|phone)\.?\s*$", _I
)

_MORE_THANKS: Final = _any(
    *(" again", " a lot", " so much", " very much", " in advance", " (?:and|&) (?:best |kind )?regards"),
    " for (?:your|the) (?:help|time|support|assistance|attention|understanding)",
)
CLOSING: Final = re.compile(
    _any(
        r"(?:with )?(?:(?:my |many |very |the )?(?:best|kind|kindest|warm|warmest|good)\s+)?(?:regards|wishes)",
        *("rgds", "br", "kr", "best", "all the best", "cheers", "sincerely(?: yours)?", "respectfully"),
        *("yours (?:sincerely|faithfully|truly)", "have a (?:nice|great|good|lovely) (?:day|weekend|one|evening)"),
        f"(?:many |kind )?(?:thanks|thank you|thx|ty){_MORE_THANKS}{{0,3}}",
        f"mit (?:freundlichen|besten|lieben) gr{_UE}{_SS}en",
        f"(?:(?:freundliche|viele|liebe|beste|herzliche|schöne) )?gr{_UE}{_SS}e",
        *("mfg", "lg", "vg", "(?:vielen )?dank(?: im voraus)?", "danke(?: im voraus)?"),
        *("(?:bien )?cordialement", "bien [àa] vous", "(?:sincères |meilleures )?salutations"),
        *("merci(?: d['’]avance| beaucoup)?", "(?:un )?(?:cordial )?saludos?(?: cordiales)?", "atentamente"),
        *("(?:muchas )?gracias(?: de antemano)?", "(?:cordiali |distinti )?saluti", "grazie(?: mille)?"),
        *("(?:met )?vriendelijke groet(?:en|jes)?", "mvg", "groet(?:en|jes)?", "alvast bedankt"),
        *("(?:med )?vänliga? hälsning(?:ar)?", "mvh", "(?:med )?venn?lig hilsen", "hilsen"),
        *("atenciosamente", "(?:muito )?obrigad[oa]", "abraços", "pozdrawiam", "z poważaniem", "s pozdravem"),
        *("с уважением", "спасибо", "ystävällisin terveisin", "terveisin"),
    ),
    _I,
)

SUBJECT_PREFIX: Final = re.compile(
    r"\s*(?:(?:re|fwd?|aw|wg|antw|sv|vs|tr|rv|enc|odp|doorst)\s?(?:\[\d{1,3}\])?:\s*"
    r"|\[(?:external|extern|ext)\]\s*:?\s*){1,10}(?=\S)",
    _I,
)

BOILERPLATE_HINTS: Final = (
    *("##-", "this line", "dieser zeile", "cette ligne", "esta línea"),
    *("confidential", "privileged", "disclaimer", "legal notice", "vertraulich", "confidentiel", "confidencia"),
    *("riservat", "vertrouwelijk", "intended", "in error", "by mistake", "outside", "external", "click", "attachment"),
    *("unsubscribe", "receiving this", "subscribed", "browser", "service from", "service provided", "automatically"),
    *("delivered by", "powered by", "to add", "not reply", "n't reply", "the environment", "been scanned"),
    *("virus-free", "ref:_", "ticket"),
)
"""A cheap look at the whole text, in small letters: without any of these, no line needs to be looked at."""

BOILERPLATE: Final = re.compile(
    _any(
        r"#{2,}\s?-.{0,250}-\s?#{2,}$",
        r"[-=#\s]{0,20}(?:please )?(?:(?:type|write|enter|add) )?(?:your )?reply above this line",
        r"[-=#\s]{0,20}(?:please )?do not (?:write|type|reply|edit) below this line",
        ".{0,60}(?:über dieser zeile|au-dessus de cette ligne|encima de esta línea)",
        r"(?:\[?(?:external|extern|caution|warning|achtung|notice)\]?[\s:!*-]{1,6})?"
        r"(?:this|the) (?:e-?mail|message|sender)"
        r" (?:has |was |is )?(?:originated|sent|came|comes|is)? ?from (?:outside|an external)",
        r"(?:please )?(?:do not|don't|never) (?:click|open) .{0,40}(?:links?|attachments?)\b"
        r".{0,80}(?:unless|recogni[sz]e|trust)",
        r"this (?:e-?mail|message) (?:is|was) (?:a service (?:from|provided by)|sent automatically)",
        r"(?:delivered|powered) by (?:zendesk|freshdesk|freshworks|help scout|intercom|gorgias|front|hubspot|jira"
        r"|servicenow|atlassian)\b",
        r"to add (?:additional|more|further) comments?,? (?:please )?(?:reply|click|visit)",
        r"(?:please )?(?:do not|don't) reply (?:directly )?to this (?:e-?mail|message|notification)",
        r"you(?:'re| are) receiving this (?:e-?mail|message|notification)|you are (?:currently )?subscribed",
        r"(?:click here )?to unsubscribe,? (?:from|click|reply|visit|please|go)\b.{0,80}$",
        r"(?:click here to )?unsubscribe(?: (?:here|now|instantly|from (?:this|these) [\w ]{1,30}))?[.!]?$",
        r"your (?:request|ticket) \(?#?[\w-]{1,15}\)? has been (?:updated|received|solved|deemed solved|closed)",
        r"view (?:this )?(?:e-?mail |message |it |online )?in (?:your|a) browser",
        r"ref:_\S{5,80}|ticket[ -]?id\s?[:#]\s?\S{1,40}$|\[[A-Z0-9]{6}-[A-Z0-9]{4,6}\]$",
        r"(?:please )?consider the environment before|this (?:e-?mail|message) has been scanned|virus-free\b",
    ),
    _I,
)
"""A line that a ticket tool or a mail gateway added."""

_THIS_MAIL: Final = (
    r"(?:this|the)(?: (?:information|contents?)(?: contained)? (?:in|of) this)?"
    r" (?:e-?mail|message|communication|transmission)\b"
)
DISCLAIMER: Final = re.compile(
    _any(
        r"(?:(?:confidentiality|legal) (?:notice|note|disclaimer)|disclaimer)\s*(?:[:.–-]|$)",
        _THIS_MAIL + r".{0,150}\b(?:confidential|privileged|intended (?:only|solely|exclusively)|intended for the)",
        r"if you are not the intended recipient",
        r"if you (?:have )?received? this (?:e-?mail|message|communication) (?:in error|by mistake)",
        r"(?:diese e-?mail|diese nachricht|der inhalt dieser e-?mail)\b.{0,120}vertraulich",
        r"ce (?:message|courriel|mail)\b.{0,120}confidentiel",
        r"este (?:mensaje|correo|e-?mail)\b.{0,120}confidencial|esta mensagem\b.{0,120}confidencia",
        r"(?:questo messaggio|questa e-?mail)\b.{0,120}riservat|(?:dit bericht|deze e-?mail)\b.{0,120}vertrouwelijk",
    ),
    _I,
)
"""How a disclaimer begins; it goes on to the next blank line."""
LEGAL: Final = re.compile(
    r"confidential|privileged|intended|recipient|disclos|unauthori|prohibited|delete|notify|disseminat|copying|in error"
    r"|vertraulich|empfänger|unbefugt|lösch|confidentiel|destinataire|détrui|confidencial|destinatari|elimin|apagar"
    r"|riservat|cancell|vertrouwelijk|geadresseerde|verwijder",
    _I,
)
LEGAL_WORDS: Final = 3
"""Different legal words that a paragraph needs: "this e-mail with confidential data went to …" is a complaint."""

FORWARD_WORD: Final = re.compile("forward|weitergeleitet|transf|réexp|reenv|inoltrat|encaminhad|doorgestuurd|転送", _I)
FORWARDED: Final = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|doorst|vs)\s?:", _I)
POINTS_BELOW: Final = re.compile(
    r"\b(?:fyi|see below|below|forward(?:ed|ing)?|as discussed|please (?:advise|assist|handle|check|help|see)|zur info"
    r"|siehe unten|weitergeleitet|pour info|ci-dessous|ver abajo|reenvío|vedi sotto|zie (?:onder|hieronder))\b",
    _I,
)
CONTACT: Final = frozenset(
    (
        *("tel", "telephone", "phone", "mobile", "mob", "cell", "fax", "email", "e-mail", "mail", "web", "website"),
        *("www", "skype", "office", "direct", "address", "linkedin", "twitter", "vat", "ust"),
        *("t", "m", "p", "e", "f", "o", "c", "w", "d", "a"),
    )
)
"""What may stand before a colon in a signature."""


def field_kind(line: str) -> str:
    """Say which header field of a mail the line is, in any of the languages: from, date, to, subject, else ""."""
    found = _FIELD.match(line)
    return _KIND.get(found[1].lower(), "") if found else ""
