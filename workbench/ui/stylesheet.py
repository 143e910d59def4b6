"""The stylesheet, built from tokens and the size of the text.

Owns every rule of Qt's style language in the window; must not know Qt. Panes do not write style
sheets: they set the dynamic property `role` on a widget, as listed in `_TEMPLATE`.
"""

from dataclasses import asdict
from string import Template
from typing import Final

from workbench.ui.assets import asset_folder
from workbench.ui.tokens import Tokens

_TEMPLATE: Final = Template("""
QWidget { color: $text; }
QMainWindow, QDialog, QMessageBox { background: $window; }
QToolTip { background: $raised; color: $text; border: 1px solid $outline; padding: ${u}px; }
QLabel { background: transparent; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="error"] { color: $danger; }
QLabel[role="title"] { font-size: ${title}pt; font-weight: 600; }
QLabel[role="heading"] { font-size: ${heading}pt; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QFrame[role="card"] { background: $surface; border: 1px solid $border; border-radius: ${r2}px; }
QFrame[role="card-danger"] { background: $danger_soft; border: 1px solid $danger;
  border-radius: ${r2}px; }
QFrame[role="card-ok"] { background: $ok_soft; border: 1px solid $ok;
  border-radius: ${r2}px; }
QFrame[role="card-warning"] { background: $warning_soft; border: 1px solid $warning;
  border-radius: ${r2}px; }
QFrame[role="toast"] { background: $raised; border: 1px solid $outline; border-radius: ${r2}px; }
QFrame[role="rail"] { background: $sunken; border: none; border-right: 1px solid $border; }
QFrame[role="header"] { background: $surface; border: none; border-bottom: 1px solid $border; }
QFrame[role="inspector"] { background: $surface; border: none; border-left: 1px solid $border; }
QFrame[role="line"] { background: $border; border: none; max-height: 1px; min-height: 1px; }
QWidget[role="page"] { background: $surface; }
QWidget[role="curtain"] { background: $window; }

QPushButton, QToolButton { background: $raised; color: $text; border: 1px solid $outline;
  border-radius: ${r}px; padding: ${u}px ${u3}px; min-height: ${line}px; }
QPushButton:hover, QToolButton:hover { background: $accent_soft; border-color: $accent; }
QPushButton:pressed, QToolButton:pressed { background: $selection; }
QPushButton:focus, QToolButton:focus { border: 2px solid $accent; padding: ${um}px ${u3m}px; }
QPushButton:disabled, QToolButton:disabled { color: $muted; background: $window;
  border-color: $border; }
QPushButton[role="primary"], QToolButton[role="primary"] { background: $accent; color: $on_accent;
  border: 1px solid $accent; font-weight: 600; }
QPushButton[role="primary"]:hover, QToolButton[role="primary"]:hover { border: 1px solid $text; }
QPushButton[role="primary"]:focus, QToolButton[role="primary"]:focus { border: 2px solid $text; }
QPushButton[role="danger"] { background: $danger; color: $on_danger; border: 1px solid $danger;
  font-weight: 600; }
QPushButton[role="danger"]:focus { border: 2px solid $text; }
QPushButton[role="primary"]:disabled, QToolButton[role="primary"]:disabled,
QPushButton[role="danger"]:disabled { background: $sunken; color: $muted; border-color: $border; }
QToolButton[role="flat"], QPushButton[role="flat"] { background: transparent;
  border: 1px solid transparent; padding: ${u}px; min-height: 0; }
QToolButton[role="flat"]:hover, QPushButton[role="flat"]:hover { background: $accent_soft;
  border-color: $border; }
QToolButton[role="flat"]:focus, QPushButton[role="flat"]:focus { border: 2px solid $accent;
  padding: ${um}px; }
QToolButton[role="small"] { background: transparent; border: 1px solid transparent; padding: 0;
  min-height: 0; }
QToolButton[role="small"]:hover { background: $accent_soft; border-color: $border; }
QToolButton[role="small"]:focus { border: 1px solid $accent; padding: 0; }
QPushButton[role="link"] { background: transparent; border: 1px solid transparent; color: $accent;
  text-align: left; padding: 0 ${h}px; min-height: ${u4}px; }
QPushButton[role="link"]:hover { text-decoration: underline; background: transparent; }
QPushButton[role="link"]:focus { border: 1px solid $accent; }
QPushButton[role="choice"] { text-align: left; padding: 0; background: $surface; }
QPushButton[role="choice"]:hover { background: $accent_soft; }
QPushButton[role="choice"]:focus { padding: 0; }
QToolButton[role="rail"] { background: transparent; border: 1px solid transparent;
  border-radius: ${r2}px; padding: ${u15}px ${u}px; color: $muted; }
QToolButton[role="rail"]:hover { background: $accent_soft; color: $text; }
QToolButton[role="rail"]:checked { background: $selection; color: $text; font-weight: 600; }
QToolButton[role="rail"]:focus { border: 2px solid $accent; }
QFileDialog QToolButton { padding: ${h}px; min-height: 0; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QDateTimeEdit, QComboBox {
  background: $surface; color: $text; border: 1px solid $outline; border-radius: ${r}px;
  padding: ${u}px ${u2}px; selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QDateTimeEdit { min-height: ${line}px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus,
QComboBox:focus, QDateTimeEdit:focus { border: 2px solid $accent; padding: ${um}px ${u2m}px; }
QLineEdit:disabled, QPlainTextEdit:disabled, QSpinBox:disabled, QComboBox:disabled {
  color: $muted; background: $window; border-color: $border; }
QLineEdit[invalid="true"], QPlainTextEdit[invalid="true"], QComboBox[invalid="true"],
QSpinBox[invalid="true"] { border: 2px solid $danger; padding: ${um}px ${u2m}px; }
QPlainTextEdit[role="readonly"], QTextBrowser[role="readonly"] { background: $sunken;
  border-color: $border; }
QTextEdit[role="plain"] { background: transparent; border: none; padding: 0; }
QTextEdit[role="plain"]:focus { border: none; padding: 0; }
QComboBox::drop-down, QDateTimeEdit::drop-down { border: none; width: ${u6}px; }
QComboBox::down-arrow, QDateTimeEdit::down-arrow { image: url("$chevron"); width: ${u3}px;
  height: ${u3}px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $outline;
  selection-background-color: $selection; selection-color: $text; outline: none;
  padding: ${h}px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: ${u6}px; border: none;
  background: transparent; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover {
  background: $accent_soft; }
QAbstractSpinBox::up-arrow { image: url("$chevron_up"); width: ${u25}px; height: ${u25}px; }
QAbstractSpinBox::down-arrow { image: url("$chevron"); width: ${u25}px; height: ${u25}px; }
QListWidget[role="nav"] { background: $sunken; padding: ${u2}px; }
QListWidget[role="nav"]::item { padding: ${u15}px ${u2}px; border: none; border-radius: ${r}px; }
QTextBrowser[role="reader"] { border: 1px solid transparent; border-radius: 0; padding: 0; }
QTextBrowser[role="reader"]:focus { border: 1px solid $accent; padding: 0; }
QCheckBox, QRadioButton { spacing: ${u2}px; padding: ${h}px; border: 1px solid transparent;
  border-radius: ${r}px; }
QCheckBox:focus, QRadioButton:focus { border: 1px solid $accent; }
QCheckBox:disabled, QRadioButton:disabled { color: $muted; }
QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator,
QGroupBox::indicator { width: ${u35}px; height: ${u35}px; background: $surface;
  border: 1px solid $outline; border-radius: ${h}px; }
QRadioButton::indicator { border-radius: ${u2}px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $accent; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked,
QGroupBox::indicator:checked { background: $accent; border-color: $accent; image: url("$check"); }
QRadioButton::indicator:checked { background: $accent; border-color: $accent;
  image: url("$dot"); }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { background: $window;
  border-color: $border; }

QTableView, QTreeView, QListView, QTableWidget, QListWidget, QTreeWidget { background: $surface;
  alternate-background-color: $sunken; border: 1px solid transparent;
  gridline-color: $border; outline: none;
  selection-background-color: $selection; selection-color: $text; }
QTableView::item, QTreeView::item, QListView::item { padding: 0 ${u2}px; border: none;
  border-bottom: 1px solid $sunken; }
QTableView::item:hover, QTreeView::item:hover, QListView::item:hover { background: $accent_soft; }
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected {
  background: $selection; color: $text; }
QTableView:focus, QTreeView:focus, QListView:focus { border: 1px solid $accent; }
QTableView[role="boxed"], QTreeView[role="boxed"], QListView[role="boxed"] {
  border: 1px solid $border; border-radius: ${r}px; }
QTableView[role="boxed"]:focus, QTreeView[role="boxed"]:focus, QListView[role="boxed"]:focus {
  border: 1px solid $accent; }
QHeaderView { background: $surface; border: none; }
QHeaderView::section { background: $surface; color: $muted; border: none;
  border-bottom: 1px solid $border; padding: ${u15}px ${u2}px; font-weight: 600; }
QHeaderView::section:hover { color: $text; background: $accent_soft; }
QTableCornerButton::section { background: $surface; border: none; }

QTabWidget::pane { border: none; border-top: 1px solid $border; background: $surface; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: $muted; padding: ${u15}px ${u25}px;
  border: 1px solid transparent; border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $text; background: $accent_soft; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; font-weight: 600; }
QTabBar:focus { outline: none; }
QTabBar::tab:focus { border: 1px solid $accent; border-bottom: 2px solid $accent; }
QTabBar::scroller { width: ${u8}px; }
QTabBar[role="overflow"]::scroller { width: 0; }
QTabBar QToolButton { background: $surface; border: 1px solid $border; border-radius: 0;
  min-height: 0; padding: 0; }
QTabBar QToolButton::left-arrow { image: url("$chevron_left"); }
QTabBar QToolButton::right-arrow { image: url("$chevron_right"); }
QGroupBox { border: 1px solid $border; border-radius: ${r2}px; margin-top: ${u4}px;
  padding: ${u3}px; }
QGroupBox::title { subcontrol-origin: margin; left: ${u2}px; color: $muted; font-weight: 600; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget[role="page"] { background: $surface; }
QSplitter::handle { background: $border; }
QSplitter::handle:horizontal { width: 1px; } QSplitter::handle:vertical { height: 1px; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: ${u3}px; } QScrollBar:horizontal { height: ${u3}px; }
QScrollBar::handle { background: $border; border-radius: ${r}px; margin: 2px; }
QScrollBar::handle:hover { background: $outline; }
QScrollBar::handle:vertical { min-height: ${u6}px; }
QScrollBar::handle:horizontal { min-width: ${u6}px; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
  background: transparent; border: none; width: 0; height: 0; }
QProgressBar { background: $sunken; border: 1px solid $border; border-radius: ${r}px;
  text-align: center; color: $text; min-height: ${u2}px; max-height: ${u4}px; }
QProgressBar::chunk { background: $accent; border-radius: ${r}px; }
QProgressBar[role="thin"] { border: none; border-radius: 0; background: transparent;
  max-height: 2px; min-height: 2px; }
QProgressBar[role="thin"]::chunk { border-radius: 0; }

QMenuBar { background: $sunken; border-bottom: 1px solid $border; }
QMenuBar::item { padding: ${u}px ${u25}px; background: transparent; }
QMenuBar::item:selected { background: $selection; }
QMenuBar::item:disabled { color: $muted; }
QMenu { background: $raised; border: 1px solid $outline; padding: ${u}px; }
QMenu::item { padding: ${u}px ${u6}px ${u}px ${u2}px; border-radius: ${r}px; }
QMenu::icon { padding-left: ${u2}px; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $border; margin: ${u}px ${u2}px; }
QStatusBar { background: $sunken; border-top: 1px solid $border; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $muted; }
QStatusBar QToolButton { border: 1px solid transparent; background: transparent;
  min-height: ${u5}px; padding: 0 ${u2}px; color: $muted; }
QStatusBar QToolButton:disabled { background: transparent; border-color: transparent; }
QStatusBar QToolButton[role="acting"] { color: $warning; background: $warning_soft;
  border-color: $warning; font-weight: 600; }
QStatusBar QToolButton[role="away"] { color: $info; background: $info_soft;
  border-color: $info; font-weight: 600; }
QStatusBar QToolButton[role="aws"] { color: $on_danger; background: $danger;
  border-color: $danger; font-weight: 600; }
QStatusBar QToolButton:hover { color: $text; background: $accent_soft; }
QStatusBar QToolButton[role="aws"]:hover { color: $on_danger; background: $danger; }
QStatusBar QToolButton:focus { border: 1px solid $accent; }
""")


