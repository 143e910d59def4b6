"""Findings of a check in a form, overridden knowingly.

Owns the tick that names what is overridden; `finding_list` shows the findings.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox

from workbench.ui.panes.certificates.finding_list import FindingList
from workbench.ui.widgets.dialogs import FormDialog

_NAMED: Final = 2
"""Rules named by the tick, which cannot wrap; all of them stand above it."""
_CHECK_FAILED: Final = "CheckFailedException"


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class Checked:
    """The part of a form that shows a check's findings and lets them be overridden.

    Args:
        dialog: the form; its findings come at the end of its body.
        verb: what its button says before the check, and after a change of what is asked.
        override: what the tick says, up to the rules that it names.
    """

    def __init__(self, dialog: FormDialog, verb: str, override: str) -> None:
        self._dialog = dialog
        self._verb, self._override = verb, override
        self.rules: tuple[str, ...] | None = None
        self.findings = FindingList(dialog.look)
        self.tick = QCheckBox()
        for widget in (self.findings, self.tick):
            dialog.body.addWidget(widget)
            widget.hide()
        self.tick.toggled.connect(dialog.main_button.setEnabled)

    @property
    def overridden(self) -> bool:
        """Whether findings are shown and the tick is set."""
        return self.rules is not None and self.tick.isChecked()

    def show(self, found: Sequence[Mapping[str, Any]], verb: str) -> None:
        """Say what a strict verifier would reject; with `REFUSED` among it nothing can be done.

        Args:
            found: the findings.
            verb: what the button says once it may be done all the same.
        """
        self.tick.setChecked(False)  # it was set for what was found before
        self.findings.show_entries(found)
        refused = any(one["Severity"] == "REFUSED" for one in found)
        self.rules = tuple({one["Rule"]: None for one in found if one["Severity"] == "ERROR"})
        named = ", ".join(self.rules[:_NAMED])
        if len(self.rules) > _NAMED:
            named = _tr("{rules} and {n} more").format(rules=named, n=len(self.rules) - _NAMED)
        self.tick.setText(f"{self._override} ({named})")
        self.tick.setVisible(not refused)
        self._dialog.name_verb(verb)
        self._dialog.show_working(working=True)
        self._dialog.grow()

    def forget(self) -> None:
        """Take the findings away: something else is asked now."""
        if self.rules is None:
            return
        self.rules = None
        self.findings.hide()
        self.tick.setChecked(False)
        self.tick.hide()
        self._dialog.name_verb(self._verb)
        self._dialog.show_working(working=False)


def override(rules: Sequence[str], where: str) -> dict[str, Any]:
    """Return the members of a request that override rules, for the journal to keep; or nothing."""
    return {"OverriddenRules": list(rules), "OverrideReason": where} if rules else {}


def checked(work: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what work answers, or nothing and what its check found; for workers.

    Raises:
        botocore.exceptions.ClientError: it failed for another reason than its check.
    """
    try:
        return work(), []
    except Exception as error:
        response = getattr(error, "response", None)
        answer = response if isinstance(response, dict) else {}
        failed = answer.get("Error", {}).get("Code") == _CHECK_FAILED
        found = list(answer.get("Findings", ()))
        if not failed or not found:
            raise
        return {}, found
