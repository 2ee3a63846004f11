#!/usr/bin/env bash
# demo.sh FLUXGATED FLUXGATE: starts a gateway of its own on free loopback ports, runs the demo of the
# command-line client against it, stops the gateway. Exit status: the demo's, or 1 when the gateway
# did not start or did not stop as it should.
set -euo pipefail
server=$1
client=$2
work=$(mktemp -d)
server_pid=""
cleanup() {
  [ -n "$server_pid" ] && kill -KILL "$server_pid" 2>/dev/null
  rm -rf "$work"
}
trap cleanup EXIT

cat >"$work/config.xml" <<EOF
<FluxgateConfig>
  <Name>demo</Name>
  <Transports>
    <Transport><Name>grpc</Name><Type>grpc</Type><InetAddr>127.0.0.1:0</InetAddr></Transport>
    <Transport><Name>tcp</Name><Type>tcp</Type><InetAddr>127.0.0.1:0</InetAddr><Protocol>amps</Protocol><MessageType>json</MessageType></Transport>
    <Transport><Name>unix</Name><Type>amps-unix</Type><FileName>$work/fluxgate.sock</FileName><Protocol>amps</Protocol><MessageType>json</MessageType></Transport>
  </Transports>
  <Logging><Target><Protocol>file</Protocol><FileName>$work/fluxgated.log</FileName><Level>info</Level></Target></Logging>
</FluxgateConfig>
EOF
"$server" --config "$work/config.xml" >"$work/ready" 2>"$work/errors" &
server_pid=$!
for _ in $(seq 100); do
  grep -q '^ready' "$work/ready" && break
  kill -0 "$server_pid" 2>/dev/null || break
  sleep 0.1
done
if ! grep -q '^ready' "$work/ready"; then
  echo "The gateway did not start:" >&2
  cat "$work/errors" "$work/ready" >&2
  exit 1
fi
address() { awk -v name="$1" '$1 == "listening" && $2 == name {print $3}' "$work/ready"; }

status=0
"$client" demo --grpc "grpc://$(address grpc)" --tcp "tcp://$(address tcp)/amps/json" || status=$?

kill -TERM "$server_pid"
if ! wait "$server_pid"; then
  echo "The gateway did not stop cleanly; its last words:" >&2
  tail -n 20 "$work/fluxgated.log" "$work/errors" >&2
  status=1
fi
server_pid=""
exit "$status"
