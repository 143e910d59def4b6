"""How the pane's many commands stand in its menu; what they are is the commands' own business."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from workbench.ui.command import Command, CommandGroup, MenuPlan, in_groups


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def _plan() -> MenuPlan:
    return (
        ("", "", ("create", "found", "issue", "list", "profiles")),
        ("", "", ("import", "paste", "export", "copy", "profile", "sign")),
        ("", "", ("chain", "compare", "issuer", "trust", "renew", "revoke", "delete")),
        (_tr("Certificate &authority"), "hierarchy",
         ("ca-roster", "settings", "cross", "ca-request", "ca-install", "ca-self-sign",
          "ca-report", "ca-switch", "ca-delete", "ca-restore")),
        (_tr("&Tree and table"), "inspector",
         ("view", "filters", "today", "fold", "unfold", "fold-all", "overview", "legend",
          "zoom-in", "zoom-out", "zoom-one", "fit", "picture")),
        ("", "", ("documents", "migration")),
    )  # fmt: skip


def grouped(commands: Sequence[Command]) -> Sequence[CommandGroup]:
    """Return the pane's commands in groups."""
    return in_groups(commands, _plan())
