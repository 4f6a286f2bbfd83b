#!/usr/bin/env bash
# Sets up the peer of `npm run bench`: a virtual environment in the user's cache folder with the
# newest PyTorch. The wheels for the CPU are taken where their index can be reached and pip has no
# index of its own; otherwise pip's usual ones, which compute the same on the CPU and are larger.
# PYTHON: the interpreter, from 3.10; python3 unless given.
set -euo pipefail

python=${PYTHON:-python3}
folder=${ISOSCOPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/isoscope}/bench
cpu_index=https://download.pytorch.org/whl/cpu

fail() { echo "bench/setup.sh: $*" >&2; exit 5; }

command -v "$python" >/dev/null ||
  fail "\"$python\" is not installed; Python 3.10 or newer is needed"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
  fail "$("$python" --version) is too old; 3.10 or newer is needed"
mkdir -p "$folder"
"$python" -m venv "$folder" ||
  fail "no virtual environment can be made in $folder; on Debian: apt-get install python3-venv"

pip() { "$folder/bin/python" -m pip --disable-pip-version-check "$@"; }

# One small package tells whether the index can be reached.
reached() {
  pip --timeout 10 --retries 0 download --quiet --no-deps --dest "$folder/try" \
    --index-url "$cpu_index" filelock >/dev/null 2>&1
}

index=()
[[ $(pip config list) == *index-url* ]] || ! reached || index=(--index-url "$cpu_index")
rm -rf "$folder/try"

pip install --upgrade ${index[@]+"${index[@]}"} torch ||
  fail "PyTorch could not be installed; see pip's words above"
pip install --upgrade numpy safetensors ||
  fail "numpy and safetensors could not be installed; see pip's words above"
"$folder/bin/python" -c '
import numpy, safetensors, torch
print("ready: PyTorch", torch.__version__, "numpy", numpy.__version__)'
