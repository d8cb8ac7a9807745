#!/usr/bin/env bash
# Try a built studio without a display: packaging/smoke_test.sh dist/hanzi-studio/studio
# Trains a few steps, predicts, evaluates and exports with the program itself; any failure ends it.
set -euo pipefail

program=$(command -v "${1:?usage: smoke_test.sh PROGRAM}") || { echo "no such program: $1" >&2; exit 2; }
program=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export STUDIO_HOME=$folder/home QT_QPA_PLATFORM=offscreen HF_HUB_OFFLINE=1
cd "$folder"

step() { printf '==> %s\n' "$*"; }

step "version, presets, recipe"
"$program" --version
"$program" presets | grep pinyin-quick
"$program" recipe check pinyin-quick

step "train a few steps"
"$program" train pinyin-quick --run-dir run --set training.max_steps=20 --set training.evaluate_every=20 \
    --set training.checkpoint_every=20 --set compute.device=cpu
grep finished run/outcome.json

step "predict"
echo jintiantianqihenhao | "$program" predict run --top-k 3 | tee prediction.json
grep '"candidates"' prediction.json

step "export, and predict from the export"
"$program" export run exported
test -s exported/model.safetensors
echo nihao | "$program" predict exported | grep '"candidates"'

step "a wrong recipe is refused"
status=0
"$program" train no-such-preset 2>refusal.txt || status=$?
[ "$status" = 2 ] && [ -s refusal.txt ]

echo "smoke test passed"
