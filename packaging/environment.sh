#!/usr/bin/env bash
# Make .venv ready for running ("run") or for developing ("dev"). Does nothing, at once, where it is ready already.
#
# What is ready is told by a stamp that holds a digest of all that decides the contents of .venv; it is written last, so
# that an interrupted installation is simply taken up again.
set -euo pipefail

purpose=${1:?usage: environment.sh run|dev}
cd "$(dirname "$0")/.."
venv=.venv
python=$venv/bin/python

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
die() { printf 'hanzi-studio: %s\n' "$*" >&2; exit 1; }

# The path counts because an editable install and the scripts in .venv/bin name it.
digest() {
    local line
    line=$( { cat pyproject.toml constraints.txt packaging/environment.sh; pwd; "$python" --version; } 2>/dev/null | cksum)
    printf '%s' "${line// /-}"
}

# What developing needs includes what running needs.
is_ready() {
    local stamp
    [ -x "$python" ] || return 1
    for stamp in "$venv/.ready-dev" "$venv/.ready-$purpose"; do
        [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(digest)" ] && return 0
    done
    return 1
}

suits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null
}

find_python() {
    local candidate unusable=""
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        if ! suits "$candidate"; then
            unusable+=" $candidate ($("$candidate" --version 2>&1 | head -n 1));"
        elif ! "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then
            unusable+=" $candidate (lacks the venv module: on Debian and Ubuntu install python3-venv);"
        else
            command -v "$candidate"
            return 0
        fi
    done
    die "needs Python 3.11, 3.12 or 3.13 with its venv module. Found:${unusable:- no Python at all}" \
        "Install one, or name it: make PYTHON=/path/to/python3 run"
}

# One line a package while pip works, everything in the log, the end of the log when it fails.
install() {
    local log=$venv/install.log
    if ! "$python" -m pip install --disable-pip-version-check --no-input --progress-bar off "$@" 2>&1 | tee "$log" |
        awk '
            /^ *(Downloading|Using cached) / { sub(/.*\//, "", $2); printf "    fetching %s %s\n", $2, $3 $4; fflush() }
            /^ *Building wheel for .*started/ { printf "    building %s\n", $4; fflush() }
            /^Installing collected packages/ { printf "    unpacking %d packages\n", NF - 3; fflush() }'; then
        tail -n 25 "$log" >&2
        die "the installation failed; the whole log is in $log. Run make again to take it up where it stopped."
    fi
}

# A broken .venv, or one that another Python or another place made, is made anew.
prepare_venv() {
    if [ -d "$venv" ] && { [ ! -x "$python" ] || ! suits "$python" || ! "$python" -m pip --version >/dev/null 2>&1; }; then
        say "Replacing $venv, which is broken or of another Python"
        rm -rf "$venv"
    fi
    if [ ! -d "$venv" ]; then
        local interpreter
        interpreter=$(find_python)
        say "Creating $venv with $("$interpreter" --version) ($interpreter)"
        "$interpreter" -m venv "$venv" || { rm -rf "$venv"; die "$interpreter could not create $venv."; }
    fi
}

qt_loads() { "$python" -c 'from PySide6 import QtGui, QtWidgets' 2>"$venv/qt.log"; }

# With an X display Qt also needs what its xcb plugin is linked with; missing, the window could only abort.
xcb_loads() {
    [ -n "${DISPLAY:-}" ] || return 0
    local plugin
    for plugin in "$venv"/lib/python3.*/site-packages/PySide6/Qt/plugins/platforms/libqxcb.so; do
        if [ -f "$plugin" ] && ldd "$plugin" | grep 'not found' >>"$venv/qt.log"; then return 1; fi
    done
}

check_qt() {
    [ "$(uname -s)" = Linux ] || return 0
    if qt_loads && xcb_loads; then return 0; fi
    say "Qt lacks system libraries: $(tail -n 1 "$venv/qt.log")"
    bash packaging/system-libraries.sh
    if ! { qt_loads && xcb_loads; }; then die "Qt still does not load: $(tail -n 1 "$venv/qt.log")"; fi
}

# pip compiles what it copies, and an editable install copies nothing. Python keeps bytecode by itself unless the
# environment forbids it; without any, each of our processes, and the tests start hundreds, compiles every module anew.
compile_bytecode() { "$python" -m compileall -q -j 0 studio tests || say "Some bytecode could not be kept: starts are slower"; }

if is_ready; then
    [ "$purpose" = run ] || compile_bytecode
    exit 0
fi
prepare_venv
if [ "$purpose" = dev ]; then target='.[dev]'; else target=.; fi
say "Installing Hanzi Studio and what it needs into $venv (some minutes the first time)"
rm -f "$venv"/.ready-*
install -c constraints.txt -e "$target"
check_qt
compile_bytecode
digest >"$venv/.ready-$purpose"
say "Ready"
