"""A field for names with values, one pair a line: `tenant=acme`.

Knows the kit; what the pairs mean is the asker's.
"""

from typing import Final

from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

from workbench.ui.look import Look

_LINES: Final = 3


class PairsField(QPlainTextEdit):
    """Edits pairs as lines `name=value`.

    Args:
        look: fonts and spacing.
        name: accessible name.
        example: shown while it is empty.
        repeated: whether a name may come twice, as the values of a condition key do.
    """

    def __init__(self, look: Look, name: str, example: str, *, repeated: bool = False) -> None:
        super().__init__()
        self._look = look
        self._repeated = repeated
        self.setAccessibleName(name)
        self.setPlaceholderText(example)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        look.follow(self, self._dress)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The complete pairs, in order."""
        found = []
        for line in self.toPlainText().splitlines():
            name, between, value = line.partition("=")
            if between and name.strip():
                found.append((name.strip(), value.strip()))
        return tuple(found)

    def problem(self) -> str:
        """Return what is wrong with the lines, or nothing."""
        seen: set[str] = set()
        for number, line in enumerate(self.toPlainText().splitlines(), start=1):
            if not line.strip():
                continue
            name, between, _ = line.partition("=")
            if not between or not name.strip():
                return self.tr("Line {n}: write name=value.").format(n=number)
            if name.strip() in seen and not self._repeated:
                return self.tr("Line {n}: “{name}” is there already.").format(
                    n=number, name=name.strip()
                )
            seen.add(name.strip())
        return ""

    def _dress(self) -> None:
        self.setFont(self._look.mono)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * _LINES + self._look.unit * 4)
