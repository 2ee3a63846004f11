#!/usr/bin/env bash
# fuzz.sh SECONDS: builds every fuzz target with libFuzzer and the sanitizers and runs each for that
# long, from the seeds in tests/fuzz/corpus. A crash leaves its input under the directory printed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:?usage: tools/fuzz.sh SECONDS}

targets=$(bazel query 'attr(tags, fuzz, kind(cc_binary, //tests/fuzz/...))' 2>/dev/null)
[ -n "$targets" ] || { echo "no fuzz targets found"; exit 1; }
# shellcheck disable=SC2086
bazel build --config=asan $targets
finds=$(mktemp -d)

# run_target NAME: its log is $finds/NAME.log.
run_target() {
  local name=$1 seeds=tests/fuzz/corpus/${1%_fuzz} dictionary=()
  [ -d "$seeds" ] || { echo "$name: no seeds in $seeds"; return 1; }
  [ -f "tests/fuzz/${name%_fuzz}.dict" ] && dictionary=("-dict=tests/fuzz/${name%_fuzz}.dict")
  mkdir -p "$finds/$name.corpus"
  "bazel-bin/tests/fuzz/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    "${dictionary[@]}" \
    -artifact_prefix="$finds/$name-" "$finds/$name.corpus" "$seeds" >"$finds/$name.log" 2>&1
}

# As many at a time as there are cores.
status=0
running=0
for target in $targets; do
  if [ "$running" -ge "$(nproc)" ]; then
    wait -n || status=1
    running=$((running - 1))
  fi
  run_target "${target##*:}" &
  running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
  wait -n || status=1
  running=$((running - 1))
done
for log in "$finds"/*.log; do
  basename "$log" .log
  grep -E 'stat::number_of_executed_units|ERROR|SUMMARY' "$log" || true
done
if [ "$status" -ne 0 ]; then
  tail -n 40 "$finds"/*.log
  echo "inputs that crashed: $finds"
else
  rm -rf "$finds"
fi
exit "$status"
