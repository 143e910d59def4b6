"""How the pane's many commands stand in its menu; what they are is the commands' own business."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from workbench.ui.command import Command, CommandGroup


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def _groups() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    return (
        ("", "", ("create", "found", "issue", "list", "profiles")),
        ("", "", ("import", "paste", "export", "copy", "profile", "sign")),
        ("", "", ("chain", "compare", "issuer", "trust", "renew", "revoke", "delete")),
        (_tr("Certificate &authority"), "hierarchy",
         ("settings", "cross", "ca-request", "ca-install", "ca-self-sign", "ca-report",
          "ca-switch", "ca-delete", "ca-restore")),
        (_tr("&Drawing"), "inspector",
         ("fold", "unfold", "fold-all", "overview", "legend", "zoom-in", "zoom-out", "zoom-one",
          "fit", "picture")),
        ("", "", ("ca-roster", "documents", "migration")),
        ("", "", ("view", "filters", "today")),
    )  # fmt: skip


def grouped(commands: Sequence[Command]) -> Sequence[CommandGroup]:
    """Return the pane's commands in groups; those in none come last."""
    left = {command.objectName().partition(".")[2]: command for command in commands}
    made = []
    for title, icon, names in _groups():
        found = [left.pop(name) for name in names if name in left]
        made.append(CommandGroup(found, title, icon))
    return [*made, CommandGroup(list(left.values()))]
