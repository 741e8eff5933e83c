#!/usr/bin/env bash
# One command: set up, fetch the default model, serve it on http://127.0.0.1:8080.
#
#   bash start.sh                     serve (options of `lemmata serve` may follow)
#   bash start.sh quickstart          make a speciality, measure it, use it: the whole story
#   bash start.sh setup [train]       only set up
#   bash start.sh COMMAND ...         any other lemmata command
#
# LEMMATA_MODEL, LEMMATA_PORT and the rest are explained by `lemmata doctor`.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
source deploy/setup.sh

port_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

trap 'printf "\nlemmata: stopped; run again to go on where it was\n" >&2; exit 130' INT

command=serve
if [[ $# -gt 0 && $1 != -* ]]; then
  command=$1
  shift
fi

case $command in
  setup)
    setup "$@"
    say "Ready: .venv/bin/lemmata --help"
    ;;
  serve)
    # Told before the minutes of a first set-up, not after.
    port_free "${LEMMATA_PORT:-8080}" || [[ "$*" == *--port* || "$*" == *-h* ]] ||
      die "port ${LEMMATA_PORT:-8080} is taken. Stop what uses it, or choose another: LEMMATA_PORT=8081 bash start.sh"
    setup
    [[ "$*" == *-h* ]] || .venv/bin/lemmata pull "${LEMMATA_MODEL:-smollm2-135m}" >&2
    trap - INT
    exec .venv/bin/lemmata serve "$@"
    ;;
  *)
    if [[ $command == quickstart || $command == train ]]; then setup train; else setup; fi
    trap - INT
    exec .venv/bin/lemmata "$command" "$@"
    ;;
esac
