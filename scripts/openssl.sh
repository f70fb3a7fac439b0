# shellcheck shell=bash
# shellcheck disable=SC2154,SC2164  # names of lib.sh; every step runs under errexit
# Provides OpenSSL ≥ 3.5: the system's where that is new enough, else one built
# from the next Debian release's source package into the user's cache.
# Sourced by scripts/setup, after lib.sh.

openssl_source_release=trixie

provide_openssl() {
  # Where the system's is too old, its headers are better not there at all, but
  # they do no harm.
  if [[ "$(debian_release)" != 12 ]]; then need_packages OpenSSL libssl-dev openssl; fi
  if system_openssl_is_new_enough; then return 0; fi
  if cached_openssl_works && [[ -z "${refresh_openssl:-}" ]]; then return 0; fi
  need_packages "building OpenSSL" dpkg-dev gcc libc6-dev make perl xz-utils ca-certificates
  # Two set-ups at once would build in each other's way; the second one waits
  # and then finds the work done.
  exec 9>"$cache_dir/openssl.lock"
  flock 9
  if cached_openssl_works && [[ -z "${refresh_openssl:-}" ]]; then
    exec 9>&-
    return 0
  fi
  build_openssl
  exec 9>&-
}

cached_openssl_works() {
  local version
  version="$("$cache_dir/openssl/bin/openssl" version 2>/dev/null | awk '{print $2}')" || return 1
  version_at_least "$version" "$openssl_minimum" && [[ -f "$cache_dir/openssl/include/openssl/ssl.h" ]]
}

build_openssl() {
  local work version prefix
  # Left over from runs that were interrupted; the lock says nobody uses them.
  rm -rf "$cache_dir"/openssl-build.*
  work="$(mktemp -d "$cache_dir/openssl-build.XXXXXX")"

  step "OpenSSL: Debian $openssl_source_release's list of source packages" \
    update_source_lists "$work"
  step "OpenSSL: source package" download_openssl_source "$work"
  version="$(<"$work/version")"
  # '~' is a home directory to some tools; a path is better without it.
  prefix="$cache_dir/openssl-${version//'~'/-}"
  note "OpenSSL $version"
  if [[ ! -x "$prefix/bin/openssl" ]]; then
    step "OpenSSL: unpack" dpkg-source --no-check -x "$work"/openssl_*.dsc "$work/source"
    step "OpenSSL: configure" configure_openssl "$work/source" "$prefix"
    step "OpenSSL: build (some minutes)" make -C "$work/source" -j"$(jobs_limit)"
    step "OpenSSL: install into the cache" install_openssl "$work" "$prefix"
  fi
  ln -sfn "$(basename "$prefix")" "$cache_dir/openssl.new"
  mv -T "$cache_dir/openssl.new" "$cache_dir/openssl"
  rm -rf "$work"
  cached_openssl_works || die "the OpenSSL just built in $prefix does not run"
}

# apt with lists, cache and sources of its own: the machine's stay as they are.
source_apt() {
  local work="$1" tool="$2"
  shift 2
  "$tool" -o Dir::State::lists="$work/apt/lists" \
    -o Dir::Cache="$work/apt/cache" \
    -o Dir::Etc::sourcelist="$work/apt/sources.list" \
    -o Dir::Etc::sourceparts=- \
    -o Dir::Etc::preferences=/dev/null \
    -o Dir::Etc::preferencesparts=- \
    -o APT::Default-Release= \
    -o APT::Sandbox::User="$(id -un)" \
    -o APT::Update::Post-Invoke=/bin/true \
    -o Acquire::Languages=none \
    -o Acquire::Retries=3 "$@"
}

update_source_lists() {
  local work="$1"
  mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
  debian_mirrors | while read -r uri pocket; do
    echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
      "$uri $openssl_source_release$pocket main"
  done >"$work/apt/sources.list"
  cat "$work/apt/sources.list"
  if ! [[ -s "$work/apt/sources.list" ]]; then
    echo "found no Debian mirror in this machine's apt configuration" >&2
    return 1
  fi
  source_apt "$work" apt-get update
}

