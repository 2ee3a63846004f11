#!/usr/bin/env bash
# Fails, naming the files, when a C++ file is not formatted as .clang-format says.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bad=0
while read -r file; do
  clang-format --dry-run --Werror "$file" >/dev/null 2>&1 || { echo "not formatted: $file"; bad=1; }
done < <(git ls-files '*.cc' '*.h')
exit "$bad"
