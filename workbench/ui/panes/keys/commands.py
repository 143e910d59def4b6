"""The commands of the Keys pane: names, icons, shortcuts, and when each is possible."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication

from workbench.ui.command import Command
from workbench.ui.panes.keys.impact import has_public_key
from workbench.ui.panes.keys.inventory import DISABLED, ENABLED, PENDING_DELETION, TAGS, KeyRow
from workbench.ui.panes.keys.rotate import first_reason, why_not_rotate, why_not_schedule
from workbench.ui.panes.keys.verbs import KeyVerbs
from workbench.ui.widgets.base import PaneBase


def _tr(text: str) -> str:
    return QCoreApplication.translate("keys", text)


class KeyCommands:
    """Makes the commands and says which are possible.

    Args:
        pane: where they are registered.
        verbs: does what they say with the selected keys.
        create: asks for a new key.
    """

    def __init__(self, pane: PaneBase, verbs: KeyVerbs, create: Callable[[], None]) -> None:
        make = pane.make_command
        self.create = make(
            "create",
            _tr("&Create key…"),
            "add",
            create,
            "Ctrl+N",
            _tr("Create a KMS key of any spec"),
        )
        self.enable = make(
            "enable",
            _tr("&Enable"),
            "enable",
            verbs.enable,
            "Ctrl+E",
            _tr("Let the selected keys be used again"),
        )
        self.disable = make(
            "disable",
            _tr("&Disable"),
            "disable",
            verbs.disable,
            "Ctrl+D",
            _tr("Stop every use of the selected keys; can be undone"),
        )
        self.alias = make(
            "alias",
            _tr("Add &alias…"),
            "link",
            verbs.ask_alias,
            "F2",
            _tr("Give the selected key another name"),
        )
        self.tags = make(
            "tags",
            _tr("Edit &tags…"),
            "tag",
            verbs.ask_tags,
            "Ctrl+T",
            _tr("Edit the tags of the selected keys"),
        )
        self.grant = make(
            "grant",
            _tr("Create &grant…"),
            "policy",
            verbs.ask_grant,
            "Ctrl+G",
            _tr("Let somebody else use the selected key"),
        )
        self.rotate = make(
            "rotate",
            _tr("&Rotate now…"),
            "rotation",
            verbs.ask_rotate,
            "Ctrl+R",
            _tr("Give the selected keys new key material"),
        )
        self.schedule = make(
            "schedule",
            _tr("A&utomatic rotation…"),
            "clock",
            verbs.ask_schedule,
            "Ctrl+Shift+R",
            _tr("Rotate the selected keys every so many days"),
        )
        self.public = make(
            "public",
            _tr("Show &public key"),
            "fingerprint",
            verbs.show_public_key,
            "Ctrl+P",
            _tr("Show, copy or save the selected key's public half"),
        )
        self.copy = make(
            "copy-arn",
            _tr("Cop&y ARN"),
            "copy",
            verbs.copy_arn,
            "Ctrl+Shift+C",
            _tr("Copy the ARNs of the selected keys"),
        )
        self.delete = make(
            "delete",
            _tr("&Schedule deletion…"),
            "delete",
            verbs.ask_deletion,
            "Del",
            _tr("Delete the selected keys after 7 to 30 days"),
        )
        self.keep = make("keep", _tr("Ca&ncel deletion"), "restore", verbs.cancel_deletion,
                         "Ctrl+Z", _tr("Keep keys that are pending deletion"))  # fmt: skip
        pane.add_command(self.create, primary=True)
        for command in self.for_selection:
            pane.add_command(command)

    @property
    def for_selection(self) -> tuple[Command, ...]:
        """Those that act on the selected keys, in the order of menus."""
        return (
            self.public,
            self.copy,
            self.alias,
            self.tags,
            self.grant,
            self.rotate,
            self.schedule,
            self.enable,
            self.disable,
            self.delete,
            self.keep,
        )

    def permit(self, rows: Sequence[KeyRow]) -> None:
        """Allow what is possible with these keys; the others say why they are not."""
        states = {row.state for row in rows}
        none = "" if rows else _tr("no key is selected")
        several = none or ("" if len(rows) == 1 else _tr("several keys are selected"))
        pending = _tr("a selected key is pending deletion") if PENDING_DELETION in states else ""
        aws = _tr("AWS manages a selected key") if any(row.managed_by_aws for row in rows) else ""
        changeable = none or aws or pending
        only = rows[0] if len(rows) == 1 else None
        pair = only is not None and has_public_key(only)
        enabled = "" if states & {DISABLED} else _tr("no selected key is disabled")
        disabled = "" if states & {ENABLED} else _tr("no selected key is enabled")
        hidden = _tr("its tags may not be seen") if only and TAGS in only.withheld else ""
        kept = "" if PENDING_DELETION in states else _tr("no selected key is pending deletion")
        reasons = {
            self.public: several or ("" if pair else _tr("it is no key pair")),
            self.copy: none,
            self.alias: several or changeable,
            self.tags: changeable or hidden,
            self.grant: several or aws or ("" if states == {ENABLED} else _tr("it is not enabled")),
            self.rotate: first_reason(rows, why_not_rotate),
            self.schedule: first_reason(rows, why_not_schedule),
            self.enable: changeable or enabled,
            self.disable: changeable or disabled,
            self.delete: changeable,
            self.keep: none or aws or kept,
        }
        for command, why in reasons.items():
            command.permit(possible=not why, why=why)
