"""A new access key: its secret is shown this once.

Knows the kit; the key is made by whoever opens it. Nothing of it is kept, logged or written.
"""

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QWidget

from workbench.ui.look import Look
from workbench.ui.secret_clipboard import SECONDS, SecretClipboard
from workbench.ui.widgets.basics import Badge, CopyButton, label, push_button
from workbench.ui.widgets.dialogs import BaseDialog
from workbench.ui.widgets.fields import Copy


class NewKeyDialog(BaseDialog):
    """Shows an access key id and, this once, its secret.

    Args:
        look: colours and spacing.
        whose: the owner in words.
        key: AWS's AccessKey structure.
        copy: `context.frame.copy`, for the id; the secret goes its own way.
        parent: the window of identities.
    """

    def __init__(
        self, look: Look, whose: str, key: dict[str, str], copy: Copy, parent: QWidget
    ) -> None:
        title = QCoreApplication.translate("identities", "New access key of {who}").format(
            who=whose
        )
        super().__init__(look, title, parent)
        self.setObjectName("identities.new-key")
        self._secret = key["SecretAccessKey"]
        self.body.addWidget(
            Badge(look, self.tr("The secret is shown only now"), "warning", "warning")
        )
        self.body.addWidget(
            label(
                self.tr(
                    "Copy it to where it will be used, or write it down. It cannot be shown again:"
                    " if it is lost, delete this key and create another."
                ),
                wrap=True,
            )
        )
        what = self.tr("Access key ID")
        self.key_id = self._shown(what, key["AccessKeyId"])
        id_copy = CopyButton(look, what, lambda: copy(self.key_id.text(), what))
        self.secret = self._shown(self.tr("Secret access key"), self._secret)
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.secret.setContextMenuPolicy(self.secret.contextMenuPolicy().NoContextMenu)
        self.show_it = QCheckBox(self.tr("&Show the secret"))
        self.show_it.toggled.connect(self._reveal)
        self.copy_button = push_button("", self._copy_secret)
        look.dress(self.copy_button, "copy", "muted")
        self._told = label("", "muted", wrap=True)
        self._clipboard = SecretClipboard()
        self._clipboard.left.connect(self._tell_left)
        self._tell_left(0)
        for field, beside in ((self.key_id, id_copy), (self.secret, self.copy_button)):
            self.body.addWidget(label(field.accessibleName(), "strong"))
            line = QHBoxLayout()
            line.setSpacing(look.unit * 2)
            line.addWidget(field, 1)
            line.addWidget(beside)
            self.body.addLayout(line)
        self.body.addWidget(self.show_it)
        self.body.addWidget(self._told)
        self.close_button = self.add_cancel(self.tr("I have it: close"))
        self.copy_button.setFocus()

    def _shown(self, name: str, text: str) -> QLineEdit:
        field = QLineEdit(text)
        field.setReadOnly(True)
        field.setAccessibleName(name)

        def dress() -> None:
            # All of it must be seen: whoever writes it down writes what is there.
            field.setFont(self.look.mono)
            across = QFontMetrics(self.look.mono).horizontalAdvance(text)
            field.setMinimumWidth(across + self.look.unit * 8)

        self.look.follow(field, dress)
        return field

    def _reveal(self, shown: bool) -> None:  # noqa: FBT001 - a slot of `toggled`
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.secret.setEchoMode(mode)

    def _copy_secret(self) -> None:
        self._clipboard.put(self._secret)

    def _tell_left(self, seconds: int) -> None:
        words = self.tr("&Copy for {n} s").format(n=SECONDS)
        told = self.tr("It leaves the clipboard after {n} seconds.").format(n=SECONDS)
        if seconds:
            words = self.tr("Copied: {n} s left").format(n=seconds)
            told = self.tr("Paste it now: it leaves the clipboard in {n} s.").format(n=seconds)
        self.copy_button.setText(words)
        self.copy_button.setAccessibleName(
            self.tr("Copy the secret access key for {n} seconds").format(n=SECONDS)
        )
        self._told.setText(told)
