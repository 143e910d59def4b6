import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

PROGRAM = """
import sys
from pathlib import Path
from tests.fakes.bench import FakeBench
from tests.fakes.panes import PANES
from workbench.ui.screenshots import capture
bench = FakeBench(locked=False)
files = capture(bench, Path(sys.argv[1]), scale=float(sys.argv[2]), makers=PANES)
assert not bench.closed and not bench.vault.locked
print("\\n".join(file.name for file in files))
"""


@pytest.mark.parametrize("scale", [1, 2])
def test_every_pane_is_drawn_light_and_dark_without_a_display(
    tmp_path: Path, scale: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(tmp_path / "out"), str(scale)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [
        "things-light.png",
        "empty-light.png",
        "things-dark.png",
        "empty-dark.png",
    ]
    light = QImage(str(tmp_path / "out/things-light.png"))
    dark = QImage(str(tmp_path / "out/things-dark.png"))
    assert (light.width(), light.height()) == (1280 * scale, 800 * scale)
    corner = light.width() // 2, light.height() - 5 * scale
    assert light.pixelColor(*corner).lightness() > 200
    assert dark.pixelColor(*corner).lightness() < 50
    assert len({light.pixel(x, 48 * scale) for x in range(light.width())}) > 20, "nothing drawn"
