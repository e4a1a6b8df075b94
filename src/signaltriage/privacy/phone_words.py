"""Words that tell whether the number after them is somebody's phone, or the number of a thing."""

from __future__ import annotations

import re
from typing import Final

_PHONE: Final = (
    # English
    r"(?<!i)phones?|tele?phone|tel|mobile|cell|cellphone|cell\sphone|fax|whats?app|wa\.me|signal|viber|telegram|sms"
    r"|(?:call|ring|dial|phone)(?:\s(?:me|us|him|her|them|my|the|back|ed)){0,3}|text\s(?:me|us|him|her|them)"
    r"|reach(?:ed)?|contact|hotline|helpline|landline|voicemail|call-?back|direct\sline|pager|msisdn"
    r"|(?:my|his|her|our|their|contact|care|service|support|toll[ -]?free)\s(?:number|no)|caller\sid|dialled|dialed"
    # German, French, Spanish, Portuguese, Italian, Dutch, Nordic, Polish, Russian, Japanese, Chinese, Korean
    r"|telefon(?:nummer)?|handy(?:nummer)?|mobil(?:nummer|e)?|rufnummer|rückruf|anrufen|erreichbar|durchwahl|festnetz"
    r"|téléphone|tél|portable|appel(?:er|ez)|joindre|joignable|numéro\sde|teléfono|telefono|móvil|celular"
    r"|llam(?:ar|e|a|ame|arme)|telefone|telemóvel|ligar|ligue|cellulare|chiam(?:are|ami|atemi)|telefoon(?:nummer)?"
    r"|mobiel|bel(?:len)?|gsm|puhelin|mobilnummer|komórka|zadzwoń|телефон\w{0,3}|тел|моб|звонит[ье]"
    r"|電話\w{0,3}|携帯\w{0,3}|电话\w{0,3}|手机\w{0,3}|전화\w{0,3}"
)
# What has numbers of its own: next to a number, it says that this is one of them.
_THING: Final = (
    r"orders?|tickets?|case|invoice|reference|ref|ids?|uid|sku|isbn|ean|upc|gtin|asin|imei|iccid|serial|s/n|sn|tracking"
    r"|parcel|shipment|account|acct|acc|policy|claim|booking|reservation|confirmation|build|version|ver|firmware|kernel"
    r"|revision|commit|po|rma|purchase|transaction|trace|error|bug|incident|asset|doi|zip|postcode|batch|pid|customer"
    r"|member|contract|vat|tax|iban|bic|sort\scode|routing|amount|price|bytes|timestamp|epoch|coordinates|vin|passport"
    r"|ssn|licen[cs]e|registration|plate|chassis|coupon|voucher|bestellung|bestellnummer|rechnung|kundennummer|auftrag"
    r"|commande|facture|pedido|factura|nota|bestelling|factuur"
)
# What only takes the number away from a phone that was spoken of earlier.
_OTHER: Final = (
    r"code|issues?|problem|change|request|task|rev|flight|model|part|item|product|article|lot|rows?|lines?|pages?|port"
    r"|process|thread|session|user|employee|cost|total|sum|usd|eur|gbp|size|kb|mb|gb|ms|seconds|unix|time|date|latitude"
    r"|longitude|lat|lon|lng|gps|resolution|dimensions|measured?|measurements?|readings?|values?|numbers|pin|gift"
    r"|points?|score|population|offset|address"
)
_WORD: Final = re.compile(rf"(?<![\w\[])(?:(?P<phone>{_PHONE})|(?P<thing>{_THING})|(?:{_OTHER}))(?!\w)", re.IGNORECASE)
# Glued to digits and words in scripts without blanks, where no border can be asked for.
_UNSPACED: Final = re.compile(r"電話|携帯|电话|手机|전화")
_BETWEEN: Final = re.compile(
    r"(?![.!?]\s)\W{0,4}(?:(?:no|nr|number|num|id|code|is|was|ist|to|of|nummer)\b\W{0,3}){0,2}", re.IGNORECASE
)
"""What may stand between the name of a thing and its number."""
_AFTER: Final = re.compile(
    r"(?:\s{1,2}|,\s?|\s?\(|\.\s)(?:is|was|ist|est|es)?\s?(?:(?:my|our|his|her|the|mon|mein|meine|mi)\s)?"
    r"(?:(?:work|home|office|private|business|direct|new|old)\s)?"
    r"(?:mobile|cell|phone|landline|handy|portable|móvil|celular|whats?app|telefon|fax|voicemail)\b",
    re.IGNORECASE,
)
_UNIT: Final = re.compile(
    r"\s?(?:bytes?|[kmgt]i?b|[mnµ]s|seconds?|secs?|rows?|lines?|points?|items?|users?|people|usd|eur|gbp|km|kg|px|%|[€$£])"
    r"(?!\w)",
    re.IGNORECASE,
)
_LETTER: Final = re.compile(r"[^\W\d_]")
_LOOKED_BACK: Final = 48


def told_by_words(text: str, start: int, end: int) -> bool | None:
    """Whether the words around say it is a phone: True, False for the number of a thing, None where they say nothing.

    The nearest word before the number decides, within 48 characters and the same paragraph, the name of a thing only
    where it stands next to it; what follows directly may speak as well (`0151 … is my mobile`).
    """
    before = text[max(0, start - _LOOKED_BACK) : start]
    if not _LETTER.search(before) and not _LETTER.search(text, end, min(len(text), end + 40)):
        return None
    if _UNIT.match(text, end):
        return False
    before = before[before.rfind("\n\n") + 1 :]
    last = None
    for match in _WORD.finditer(before):
        last = match
    if last is not None and last.lastgroup == "phone":
        return True
    if _UNSPACED.search(before) or _AFTER.match(text, end, min(len(text), end + 40)):
        return True
    named = last is not None and last.lastgroup == "thing" and _BETWEEN.fullmatch(before, last.end())
    return False if named else None
