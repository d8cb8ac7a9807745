#!/usr/bin/env bash
# Write the versions installed in .venv to constraints.txt: no addresses, no local builds, not the project itself.
set -euo pipefail
cd "$(dirname "$0")/.."
{
    sed '/^[^#]/,$d' constraints.txt
    .venv/bin/python -m pip freeze --all --exclude pip --exclude-editable | grep -v -e ' @ ' -e '^hanzi' | sed -E 's/\+[a-z0-9.]+$//'
} >constraints.txt.part
mv constraints.txt.part constraints.txt
