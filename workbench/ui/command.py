"""One thing a person can do: name, icon, shortcut, tooltip, and why it cannot be done now.

Knows nothing of what is done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from workbench.ui.look import Look


class Command(QAction):
    """A `QAction` that always has a name, an icon and a tooltip, and says why it is disabled.

    Args:
        look: where the icon comes from.
        name: stable identifier, such as `keys.create`.
        text: what menus and buttons say; `&` marks the mnemonic, `…` that something is asked.
        icon: name in `icons/`.
        slot: what is done.
        shortcut: in Qt's portable form, such as `Ctrl+N`.
        tip: one sentence; the text if empty.
        parent: the pane or window.
    """

    def __init__(
        self,
        look: Look,
        name: str,
        text: str,
        icon: str,
        slot: Callable[[], None],
        shortcut: str = "",
        tip: str = "",
        *,
        parent: QObject,
    ) -> None:
        super().__init__(text, parent)
        self.setObjectName(name)
        self._tip = tip or self.plain_text
        self._said = ""
        self.icon_name = icon
        look.dress(self, icon)
        if shortcut:
            self.setShortcut(QKeySequence(shortcut))
        self.triggered.connect(lambda _checked=False: slot())
        self.allow()

    @property
    def plain_text(self) -> str:
        """The name without mnemonic and ellipsis."""
        return self.text().replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")

    def allow(self) -> None:
        """Make it possible."""
        self.setEnabled(True)
        self._say(self._tip)

    def forbid(self, why: str) -> None:
        """Make it impossible; the tooltip says why."""
        self.setEnabled(False)
        self._say(self.tr("{tip} — not now: {why}").format(tip=self._tip, why=why))

    def permit(self, *, possible: bool, why: str) -> None:
        """Allow it or forbid it."""
        if possible:
            self.allow()
        else:
            self.forbid(why)

    def _say(self, text: str) -> None:
        if text == self._said:
            return
        self._said = text
        keys = self.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        self.setToolTip(f"{text} ({keys})" if keys else text)
        self.setStatusTip(text)


@dataclass(frozen=True, slots=True)
class CommandGroup:
    """Commands that stand together in a menu.

    Attributes:
        commands: in their order.
        title: of the submenu that holds them; empty: they stand in the menu, between lines.
        icon: of the submenu, a name in `icons/`.
    """

    commands: Sequence[Command]
    title: str = ""
    icon: str = ""


MenuPlan = Sequence[tuple[str, str, Sequence[str]]]
"""Title and icon of each group, as in `CommandGroup`, and its commands' names in the pane."""


def in_groups(commands: Sequence[Command], plan: MenuPlan) -> Sequence[CommandGroup]:
    """Return a pane's commands in the groups of a plan; those in none come last."""
    left = {command.objectName().partition(".")[2]: command for command in commands}
    made = []
    for title, icon, names in plan:
        found = [left.pop(name) for name in names if name in left]
        made.append(CommandGroup(found, title, icon))
    return [*made, CommandGroup(list(left.values()))]
