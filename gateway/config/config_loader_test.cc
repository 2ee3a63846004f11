#include "gateway/config/config_loader.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string>

#include "core/base/error.h"
#include "gateway/config/config_schema.h"
#include "gtest/gtest.h"

namespace fluxgate::config {
namespace {

constexpr uint64_t kGb = 1ull << 30;

LoadOptions TestOptions() {
  LoadOptions options;
  options.known.protocols = {"amps", "other"};
  options.known.message_types = {"json", "binary"};
  options.environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "PORT") return "9100";
    if (name == "SPACES") return "  roomy  ";
    return std::nullopt;
  };
  options.memory_bytes = 100 * kGb;
  return options;
}

Config Loaded(std::string_view xml) {
  absl::StatusOr<Config> config = LoadText(xml, "test", TestOptions());
  EXPECT_TRUE(config.ok()) << ErrorText(config.status());
  return config.ok() ? *std::move(config) : Config();
}

constexpr std::string_view kTransports =
    "<Transports><Transport><Name>t</Name><Type>tcp</Type><InetAddr>1</InetAddr></Transport>"
    "</Transports>";

// A configuration with these elements beside its transports.
Config LoadedWith(std::string_view elements) {
  std::string xml = "<FluxgateConfig>";
  xml.append(kTransports).append(elements).append("</FluxgateConfig>");
  return Loaded(xml);
}

TEST(ConfigLoaderTest, TheDefaultConfiguration) {
  const absl::StatusOr<Config> config = DefaultConfig(TestOptions());
  ASSERT_TRUE(config.ok()) << ErrorText(config.status());
  EXPECT_EQ(config->name, "fluxgate");
  ASSERT_EQ(config->transports.size(), 3u);

  const Transport& grpc = config->transports[0];
  EXPECT_EQ(grpc.name, "grpc");
  EXPECT_EQ(grpc.type, TransportType::kGrpc);
  EXPECT_EQ(grpc.protocol, "");
  EXPECT_EQ(grpc.message_type, "");
  EXPECT_EQ(grpc.host, "127.0.0.1");
  EXPECT_EQ(grpc.port, 50051);

  const Transport& tcp = config->transports[1];
  EXPECT_EQ(tcp.name, "amps-tcp");
  EXPECT_EQ(tcp.type, TransportType::kTcp);
  EXPECT_EQ(tcp.protocol, "amps");
  EXPECT_EQ(tcp.message_type, "json");
  EXPECT_EQ(tcp.host, "127.0.0.1");
  EXPECT_EQ(tcp.port, 9007);

  const Transport& unix_socket = config->transports[2];
  EXPECT_EQ(unix_socket.name, "amps-unix");
  EXPECT_EQ(unix_socket.type, TransportType::kUnix);
  EXPECT_EQ(unix_socket.protocol, "amps");
  EXPECT_EQ(unix_socket.file_name, "/tmp/fluxgate.sock");
  EXPECT_EQ(unix_socket.file_mask, 0600u);

  EXPECT_EQ(config->logging, std::vector<LogTarget>{LogTarget()});
  EXPECT_EQ(config->message_memory_limit_bytes, 10 * kGb);
  EXPECT_EQ(config->client_max_capacity_percent, 50u);
  EXPECT_EQ(config->limits, Limits());
}

TEST(ConfigLoaderTest, TheDefaultConfigurationOnThisMachine) {
  const absl::StatusOr<Config> config = DefaultConfig();
  ASSERT_TRUE(config.ok()) << ErrorText(config.status());
  EXPECT_GE(config->message_memory_limit_bytes, 1u << 20);
}

TEST(ConfigLoaderTest, ASocketNamedByTheEnvironment) {
  LoadOptions options = TestOptions();
  options.environment = [](std::string_view) { return "/run/fluxgate/amps"; };
  EXPECT_EQ(DefaultConfig(options)->transports[2].file_name, "/run/fluxgate/amps");
  options.environment = [](std::string_view) { return std::string(200, 'x'); };
  EXPECT_EQ(ErrorText(DefaultConfig(options).status()),
            "default configuration:21: <FileName>: has 200 bytes; allowed: text of 1 to 107 bytes");
}

