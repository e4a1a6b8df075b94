"""Greetings, closings and pleas for help, in the languages that support hears: they name no theme.

`capture` takes a signature off the end of a mail; this is for what stands within a line, where it may be anybody's
text and is left in the signal. Every pattern is of whole words and has bounded choices only.
"""

from __future__ import annotations

import re
from typing import Final

_GREET: Final = (
    r"(?:hi|hello|hey|dear|greetings|good (?:morning|afternoon|evening|day))(?: (?:all|every(?:one|body)|folks|guys|"
    r"friends?|there|sirs?|madam|customer (?:care|service)|(?:(?:support|help|service) ?)?(?:team|desk|support))\b)"
    "{0,3}",
    "(?:to )?whom it may concern",
    "hope (?:this|you|that)(?: (?:e-?mail|mail|message))? (?:finds?|are|is) (?:you )?(?:doing )?well",
    r"sehr geehrte[rn]?(?: (?:damen(?: und herren)?|herren?|frau|team)\b){0,2}",
    "guten (?:tag|morgen|abend)|liebes (?:support-?)?team",
    r"(?:madame|monsieur)(?:,? (?:madame|monsieur)\b){0,2}",
    "buen[oa]s (?:d[ií]as|tardes|noches)|estimad[oa]s?(?: (?:señor(?:a|es)?|equipo))?",
    "bo[am] (?:dia|tarde|noite)|prezad[oa]s?(?: senhor(?:a|es)?)?",
    "buon(?:giorno|asera)|gentil[ei](?: signor[aei])?",
    "goede(?:morgen|middag|avond)|geachte(?: (?:heer|mevrouw|dames?|heren|team))?",
    "dzień dobry|dobrý den|god (?:morgon|morgen|dag)",
)
_THANK: Final = (
    r"(?:(?:many|kind|big) )?(?:thanks|thank (?:you|u)|thx|tks)(?: (?:again|a (?:lot|bunch|million|ton)|so much|"
    r"very much|in advance|for (?:your|the|any|all your|all) (?:(?:kind|quick|prompt) )?(?:help|time|support|"
    r"assistance|attention|understanding|patience|reply|response))\b){0,3}",
    "(?:(?:vielen|besten|herzlichen) )?dank(?: (?:im voraus|für (?:ihre|eure|die) (?:hilfe|mühe|unterstützung)))?",
    r"merci(?: (?:d['’]avance|beaucoup|bien|(?:de|pour) votre (?:aide|réponse|retour|compréhension))\b){0,2}",
    "(?:(?:muchas|mil) )?gracias(?: (?:de antemano|por (?:su|la|tu) (?:ayuda|atención|respuesta)))?",
    "(?:muito )?obrigad[oa](?: pel[ao] (?:ajuda|atenção|resposta))?",
    "(?:tante )?grazie(?: (?:mille|in anticipo))?|(?:(?:alvast|hartelijk) )?bedankt",
    "(?:tack|takk?)(?: (?:på förhand|på forhånd|så mycket|för hjälpen|for hj[æe]lpen))",
    "děkuji(?: předem)?|dziękuję(?: z góry)?",
)
_PLEAD: Final = (
    r"(?:please|pls|plz|kindly) (?:help|assist|advi[sc]e|guide|suggest)(?: (?:me|us|out|asap|urgently)\b){0,2}",
    r"(?:can|could|would|will) (?:you|some(?:one|body)|any(?:one|body)) (?:(?:please|pls|kindly) )?(?:help|assist)"
    r"(?: (?:me|us|out)\b){0,2}",
    r"any (?:help|advice|assistance|suggestions?|ideas?|input|tips?)(?: (?:is|are|would be|will be))?"
    r"(?: (?:greatly|much|highly|very|really))?(?: much)? (?:appreciated|welcome)",
    "look(?:ing)? forward to (?:hearing from you|your (?:reply|response|answer|feedback))",
    "(?:ich )?bitte um (?:schnelle )?(?:hilfe|rückmeldung|unterstützung)",
    "s['’]il vous pla[iî]t|por favor",
)
_CLOSE: Final = (
    r"(?:with )?(?:(?:my|many|very|the|best|kind|kindest|warm|warmest|good) ){1,3}(?:regards|wishes)|all the best",
    "yours (?:sincerely|faithfully|truly)|sincerely(?: yours)?|mfg|mvg|mvh",
    "have a (?:nice|great|good|lovely|wonderful) (?:day|weekend|one|evening|week)",
    r"(?:mit )?(?:(?:freundlich|herzlich|best|lieb|viel|schön)e[nm]? ){0,2}gr(?:ü|ue)(?:ß|ss)(?:en?)?",
    "(?:(?:bien|très) )?cordialement|bien [àa] vous|(?:(?:sincères|meilleures|cordiales) )?salutations",
    "bonne (?:journée|soirée|fin de journée)",
    "(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente",
    "(?:com os )?(?:melhores )?cumprimentos|atenciosamente|abraços",
    "(?:(?:cordiali|distinti) )?saluti|cordialmente",
    "(?:met )?(?:vriendelijke|hartelijke) groet(?:en|jes)?|groet(?:en|jes)",
    "(?:med )?(?:vänliga?|bästa|hjärtliga) hälsning(?:ar)?|(?:med )?venn?lig hilsen|(?:de )?bedste hilsner",
    "(?:ystävällisin )?terveisin|pozdrawiam|z poważaniem|s pozdravem|с уважением",
)

_PATTERN: Final = (
    r"\b(?=\w)(?:" + "|".join(p.replace(" ", r"\s+") for p in (*_GREET, *_THANK, *_PLEAD, *_CLOSE)) + r")(?![\w'’])"
)
_SMALL, _ANY = re.compile(_PATTERN), re.compile(_PATTERN, re.IGNORECASE)
_STOP: Final = " . "


def without_courtesies(text: str) -> str:
    """The text with a full stop in place of each of them."""
    low = text.lower()
    if len(low) != len(text):  # a letter such as İ, of which two are made
        return _ANY.sub(_STOP, text)
    out, end = [], 0
    for found in _SMALL.finditer(low):  # half the time of a search that minds no case
        out += [text[end : found.start()], _STOP]
        end = found.end()
    return "".join([*out, text[end:]]) if out else text
