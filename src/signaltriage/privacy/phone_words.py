"""Words that tell whether the number after them is somebody's phone, or the number of a thing."""

from __future__ import annotations

import re
from typing import Final

_PHONE: Final = (
    # English
    r"(?<!i)phones?|tele?phone|tel|mobile|cell|cellphone|cell\sphone|fax|whats?app|wa\.me|signal|viber|telegram|sms"
    r"|(?:call|ring|dial|phone)(?:\s(?:me|us|him|her|them|my|the|back|ed)){0,3}|text\s(?:me|us|him|her|them)"
    r"|reach(?:ed)?|contact|hotline|helpline|landline"
    r"|voicemail|call-?back|direct\sline|extension|my\snumber|his\snumber"
    r"|(?:care|service|support|toll[ -]?free)\s(?:number|no)|her\snumber|our\snumber|their\snumber|contact\snumber|pager|msisdn|caller\sid|dialled|dialed|tel\.?\sno"
    # German, French, Spanish, Portuguese, Italian, Dutch, Nordic, Polish, Russian, Japanese, Chinese, Korean
    r"|telefon(?:nummer)?|handy(?:nummer)?|mobil(?:nummer|e)?|rufnummer|rückruf|anrufen|erreichbar|durchwahl|festnetz"
    r"|téléphone|tél|portable|appel(?:er|ez)|joindre|joignable|numéro\sde"
    r"|teléfono|telefono|móvil|celular|llam(?:ar|e|a|ame|arme)"
    r"|telefone|telemóvel|ligar|ligue|cellulare|chiam(?:are|ami|atemi)|telefoon(?:nummer)?|mobiel|bel(?:len)?|gsm"
    r"|puhelin|mobilnummer|komórka|zadzwoń|телефон\w{0,3}|тел|моб|звонит[ье]|電話\w{0,3}|携帯\w{0,3}|电话\w{0,3}|手机\w{0,3}|전화\w{0,3}"
)
_THING: Final = (
    r"order|orders|ticket|tickets|case|invoice|reference|ref|id|ids|uid|sku|isbn|ean|upc|gtin|asin|imei|iccid|serial"
    r"|s/n|sn|tracking|parcel|shipment|account|acct|acc|policy|claim|booking|reservation|confirmation|flight|build"
    r"|version|ver|firmware|kernel|revision|commit|rev|po|rma|purchase|transaction|trace|error|code|bug|issue|issues|incident|request"
    r"|change|problem|task|asset|model|part|item|product|article|doi|zip|postcode|batch|lot|row|rows|line|lines|page|pages"
    r"|port|pid|process|thread|session|user\sid|customer|member|employee|contract|vat|tax|iban|bic|sort\scode|routing"
    r"|amount|price|cost|total|sum|usd|eur|gbp|size|bytes|kb|mb|gb|ms|seconds|timestamp|epoch|unix|time|date|coordinates"
    r"|latitude|longitude|lat|lon|lng|gps|resolution|dimensions|measured?|measurements?|readings?|values?|numbers|pin"
    r"|vin|passport|ssn|licen[cs]e|registration|plate|chassis|coupon|voucher|gift|points?|score|population|offset|address"
    r"|bestellung|bestellnummer|rechnung|kundennummer|auftrag|commande|facture|pedido|factura|nota|bestelling|factuur"
)
_WORD: Final = re.compile(rf"(?<![\w\[])(?:(?P<phone>{_PHONE})|(?P<thing>{_THING}))(?!\w)", re.IGNORECASE)
# Glued to digits and words in scripts without blanks, where no border can be asked for.
_UNSPACED: Final = re.compile(r"電話|携帯|电话|手机|전화")
_BETWEEN: Final = re.compile(
    r"\W{0,4}(?:(?:no|nr|number|num|id|code|is|was|ist|to|of|nummer)\b\W{0,3}){0,2}", re.IGNORECASE
)
"""What may stand between the name of a thing and its number."""
_AFTER: Final = re.compile(
    r"[\s,)(.:-]{0,4}(?:is|was|ist|est|es)?\s?(?:(?:my|our|his|her|the|mon|mein|meine|mi|on)\s)?"
    r"(?:\w{1,10}\s)?(?:mobile|cell|phone|landline|handy|portable|móvil|celular|whats?app|telefon|fax|voicemail)\b",
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
    before = before[before.rfind("\n\n") + 1 :]
    last = None
    for match in _WORD.finditer(before):
        last = match
    if last is not None and last.lastgroup == "phone":
        return True
    if last is not None:
        return False if _BETWEEN.fullmatch(before, last.end()) else None
    if _UNSPACED.search(before) or _AFTER.match(text, end, min(len(text), end + 40)):
        return True
    return None
