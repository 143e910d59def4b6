"""Room before a spin box's text, which Qt's style sheets do not give it."""

from typing import TypeVar

from PySide6.QtWidgets import QAbstractSpinBox

from workbench.ui.look import Look

Box = TypeVar("Box", bound=QAbstractSpinBox)


def padded(look: Look, box: Box) -> Box:
    """Return a spin box whose text stands as far from its border as a line edit's."""

    def dress() -> None:
        box.lineEdit().setTextMargins(look.unit * 2 - 2, 0, 0, 0)

    look.follow(box, dress)
    return box
