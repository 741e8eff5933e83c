# Sourced by start.sh and test.sh: makes .venv and installs Lemmata into it, pinned.
# Every thing that can be missing is answered by one line that says what to do, and exit code 3.
# shellcheck shell=bash

readonly LLAMA_VERSION=0.3.36 TORCH_VERSION=2.13.0
readonly VENV="$PWD/.venv" LOG="$PWD/.venv/setup.log"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

die() {
  printf 'lemmata: %s\n' "$*" >&2
  exit 3
}

say() { printf '%s\n' "$*" >&2; }

# The first Python of 3.11 or newer on PATH.
find_python() {
  local name
  for name in python3 python3.13 python3.12 python3.11 python; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s\n' "$name"
      return
    fi
  done
  die "Python 3.11 or newer was not found. Install it: sudo apt install python3 python3-venv"
}

# need_disk GIB: before anything is written.
need_disk() {
  local free_kib
  free_kib=$(df -Pk . | awk 'NR==2 {print $4}')
  ((free_kib >= $1 * 1024 * 1024)) ||
    die "only $((free_kib / 1024)) MiB are free here and $1 GiB are needed. Free some disk space and run again."
}

make_venv() {
  local python
  [[ -x $VENV/bin/pip ]] && return
  python=$(find_python)
  "$python" -c 'import venv, ensurepip' 2>/dev/null ||
    die "this Python has no venv module. Install it: sudo apt install python3-venv"
  say "Making .venv with $("$python" --version)"
  # --clear: what a cut-off earlier try left behind must not be built upon.
  "$python" -m venv --clear "$VENV" || die "the virtual environment could not be made. Check that this folder is writable."
}

# One line for a failed pip run, from what it wrote to the log.
diagnose() {
  if grep -qiE 'No space left|Errno 28|Disk quota' "$LOG"; then
    die "the disk is full. Free some space (also in ${TMPDIR:-/tmp}) and run again."
  elif ! "$VENV/bin/pip" --retries 1 index versions pip >>"$LOG" 2>&1; then
    die "the package index cannot be reached. Check the network, or name a mirror: pip config set global.index-url URL"
  elif grep -qiE 'No matching distribution' "$LOG"; then
    die "a pinned package is not in your package index ($(grep -oiE 'No matching distribution found for [^ ]+' "$LOG" | tail -n 1)). Use an up-to-date mirror."
  fi
  die "$1 failed. The end of $LOG says why: $(grep -iE 'error' "$LOG" | tail -n 1 | cut -c 1-200)"
}

# pip_install WHAT ARGS...: quiet, pinned, logged. The pins live in one file.
pip_install() {
  local what=$1
  shift
  say "Installing $what"
  "$VENV/bin/pip" install --constraint constraints.txt "$@" >>"$LOG" 2>&1 || diagnose "installing $what"
}

# Shows ninja's "[38/78]" as progress: in place on a terminal, every tenth elsewhere.
compile_progress() {
  local width=0
  [[ -t 2 ]] && width=1
  tee -a "$LOG" | awk -v tty="$width" '
    match($0, /\[[0-9]+\/[0-9]+\]/) {
      split(substr($0, RSTART + 1, RLENGTH - 2), n, "/")
      if (tty) printf "\r  compiling the engine %d/%d ", n[1], n[2]
      else if (int(10 * n[1] / n[2]) > last) { last = int(10 * n[1] / n[2]); printf "  compiling the engine %d%%\n", 10 * last }
      fflush()
    }
    END { if (tty) printf "\n" }' >&2
}

# The flags that build libllama for this machine and nothing beside it.
cmake_args() {
  printf -- '-DLLAVA_BUILD=OFF -DGGML_NATIVE=ON -DCMAKE_PROJECT_llama_cpp_INCLUDE=%s/deploy/llama-minimal.cmake' "$PWD"
  if nvidia-smi -L >/dev/null 2>&1 && command -v nvcc >/dev/null; then
    printf ' -DGGML_CUDA=ON -DCMAKE_CUDA_ARCHITECTURES=native'
  fi
}

build_engine() {
  command -v c++ >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null ||
    "$VENV/bin/pip" cache list llama_cpp_python 2>/dev/null | grep -q "llama_cpp_python-$LLAMA_VERSION" ||
    die "no C++ compiler was found. Install one: sudo apt install g++"
  say "Installing the engine (compiled once, 2 to 7 minutes on 2 cores; later runs take it from pip's cache)"
  CMAKE_ARGS="${CMAKE_ARGS:-$(cmake_args)}" CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}" \
    "$VENV/bin/pip" install -v --constraint constraints.txt "$@" "llama-cpp-python==$LLAMA_VERSION" 2>&1 |
    compile_progress || diagnose "compiling the engine"
}

engine_runs() { "$VENV/bin/python" -c 'import llama_cpp.llama_cpp as l; l.llama_backend_init()' >>"$LOG" 2>&1; }

# A wheel in ./wheels, in --find-links or on an index comes first; else pip's cache; else a compiler.
install_engine() {
  if engine_runs; then return; fi
  "$VENV/bin/pip" install --only-binary :all: --find-links wheels --constraint constraints.txt \
    "llama-cpp-python==$LLAMA_VERSION" >>"$LOG" 2>&1 || build_engine
  if ! engine_runs; then
    # A cached wheel may have been compiled for another processor.
    say "The engine at hand does not run on this processor: compiling it anew"
    build_engine --no-cache-dir --no-deps --force-reinstall
    engine_runs || die "the compiled engine does not run. The end of $LOG says why."
  fi
}

has_gpu() { nvidia-smi -L >/dev/null 2>&1; }

# Without a GPU the CPU build of torch is enough and several GB smaller; its index is asked only
# where it answers, and a CPU wheel that pip's own settings offer is taken as it is.
install_torch() {
  local index=https://download.pytorch.org/whl/cpu extra=()
  "$VENV/bin/python" -c 'import torch' 2>/dev/null && return
  if ! has_gpu && "$VENV/bin/python" -c "import urllib.request as u; u.urlopen('$index/torch/', timeout=5)" 2>/dev/null; then
    extra=(--extra-index-url "$index")
  fi
  pip_install "torch $TORCH_VERSION" "torch==$TORCH_VERSION" ${extra[@]+"${extra[@]}"}
}

# setup [train] [dev]: a stamp names what was installed from which pins; a run that wants no more
# than some stamp names is free.
setup() {
  local wants="$*" pins stamp gib=2 extras=tutor,conjecture
  [[ $wants == *train* ]] && gib=4 extras+=,train,qlora
  pins=$(cat pyproject.toml constraints.txt deploy/setup.sh | cksum | tr -d ' ')
  for stamp in "$VENV/.setup-$pins"*; do
    [[ -e $stamp && ${stamp#"$VENV/.setup-$pins"} == *"${wants// /-}"* ]] && return
  done
  need_disk "$gib"
  make_venv
  : >"$LOG"
  pip_install pip pip
  install_engine
  [[ $wants == *train* ]] && install_torch
  pip_install "Lemmata and its dependencies" --editable ".[$extras]"
  [[ $wants == *dev* ]] && pip_install "what the tests need" --group dev
  : >"$VENV/.setup-$pins-${wants// /-}"
}
