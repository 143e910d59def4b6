"""The pages of one identity: general, policies, trust, access keys, tags.

Each shows `Details` and offers what can be done; doing it is `verbs`'.
"""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from workbench.iam.policy.documents import PolicyDocument, PolicyKind
from workbench.ui.identities.rows import ROLE, ROOT, AccessKeyRow, Details, HeldPolicy
from workbench.ui.identities.verbs import IdentityVerbs
from workbench.ui.identities.words import kind_name
from workbench.ui.pane import Context
from workbench.ui.policies.sentences import tell
from workbench.ui.policies.texts import read_policy
from workbench.ui.widgets.basics import Badge, CopyButton, label, push_button
from workbench.ui.widgets.fields import FieldList, SelectableText
from workbench.ui.widgets.texts import age, duration, local_time, utc_time

MOST_KEYS = 2
"""Access keys that AWS allows a user."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("identities", text)


class Page(QWidget):
    """A column that is filled anew for each identity."""

    def __init__(self, context: Context, verbs: IdentityVerbs) -> None:
        super().__init__()
        self.context = context
        self.verbs = verbs
        unit = context.look.unit
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(unit * 4, unit * 3, unit * 4, unit * 4)
        self.column.setSpacing(unit * 3)

    def show_details(self, details: Details | None) -> None:
        """Show an identity, or nothing."""
        while self.column.count():
            item = self.column.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if details is not None:
            self.fill(details)
        self.column.addStretch(1)

    def fill(self, details: Details) -> None:
        """Put in what belongs to an identity; override."""

    def say(self, text: str, role: str = "muted") -> None:
        """Add a sentence."""
        self.column.addWidget(label(text, role, wrap=True))

    def missing(self, details: Details, part: str) -> bool:
        """Say why a part may not be seen, if it may not."""
        problem = details.problem(part)
        if problem:
            self.say(problem, "error")
        return bool(problem)

    def button(self, words: str, icon: str, slot: Callable[[], None], why: str = "") -> QPushButton:
        """Add a button, disabled where there is a reason."""
        made = push_button(words, slot)
        self.context.look.dress(made, icon, "muted" if why else "text")
        made.setEnabled(not why)
        made.setToolTip(why)
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(made)
        row.addStretch(1)
        self.column.addWidget(line)
        return made

    def card(self) -> QVBoxLayout:
        """Add a card and return its column."""
        frame = QFrame()
        frame.setProperty("role", "card")
        unit = self.context.look.unit
        column = QVBoxLayout(frame)
        column.setContentsMargins(unit * 3, unit * 2, unit * 3, unit * 2)
        column.setSpacing(unit)
        self.column.addWidget(frame)
        return column

    def links(self, buttons: Sequence[tuple[str, str, Callable[[], None]]]) -> QWidget:
        """Return a line of links as (words, accessible name, what it does)."""
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self.context.look.unit * 3)
        for words, name, slot in buttons:
            made = push_button(words, slot, "link")
            made.setAccessibleName(name)
            row.addWidget(made)
        row.addStretch(1)
        return line


class GeneralPage(Page):
    """Who it is."""

    def fill(self, details: Details) -> None:
        """Show ARN, id, path, dates, and root's organization."""
        row, fields = details.row, FieldList(self.context.look, self.context.frame.copy)
        layout = fields.layout()
        if layout is not None:
            layout.setContentsMargins(0, 0, 0, 0)
        self.missing(details, "about")
        fields.text(_tr("ARN"), row.arn, mono=True, copy=True)
        if row.kind == ROOT:
            fields.text(_tr("Account"), row.id, mono=True, copy=True)
            fields.text(_tr("Organization"), details.organization or _tr("none"), mono=True)
            self.column.addWidget(fields)
            self.button(
                _tr("Change &organization…"),
                "edit",
                partial(self.verbs.edit_organization, details.organization),
                self.verbs.unless_root(),
            )
            return
        fields.text(_tr("Kind"), kind_name(row.kind))
        fields.text(_tr("Unique ID"), row.id, mono=True, copy=True)
        fields.text(_tr("Path"), row.path, mono=True)
        fields.time(_tr("Created"), row.created)
        if details.groups:
            fields.text(_tr("Groups"), ", ".join(details.groups))
        if row.kind == ROLE:
            fields.text(_tr("Description"), row.description)
            fields.text(_tr("Longest session"), duration(details.max_session))
            fields.time(_tr("Last used"), details.used)
        self.column.addWidget(fields)
        if row.kind == ROLE:
            self.button(_tr("&Edit…"), "edit", partial(self.verbs.edit_terms, details))


