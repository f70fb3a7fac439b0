# shellcheck shell=bash
# shellcheck disable=SC2154,SC2164  # names of lib.sh; every step runs under errexit
# The clients that quickstart and tests drive, each at a pinned version, in the
# user's cache. Sourced by scripts/setup, after lib.sh.
#
# A client that cannot be had (no registry within reach) is absent: its tests
# are skipped by name, and set-up goes on. The pins lie beside the tests:
#   tests/interop/requirements*.txt   PyPI
#   tests/interop/go/, h2spec/        go.mod and go.sum
#   tests/interop/node/               package.json and package-lock.json

pins="$repo_root/tests/interop"

# provide_client NAME STAMP-FILE PIN-FILES COMMAND…: runs the command unless it
# has done so for these very pins. PIN-FILES is one word, separated by blanks.
provide_client() {
  local name="$1" stamp="$2" pin_files="$3" wanted
  shift 3
  # shellcheck disable=SC2086  # several files in one word
  wanted="$(cd "$pins" && cat $pin_files | sha256sum)"
  if [[ -f "$stamp" && "$(<"$stamp")" == "$wanted" ]]; then return 0; fi
  mkdir -p "$(dirname "$stamp")"
  rm -f "$stamp"
  run_logged "$name" "$@"
  if ((step_status == 0)); then
    printf '%s\n' "$wanted" >"$stamp"
    rm -f "$clients_dir/absent/$name"
    step_ok "$name" "$step_time"
  else
    absent "$name" "$(last_complaint "$step_log")"
    note "whole output: $step_log"
  fi
}

# The line of a package client's output that most likely says why it failed.
last_complaint() {
  grep -iE 'error|fail|cannot|could not|refused|forbidden|not found|timed? ?out' "$1" |
    grep -viE 'complete log|behind a proxy' | tail -1 | cut -c1-160 || true
}

# Remembers why, for the summary of scripts/test.
absent() {
  local name="$1" reason="${2:-could not be installed}"
  mkdir -p "$clients_dir/absent"
  printf '%s\n' "$reason" >"$clients_dir/absent/$name"
  warn "$name is absent, its tests will be skipped: $reason"
}

# ---------------------------------------------------------------- PyPI

pip_install() {
  ensure_venv
  "$venv_dir/bin/python" -m pip install --disable-pip-version-check --no-input --retries 2 \
    --require-virtualenv -r "$pins/$1"
}

# Debian's own python, whatever comes first in PATH: other ones come and go
# with the tools that installed them.
ensure_venv() {
  if "$venv_dir/bin/python" -m pip --version; then return 0; fi
  rm -rf "$venv_dir" "$clients_dir"/*.stamp
  /usr/bin/python3 -m venv "$venv_dir"
}

# Where the venv itself is gone or broken, so are the clients in it.
forget_broken_venv() {
  if ! "$venv_dir/bin/python" -c '' 2>/dev/null; then rm -f "$clients_dir"/*.stamp; fi
}

provide_bao() {
  forget_broken_venv
  provide_client bao "$clients_dir/bao.stamp" requirements-bao.txt \
    pip_install requirements-bao.txt
}

# ---------------------------------------------------------------- Go

go_is_new_enough() {
  local version
  version="$("$1" env GOVERSION 2>/dev/null)" || return 1
  version_at_least "${version#go}" "$go_minimum"
}

# The system's Go, or PyPI's.
find_go() {
  local go
  for go in "$(command -v go || true)" "$venv_dir/bin/go"; do
    if [[ -n "$go" ]] && go_is_new_enough "$go"; then
      printf '%s' "$go"
      return 0
    fi
  done
  return 1
}

# build_go_client FOLDER PACKAGE: builds a program from a module of its own, so that
# go.sum pins every dependency as well.
build_go_client() {
  local go folder="$1" package="$2"
  if ! go="$(find_go)"; then
    pip_install requirements-go.txt
    go="$(find_go)"
  fi
  # Module and build caches of its own: the Go that a developer uses keeps its
  # settings, ours leaves nothing behind in them.
  export GOPATH="$go_dir" GOMODCACHE="$go_dir/mod" GOCACHE="$go_dir/build" GOTOOLCHAIN=local \
    CGO_ENABLED=0 GOFLAGS='-mod=readonly -buildvcs=false -modcacherw'
  (cd "$pins/$folder" && "$go" build -o "$go_dir/bin/" "$package")
  # Some hundred megabytes that nobody needs again.
  rm -rf "$go_dir/mod" "$go_dir/build"
}

build_zlint() {
  build_go_client go github.com/zmap/zlint/v3/cmd/zlint
  "$go_dir/bin/zlint" -version
}

build_h2spec() {
  build_go_client h2spec github.com/summerwind/h2spec/cmd/h2spec
  "$go_dir/bin/h2spec" --version
}

# ---------------------------------------------------------------- Node

install_node_clients() {
  local node npm
  node="$(node_binary)"
  if [[ -z "$node" ]]; then
    pip_install requirements-node.txt
    node="$(node_binary)"
  fi
  npm="$(dirname "$node")/npm"
  mkdir -p "$node_dir"
  cp "$pins/node/package.json" "$pins/node/package-lock.json" "$node_dir/"
  (cd "$node_dir" && PATH="$(dirname "$node"):$PATH" "$npm" ci --ignore-scripts --no-audit --no-fund)
}

build_consul_template() {
  build_go_client consul_template github.com/hashicorp/consul-template
  "$go_dir/bin/consul-template" -version
}

build_acmez() {
  build_go_client acmez .
  # No pipe: grep -q may end before the program, which then fails.
  [[ "$("$go_dir/bin/acmez" -help 2>&1)" == *directory* ]]
}

build_revocation() {
  build_go_client revocation .
  [[ "$("$go_dir/bin/revocation" -help 2>&1)" == *issuer* ]]
}

provide_test_clients() {
  provide_client hvac "$clients_dir/hvac.stamp" requirements.txt pip_install requirements.txt
  provide_client certbot "$clients_dir/certbot.stamp" requirements-acme.txt \
    pip_install requirements-acme.txt
  provide_client acmez "$clients_dir/acmez.stamp" \
    "requirements-go.txt acmez/go.mod acmez/go.sum acmez/main.go" build_acmez
  provide_client consul-template "$clients_dir/consul-template.stamp" \
    "requirements-go.txt consul_template/go.mod consul_template/go.sum" build_consul_template
  provide_client revocation "$clients_dir/revocation.stamp" \
    "requirements-go.txt revocation/go.mod revocation/go.sum revocation/main.go" build_revocation
  provide_client zlint "$clients_dir/zlint.stamp" "requirements-go.txt go/go.mod go/go.sum" \
    build_zlint
  provide_client h2spec "$clients_dir/h2spec.stamp" \
    "requirements-go.txt h2spec/go.mod h2spec/go.sum" build_h2spec
  provide_client noble-post-quantum "$clients_dir/node.stamp" \
    "requirements-node.txt node/package.json node/package-lock.json" install_node_clients
}
