"""The form for tags: all of one key's, or some put on many keys at once."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from workbench.ui.look import Look
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.tag_editor import TagEditor
from workbench.ui.panes.keys.words import short_name
from workbench.ui.widgets.dialogs import FormDialog


def _tr(text: str) -> str:
    return QCoreApplication.translate("TagsForm", text)


def change_tags(kms: Any, row: KeyRow, wanted: Mapping[str, str], *, remove_others: bool) -> None:
    """Give a key tags; for a worker.

    Args:
        kms: boto3-shaped client.
        row: the key as it is.
        wanted: tags to have afterwards.
        remove_others: whether tags that are not wanted are taken away.
    """
    present = dict(row.tags)
    gone = [key for key in present if key not in wanted] if remove_others else []
    if gone:
        kms.untag_resource(KeyId=row.id, TagKeys=gone)
    changed = {key: value for key, value in wanted.items() if present.get(key) != value}
    if changed:
        tags = [{"TagKey": key, "TagValue": value} for key, value in changed.items()]
        kms.tag_resource(KeyId=row.id, Tags=tags)


class TagsForm(FormDialog):
    """Edits tags.

    Args:
        look: colours and spacing.
        rows: the keys; with more than one, tags are added and none is taken away.
        save: starts the work with the tags and whether others go.
        parent: the pane.
    """

    def __init__(
        self,
        look: Look,
        rows: list[KeyRow],
        save: Callable[[dict[str, str]], None],
        parent: QWidget,
    ) -> None:
        one = len(rows) == 1
        title = (
            _tr("Tags of {name}").format(name=short_name(rows[0]))
            if one
            else _tr("Add tags to {n} keys").format(n=len(rows))
        )
        super().__init__(look, title, _tr("Save") if one else _tr("Add tags"), parent)
        self.editor = TagEditor(look, dict(rows[0].tags) if one else {})
        hint = (
            _tr("Tags help to find keys and to share out costs; they are not secret.")
            if one
            else _tr("A tag with the same key is replaced; the keys' other tags stay.")
        )
        self.add_field(_tr("Tags"), self.editor, hint, self.editor.problem)
        self.body.addStretch(1)
        self.resize(look.unit * 140, look.unit * 80)
        if not self.editor.tags:
            self.editor.add_line(focus=True)
        self.on_submit(lambda: save(self.editor.tags))
