#!/usr/bin/env bash
# One command: set up what the tests need, then run them all. Options go to pytest.
#
#   bash test.sh                      everything, as CI does
#   bash test.sh -m 'not slow' -x     a part
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
source deploy/setup.sh

setup train dev
export PATH="$PWD/.venv/bin:$PATH"
ruff check .
ruff format --check .
mypy
lint-imports --no-logo
pytest "$@"
