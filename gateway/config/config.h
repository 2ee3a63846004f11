// The gateway's configuration as values: what the XML file says, defaults filled in. Plain data,
// read once at start, immutable after.
#ifndef FLUXGATE_GATEWAY_CONFIG_CONFIG_H_
#define FLUXGATE_GATEWAY_CONFIG_CONFIG_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/module/loaded_function_definition.h"
#include "core/sow/sow_definition.h"
#include "gateway/net/tls_options.h"

namespace fluxgate::config {

// What stands in <Options>: names and texts as they come; a name may be there several times.
using Options = std::vector<std::pair<std::string, std::string>>;

// "tcp", "tcps", "amps-unix", "grpc", "grpcs", or the name of a module
enum class TransportType : uint8_t { kTcp, kTcps, kUnix, kGrpc, kGrpcs, kModule };

constexpr bool HasTls(TransportType type) {
  return type == TransportType::kTcps || type == TransportType::kGrpcs;
}
constexpr bool IsGrpc(TransportType type) {
  return type == TransportType::kGrpc || type == TransportType::kGrpcs;
}

// A certificate for clients that ask for this host name.
struct ServerName {
  std::string name = {};  // also "*.example.org"
  std::string certificate_file = {};
  std::string private_key_file = {};

  bool operator==(const ServerName&) const = default;
};

// A shared object to be loaded.
struct ModuleConfig {
  std::string name = {};
  std::string library = {};
  Options options = {};

  bool operator==(const ModuleConfig&) const = default;
};

// What a module is used for somewhere; no module: nothing is said.
struct ModuleUse {
  std::string module = {};
  Options options = {};

  bool operator==(const ModuleUse&) const = default;
};

struct Transport {
  std::string name = {};
  TransportType type = TransportType::kTcp;
  std::string type_module = {};   // kModule: its name
  std::string protocol = {};      // "amps", one of Config::protocols, or a module; grpc: empty
  std::string message_type = {};  // empty: the client names one at logon
  std::string filter = {};        // TransportFilter: name of a module; empty: none
  Options options = {};           // kModule: what the module gets for this transport
  std::string host = {};          // InetAddr; tcp and grpc. Empty host: every address
  uint16_t port = 0;              // 0: the system chooses
  std::string file_name = {};     // amps-unix
  uint32_t file_mask = 0600;      // amps-unix: permissions of the socket file
  // tcps and grpcs; see net::TlsOptions.
  std::string certificate_file = {};
  std::string private_key_file = {};
  std::vector<ServerName> server_names = {};
  std::string ca_file = {};
  std::string ca_path = {};
  net::VerifyClient verify_client = net::VerifyClient::kNo;
  std::string ciphers = {};                                      // tcps
  net::TlsProtocol tls_protocol_min = net::TlsProtocol::kTls12;  // tcps
  net::TlsProtocol tls_protocol_max = net::TlsProtocol::kTls13;  // tcps

  ModuleUse authentication = {};  // in place of Config::authentication
  ModuleUse entitlement = {};     // in place of Config::entitlement
  bool enabled = true;            // InitialState: listens from the start; actions change it

  bool operator==(const Transport&) const = default;
};

// A message type that needs more than its module to be known by.
struct MessageTypeConfig {
  std::string name = {};
  std::string module = {};               // "protobuf", "composite-local", ...
  std::string descriptor_set_file = {};  // protobuf: a FileDescriptorSet
  std::string type = {};                 // protobuf: full name of the message
  uint32_t field_separator = 0x01;       // fix, nvfix: a byte
  uint32_t value_separator = '=';        // fix, nvfix: a byte
  std::vector<std::string> parts = {};   // composites: names of message types
  Options options = {};                  // of a loaded module

  bool operator==(const MessageTypeConfig&) const = default;
};

// A protocol of a loaded module with options of its own.
struct ProtocolConfig {
  std::string name = {};
  std::string module = {};
  Options options = {};

  bool operator==(const ProtocolConfig&) const = default;
};

enum class LogLevel : uint8_t {
  kDeveloper,
  kTrace,
  kStats,
  kInfo,
  kWarning,
  kError,
  kCritical,
  kEmergency,
  kNone
};

struct LogTarget {
  std::string protocol = "stderr";  // stdout, stderr, file
  std::string file_name = {};       // file
  LogLevel level = LogLevel::kInfo;