def build_stylesheet(tokens: Tokens, unit: int, points: float) -> str:
    """Return the application's stylesheet.

    Args:
        tokens: the colours.
        unit: a quarter of a line of text, in device-independent pixels.
        points: size of the text font in points.
    """
    sizes = {
        "h": unit // 2,
        "u": unit,
        "um": unit - 1,
        "u15": round(unit * 1.5),
        "u2": unit * 2,
        "u2m": unit * 2 - 1,
        "u25": round(unit * 2.5),
        "u3": unit * 3,
        "u3m": unit * 3 - 1,
        "u35": round(unit * 3.5),
        "u4": unit * 4,
        "u5": unit * 5,
        "u6": unit * 6,
        "u8": unit * 8,
        "r": max(3, unit),
        "r2": max(4, round(unit * 1.75)),
        "line": round(unit * 4.5),
        "title": round(points * 1.45, 1),
        "heading": round(points * 1.15, 1),
        "check": (asset_folder("icons") / f"check-{tokens.name}.svg").as_posix(),
        "dot": (asset_folder("icons") / f"dot-{tokens.name}.svg").as_posix(),
        "chevron_left": (asset_folder("icons") / f"chevron-left-{tokens.name}.svg").as_posix(),
        "chevron_right": (asset_folder("icons") / f"chevron-right-{tokens.name}.svg").as_posix(),
        "chevron": (asset_folder("icons") / f"chevron-{tokens.name}.svg").as_posix(),
        "chevron_up": (asset_folder("icons") / f"chevron-up-{tokens.name}.svg").as_posix(),
    }
    return _TEMPLATE.substitute(asdict(tokens) | sizes)
