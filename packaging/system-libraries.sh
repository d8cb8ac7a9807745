#!/usr/bin/env bash
# Install the system libraries that Qt's wheels expect to find. Says what to install where it may not do so itself.
set -euo pipefail

debian=(libegl1 libgl1 libopengl0 libglib2.0-0 libfontconfig1 libfreetype6 libdbus-1-3 libxkbcommon0 libxkbcommon-x11-0
    libx11-xcb1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0
    libxcb-shape0 libxcb-sync1 libxcb-xfixes0 libxcb-xinerama0 libxcb-xkb1 libwayland-client0 libwayland-cursor0
    libwayland-egl1)
fedora=(mesa-libEGL mesa-libGL libglvnd-opengl glib2 fontconfig freetype dbus-libs libxkbcommon libxkbcommon-x11
    libX11-xcb xcb-util-cursor xcb-util-wm xcb-util-image xcb-util-keysyms xcb-util-renderutil libwayland-client
    libwayland-cursor libwayland-egl)
arch=(mesa libglvnd glib2 fontconfig freetype2 dbus libxkbcommon libxkbcommon-x11 libx11 xcb-util-cursor xcb-util-wm
    xcb-util-image xcb-util-keysyms xcb-util-renderutil wayland)

explain() {
    cat >&2 <<TEXT
hanzi-studio: Qt needs some system libraries, and they cannot be installed from here. Please install them once:
  Debian, Ubuntu:  sudo apt-get install ${debian[*]}
  Fedora:          sudo dnf install ${fedora[*]}
  Arch:            sudo pacman -S --needed ${arch[*]}
TEXT
    exit 1
}

command -v apt-get >/dev/null 2>&1 || explain
as_root=()
if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || explain
    as_root=(sudo -n)
fi

missing=()
for package in "${debian[@]}"; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | head -n 1 || true)
    # Newer releases rename some libraries for 64-bit time; the old name is then only provided.
    renamed=$(dpkg-query --show --showformat='${db:Status-Status}\n' "${package}t64" 2>/dev/null | head -n 1 || true)
    [ "$status" = installed ] || [ "$renamed" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} = 0 ]; then
    echo "The system libraries that Qt needs are installed."
    exit 0
fi

echo "Installing system libraries for Qt: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
install=("${as_root[@]}" apt-get install --yes --quiet --no-install-recommends "${missing[@]}")
# The list of packages may be missing or old: then it is fetched, once.
"${install[@]}" </dev/null || { "${as_root[@]}" apt-get update --quiet </dev/null && "${install[@]}" </dev/null; } || explain
