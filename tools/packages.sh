# What the machine must have, and getting it. Sourced by ./run, ./test and ./bench.
# shellcheck shell=bash

PACKAGES_BUILD="bazel-bootstrap g++ libgrpc++-dev protobuf-compiler-grpc libprotobuf-dev protobuf-compiler
  libabsl-dev libssl-dev libgtest-dev libgmock-dev libbenchmark-dev libpugixml-dev libsimdjson-dev
  libboost-dev zlib1g-dev libre2-dev libpcre2-dev libcli11-dev libspdlog-dev libfmt-dev
  libcurl4-openssl-dev libldap-dev libcjose-dev libjansson-dev python3 python3-dev pybind11-dev"
# What tests and bench compare the message types with.
PACKAGES_REFERENCE="libbson-dev libmsgpack-dev libquickfix-dev"
PACKAGES_TEST="clang clang-format libclang-rt-14-dev llvm-14 python3-grpcio slapd pkg-config make
  python3-venv"
PACKAGES_BENCH="nats-server redis-server"

say() { printf '%s\n' "$*" >&2; }

# Prints those of the named packages that are not installed.
missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || printf '%s ' "$package"
  done
}

# install_packages NAME...: installs what is missing, as root or through sudo; otherwise says the one
# line to run and ends.
install_packages() {
  local missing as_root=""
  command -v dpkg-query >/dev/null || { say "This needs Debian 12 (dpkg and apt)."; exit 1; }
  missing=$(missing_packages "$@")
  [ -z "$missing" ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      as_root="sudo"
    elif command -v sudo >/dev/null && [ -t 0 ]; then
      as_root="sudo"
    else
      say "Some packages are missing, and installing them needs root. Run this once:"
      say "  apt-get update && apt-get install -y --no-install-recommends $missing"
      exit 1
    fi
  fi
  say "Installing: $missing"
  # shellcheck disable=SC2086
  if ! { $as_root apt-get update -qq &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null; }; then
    say "Installing failed; apt-get's reason is above. The packages that are missing: $missing"
    exit 1
  fi
}

# Node.js and npm: Debian's, unless the machine has its own.
install_node() {
  command -v npm >/dev/null && command -v node >/dev/null && return 0
  install_packages nodejs npm
}

# buf, the linter of proto files, from npm into .npm-tools.
install_buf() {
  local wanted=tools/npm/package-lock.json have=.npm-tools/package-lock.json
  install_node
  [ -x .npm-tools/node_modules/.bin/buf ] && cmp -s "$wanted" "$have.used" && return 0
  mkdir -p .npm-tools
  cp tools/npm/package*.json .npm-tools/
  (cd .npm-tools && npm install --loglevel=error --no-audit --no-fund >/dev/null) || { say "Installing buf with npm failed."; exit 1; }
  cp "$wanted" "$have.used"
}

# The Bazel configuration for this machine: the release build wants AVX2.
release_config() {
  if grep -qw avx2 /proc/cpuinfo; then echo release; else echo portable; fi
}
