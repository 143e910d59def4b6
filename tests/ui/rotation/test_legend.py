"""The legend below the time axis, whose layout asks it for its height again and again."""

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.ui.look import Look
from workbench.ui.panes.rotation.legend import Legend


def test_the_legend_is_as_tall_as_its_width_and_its_text_ask_for(look: Look, qtbot: QtBot) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    legend = Legend(look)
    qtbot.addWidget(legend)
    wide, narrow = look.unit * 300, look.unit * 60
    before = legend.heightForWidth(narrow)
    assert before > legend.heightForWidth(wide)
    assert legend.heightForWidth(narrow) == before
    font = QFont(application.font())
    larger = QFont(font)
    larger.setPointSizeF(font.pointSizeF() * 2)
    application.setFont(larger)
    try:
        # Asked at once: no event of the font's has been through the loop.
        assert legend.heightForWidth(narrow) >= before * 1.7
    finally:
        application.setFont(font)
    assert legend.heightForWidth(narrow) == before