class PoliciesPage(Page):
    """Policies, each in words: its own can be changed here, those it has from elsewhere not."""

    def fill(self, details: Details) -> None:
        """Show a card for each policy."""
        if self.missing(details, "policies") or details.policies is None:
            return
        if details.row.kind == ROOT:
            self.say(_tr("Root may do everything in its account; it has no policies."))
            return
        self.button(_tr("Add &policy…"), "add", partial(self.verbs.add_policy, details))
        held = (*(details.attached or ()), *(details.through_groups or ()))
        if not details.policies and not held:
            self.say(
                _tr("It has no policy: it may do what key policies, grants and trust policies say.")
            )
        for name, text in details.policies:
            self._card(details, name, text)
        for part in ("attached", "through_groups"):
            self.missing(details, part)
        for policy in held:
            self._told(policy.name, policy.text, whence(policy))

    def _told(self, name: str, text: str, whence: str = "") -> QVBoxLayout:
        """Add a card that tells a policy; where it comes from, unless it is the identity's own."""
        card = self.card()
        card.addWidget(label(name, "strong", wrap=True))
        if whence:
            card.addWidget(label(whence, "muted", wrap=True))
        document = read_policy(text, PolicyKind.IDENTITY)
        if isinstance(document, PolicyDocument):
            for told in tell(document, self.context.bench.place.account):
                card.addWidget(label(told.sentence, wrap=True))
        return card

    def _card(self, details: Details, name: str, text: str) -> None:
        card = self._told(name, text)
        card.addWidget(
            self.links(
                (
                    (_tr("Edit"), _tr("Edit policy {name}").format(name=name),
                     partial(self.verbs.edit_policy, details, name, text)),
                    (_tr("Delete"), _tr("Delete policy {name}").format(name=name),
                     partial(self.verbs.delete_policy, details, name)),
                )
            )
        )  # fmt: skip


def whence(policy: HeldPolicy) -> str:
    """Return where a policy comes from that is not an identity's own."""
    if policy.group and policy.arn:
        words = _tr("Managed policy of the group {group}: {arn}")
    elif policy.group:
        words = _tr("Policy of the group {group}")
    else:
        words = _tr("Managed policy: {arn}")
    return words.format(group=policy.group, arn=policy.arn)


class TrustPage(Page):
    """Who may assume a role."""

    def fill(self, details: Details) -> None:
        """Show the trust policy in words and as text."""
        if details.row.kind != ROLE or self.missing(details, "about"):
            return
        self.button(_tr("Edit &trust policy…"), "edit", partial(self.verbs.edit_trust, details))
        document = read_policy(details.trust, PolicyKind.TRUST)
        if isinstance(document, PolicyDocument):
            for told in tell(document, self.context.bench.place.account):
                self.card().addWidget(label(told.sentence, wrap=True))
        shown = SelectableText(self.context.look, details.trust, mono=True)
        shown.setAccessibleName(_tr("Trust policy, JSON"))
        self.column.addWidget(shown)


class KeysPage(Page):
    """Access keys of a user or root."""

    def fill(self, details: Details) -> None:
        """Show a card for each key."""
        if details.row.kind == ROLE or self.missing(details, "keys") or details.keys is None:
            return
        why = ""
        if len(details.keys) >= MOST_KEYS:
            why = _tr("There are two already, as many as AWS allows.")
        self.button(_tr("Create access &key…"), "add", partial(self.verbs.create_key, details), why)
        if why:
            self.say(why)
        if not details.keys:
            self.say(
                _tr("There are no access keys. Programs need one to sign requests to the endpoint.")
            )
        for key in details.keys:
            self._card(details, key)

    def _card(self, details: Details, key: AccessKeyRow) -> None:
        look, card = self.context.look, self.card()
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.unit * 2)
        shown = SelectableText(look, key.id, mono=True)
        shown.setAccessibleName(_tr("Access key {id}").format(id=key.id))
        row.addWidget(shown, 1)
        what = _tr("access key ID")
        row.addWidget(CopyButton(look, what, partial(self.context.frame.copy, key.id, what)))
        words, tone = (_tr("Active"), "ok") if key.active else (_tr("Inactive"), "warning")
        row.addWidget(Badge(look, words, "ok" if tone == "ok" else "warning"))
        card.addWidget(head)
        made = label(_tr("Created {when}").format(when=local_time(key.created)), "muted", wrap=True)
        made.setToolTip(utc_time(key.created))
        card.addWidget(made)
        now = self.context.bench.clock.now()
        told = _tr("Never used")
        if key.used is not None:
            told = _tr("Last used {when} ago: {where}").format(
                when=age(key.used, now), where=key.where
            )
        used = label(told, "muted", wrap=True)
        used.setToolTip(utc_time(key.used) if key.used else "")
        card.addWidget(used)
        turn = _tr("Deactivate") if key.active else _tr("Activate")
        card.addWidget(
            self.links(
                (
                    (turn, f"{turn} {key.id}", partial(self.verbs.turn_key, details, key)),
                    (_tr("Delete"), _tr("Delete {id}").format(id=key.id),
                     partial(self.verbs.delete_key, details, key)),
                )
            )
        )  # fmt: skip


class TagsPage(Page):
    """Tags of a user or role."""

    def fill(self, details: Details) -> None:
        """Show keys and values."""
        if details.row.kind == ROOT or self.missing(details, "tags") or details.tags is None:
            return
        self.button(_tr("Edit &tags…"), "tag", partial(self.verbs.edit_tags, details))
        if not details.tags:
            self.say(_tr("It has no tags."))
            return
        fields = FieldList(self.context.look, self.context.frame.copy)
        layout = fields.layout()
        if layout is not None:
            layout.setContentsMargins(0, 0, 0, 0)
        for key, value in details.tags:
            fields.text(key, value)
        self.column.addWidget(fields)
