#!/usr/bin/env bash
# fluxgated as a process: its flags, its exit statuses, its signals.
set -uo pipefail
server=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() { echo "FAIL: $*"; failed=1; }

# expect STATUS TEXT COMMAND...: the command ends with STATUS and prints TEXT (a basic pattern).
expect() {
  local status=$1 text=$2 got printed
  shift 2
  printed=$("$@" 2>&1)
  got=$?
  [ "$got" -eq "$status" ] || fail "$*: status $got instead of $status: $printed"
  grep -q -- "$text" <<<"$printed" || fail "$*: no '$text' in: $printed"
}

expect 0 'fluxgated 0' "$server" --version
expect 0 '--verify-config' "$server" --help
expect 1 'not expected' "$server" --no-such-flag
expect 1 'cannot' "$server" --config "$work/missing.xml"

"$server" --sample-config >"$work/sample.xml" || fail "--sample-config"
expect 0 'valid' "$server" --verify-config "$work/sample.xml"
expect 0 '<FluxgateConfig>' "$server" --dump-config "$work/sample.xml"
"$server" --dump-config "$work/sample.xml" >"$work/dump.xml"
expect 0 'valid' "$server" --verify-config "$work/dump.xml"

printf '<FluxgateConfig>\n  <Nmae>x</Nmae>\n</FluxgateConfig>\n' >"$work/bad.xml"
expect 1 'bad.xml:2: <Nmae>' "$server" --verify-config "$work/bad.xml"
expect 1 'bad.xml:2: <Nmae>' "$server" --config "$work/bad.xml"

cat >"$work/good.xml" <<EOF
<FluxgateConfig>
  <Transports>
    <Transport><Name>tcp</Name><Type>tcp</Type><InetAddr>127.0.0.1:0</InetAddr><Protocol>amps</Protocol><MessageType>json</MessageType></Transport>
    <Transport><Name>grpc</Name><Type>grpc</Type><InetAddr>127.0.0.1:0</InetAddr></Transport>
    <Transport><Name>unix</Name><Type>amps-unix</Type><FileName>$work/socket</FileName><Protocol>amps</Protocol></Transport>
  </Transports>
</FluxgateConfig>
EOF

# serve: starts the server, its output in $work/ready, until it is ready.
serve() {
  : >"$work/ready"  # not the last one's
  "$server" --config "$work/good.xml" >"$work/ready" 2>"$work/log" &
  pid=$!
  for _ in $(seq 100); do
    grep -q '^ready' "$work/ready" && return 0
    sleep 0.05
  done
  fail "not ready: $(cat "$work/ready" "$work/log")"
}

for signal in TERM INT HUP; do
  serve
  [ "$(grep -c '^listening' "$work/ready")" -eq 3 ] || fail "listening lines: $(cat "$work/ready")"
  [ "$(stat -c %a "$work/socket")" = 600 ] || fail "socket mode $(stat -c %a "$work/socket")"
  kill -"$signal" "$pid"
  wait "$pid"
  status=$?
  [ "$status" -eq 0 ] || fail "SIG$signal: status $status: $(tail -n 5 "$work/log")"
  [ ! -e "$work/socket" ] || fail "the socket file is still there after SIG$signal"
done

# A second gateway on the same socket does not start and does not disturb the first; a socket file
# left by a killed one is replaced.
serve
first=$pid
expect 2 'another process serves it' "$server" --config "$work/good.xml"
kill -KILL "$first"
wait "$first" 2>/dev/null
[ -e "$work/socket" ] || fail "no socket file left by the killed gateway"
serve
kill -TERM "$pid"
wait "$pid" || fail "status $? after replacing a stale socket"

# Actions take signals over: SIGHUP does what is configured and no longer ends the gateway.
cat >"$work/good.xml" <<EOF
<FluxgateConfig>
  <AllowExecuteSystem>true</AllowExecuteSystem>
  <Transports>
    <Transport><Name>tcp</Name><Type>tcp</Type><InetAddr>127.0.0.1:0</InetAddr></Transport>
    <Transport><Name>unix</Name><Type>amps-unix</Type><FileName>$work/socket</FileName><InitialState>disabled</InitialState></Transport>
  </Transports>
  <Actions>
    <Action>
      <On><Module>amps-action-on-signal</Module><Options><Signal>SIGHUP</Signal></Options></On>
      <On><Module>amps-action-on-signal</Module><Options><Signal>USR1</Signal></Options></On>
      <Do>
        <Module>amps-action-do-execute-system</Module>
        <Options><Command>/usr/bin/touch</Command><Argument>$work/{{AMPS_SIGNAL}}</Argument></Options>
      </Do>
    </Action>
    <Action>
      <On><Module>amps-action-on-signal</Module><Options><Signal>SIGUSR2</Signal></Options></On>
      <Do><Module>amps-action-do-shutdown</Module></Do>
    </Action>
  </Actions>
</FluxgateConfig>
EOF
expect 0 'valid' "$server" --verify-config "$work/good.xml"
expect 0 'amps-action-on-signal' "$server" --dump-config "$work/good.xml"
serve
[ "$(grep -c '^listening' "$work/ready")" -eq 1 ] || fail "a disabled transport listens"
for signal in HUP USR1; do
  kill -"$signal" "$pid"
  for _ in $(seq 200); do
    [ -e "$work/SIG$signal" ] && break
    sleep 0.05
  done
  [ -e "$work/SIG$signal" ] || fail "no action on SIG$signal: $(tail -n 5 "$work/log")"
done
kill -USR2 "$pid"
wait "$pid" || fail "status $? after an action has shut the gateway down"

exit "$failed"
