"""The main job by a real drag from another program, through the X server."""

from pathlib import Path

from tests.ui.conftest import click
from tests.ui.signing.desk import Desk, chain_of
from tests.ui.test_drop import Foreign


def test_a_file_dragged_from_another_program_is_signed(desk: Desk, files: Path) -> None:
    name = files / "it's “odd” 1.bin"
    name.write_bytes(b"content")
    drag = Foreign(desk.qtbot, "files", [str(name)])
    try:
        drag.carry(desk.window, desk.window.rect().center())
        assert "to sign, verify, inspect or import" in desk.window.drops.sentence.text()
        drag.let_go()
    finally:
        drag.end()
    click(desk.qtbot, desk.sheet().main_button)
    signature = name.with_name(f"{name.name}.p7s")
    desk.wait(signature.exists)
    desk.settle()
    assert desk.bench.verifier.verify(name, signature, [chain_of(desk)[-1]]).valid
