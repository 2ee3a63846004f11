#!/bin/bash
# Checks the public API definitions with buf: lint rules now, and breaking changes against the last
# release once there is one. Fails when buf is missing: a check that cannot run has not passed.
#
# buf comes from tools/npm, installed into .npm-tools:
#   mkdir -p .npm-tools && cp tools/npm/package*.json .npm-tools/ && (cd .npm-tools && npm install)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

buf=$root/.npm-tools/node_modules/.bin/buf
if [ ! -x "$buf" ]; then
  buf=$(command -v buf || true)
fi
if [ -z "$buf" ]; then
  echo "lint_proto: buf is missing; see the head of tools/lint_proto.sh" >&2
  exit 1
fi

cd "$root/proto"
"$buf" lint
"$buf" format --diff --exit-code

# The definitions of the last release; a release stores them with
#   buf build proto -o proto/released.binpb
# Before the first release there is nothing to stay compatible with.
if [ -f released.binpb ]; then
  "$buf" breaking --against released.binpb
fi
echo "proto definitions: ok"