  bool operator==(const LogTarget&) const = default;
};

// Every limit on what a peer may ask; each is an element of <Limits>.
struct Limits {
  uint32_t connections_max = 10'000;              // ConnectionsMax
  uint32_t connections_per_address_max = 10'000;  // ConnectionsPerAddressMax (unix: one address)
  uint64_t message_size_bytes_max = 16ull << 20;  // MessageSizeMax: body of one message
  uint64_t header_size_bytes_max = 128ull << 10;  // HeaderSizeMax: header of one amps frame
  uint64_t grpc_message_size_bytes_max = 20ull << 20;  // GrpcMessageSizeMax
  uint32_t subscriptions_per_client_max = 10'000;      // SubscriptionsPerClientMax
  uint32_t topic_name_bytes_max = 1024;                // TopicNameSizeMax
  uint32_t topics_remembered_max = 100'000;            // TopicsRememberedMax
  uint32_t fields_max = 4096;                          // FieldsMax: distinct fields in all filters
  uint64_t filter_size_bytes_max = 64ull << 10;        // FilterSizeMax
  uint32_t filter_depth_max = 128;                     // FilterDepthMax
  uint32_t body_depth_max = 64;                     // BodyDepthMax: nesting of a body looked into
  uint32_t grpc_streams_per_connection_max = 1000;  // GrpcStreamsPerConnectionMax
  uint32_t queries_per_client_max = 16;             // QueriesPerClientMax: running ones
  uint64_t query_held_bytes_max = 64ull << 20;      // QueryHeldSizeMax: changes behind one snapshot
  uint32_t records_per_batch_max = 10'000;          // RecordsPerBatchMax: what a client may ask for
  uint64_t store_backlog_bytes_max = 64ull << 20;   // StoreBacklogMax: waiting for the disk
  uint64_t select_list_size_bytes_max = 64ull << 10;  // SelectListSizeMax: text of one list
  uint32_t subscription_page_max = 10'000;  // SubscriptionPageMax: records, skipped ones included
  uint64_t logon_timeout_ns = 10'000'000'000;         // LogonTimeout: connected to logged on
  uint64_t tls_handshake_timeout_ns = 5'000'000'000;  // TlsHandshakeTimeout
  uint64_t credential_size_bytes_max = 64ull << 10;   // CredentialSizeMax: password or token
  uint64_t logon_cache_ns = 10'000'000'000;           // LogonCacheTime: gRPC credentials found good
  uint64_t frame_timeout_ns = 30'000'000'000;         // FrameTimeout: first to last byte of a frame
  uint64_t user_name_bytes_max = 256;                 // UserNameSizeMax
  uint32_t logon_challenges_max = 3;                  // LogonChallengesMax: of one logon
  uint32_t logons_waiting_max = 10'000;               // LogonsWaitingMax: for a thread
  uint32_t entitlement_topics_max = 100'000;          // EntitlementTopicsMax: of one user
  uint64_t administration_timeout_ns = 30'000'000'000;  // AdministrationTimeout: of modules
  uint32_t embedded_clients_max = 1000;                 // EmbeddedClientsMax: of all modules
  uint32_t embedded_commands_max = 10'000;              // EmbeddedCommandsMax: that wait
  uint64_t embedded_commands_bytes_max = 64ull << 20;   // EmbeddedCommandsSizeMax: of those
  // ModuleOutputMax: what one call of a transport filter or protocol of a module may make
  uint64_t module_output_bytes_max = 32ull << 20;

  bool operator==(const Limits&) const = default;
};

// One module of an action with what it is told.
struct ActionPart {
  enum class Kind : uint8_t { kOn, kIf, kDo };
  Kind kind = Kind::kDo;
  std::string module = {};
  Options options = {};

  bool operator==(const ActionPart&) const = default;
};

// When one of its kOn happens, its kIf and kDo are gone through in their order.
struct ActionConfig {
  std::vector<ActionPart> parts = {};  // in the order of the file

  bool operator==(const ActionConfig&) const = default;
};

struct Config {
  std::string name = "fluxgate";
  std::vector<MessageTypeConfig> message_types;
  std::vector<ProtocolConfig> protocols;
  std::vector<LoadedFunctionDefinition> functions;
  std::vector<Transport> transports;
  std::vector<ModuleConfig> modules;
  uint32_t module_threads = 4;
  ModuleUse authentication;
  ModuleUse entitlement;
  std::vector<LogTarget> logging;
  // Bytes waiting in all outboxes together; above it the largest outbox's client is disconnected.
  // Default: a tenth of the machine's memory.
  uint64_t message_memory_limit_bytes = 0;
  // Share of message_memory_limit_bytes that one client may hold, in percent; above it that client
  // is disconnected.
  uint32_t client_max_capacity_percent = 50;
  uint64_t drain_timeout_ns = 10'000'000'000;  // DrainTimeout: SIGTERM to exit, at most
  // ThreadMonitorThreshold: without progress so long a thread is reported as stuck; 0: never.
  uint64_t thread_monitor_threshold_ns = 5'000'000'000;
  // CertificateCheckInterval: how often certificates, keys and CA files are looked at.
  uint64_t certificate_check_interval_ns = 10'000'000'000;
  Limits limits;
  SowDefinitions sow;
  bool allow_execute_system = false;            // AllowExecuteSystem: actions may run programs
  std::vector<std::string> action_directories;  // below which actions may touch files
  std::vector<ActionConfig> actions;

  bool operator==(const Config&) const = default;
};

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_CONFIG_H_
