"""The review of what is about to be imported, and of what became of each.

Knows what was found and the kit; importing is handed in.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.ui.errors import Explanation
from workbench.ui.look import Look
from workbench.ui.panes.certificates.incoming import Item, bundle
from workbench.ui.tokens import Tone
from workbench.ui.widgets.basics import label, line
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.fields import scrolled
from workbench.ui.widgets.texts import number

Import = Callable[[bytes, bool], None]
"""Given PEM and whether roots are to be trusted."""


class ImportDialog(FormDialog):
    """Lists what was found; the verb imports what is new.

    Args:
        look: colours and spacing.
        items: what was found.
        take: imports.
        parent: the pane.
    """

    def __init__(self, look: Look, items: Sequence[Item], take: Import, parent: QWidget) -> None:
        new = sum(item.new for item in items)
        verb = (
            parent.tr("Import 1 certificate")
            if new == 1
            else parent.tr("Import {n} certificates").format(n=number(new))
        )
        super().__init__(look, parent.tr("Import certificates"), verb, parent)
        self.items = list(items)
        self._rows: list[tuple[QLabel, QLabel]] = []
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        for place, item in enumerate(items):
            if place:
                self._column.addWidget(line())
            self._column.addWidget(self._row(item))
        self._column.addStretch(1)
        area = scrolled(self._list)
        area.setAccessibleName(self.tr("What was found"))
        area.setFixedHeight(min(self._list.sizeHint().height(), look.unit * 90) + look.unit)
        self.body.addWidget(area)
        self.trust = QCheckBox(self.tr("&Trust the root CAs among them"))
        self._why = label(
            self.tr(
                "Signatures that lead to a trusted root are accepted. Compare its fingerprint with"
                " its owner's before you trust it."
            ),
            "muted",
            wrap=True,
        )
        roots = any(item.new and item.root for item in items)
        for widget in (self.trust, self._why):
            widget.setVisible(roots)
            self.body.addWidget(widget)
        self.on_submit(lambda: take(bundle(self.items), self.trust.isChecked()))
        if not new:
            self._end()

    def show_results(self, results: Sequence[Mapping[str, Any]]) -> bool:
        """Show what became of each; returns whether all is as wished, so that it can close."""
        answers = iter(results)
        fine = True
        for item, row in zip(self.items, self._rows, strict=True):
            if not item.new:
                fine = fine and item.known
                continue
            answer = next(answers, {})
            added = answer.get("Outcome") == "ADDED"
            message = str(answer.get("Message", ""))
            plain = added and message in {"Added.", "Added as a trusted root."}
            fine = fine and plain
            self._tell(row, message, "ok" if plain else "warning", "ok" if plain else "warning")
        self._end()
        return fine

    def show_failure(self, words: Explanation) -> None:
        """Say that nothing was imported."""
        self.show_problem(words)
        self.show_working(working=False)

    def _end(self) -> None:
        self.close_only()
        self.trust.hide()
        self._why.hide()

    def _row(self, item: Item) -> QFrame:
        row = QFrame()
        unit = self.look.unit
        mark, outcome = QLabel(), label("", "muted", wrap=True)
        self._rows.append((mark, outcome))
        words = QVBoxLayout()
        words.setSpacing(unit // 2)
        title = label(item.name or item.source or self.tr("Pasted text"), "strong", wrap=True)
        title.setToolTip(item.subject)
        words.addWidget(title)
        words.addWidget(outcome)
        across = QHBoxLayout(row)
        across.setContentsMargins(unit * 3, unit * 2, unit * 3, unit * 2)
        across.setSpacing(unit * 3)
        across.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        across.addLayout(words, 1)
        if item.problem:
            self._tell((mark, outcome), item.problem, "danger", "error")
        elif item.known:
            self._tell((mark, outcome), self.tr("In the collection already."), "info", "info")
        elif item.twice:
            self._tell((mark, outcome), self.tr("The same as one above."), "info", "info")
        else:
            what = self.tr("Root CA") if item.root else self.tr("Certificate")
            parts = [f"{what}, {item.algorithm}", item.source]
            new = ", ".join(part for part in parts if part)
            self._tell((mark, outcome), new, "accent", "certificate")
        return row

    def _tell(self, row: tuple[QLabel, QLabel], text: str, tone: Tone, icon: str) -> None:
        mark, outcome = row
        self.look.dress_label(mark, icon, tone)
        outcome.setText(text)
