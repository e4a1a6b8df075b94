"""What tells who somebody is, taken out before anything is stored: typed placeholders, keyed pseudonyms."""

from signaltriage.privacy.cleaning import Privacy
from signaltriage.privacy.pseudonyms import Pseudonyms
from signaltriage.privacy.redactor import Redacted, Redactor
from signaltriage.privacy.spans import KINDS, PLACEHOLDER, Kind, Span

__all__ = ["KINDS", "PLACEHOLDER", "Kind", "Privacy", "Pseudonyms", "Redacted", "Redactor", "Span"]