TEST(ConfigLoaderTest, WhatTheFileDoesNotSayHasItsDefault) {
  const Config config = LoadedWith("");
  Config expected;
  expected.transports = {{.name = "t", .protocol = "amps", .port = 1}};
  expected.logging = {{}};
  expected.message_memory_limit_bytes = 10 * kGb;
  EXPECT_EQ(config, expected);
}

TEST(ConfigLoaderTest, AmpsConfigIsAnotherNameOfTheRoot) {
  std::string xml = "<AMPSConfig><Name>a</Name>";
  xml.append(kTransports).append("</AMPSConfig>");
  EXPECT_EQ(Loaded(xml).name, "a");
}

TEST(ConfigLoaderTest, EveryElement) {
  const Config config = Loaded(R"(<?xml version="1.0" encoding="UTF-8"?>
    <FluxgateConfig>
      <Limits>
        <ConnectionsMax>1k</ConnectionsMax>
        <ConnectionsPerAddressMax>5</ConnectionsPerAddressMax>
        <MessageSizeMax>1MB</MessageSizeMax>
        <HeaderSizeMax>2kb</HeaderSizeMax>
        <GrpcMessageSizeMax>3 mb</GrpcMessageSizeMax>
        <SubscriptionsPerClientMax>6</SubscriptionsPerClientMax>
        <TopicNameSizeMax>7</TopicNameSizeMax>
        <TopicsRememberedMax>8</TopicsRememberedMax>
        <FieldsMax>9</FieldsMax>
        <FilterSizeMax>10</FilterSizeMax>
        <FilterDepthMax>11</FilterDepthMax>
        <BodyDepthMax>12</BodyDepthMax>
        <GrpcStreamsPerConnectionMax>13</GrpcStreamsPerConnectionMax>
        <QueriesPerClientMax>16k</QueriesPerClientMax>
        <QueryHeldSizeMax>17kb</QueryHeldSizeMax>
        <RecordsPerBatchMax>18</RecordsPerBatchMax>
        <StoreBacklogMax>19kb</StoreBacklogMax>
        <SelectListSizeMax>20</SelectListSizeMax>
        <SubscriptionPageMax>21</SubscriptionPageMax>
        <LogonTimeout>14s</LogonTimeout>
        <TlsHandshakeTimeout>19s</TlsHandshakeTimeout>
        <FrameTimeout>15ms</FrameTimeout>
        <ModuleOutputMax>22kb</ModuleOutputMax>
      </Limits>
      <DrainTimeout>1m</DrainTimeout>
      <ThreadMonitorThreshold>7s</ThreadMonitorThreshold>
      <ClientMaxCapacity>25%</ClientMaxCapacity>
      <MessageMemoryLimit>64MB</MessageMemoryLimit>
      <Logging>
        <Target><Protocol>file</Protocol><FileName>/var/log/f</FileName><Level>trace</Level></Target>
        <Target><Protocol>stdout</Protocol><Level>none</Level></Target>
        <Target/>
      </Logging>
      <Transports>
        <Transport>
          <Name>v6</Name><Type>tcp</Type><Protocol>other</Protocol>
          <MessageType>binary</MessageType><InetAddr>[::1]:${PORT}</InetAddr>
        </Transport>
        <Transport><Type>grpc</Type><InetAddr>h:0</InetAddr><Name>g</Name></Transport>
        <Transport>
          <FileMask>0660</FileMask><FileName>/run/s</FileName><Type>amps-unix</Type><Name>u</Name>
        </Transport>
      </Transports>
      <Name> &lt;${SPACES}&gt; </Name>
    </FluxgateConfig>)");
  Config expected;
  expected.name = "<  roomy  >";
  expected.transports = {
      {.name = "v6", .protocol = "other", .message_type = "binary", .host = "::1", .port = 9100},
      {.name = "g", .type = TransportType::kGrpc, .host = "h"},
      {.name = "u",
       .type = TransportType::kUnix,
       .protocol = "amps",
       .file_name = "/run/s",
       .file_mask = 0660},
  };
  expected.logging = {
      {"file", "/var/log/f", LogLevel::kTrace}, {"stdout", "", LogLevel::kNone}, {}};
  expected.message_memory_limit_bytes = 64ull << 20;
  expected.client_max_capacity_percent = 25;
  expected.drain_timeout_ns = 60'000'000'000;
  expected.thread_monitor_threshold_ns = 7'000'000'000;
  expected.limits = {.connections_max = 1000,
                     .connections_per_address_max = 5,
                     .message_size_bytes_max = 1ull << 20,
                     .header_size_bytes_max = 2048,
                     .grpc_message_size_bytes_max = 3ull << 20,
                     .subscriptions_per_client_max = 6,
                     .topic_name_bytes_max = 7,
                     .topics_remembered_max = 8,
                     .fields_max = 9,
                     .filter_size_bytes_max = 10,
                     .filter_depth_max = 11,
                     .body_depth_max = 12,
                     .grpc_streams_per_connection_max = 13,
                     .queries_per_client_max = 16'000,
                     .query_held_bytes_max = 17 * 1024,
                     .records_per_batch_max = 18,
                     .store_backlog_bytes_max = 19 * 1024,
                     .select_list_size_bytes_max = 20,
                     .subscription_page_max = 21,
                     .logon_timeout_ns = 14'000'000'000,
                     .tls_handshake_timeout_ns = 19'000'000'000,
                     .frame_timeout_ns = 15'000'000,
                     .module_output_bytes_max = 22 * 1024};
  EXPECT_EQ(config, expected);
}