# This machine's Debian mirrors, one "URI pocket" a line, where pocket is empty
# or "-security": read from /etc/apt, in both of apt's formats. (apt itself
# lists them only after an update, which a fresh machine has not had.)
debian_mirrors() {
  local codename files=()
  # shellcheck source=/dev/null
  codename="$(source /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")"
  mapfile -t files < <(find /etc/apt/sources.list /etc/apt/sources.list.d \
    \( -name '*.list' -o -name '*.sources' \) 2>/dev/null | sort)
  ((${#files[@]})) || return 0
  awk -v codename="$codename" '
    function offer(uri, suite) {
      sub(/\/+$/, "", suite)
      if (suite == codename) print uri, ""
      else if (suite == codename "-security") print uri, "-security"
    }
    function flush_stanza(   i, j, u, s) {
      if (enabled && types ~ /(^| )deb( |$)/) {
        split(uris, u, /[ \t]+/); split(suites, s, /[ \t]+/)
        for (i in u) for (j in s) if (u[i] != "") offer(u[i], s[j])
      }
      types = uris = suites = field = ""; enabled = 1
    }
    FNR == 1 { flush_stanza(); deb822 = FILENAME ~ /\.sources$/ }
    !deb822 {
      sub(/#.*/, "")
      if ($1 != "deb") next
      sub(/\[[^]]*\]/, "")
      offer($2, $3)
      next
    }
    /^#/ { next }
    /^[ \t]*$/ { flush_stanza(); next }
    /^[^ \t]/ {
      field = tolower($0); sub(/:.*/, "", field)
      value = $0; sub(/^[^:]*:[ \t]*/, "", value)
    }
    /^[ \t]/ { value = $0; sub(/^[ \t]+/, "", value) }
    field == "types" { types = types " " value }
    field == "uris" { uris = uris " " value }
    field == "suites" { suites = suites " " value }
    field == "enabled" && tolower(value) ~ /^(no|false|0)/ { enabled = 0 }
    END { flush_stanza() }
  ' "${files[@]}" | awk '!seen[$0]++'
}

# The newest version that the mirror really has: a mirror's list may be ahead
# of its pool for some hours after a security update.
download_openssl_source() {
  local work="$1" version
  cd "$work"
  for version in $(openssl_source_versions "$work"); do
    echo "trying $version"
    if source_apt "$work" apt-get source --download-only "openssl=$version"; then
      # apt has checked each file against the signed release; this checks that
      # the set is complete.
      dscverify_offline openssl_*.dsc
      echo "$version" >version
      return 0
    fi
    rm -f openssl_*
  done
  echo "no OpenSSL source package ≥ $openssl_minimum could be fetched" >&2
  return 1
}

openssl_source_versions() {
  local version sorted
  sorted="$(source_apt "$1" apt-cache showsrc --only-source openssl |
    awk '/^Version:/ {print $2}' | sort -rV | uniq)"
  for version in $sorted; do
    if version_at_least "$version" "$openssl_minimum"; then echo "$version"; fi
  done
}

# Every file that the .dsc names is there with the SHA-256 it states.
dscverify_offline() {
  awk '/^Checksums-Sha256:/ {on = 1; next} /^[^ ]/ {on = 0} on {print $1 "  " $3}' "$1" |
    sha256sum --check --strict
}

configure_openssl() {
  local source="$1" prefix="$2" platform=()
  case "$(dpkg --print-architecture)" in
    amd64) platform=(linux-x86_64 enable-ec_nistp_64_gcc_128) ;;
    arm64) platform=(linux-aarch64 enable-ec_nistp_64_gcc_128) ;;
    *) platform=() ;; # Configure finds out by itself
  esac
  cd "$source"
  # As Debian configures it, so that Debian's libcurl and libpq run on it too.
  # The RUNPATH lets the library and its openssl be used where they lie, with
  # no LD_LIBRARY_PATH; the directory of the system's configuration and trust
  # anchors stays the system's.
  ./Configure "${platform[@]}" shared no-tests no-docs no-idea no-mdc2 no-rc5 no-ssl3 \
    no-ssl3-method enable-rfc3779 enable-cms \
    --prefix="$prefix" --libdir=lib --openssldir=/usr/lib/ssl \
    "-Wl,-rpath,$prefix/lib" -Wl,--enable-new-dtags
}

# Into a staging folder first: an install that was cut short must never look
# like a whole one.
install_openssl() {
  local work="$1" prefix="$2"
  make -C "$work/source" DESTDIR="$work/stage" install_sw
  rm -rf "$prefix"
  mv -T "$work/stage$prefix" "$prefix"
  "$prefix/bin/openssl" version -a
}
