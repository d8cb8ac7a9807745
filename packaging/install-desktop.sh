#!/usr/bin/env bash
# Put the desktop entry, the AppStream metadata and the icons where a freedesktop system looks for them.
#   packaging/install-desktop.sh [PREFIX]     PREFIX is ~/.local by default; DESTDIR is honoured for packages
set -euo pipefail
cd "$(dirname "$0")/.."

share=${DESTDIR:-}${1:-$HOME/.local}/share
install -Dm644 packaging/hanzi-studio.desktop "$share/applications/hanzi-studio.desktop"
install -Dm644 packaging/studio.hanzi.HanziStudio.metainfo.xml "$share/metainfo/studio.hanzi.HanziStudio.metainfo.xml"
install -Dm644 resources/icons/hanzi-studio.svg "$share/icons/hicolor/scalable/apps/hanzi-studio.svg"
for size in 256 512; do
    install -Dm644 "resources/icons/hanzi-studio-$size.png" "$share/icons/hicolor/${size}x$size/apps/hanzi-studio.png"
done

# Without a package manager's hooks, the command may lie in .venv alone: name it in full.
if [ -z "${DESTDIR:-}" ] && ! command -v studio >/dev/null 2>&1 && [ -x .venv/bin/studio ]; then
    sed -i "s|^Exec=studio|Exec=\"$PWD/.venv/bin/studio\"|" "$share/applications/hanzi-studio.desktop"
fi
echo "Installed below $share"
