// Limits and times of the gRPC edge.
#ifndef FLUXGATE_GATEWAY_GRPC_GRPC_OPTIONS_H_
#define FLUXGATE_GATEWAY_GRPC_GRPC_OPTIONS_H_

#include <cstdint>
#include <string>

namespace fluxgate {

struct GrpcOptions {
  // Payloads of everything that comes and goes here.
  std::string message_type = "json";

  // One received gRPC message; a longer one is refused by the gRPC library with RESOURCE_EXHAUSTED.
  uint64_t request_bytes_max = 20ull << 20;
  // One received gRPC message that holds commands instead of messages to publish.
  uint64_t command_request_bytes_max = 1ull << 20;
  // Messages in one Publish call: what the reactor does in one go.
  uint32_t publish_call_messages_max = 16'384;
  uint32_t streams_per_connection_max = 1000;
  // With TLS: connected to the handshake's end.
  int64_t tls_handshake_timeout_ns = 5'000'000'000;

  // How long a call or stream waits to hear who makes it.
  int64_t logon_timeout_ns = 10'000'000'000;

  // One sent gRPC message, unless a single application message is larger.
  uint64_t response_bytes_max = 1ull << 20;
  // Received and not processed yet, per stream; beyond either no more is read. One message more
  // than these may be held.
  uint64_t inbox_bytes_max = 2ull << 20;
  uint32_t inbox_requests_max = 64;
  // Acks that wait for a publisher to read them; beyond that it is not read.
  uint64_t ack_backlog_bytes_max = 256ull << 10;
  // What may wait for one subscription that is paused or out of credit.
  uint64_t subscription_buffer_bytes_max = 64ull << 20;
  // Results of queries and snapshots that wait for a client to read them; beyond that the query
  // waits. One slice of the engine's work more than this may be held.
  uint64_t query_backlog_bytes_max = 2ull << 20;

  // From the status of a stream to cutting it off when its client does not read.
  int64_t end_grace_ns = 5'000'000'000;
  // From GoAway to ending a stream when the gateway drains; at most half of the drain timeout.
  int64_t drain_grace_ns = 500'000'000;

  // A connection that is silent this long is asked for a sign of life...
  int64_t keepalive_interval_ns = 30'000'000'000;
  // ...and closed when none comes within this time.
  int64_t keepalive_timeout_ns = 20'000'000'000;
  // Clients that ping more often than this are sent away.
  int64_t client_ping_interval_min_ns = 5'000'000'000;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_GRPC_GRPC_OPTIONS_H_
