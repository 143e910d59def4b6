"""Colours of JSON: keys, texts, numbers and words apart.

Colour only helps: the text is the same without. Knows the look; knows no policy.
"""

import re
from typing import Final

from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from workbench.ui.look import Look
from workbench.ui.tokens import Tone

_TOKEN: Final = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=\s*:)'
    r'|(?P<text>"(?:[^"\\]|\\.)*"?)'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<word>\b(?:true|false|null)\b)"
)
_TONES: Final[dict[str, Tone]] = {
    "key": "accent",
    "text": "ok",
    "number": "pq",
    "word": "warning",
}


class JsonColours(QSyntaxHighlighter):
    """Colours one document and follows the scheme."""

    def __init__(self, document: QTextDocument, look: Look) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}
        self._look = look
        look.follow(self, self._dress)

    def highlightBlock(self, text: str) -> None:
        """Colour one line."""
        for found in _TOKEN.finditer(text):
            if found.lastgroup is not None:
                length = found.end() - found.start()
                self.setFormat(found.start(), length, self._formats[found.lastgroup])

    def _dress(self) -> None:
        for name, tone in _TONES.items():
            made = QTextCharFormat()
            made.setForeground(self._look.colour(tone))
            if name == "key":
                made.setFontWeight(QFont.Weight.DemiBold)
            self._formats[name] = made
        self.rehighlight()
