#!/bin/sh
# Every workload of ./bench for a moment, with fluxgated and our own peers: does the bench still run,
# and does every message arrive? No figure is looked at.
exec python3 "$TEST_SRCDIR/$TEST_WORKSPACE/tests/bench/run_bench.py" --smoke \
  --binaries "$TEST_SRCDIR/$TEST_WORKSPACE"
