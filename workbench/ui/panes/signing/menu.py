"""How the pane's many commands stand in its menu; what they are is the commands' own business."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from workbench.ui.command import Command, CommandGroup, MenuPlan, in_groups


def _tr(text: str) -> str:
    return QCoreApplication.translate("signing", text)


def _plan() -> MenuPlan:
    return (
        ("", "", ("sign", "sign_folder", "verify")),
        ("", "", ("pause", "resume", "sooner", "later")),
        ("", "", ("retry", "cancel", "cancel_files", "remove")),
        ("", "", ("verify_again", "recheck", "export_results")),
        (_tr("Signat&ure"), "sign",
         ("show_folder", "copy_command", "copy_signing", "save_root")),
        ("", "", ("watched", "history_key")),
    )  # fmt: skip


def grouped(commands: Sequence[Command]) -> Sequence[CommandGroup]:
    """Return the pane's commands in groups."""
    return in_groups(commands, _plan())
