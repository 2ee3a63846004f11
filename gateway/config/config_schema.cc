#include "gateway/config/config_schema.h"

#include <utility>

#include "gateway/config/actions_schema.h"
#include "gateway/config/security_schema.h"
#include "gateway/config/sow_schema.h"

namespace fluxgate::config {
namespace {

constexpr uint64_t kKb = 1ull << 10;
constexpr uint64_t kMb = 1ull << 20;
constexpr uint64_t kGb = 1ull << 30;
constexpr uint64_t kTb = 1ull << 40;
constexpr uint64_t kMillisecond = 1'000'000;
constexpr uint64_t kMinute = 60'000 * kMillisecond;
constexpr uint64_t kHour = 60 * kMinute;
constexpr uint64_t kMillion = 1'000'000;

// Containers by the structure that their children set.

constexpr Container kLimits = {
    [](Target parent) -> Target { return &std::get<Config*>(parent)->limits; },
    [](Source parent) {
      return std::vector<Item>{Source(&std::get<const Config*>(parent)->limits)};
    },
};

constexpr Container kServerNames = {
    [](Target parent) -> Target {
      return &std::get<Transport*>(parent)->server_names.emplace_back();
    },
    [](Source parent) {
      std::vector<Item> items;
      for (const ServerName& name : std::get<const Transport*>(parent)->server_names) {
        items.emplace_back(&name);
      }
      return items;
    },
};

constexpr FreeOptions kProtocolOptions = {
    [](Target parent) { return &std::get<ProtocolConfig*>(parent)->options; },
    [](Source parent) -> const Options* {
      return &std::get<const ProtocolConfig*>(parent)->options;
    },
};

constexpr FreeOptions kTransportOptions = {
    [](Target parent) { return &std::get<Transport*>(parent)->options; },
    [](Source parent) -> const Options* { return &std::get<const Transport*>(parent)->options; },
};

constexpr FreeOptions kMessageTypeOptions = {
    [](Target parent) { return &std::get<MessageTypeConfig*>(parent)->options; },
    [](Source parent) -> const Options* {
      return &std::get<const MessageTypeConfig*>(parent)->options;
    },
};

constexpr std::string_view kRoot = kRootName;

// Elements of the AMPS configuration that get an error of their own until they are built.
struct NotBuiltRow {
  std::string_view parent, name, doc;
};
constexpr NotBuiltRow kNotBuilt[] = {
    {"*", "Include", "other files read in place"},
    {kRoot, "Group", "replication group"},
    {kRoot, "ProcessName", "name of the process"},
    {kRoot, "Description", "text for the status pages"},
    {kRoot, "Environment", "text for the status pages"},
    {kRoot, "SuggestedMinimumVersion", "version check"},
    {kRoot, "RequiredMinimumVersion", "version check"},
    {kRoot, "ConfigIncludeCommentDefault", "how files are included"},
    {kRoot, "ConfigCycleDetectionThreshold", "how files are included"},
    {kRoot, "SOWStatsInterval", "statistics of stored topics"},
    {kRoot, "MessageDiskLimit", "waiting messages on disk"},
    {kRoot, "MessageDiskPath", "waiting messages on disk"},
    {kRoot, "ClientMessageAgeLimit", "age of waiting messages"},
    {kRoot, "MiniDumpDirectory", "crash dumps"},
    {kRoot, "MiniDumpFileMask", "crash dumps"},
    {kRoot, "Tuning", "placement on processors and other tuning"},
    {kRoot, "Externals", "external programs"},
    {kRoot, "Admin", "administration over HTTP"},
    {kRoot, "TransactionLog", "journal for replay"},
    {kRoot, "Replication", "copies on other instances"},
    {"Transport", "PerMessageDeflate", "WebSocket compression"},
    {"Transport", "MessageMemoryLimit", "limit of one transport"},
    {"Transport", "ClientMaxCapacity", "limit of one transport"},
    {"Transport", "MessageDiskLimit", "waiting messages on disk"},
    {"Transport", "MessageDiskPath", "waiting messages on disk"},
    {"Transport", "ClientMessageAgeLimit", "age of waiting messages"},
    {"Target", "Levels", "single levels"},
    {"Target", "IncludeErrors", "choice by message number"},
    {"Target", "ExcludeErrors", "choice by message number"},
    {"Target", "RotationThreshold", "new log files by size"},
};

std::vector<Element> MakeSchema() {
  std::vector<Element> rows = {
      {"", kRoot, kRequired, kSameStructure, "one gateway"},
      {kRoot, "Name", kOptional, Text(&Config::name, kNameBytesMax),
       "name of this gateway in logs, status and replies to clients"},
      {kRoot, "MessageTypes", kOptional, kSameStructure,
       "message types beside those that every gateway has"},
      {"MessageTypes", "MessageType", UpTo(kMessageTypesMax), kListOf<&Config::message_types>,
       "one message type: what is known of its bodies"},
      {"MessageType", "Name", kRequired, Text(&MessageTypeConfig::name, kNameBytesMax),
       "name that transports and clients use; no two alike"},
      {"MessageType", "Module", kRequired, MessageTypeModule(), "what reads the bodies"},
      {"MessageType", "Options", kOptional, kMessageTypeOptions,
       "what the module is to know; loaded modules only"},
      {"MessageType", "FieldSeparator", kOptional, Separator(&MessageTypeConfig::field_separator),
       "byte between fields, without it 1; fix and nvfix only"},
      {"MessageType", "ValueSeparator", kOptional, Separator(&MessageTypeConfig::value_separator),
       "byte between a tag or name and its value, without it 61 (=); fix and nvfix only"},
      {"MessageType", "ProtobufDescriptorSet", kOptional,
       Text(&MessageTypeConfig::descriptor_set_file, kFileNameBytesMax),
       "file of descriptors with all imports, as protoc writes it; protobuf only"},
      {"MessageType", "Type", kOptional, Text(&MessageTypeConfig::type, kNameBytesMax),
       "full name of the message; protobuf only"},
      {"MessageType", "MessageType", UpTo(kMessageTypePartsMax),
       TextList(&MessageTypeConfig::parts, kNameBytesMax),
       "message type of one part, no composite; composites only, one element for each part"},
      {kRoot, "Protocols", kOptional, kSameStructure,
       "protocols of loaded modules that have options of their own"},
      {"Protocols", "Protocol", UpTo(kProtocolsMax), kListOf<&Config::protocols>, "one protocol"},
      {"Protocol", "Name", kRequired, Text(&ProtocolConfig::name, kNameBytesMax),
       "name that transports use; no two alike"},
      {"Protocol", "Module", kRequired, Text(&ProtocolConfig::module, kNameBytesMax),
       "name of the module"},
      {"Protocol", "Options", kOptional, kProtocolOptions,
       "what the module gets for each transport that uses it; without them those of the module"},
      {kRoot, "UserDefinedFunctions", kOptional, kSameStructure,
       "functions of loaded modules that expressions may call"},
      {"UserDefinedFunctions", "Function", UpTo(FunctionRegistry::kFunctionsMax),
       kListOf<&Config::functions>, "one function"},
      {"Function", "Name", kRequired,
       Text(&LoadedFunctionDefinition::name, FunctionRegistry::kNameBytesMax),
       "what expressions call it, in any case; no word and no function of the language"},
      {"Function", "Module", kRequired, Text(&LoadedFunctionDefinition::module, kNameBytesMax),
       "name of the module"},
      {"Function", "Symbol", kRequired, Text(&LoadedFunctionDefinition::symbol, kNameBytesMax),
       "name of the function in the module"},
      {"Function", "ParameterCount", kRequired, ParameterCount(), "arguments that it takes"},
      {kRoot, "Transports", kRequired, kSameStructure, "the listeners"},
      {"Transports", "Transport", OneTo(kTransportsMax), kListOf<&Config::transports>,
       "one listener: where clients connect and what they speak there"},
      {"Transport", "Name", kRequired, Text(&Transport::name, kNameBytesMax),
       "name of the transport in logs and status; no two alike"},
      {"Transport", "Type", kRequired, TransportTypeName(), "kind of connection"},
      {"Transport", "Protocol", kOptional, ProtocolName(),
       "framing on the connection; not with grpc and grpcs", "amps"},
      {"Transport", "TransportFilter", kOptional, TransportFilterName(),
       "what changes the bytes between the socket or TLS and the protocol; not with grpc and "
       "grpcs"},
      {"Transport", "MessageType", kOptional, Text(&Transport::message_type, kNameBytesMax),
       "format of message bodies, a message type of this build or of MessageTypes; without it each "
       "client names one when it logs on, and gRPC's is json"},
      {"Transport", "Options", kOptional, kTransportOptions,
       "what the module of the type gets for this transport, without them those of the module; "
       "only where the type is a module"},
      {"Transport", "InetAddr", kOptional, InetAddr(),
       "where to listen; a port alone means every address of the machine; not with amps-unix and "
       "modules"},
      {"Transport", "FileName", kOptional, Text(&Transport::file_name, kUnixPathBytesMax),
       "socket file that amps-unix makes; not with the others"},
      {"Transport", "FileMask", kOptional, FileMask(),
       "permissions of the socket file; amps-unix only", "0600"},
      {"Transport", "Certificate", kOptional, Text(&Transport::certificate_file, kFileNameBytesMax),
       "PEM file of the certificate and those that lead to its CA; tcps and grpcs, which need it"},
      {"Transport", "PrivateKey", kOptional, Text(&Transport::private_key_file, kFileNameBytesMax),
       "PEM file of the certificate's key, without a password; tcps and grpcs, which need it"},
      {"Transport", "ServerName", UpTo(kServerNamesMax), kServerNames,
       "a certificate for clients that ask for a certain host name; tcps and grpcs only"},
      {"ServerName", "Name", kRequired, Text(&ServerName::name, kHostNameBytesMax),
       "host name, or *. and the rest of one for any single label in front; no two alike"},
      {"ServerName", "Certificate", kRequired,
       Text(&ServerName::certificate_file, kFileNameBytesMax), "as that of the transport"},
      {"ServerName", "PrivateKey", kRequired,
       Text(&ServerName::private_key_file, kFileNameBytesMax), "as that of the transport"},
      {"Transport", "VerifyClient", kOptional, VerifyClientWord(),
       "whether clients show certificates: optional takes a good one or none; tcps and grpcs only",
       "no"},
      {"Transport", "CAFile", kOptional, Text(&Transport::ca_file, kFileNameBytesMax),
       "PEM file of certificates by which those of clients are verified; tcps and grpcs only"},
      {"Transport", "CAPath", kOptional, Text(&Transport::ca_path, kFileNameBytesMax),
       "directory of such files; tcps and grpcs only"},
      {"Transport", "Ciphers", kOptional, Text(&Transport::ciphers, kCiphersBytesMax),
       "names of OpenSSL with : between, those of TLS 1.3 among them; without them OpenSSL's own "
       "choice; tcps only"},
      {"Transport", "SecureSocketProtocols", kOptional, SecureSocketProtocols(),
       "versions of TLS that are spoken; tcps only, grpcs speaks both", "TLSv1.2,TLSv1.3"},
      {"Transport", "InitialState", kOptional, Flag(&Transport::enabled, "enabled", "disabled"),
       "whether it listens from the start; an action may change it later"},
      {kRoot, "Logging", kOptional, kSameStructure,
       "where the log goes; without it to standard error, level info"},
      {"Logging", "Target", OneTo(kLogTargetsMax), kListOf<&Config::logging>,
       "one destination of log lines"},
      {"Target", "Protocol", kOptional,
       Word(&LogTarget::protocol, {"stdout", "stderr", "file"}, {"gzip", "syslog"}),
       "kind of destination"},
      {"Target", "FileName", kOptional, Text(&LogTarget::file_name, kFileNameBytesMax),
       "file that lines are added to; file only"},
      {"Target", "Level", kOptional, Choice(&LogTarget::level, LogLevels(), {}),
       "lowest level that is written"},
      {kRoot, "MessageMemoryLimit", kOptional,
       SizeOrPercentOfMemory(&Config::message_memory_limit_bytes, kMb, 16 * kTb),
       "memory for messages that wait for slow clients, all clients together; above it the client "
       "that holds most is disconnected",
       "10%"},
      {kRoot, "ClientMaxCapacity", kOptional, Percent(&Config::client_max_capacity_percent, 1, 100),
       "share of MessageMemoryLimit that one client may hold; above it that client is "
       "disconnected"},
      {kRoot, "DrainTimeout", kOptional, Interval(&Config::drain_timeout_ns, 0, kHour),
       "longest time from the signal to stop until the process ends"},
      {kRoot, "ThreadMonitorThreshold", kOptional,
       Interval(&Config::thread_monitor_threshold_ns, 0, kHour),
       "a thread of the gateway that makes no progress for so long is logged as stuck, with its "
       "stack; 0s: none is"},
      {kRoot, "CertificateCheckInterval", kOptional,
       Interval(&Config::certificate_check_interval_ns, 100 * kMillisecond, kHour),
       "how often the files of tcps and grpcs transports are looked at; changed ones are used for "
       "new connections"},
      {kRoot, "Limits", kOptional, kLimits,
       "what a client may ask for; beyond a limit the client gets an error or is disconnected"},
      {"Limits", "ConnectionsMax", kOptional, Count(&Limits::connections_max, 1, kMillion),
       "connections open at once, all transports together"},
      {"Limits", "ConnectionsPerAddressMax", kOptional,
       Count(&Limits::connections_per_address_max, 1, kMillion),
       "connections open at once from one address; all unix socket clients count as one"},
      {"Limits", "MessageSizeMax", kOptional, Size(&Limits::message_size_bytes_max, 1, kGb),
       "body of one message"},
      {"Limits", "HeaderSizeMax", kOptional, Size(&Limits::header_size_bytes_max, kKb, 16 * kMb),
       "header of one amps frame"},
      {"Limits", "GrpcMessageSizeMax", kOptional,
       Size(&Limits::grpc_message_size_bytes_max, 65 * kKb, 2047 * kMb),
       "one gRPC message; at least 64KB more than MessageSizeMax"},
      {"Limits", "SubscriptionsPerClientMax", kOptional,
       Count(&Limits::subscriptions_per_client_max, 1, 10 * kMillion),
       "subscriptions of one client"},
      {"Limits", "TopicNameSizeMax", kOptional, Size(&Limits::topic_name_bytes_max, 1, 64 * kKb),
       "name of one topic"},
      {"Limits", "TopicsRememberedMax", kOptional,
       Count(&Limits::topics_remembered_max, 1, 100 * kMillion),
       "topic names whose subscriptions are kept worked out"},
      {"Limits", "FieldsMax", kOptional, Count(&Limits::fields_max, 1, kMillion),
       "distinct message fields in all filters together"},
      {"Limits", "FilterSizeMax", kOptional, Size(&Limits::filter_size_bytes_max, 1, 16 * kMb),
       "text of one filter"},
      {"Limits", "FilterDepthMax", kOptional, Count(&Limits::filter_depth_max, 1, 512),
       "nesting inside one filter"},
      {"Limits", "BodyDepthMax", kOptional, Count(&Limits::body_depth_max, 1, 1024),
       "nesting of a message body that filters look into"},
      {"Limits", "GrpcStreamsPerConnectionMax", kOptional,
       Count(&Limits::grpc_streams_per_connection_max, 1, kMillion),
       "calls open at once on one gRPC connection"},
      {"Limits", "QueriesPerClientMax", kOptional,
       Count(&Limits::queries_per_client_max, 1, kMillion), "running queries of one client"},
      {"Limits", "QueryHeldSizeMax", kOptional, Size(&Limits::query_held_bytes_max, kKb, kTb),
       "memory for changes that are held back behind one running query"},
      {"Limits", "RecordsPerBatchMax", kOptional,
       Count(&Limits::records_per_batch_max, 1, kMillion),
       "records in one batch of a query's result, however many the client asks for"},
      {"Limits", "StoreBacklogMax", kOptional, Size(&Limits::store_backlog_bytes_max, kKb, kTb),
       "bytes of stored topics that wait for the disk before publishers are held back"},
      {"Limits", "SelectListSizeMax", kOptional,
       Size(&Limits::select_list_size_bytes_max, 1, 16 * kMb), "text of one select list"},
      {"Limits", "SubscriptionPageMax", kOptional,
       Count(&Limits::subscription_page_max, 1, kMillion),
       "records of one page of a paginated subscription, those skipped included"},
      {"Limits", "LogonTimeout", kOptional,
       Interval(&Limits::logon_timeout_ns, kMillisecond, kHour),
       "longest time from connecting to logging on"},
      {"Limits", "TlsHandshakeTimeout", kOptional,
       Interval(&Limits::tls_handshake_timeout_ns, kMillisecond, kHour),
       "longest time from connecting to the end of the TLS handshake"},
      {"Limits", "CredentialSizeMax", kOptional, Size(&Limits::credential_size_bytes_max, 1, kMb),
       "one password, token or challenge's answer"},
      {"Limits", "LogonCacheTime", kOptional, Interval(&Limits::logon_cache_ns, 0, kHour),
       "how long credentials of gRPC calls that were found good are good without asking again"},
      {"Limits", "FrameTimeout", kOptional,
       Interval(&Limits::frame_timeout_ns, kMillisecond, kHour),
       "longest time from the first to the last byte of a frame"},
      {"Limits", "UserNameSizeMax", kOptional, Size(&Limits::user_name_bytes_max, 1, 64 * kKb),
       "name of a user that logs on; the modules that come with the gateway take 256 bytes"},
      {"Limits", "LogonChallengesMax", kOptional,
       Count(&Limits::logon_challenges_max, 0, kLogonChallengesMax),
       "challenges of one logon; one more refuses it"},
      {"Limits", "LogonsWaitingMax", kOptional, Count(&Limits::logons_waiting_max, 1, kMillion),
       "logons that wait for a thread of ModuleThreads; further ones are refused"},
      {"Limits", "EntitlementTopicsMax", kOptional,
       Count(&Limits::entitlement_topics_max, 1, 100 * kMillion),
       "topics whose entitlements are remembered of one user; further ones are refused"},
      {"Limits", "AdministrationTimeout", kOptional,
       Interval(&Limits::administration_timeout_ns, kMillisecond, kHour),
       "how long a module waits for resets and other administration that it asks for"},
      {"Limits", "EmbeddedClientsMax", kOptional, Count(&Limits::embedded_clients_max, 1, kMillion),
       "clients that modules have in the gateway"},
      {"Limits", "EmbeddedCommandsMax", kOptional,
       Count(&Limits::embedded_commands_max, 1, 10 * kMillion),
       "commands of one embedded client that wait"},
      {"Limits", "EmbeddedCommandsSizeMax", kOptional,
       Size(&Limits::embedded_commands_bytes_max, kKb, kTb),
       "bytes of the commands of one embedded client that wait"},
      {"Limits", "ModuleOutputMax", kOptional, Size(&Limits::module_output_bytes_max, kKb, kGb),
       "bytes that one call of a module's transport filter or protocol makes; above it the "
       "connection is closed"},
  };
  for (const NotBuiltRow& row : kNotBuilt) {
    rows.push_back({row.parent, row.name, kOptional, NotBuilt{}, row.doc});
  }
  for (Element& row : SecurityRows()) rows.push_back(std::move(row));
  for (Element& row : SowRows()) rows.push_back(std::move(row));
  for (Element& row : ActionRows()) rows.push_back(std::move(row));
  return rows;
}

}  // namespace

const std::vector<Element>& Schema() {
  static const std::vector<Element> schema = MakeSchema();
  return schema;
}

std::span<const Synonym> Synonyms() { return SowSynonyms(); }

const Element* FindElement(std::string_view parent, std::string_view name) {
  for (const Synonym& synonym : Synonyms()) {
    if (synonym.parent == parent && synonym.name == name) name = synonym.means;
  }
  for (const Element& element : Schema()) {
    if (element.name == name && (element.parent == parent || element.parent == "*")) {
      return &element;
    }
  }
  return nullptr;
}

std::vector<const Element*> BuiltChildren(std::string_view parent) {
  std::vector<const Element*> out;
  for (const Element& element : Schema()) {
    if (element.parent == parent && !element.not_built()) out.push_back(&element);
  }
  return out;
}

std::string DefaultText(const Element& element) {
  if (!element.default_text.empty()) return std::string(element.default_text);
  if (element.value() == nullptr || element.occurs.required) return "";
  if (element.name == "InetAddr") return "";
  return element.value()->print(element.value()->fresh());
}

}  // namespace fluxgate::config