TEST(ConfigLoaderTest, TextIsTrimmedAfterSubstitution) {
  EXPECT_EQ(LoadedWith("<Name>${SPACES}</Name>").name, "roomy");
  EXPECT_EQ(LoadedWith("<Name>\n  a\n</Name>").name, "a");
  EXPECT_EQ(LoadedWith("<Name>$${SPACES}</Name>").name, "${SPACES}");
  EXPECT_EQ(LoadedWith("<Name>a<!-- c -->b<![CDATA[<c>]]></Name>").name, "ab<c>");
}

TEST(ConfigLoaderTest, MemoryLimitInPercent) {
  EXPECT_EQ(LoadedWith("<MessageMemoryLimit>1%</MessageMemoryLimit>").message_memory_limit_bytes,
            kGb);
  EXPECT_EQ(LoadedWith("<MessageMemoryLimit>100 %</MessageMemoryLimit>").message_memory_limit_bytes,
            100 * kGb);
  // What a share of a tiny machine may be is still a possible limit.
  LoadOptions options = TestOptions();
  options.memory_bytes = 1000;
  std::string xml = "<FluxgateConfig>";
  xml.append(kTransports).append("</FluxgateConfig>");
  EXPECT_EQ(LoadText(xml, "test", options)->message_memory_limit_bytes, 1u << 20);
}

TEST(ConfigLoaderTest, EveryLogLevel) {
  for (const Named<LogLevel>& level : LogLevels()) {
    const std::string name(level.name);
    const Config config =
        LoadedWith("<Logging><Target><Level>" + name + "</Level></Target></Logging>");
    ASSERT_EQ(config.logging.size(), 1u);
    EXPECT_EQ(config.logging[0].level, level.value);
    EXPECT_EQ(NameOf(level.value), level.name);
    EXPECT_EQ(LogLevelNamed(level.name), level.value);
  }
  EXPECT_EQ(LogLevelNamed("loud"), std::nullopt);
}

TEST(ConfigLoaderTest, AddressesThatDoNotCollide) {
  const Config config = Loaded(
      "<FluxgateConfig><Transports>"
      "<Transport><Name>a</Name><Type>tcp</Type><InetAddr>127.0.0.1:1</InetAddr></Transport>"
      "<Transport><Name>b</Name><Type>tcp</Type><InetAddr>127.0.0.2:1</InetAddr></Transport>"
      "<Transport><Name>c</Name><Type>grpc</Type><InetAddr>127.0.0.1:2</InetAddr></Transport>"
      "<Transport><Name>d</Name><Type>tcp</Type><InetAddr>0</InetAddr></Transport>"
      "<Transport><Name>e</Name><Type>tcp</Type><InetAddr>0</InetAddr></Transport>"
      "</Transports></FluxgateConfig>");
  EXPECT_EQ(config.transports.size(), 5u);
}

