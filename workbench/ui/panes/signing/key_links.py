"""Links to the keys of jobs, which are called by their aliases once those are known."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtWidgets import QPushButton

from workbench.base.sites import HOME, Site
from workbench.ui.pane import Context
from workbench.ui.widgets.fields import FieldList
from workbench.ui.widgets.texts import elide

_ID_LETTERS = 28


class KeyLinks:
    """Adds links to keys, and asks for each key's aliases once.

    Args:
        context: session, bench, frame.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._aliases: dict[str, str] = {}

    def add(self, fields: FieldList, name: str, key_id: str, site: Site | None) -> None:
        """Add a link.

        Args:
            fields: where it goes.
            name: what the key does.
            key_id: id, ARN or alias of the key, as the recipe has it.
            site: where the key is; None for the vault's home Region.
        """
        context = self._context
        known = self._aliases.get(key_id, "")
        link = fields.link(name, known or elide(key_id, _ID_LETTERS), lambda: self._show(key_id))
        link.setToolTip(key_id)
        if key_id in self._aliases or key_id.startswith("alias/"):
            return
        if (site or HOME) != context.bench.site:
            return  # the panes look elsewhere
        kms = context.bench.kms
        context.session.start(
            link,
            lambda: read_aliases(kms, key_id),
            partial(self._told, link, name, key_id),
            lambda _why: None,  # who may not list aliases sees the id
        )

    def _show(self, key_id: str) -> None:
        self._context.frame.show_object("keys", key_id)

    def _told(self, link: QPushButton, name: str, key_id: str, aliases: Sequence[str]) -> None:
        self._aliases[key_id] = ", ".join(aliases)
        if aliases:
            link.setText(self._aliases[key_id])
            link.setAccessibleName(f"{name}: {self._aliases[key_id]}")


def read_aliases(kms: Any, key_id: str) -> list[str]:
    """Return the names of a key's aliases; for workers.

    Raises:
        botocore.exceptions.ClientError: KMS refused.
    """
    pages = kms.get_paginator("list_aliases").paginate(KeyId=key_id)
    return [one["AliasName"] for page in pages for one in page["Aliases"]]
