"""How everything looks at the moment: colours, fonts, spacing, icons.

One `Look` is made at start and handed to every widget that draws. Follows the desktop's scheme and
font live unless a scheme is forced. Knows no pane and no service.
"""

from collections.abc import Callable
from typing import Literal, Protocol

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QLabel, QStyleFactory, QWidget

from workbench.ui import icons
from workbench.ui.stylesheet import build_stylesheet
from workbench.ui.tokens import DARK, LIGHT, Tokens, Tone

Scheme = Literal["system", "light", "dark"]


class HasIcon(Protocol):
    """A `QAction` or a button."""

    def setIcon(self, icon: QIcon) -> None:
        """Take the icon."""


class _Dresser(QObject):
    """Re-applies a look to its parent whenever the look changes; dies with it."""

    def __init__(self, parent: QObject, look: "Look", apply: Callable[[], None]) -> None:
        super().__init__(parent)
        self._apply = apply
        look.changed.connect(self.apply)
        self.apply()

    def replace(self, apply: Callable[[], None]) -> None:
        self._apply = apply
        apply()

    @Slot()
    def apply(self) -> None:
        self._apply()


class _FontEar(QWidget):
    """Never shown; hears that the desktop's font changed.

    A filter on the application would hear it too, and run for every event of every widget.
    """

    def __init__(self, heard: Callable[[], None]) -> None:
        super().__init__()
        self._heard = heard

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ApplicationFontChange:
            self._heard()
        return super().event(event)


class Look(QObject):
    """The current colours, fonts, spacing and icons.

    Signals:
        changed: the scheme or the font changed; redraw.
    """

    changed = Signal()

    def __init__(self, application: QApplication, scheme: Scheme = "system") -> None:
        super().__init__(application)
        self._application = application
        self._scheme: Scheme = scheme
        self._icons: dict[tuple[str, str], QIcon] = {}
        self.tokens: Tokens = LIGHT
        application.setStyle(QStyleFactory.create("Fusion"))
        application.styleHints().colorSchemeChanged.connect(self._desktop_changed)
        self._ear = _FontEar(self._apply)
        self._apply()

    @property
    def scheme(self) -> Scheme:
        """What was asked for: follow the `system`, or one of the two."""
        return self._scheme

    def set_scheme(self, scheme: Scheme) -> None:
        """Follow the desktop or force light or dark, at once."""
        if scheme != self._scheme:
            self._scheme = scheme
            self._apply()

    @property
    def unit(self) -> int:
        """The spacing step: a quarter of a line of text, in device-independent pixels."""
        return max(3, round(QFontMetrics(self._application.font()).height() / 4))

    @property
    def icon_size(self) -> int:
        """Edge of an icon that stands beside text, in device-independent pixels."""
        return max(16, round(QFontMetrics(self._application.font()).height() * 1.05))

    @property
    def mono(self) -> QFont:
        """The desktop's fixed-width font at the size of the text."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(self._application.font().pointSizeF())
        font.setStyleHint(QFont.StyleHint.Monospace)
        return font

    def heading(self, factor: float = 1.35) -> QFont:
        """Return the text font, bold and `factor` times as large."""
        font = QFont(self._application.font())
        font.setPointSizeF(font.pointSizeF() * factor)
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def colour(self, tone: Tone) -> QColor:
        """Return a tone as a colour to paint with."""
        return QColor(self.tokens.colour(tone))

    def soft(self, tone: Tone) -> QColor:
        """Return the ground that goes under words in a tone."""
        return QColor(self.tokens.soft(tone))

    def icon(self, name: str, tone: Tone = "text") -> QIcon:
        """Return an icon for now; use `dress` where it has to outlive a change of scheme."""
        key = (name, self.tokens.colour(tone))
        if key not in self._icons:
            disabled = icons.faded(self.tokens.muted, self.tokens.surface)
            self._icons[key] = icons.build_icon(name, key[1], disabled)
        return self._icons[key]

    def pixmap(self, name: str, tone: Tone = "text", size: int | None = None) -> QPixmap:
        """Return an icon as a pixmap of `size` device-independent pixels, sharp on the screen."""
        ratio = self._application.devicePixelRatio()
        return icons.draw(name, self.tokens.colour(tone), size or self.icon_size, ratio)

    def dress(self, target: HasIcon, name: str, tone: Tone = "text") -> None:
        """Give a button or action an icon and keep it right when the scheme changes."""
        assert isinstance(target, QObject)
        self.follow(target, lambda: target.setIcon(self.icon(name, tone)))

    def dress_label(
        self, label: QLabel, name: str, tone: Tone = "text", size: int | None = None
    ) -> None:
        """Give a label an icon and keep it right when the scheme changes."""
        self.follow(label, lambda: label.setPixmap(self.pixmap(name, tone, size)))

    def follow(self, owner: QObject, apply: Callable[[], None]) -> None:
        """Call `apply` now and at every change of look, for as long as `owner` lives."""
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        known = owner.findChildren(_Dresser, options=direct)
        if known:
            known[0].replace(apply)
        else:
            _Dresser(owner, self, apply)

    @Slot()
    def _desktop_changed(self) -> None:
        if self._scheme == "system":
            self._apply()

    def _apply(self) -> None:
        dark = self._scheme == "dark" or (
            self._scheme == "system"
            and self._application.styleHints().colorScheme() is Qt.ColorScheme.Dark
        )
        self.tokens = DARK if dark else LIGHT
        self._icons.clear()
        self._application.setPalette(build_palette(self.tokens))
        self._application.setStyleSheet(
            build_stylesheet(self.tokens, self.unit, self._application.font().pointSizeF())
        )
        self.changed.emit()


def build_palette(tokens: Tokens) -> QPalette:
    """Return the tokens as Qt's palette, for what no stylesheet rule reaches."""
    roles = {
        QPalette.ColorRole.Window: tokens.window,
        QPalette.ColorRole.WindowText: tokens.text,
        QPalette.ColorRole.Base: tokens.surface,
        QPalette.ColorRole.AlternateBase: tokens.sunken,
        QPalette.ColorRole.ToolTipBase: tokens.raised,
        QPalette.ColorRole.ToolTipText: tokens.text,
        QPalette.ColorRole.PlaceholderText: tokens.muted,
        QPalette.ColorRole.Text: tokens.text,
        QPalette.ColorRole.Button: tokens.raised,
        QPalette.ColorRole.ButtonText: tokens.text,
        QPalette.ColorRole.BrightText: tokens.danger,
        QPalette.ColorRole.Highlight: tokens.selection,
        QPalette.ColorRole.HighlightedText: tokens.text,
        QPalette.ColorRole.Link: tokens.accent,
        QPalette.ColorRole.LinkVisited: tokens.pq,
        QPalette.ColorRole.Accent: tokens.accent,
        QPalette.ColorRole.Light: tokens.raised,
        QPalette.ColorRole.Midlight: tokens.border,
        QPalette.ColorRole.Mid: tokens.border,
        QPalette.ColorRole.Dark: tokens.outline,
        QPalette.ColorRole.Shadow: tokens.sunken,
    }
    palette = QPalette()
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (
        QPalette.ColorRole.Text,
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.ButtonText,
    ):
        muted = QColor(icons.faded(tokens.muted, tokens.surface))
        palette.setColor(QPalette.ColorGroup.Disabled, role, muted)
    return palette
