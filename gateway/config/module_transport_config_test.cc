// Modules as transports, transport filters and protocols, as a configuration says it.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "fmt/format.h"
#include "gateway/config/config_error_testing.h"
#include "gateway/config/config_schema.h"
#include "gateway/config/config_writer.h"

namespace fluxgate::config {
namespace {

constexpr std::string_view kModules =
    "<Modules><Module><Name>m</Name><Library>./m.so</Library></Module>"
    "<Module><Name>n</Name><Library>n.so</Library></Module></Modules>";

// The elements of `transport` are in line 2, those of `root` in line 3.
std::string File(std::string_view transport, std::string_view root = kModules) {
  return fmt::format(
      "<FluxgateConfig><Transports>\n<Transport><Name>t</Name>{}</Transport></Transports>\n{}"
      "</FluxgateConfig>",
      transport, root);
}

constexpr std::string_view kTcpAddress = "<Type>tcp</Type><InetAddr>1</InetAddr>";

Config Loaded(const std::string& xml) {
  LoadOptions options;
  options.memory_bytes = 1ull << 30;
  absl::StatusOr<Config> config = LoadText(xml, "f", options);
  EXPECT_TRUE(config.ok()) << ErrorText(config.status());
  if (!config.ok()) return {};
  // What is written is read as the same.
  const absl::StatusOr<Config> again = LoadText(Dump(*config), "g", options);
  EXPECT_TRUE(again.ok()) << ErrorText(again.status());
  EXPECT_EQ(*again, *config);
  return *config;
}

TEST(ModuleTransportConfigTest, AModuleIsATransport) {
  const Config config =
      Loaded(File("<Type>m</Type><Options><Path>/p</Path><Path>/q</Path></Options>"
                  "<MessageType>json</MessageType>"));
  ASSERT_EQ(config.transports.size(), 1u);
  const Transport& transport = config.transports[0];
  EXPECT_EQ(transport.type, TransportType::kModule);
  EXPECT_EQ(transport.type_module, "m");
  EXPECT_EQ(transport.options, (Options{{"Path", "/p"}, {"Path", "/q"}}));
  EXPECT_EQ(transport.protocol, "amps");
}

TEST(ModuleTransportConfigTest, AModuleIsAFilter) {
  const Config config =
      Loaded(File(std::string(kTcpAddress) + "<TransportFilter>n</TransportFilter>"));
  EXPECT_EQ(config.transports.at(0).filter, "n");
}

TEST(ModuleTransportConfigTest, AProtocolIsAModuleOrHasOptionsOfItsOwn) {
  EXPECT_EQ(
      Loaded(File(std::string(kTcpAddress) + "<Protocol>m</Protocol>")).transports.at(0).protocol,
      "m");
  const Config config = Loaded(
      File(std::string(kTcpAddress) + "<Protocol>lines</Protocol>",
           std::string(kModules) +
               "<Protocols><Protocol><Name>lines</Name><Module>m</Module><Options><End>x</End>"
               "</Options></Protocol></Protocols>"));
  EXPECT_EQ(config.transports.at(0).protocol, "lines");
  ASSERT_EQ(config.protocols.size(), 1u);
  EXPECT_EQ(config.protocols[0].module, "m");
  EXPECT_EQ(config.protocols[0].options, (Options{{"End", "x"}}));
}

TEST(ModuleTransportConfigTest, NamesThatThereAreNoneOf) {
  EXPECT_EQ(ErrorOf(File("<Type>x</Type><InetAddr>1</InetAddr>")),
            "f:2: <Type>: 'x' is unknown; allowed: tcp, tcps, amps-unix, grpc, grpcs, m, n");
  EXPECT_EQ(ErrorOf(File(std::string(kTcpAddress) + "<Protocol>x</Protocol>")),
            "f:2: <Protocol>: 'x' is unknown; allowed: amps, m, n");
  EXPECT_EQ(ErrorOf(File(std::string(kTcpAddress) + "<TransportFilter>x</TransportFilter>")),
            "f:2: <TransportFilter>: 'x' is unknown; allowed: m, n");
}

TEST(ModuleTransportConfigTest, WhatDoesNotGoTogether) {
  EXPECT_EQ(ErrorOf(File("<Type>m</Type><InetAddr>1</InetAddr>")),
            "f:2: <InetAddr>: has no meaning in a transport of type m");
  EXPECT_EQ(ErrorOf(File(std::string(kTcpAddress) + "<Options><a>b</a></Options>")),
            "f:2: <Options>: has no meaning in a transport of type tcp");
  EXPECT_EQ(ErrorOf(File("<Type>grpc</Type><InetAddr>1</InetAddr>"
                         "<TransportFilter>m</TransportFilter>")),
            "f:2: <TransportFilter>: cannot be used in a transport of type grpc: gRPC reads and "
            "writes its connections itself");
}

TEST(ModuleTransportConfigTest, ProtocolsThatClash) {
  const auto error = [](std::string_view protocols) {
    return ErrorOf(
        File(kTcpAddress, fmt::format("{}\n<Protocols>{}</Protocols>", kModules, protocols)));
  };
  const auto protocol = [](std::string_view name, std::string_view module) {
    return fmt::format("<Protocol><Name>{}</Name><Module>{}</Module></Protocol>\n", name, module);
  };
  EXPECT_EQ(error(protocol("a", "m") + protocol("b", "m")), "");
  EXPECT_EQ(error(protocol("a", "m") + protocol("a", "n")),
            "f:5: <Name>: 'a' is another protocol's name");
  EXPECT_EQ(error(protocol("amps", "m")), "f:4: <Name>: 'amps' is another protocol's name");
  EXPECT_EQ(error(protocol("a", "o")), "f:4: <Module>: names no module: o; allowed: m, n");
}

TEST(ModuleTransportConfigTest, NumberOfProtocols) {
  const auto error = [](uint32_t count) {
    std::string protocols;
    for (uint32_t i = 0; i < count; ++i) {
      protocols += fmt::format("<Protocol><Name>{}</Name><Module>m</Module></Protocol>", i);
    }
    return ErrorOf(
        File(kTcpAddress, fmt::format("{}<Protocols>{}</Protocols>", kModules, protocols)));
  };
  EXPECT_EQ(error(kProtocolsMax), "");
  EXPECT_EQ(error(kProtocolsMax + 1), "f:3: <Protocol>: is there too often; allowed: 0 to 64");
}

}  // namespace
}  // namespace fluxgate::config
