"""What tells who somebody is, taken out before anything is stored: typed placeholders, keyed pseudonyms."""

from signaltriage.privacy.cleaning import Privacy
from signaltriage.privacy.keys import KeyFile, default_key_path, fingerprint, obtain_key, read_key
from signaltriage.privacy.pseudonyms import Pseudonyms
from signaltriage.privacy.redactor import Redacted, Redactor
from signaltriage.privacy.spans import KINDS, PLACEHOLDER, Kind, Span

__all__ = [
    "KINDS",
    "PLACEHOLDER",
    "KeyFile",
    "Kind",
    "Privacy",
    "Pseudonyms",
    "Redacted",
    "Redactor",
    "Span",
    "default_key_path",
    "fingerprint",
    "obtain_key",
    "read_key",
]
