"""How the pane's many commands stand in its menu; what they are is the commands' own business."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from workbench.ui.command import Command, CommandGroup, MenuPlan, in_groups


def _tr(text: str) -> str:
    return QCoreApplication.translate("keys", text)


def _plan() -> MenuPlan:
    return (
        ("", "", ("create",)),
        ("", "", ("public", "copy-arn", "alias", "tags", "grant")),
        (_tr("&Key material"), "rotation",
         ("rotate", "schedule", "import", "import-again", "delete-material")),
        ("", "", ("replicate", "primary")),
        ("", "", ("enable", "disable", "delete", "keep")),
    )  # fmt: skip


def grouped(commands: Sequence[Command]) -> Sequence[CommandGroup]:
    """Return the pane's commands in groups."""
    return in_groups(commands, _plan())
