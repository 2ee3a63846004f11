#include "gateway/config/config_writer.h"

#include <algorithm>
#include <string>

#include "core/base/error.h"
#include "gateway/config/config_loader.h"
#include "gateway/config/config_schema.h"
#include "gateway/config/sow_schema.h"
#include "gtest/gtest.h"

namespace fluxgate::config {
namespace {

LoadOptions TestOptions() {
  LoadOptions options;
  options.environment = [](std::string_view) { return std::nullopt; };
  options.memory_bytes = 123'456'789'012;
  return options;
}

void ExpectComesBack(const Config& config) {
  const std::string text = Dump(config);
  LoadOptions elsewhere;
  elsewhere.environment = [](std::string_view) { return "something else"; };
  elsewhere.memory_bytes = 1ull << 30;
  const absl::StatusOr<Config> back = LoadText(text, "dump", elsewhere);
  ASSERT_TRUE(back.ok()) << ErrorText(back.status()) << "\n" << text;
  EXPECT_EQ(*back, config) << text;
}

TEST(ConfigWriterTest, TheDefaultComesBack) {
  const absl::StatusOr<Config> config = DefaultConfig(TestOptions());
  ASSERT_TRUE(config.ok());
  ExpectComesBack(*config);
}

TEST(ConfigWriterTest, AllValuesComeBack) {
  Config config;
  config.name = "a <b> & ${c} $${d} $ \"e\" 'f' ]]> \xc3\xa4";
  config.transports = {
      {.name = "1", .protocol = "amps", .message_type = "json", .host = "::1", .port = 65535},
      {.name = "2", .protocol = "amps", .port = 9007},
      {.name = "3", .type = TransportType::kGrpc, .host = "h", .port = 0},
      {.name = "4",
       .type = TransportType::kUnix,
       .protocol = "amps",
       .file_name = "/tmp/a b&c",
       .file_mask = 07},
      {.name = "5",
       .type = TransportType::kTcps,
       .protocol = "amps",
       .port = 9008,
       .certificate_file = "/c",
       .private_key_file = "/k",
       .server_names = {{"a.example", "/ac", "/ak"}, {"*.example", "/wc", "/wk"}},
       .ca_file = "/ca",
       .verify_client = net::VerifyClient::kOptional,
       .ciphers = "A:B",
       .tls_protocol_min = net::TlsProtocol::kTls13},
      {.name = "6",
       .type = TransportType::kGrpcs,
       .port = 9009,
       .certificate_file = "/c",
       .private_key_file = "/k",
       .ca_path = "/cas",
       .verify_client = net::VerifyClient::kRequired},
  };
  config.logging = {{"file", "/l", LogLevel::kDeveloper}, {"stdout", "", LogLevel::kNone}};
  config.message_memory_limit_bytes = 12'345'679;
  config.client_max_capacity_percent = 1;
  config.drain_timeout_ns = 0;
  config.certificate_check_interval_ns = 100'000'000;
  config.limits = {.connections_max = 1,
                   .connections_per_address_max = 2'000,
                   .message_size_bytes_max = 3,
                   .header_size_bytes_max = 1025,
                   .grpc_message_size_bytes_max = 2047ull << 20,
                   .subscriptions_per_client_max = 6,
                   .topic_name_bytes_max = 7,
                   .topics_remembered_max = 100'000'000,
                   .fields_max = 9,
                   .filter_size_bytes_max = 10,
                   .filter_depth_max = 11,
                   .body_depth_max = 12,
                   .grpc_streams_per_connection_max = 13,
                   .queries_per_client_max = 14,
                   .query_held_bytes_max = 1024,
                   .records_per_batch_max = 15,
                   .store_backlog_bytes_max = 1025,
                   .select_list_size_bytes_max = 16,
                   .subscription_page_max = 17,
                   .logon_timeout_ns = 1'000'001,
                   .tls_handshake_timeout_ns = 1'000'002,
                   .frame_timeout_ns = 3'600'000'000'000,
                   .user_name_bytes_max = 18,
                   .logon_challenges_max = 0,
                   .logons_waiting_max = 19,
                   .entitlement_topics_max = 20,
                   .administration_timeout_ns = 1'000'003,
                   .embedded_clients_max = 21,
                   .embedded_commands_max = 22,
                   .embedded_commands_bytes_max = 1026,
                   .module_output_bytes_max = 1026};
  ExpectComesBack(config);
}

TEST(ConfigWriterTest, DumpIsReadable) {
  Config config;
  config.transports = {{.name = "t", .protocol = "amps", .port = 9007}};
  config.logging = {{}};
  config.message_memory_limit_bytes = 1ull << 30;
  const std::string text = Dump(config);
  EXPECT_TRUE(
      text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<FluxgateConfig>\n"
                       "  <Name>fluxgate</Name>\n"
                       "  <Transports>\n"
                       "    <Transport>\n"
                       "      <Name>t</Name>\n"
                       "      <Type>tcp</Type>\n"
                       "      <Protocol>amps</Protocol>\n"
                       "      <InetAddr>9007</InetAddr>\n"
                       "      <InitialState>enabled</InitialState>\n"
                       "    </Transport>\n"
                       "  </Transports>\n"
                       "  <Logging>\n"
                       "    <Target>\n"
                       "      <Protocol>stderr</Protocol>\n"
                       "      <Level>info</Level>\n"
                       "    </Target>\n"
                       "  </Logging>\n"
                       "  <MessageMemoryLimit>1GB</MessageMemoryLimit>\n"
                       "  <ClientMaxCapacity>50%</ClientMaxCapacity>\n"
                       "  <DrainTimeout>10s</DrainTimeout>\n"
                       "  <ThreadMonitorThreshold>5s</ThreadMonitorThreshold>\n"
                       "  <CertificateCheckInterval>10s</CertificateCheckInterval>\n"
                       "  <Limits>\n"
                       "    <ConnectionsMax>10k</ConnectionsMax>\n"))
      << text;
}

TEST(ConfigWriterTest, TheSampleIsTheDefault) {
  const absl::StatusOr<Config> sample = LoadText(SampleConfig(), "sample", TestOptions());
  ASSERT_TRUE(sample.ok()) << ErrorText(sample.status()) << "\n" << SampleConfig();
  EXPECT_EQ(*sample, DefaultConfig(TestOptions()).value());
}

// That element or something in it.
bool IsInside(std::string_view name, std::string_view outer) {
  if (name == outer) return true;
  for (const Element& element : Schema()) {
    if (element.name == name && element.container() != nullptr && !element.parent.empty()) {
      return IsInside(element.parent, outer);
    }
  }
  return false;
}

constexpr std::string_view kOfTls[] = {
    "Certificate", "PrivateKey", "ServerName", "VerifyClient",
    "CAFile",      "CAPath",     "Ciphers",    "SecureSocketProtocols"};

TEST(ConfigWriterTest, TheSampleNamesEveryElement) {
  const std::string sample = SampleConfig();
  for (const Element& element : Schema()) {
    if (element.not_built()) continue;
    const std::string name(element.name);
    const bool comment = sample.find("<!-- " + name + ": ") != std::string::npos;
    EXPECT_TRUE(comment || name == kRootName) << name;
    // These two would contradict the protocols of the sample's transports and log targets.
    if (name == "FileMask" || (name == "FileName" && element.parent == "Target")) continue;
    // The sample's transports do not say what goes without saying.
    if (name == "InitialState") continue;
    // The sample has no TLS, message types, modules, what they are used for, functions, stored
    // topics and actions of its own.
    const std::string_view around = element.parent;
    if (std::find(std::begin(kOfTls), std::end(kOfTls), name) != std::end(kOfTls)) continue;
    if (around == "ServerName") continue;
    const auto uses_module = [](std::string_view element_name) {
      return element_name == kAuthenticationName || element_name == kEntitlementName;
    };
    if (around == "Modules" || around == "Module" || uses_module(around) || uses_module(name)) {
      continue;
    }
    if (name == "TransportFilter" || (around == "Transport" && name == "Options")) continue;
    if (IsInside(around, "Protocols")) continue;
    if (around == "MessageTypes" || around == "MessageType" || IsInside(around, kSowName) ||
        IsInside(around, "Actions") || IsInside(around, "UserDefinedFunctions")) {
      continue;
    }
    EXPECT_NE(sample.find("<" + name + ">"), std::string::npos) << name;
  }
}

TEST(ConfigWriterTest, TheSampleKeepsWhatTheEnvironmentDecides) {
  const std::string sample = SampleConfig();
  EXPECT_NE(sample.find("<FileName>${FLUXGATE_SOCKET:-/tmp/fluxgate.sock}</FileName>"),
            std::string::npos);
  EXPECT_NE(sample.find("<MessageMemoryLimit>10%</MessageMemoryLimit>"), std::string::npos);
}

TEST(ConfigWriterTest, TheSampleFitsOnAScreen) {
  const std::string sample = SampleConfig();
  for (size_t start = 0; start < sample.size();) {
    const size_t end = std::min(sample.find('\n', start), sample.size());
    EXPECT_LE(end - start, 104u) << sample.substr(start, end - start);
    start = end + 1;
  }
}

TEST(ConfigWriterTest, MessageTypesAreWrittenAsTheyWereRead) {
  const auto config = LoadText(
      "<FluxgateConfig><MessageTypes><MessageType><Name>c</Name><Module>composite-local</Module>"
      "<MessageType>json</MessageType><MessageType>json</MessageType></MessageType>"
      "<MessageType><Name>bars</Name><Module>fix</Module><FieldSeparator>124</FieldSeparator>"
      "</MessageType></MessageTypes>"
      "<Transports><Transport><Name>t</Name><Type>tcp</Type><MessageType>c</MessageType>"
      "<InetAddr>9007</InetAddr></Transport></Transports></FluxgateConfig>",
      "f");
  ASSERT_TRUE(config.ok()) << ErrorText(config.status());
  EXPECT_EQ(config->message_types[0].parts, (std::vector<std::string>{"json", "json"}));
  const auto again = LoadText(Dump(*config), "dump");
  ASSERT_TRUE(again.ok()) << ErrorText(again.status());
  EXPECT_EQ(*again, *config);
}

}  // namespace
}  // namespace fluxgate::config