TEST(ConfigLoaderTest, FromAFile) {
  const std::string path = testing::TempDir() + "/loader.xml";
  std::string xml = "<FluxgateConfig>\n<Name>from file</Name>\n";
  xml.append(kTransports).append("</FluxgateConfig>");
  std::FILE* file = std::fopen(path.c_str(), "we");
  ASSERT_NE(file, nullptr);
  ASSERT_EQ(std::fwrite(xml.data(), 1, xml.size(), file), xml.size());
  ASSERT_EQ(std::fclose(file), 0);
  EXPECT_EQ(Load(path, TestOptions())->name, "from file");
  EXPECT_EQ(ErrorText(Load(path + ".no", TestOptions()).status()),
            "cannot read the configuration file " + path + ".no: No such file or directory");
}

// The schema itself.

TEST(ConfigSchemaTest, RowsFitTogether) {
  const Config config;
  ASSERT_EQ(Schema().front().name, kRootName);
  for (const Element& element : Schema()) {
    EXPECT_FALSE(element.doc.empty()) << element.name;
    EXPECT_EQ(element.doc.find("--"), std::string_view::npos) << element.name;
    EXPECT_EQ(element.doc.find_first_of("|<>&\n"), std::string_view::npos) << element.name;
    EXPECT_FALSE(element.doc.ends_with('.')) << element.name;
    EXPECT_GE(element.occurs.max, 1u);
    size_t same = 0;
    size_t parents = 0;
    for (const Element& other : Schema()) {
      same += other.name == element.name && other.parent == element.parent;
      parents += other.name == element.parent && other.container() != nullptr;
    }
    EXPECT_EQ(same, 1u) << element.name;
    EXPECT_EQ(parents > 0, !element.parent.empty() && element.parent != "*") << element.name;
  }
}

TEST(ConfigSchemaTest, SynonymsMeanElementsAndHideNone) {
  for (const Synonym& synonym : Synonyms()) {
    const Element* const element = FindElement(synonym.parent, synonym.name);
    ASSERT_NE(element, nullptr) << synonym.name;
    EXPECT_EQ(element->name, synonym.means);
    for (const Element& other : Schema()) {
      EXPECT_FALSE(other.parent == synonym.parent && other.name == synonym.name) << synonym.name;
    }
  }
}

// A row whose default its own parser refuses would be a mistake in the row.
TEST(ConfigSchemaTest, DefaultsParseToThemselves) {
  const KnownNames known;
  const ValueContext context = {known, kGb};
  for (const Element& element : Schema()) {
    const std::string text = DefaultText(element);
    if (element.value() == nullptr || text.empty()) continue;
    // A structure like the one whose default was printed.
    Config config;
    Limits limits;
    Transport transport;
    // The two that are printed of one type only.
    const bool tls = element.name == "VerifyClient" || element.name == "SecureSocketProtocols";
    transport.type = tls ? TransportType::kTcps : TransportType::kUnix;
    LogTarget log_target;
    SowTopicDefinition topic;
    ConflatedTopicDefinition conflated;
    const Target targets[] = {&config, &limits, &transport, &log_target, &topic, &conflated};
    const Source fresh = element.value()->fresh();
    const auto* const found =
        std::find_if(std::begin(targets), std::end(targets),
                     [&fresh](const Target& target) { return target.index() == fresh.index(); });
    ASSERT_NE(found, std::end(targets)) << element.name;
    const Target target = *found;
    const std::optional<Problem> problem = element.value()->parse(text, target, context);
    EXPECT_FALSE(problem.has_value()) << element.name << ": " << problem->what;
    const Source source = std::visit([](auto* structure) -> Source { return structure; }, target);
    // Percentages are printed as bytes, and these three only where they say more than the default.
    const auto same = {"MessageMemoryLimit", "Recovery", "Conflation", "JoinNullEquivalency"};
    if (std::find(same.begin(), same.end(), element.name) == same.end()) {
      EXPECT_EQ(element.value()->print(source), text) << element.name;
    }
  }
}

}  // namespace
}  // namespace fluxgate::config
