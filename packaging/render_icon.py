"""Render the application icon's SVG to the PNG sizes that desktops ask for. Run by hand after changing the SVG."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES = (256, 512)
ICONS = Path(__file__).resolve().parent.parent / "resources" / "icons"


def render(source: Path, target: Path, size: int) -> None:
    """Draw one square picture on a transparent ground."""
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(source)).render(painter)
    painter.end()
    if not image.save(str(target)):
        raise OSError(f"cannot write {target}")


def main() -> int:
    """Render every size beside the SVG."""
    application = QGuiApplication(sys.argv)
    for size in SIZES:
        target = ICONS / f"hanzi-studio-{size}.png"
        render(ICONS / "hanzi-studio.svg", target, size)
        print(target)
    application.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
