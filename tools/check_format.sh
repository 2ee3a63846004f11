#!/usr/bin/env bash
# Fails, naming the files, when a C++ file is not formatted as .clang-format says.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v clang-format >/dev/null || { echo "clang-format is missing"; exit 1; }
complaints=$(git ls-files -z '*.cc' '*.h' '*.c' | xargs -0 -n 50 -P "$(nproc)" clang-format --dry-run --Werror 2>&1) && exit 0
sed -n 's/^\([^:]*\):[0-9]*:[0-9]*: error: .*/not formatted: \1/p' <<<"$complaints" | sort -u
exit 1
