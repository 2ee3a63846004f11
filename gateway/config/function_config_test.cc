// <UserDefinedFunctions>: read, checked, and known to the expressions of the same file.
#include <string>

#include "core/base/error.h"
#include "fmt/format.h"
#include "gateway/config/config_loader.h"
#include "gateway/config/config_writer.h"
#include "gtest/gtest.h"

namespace fluxgate::config {
namespace {

absl::StatusOr<Config> LoadWith(const std::string& elements) {
  return LoadText(
      fmt::format("<FluxgateConfig>\n{}\n<Modules><Module><Name>m</Name><Library>m.so</Library>"
                  "</Module></Modules><Transports><Transport><Name>t</Name><Type>tcp</Type>"
                  "<InetAddr>9007</InetAddr></Transport></Transports></FluxgateConfig>",
                  elements),
      "f.xml", LoadOptions());
}

std::string Function(const std::string& name, const std::string& count) {
  return fmt::format(
      "<Function><Name>{}</Name><Module>m</Module><Symbol>s_{}</Symbol>"
      "<ParameterCount>{}</ParameterCount></Function>\n",
      name, name, count);
}

std::string Functions(const std::string& functions) {
  return "<UserDefinedFunctions>" + functions + "</UserDefinedFunctions>";
}

std::string Topic(const std::string& preprocessing) {
  return fmt::format(
      "<SOW><Topic><Name>t</Name><MessageType>json</MessageType><Key>/id</Key><Preprocessing>"
      "<Field>{}</Field></Preprocessing></Topic></SOW>",
      preprocessing);
}

TEST(FunctionConfigTest, AreReadInOrder) {
  const auto config = LoadWith(Functions(
      Function("ISREVERSE", "2") + Function("anything", "AMPS_UDF_VARIADIC_PARAMETER_COUNT")));
  ASSERT_TRUE(config.ok()) << config.status();
  const std::vector<LoadedFunctionDefinition> expected = {{"ISREVERSE", "m", "s_ISREVERSE", 2},
                                                          {"anything", "m", "s_anything", -1}};
  EXPECT_EQ(config->functions, expected);
  const auto again = LoadText(Dump(*config), "dump", LoadOptions());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->functions, expected);
}

TEST(FunctionConfigTest, ExpressionsKnowThemWhereverTheyStand) {
  const std::string functions = Functions(Function("F", "1"));
  EXPECT_TRUE(LoadWith(Topic("f(/a) AS /b") + functions).ok());
  EXPECT_TRUE(LoadWith(functions + Topic("f(/a) AS /b")).ok());
  const auto count = LoadWith(functions + Topic("f(/a, 1) AS /b"));
  EXPECT_NE(ErrorText(count.status()).find("F takes 1 argument, found 2"), std::string::npos);
  EXPECT_NE(ErrorText(LoadWith(Topic("f(/a) AS /b")).status()).find("unknown function 'f'"),
            std::string::npos);
}

TEST(FunctionConfigTest, WhatIsWrongIsSaidWithItsPlace) {
  const auto error = [](const std::string& functions) {
    return ErrorText(LoadWith(Functions("\n" + functions)).status());
  };
  EXPECT_EQ(error(Function("concat", "1")),
            "f.xml:3: <Name>: function 'concat' has a name that means something already");
  EXPECT_EQ(error(Function("F", "1") + Function("f", "1")),
            "f.xml:4: <Name>: function 'f' is there twice");
  EXPECT_TRUE(LoadWith(Functions(Function("F", "254"))).ok());
  EXPECT_NE(error(Function("F", "255")).find("<ParameterCount>"), std::string::npos);
  EXPECT_NE(error(Function("F", "-1")).find("<ParameterCount>"), std::string::npos);
}

std::string MessageType(const std::string& module, const std::string& rest = "") {
  return fmt::format(
      "<MessageTypes><MessageType><Name>rows</Name><Module>{}</Module>{}</MessageType>"
      "</MessageTypes>",
      module, rest);
}

TEST(FunctionConfigTest, MessageTypesOfModulesHaveOptions) {
  const auto config = LoadWith(
      MessageType("m", "<Options><Separator>|</Separator><Separator>;</Separator></Options>"));
  ASSERT_TRUE(config.ok()) << config.status();
  const Options expected = {{"Separator", "|"}, {"Separator", ";"}};
  EXPECT_EQ(config->message_types[0].module, "m");
  EXPECT_EQ(config->message_types[0].options, expected);
  const auto again = LoadText(Dump(*config), "dump", LoadOptions());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->message_types, config->message_types);
  EXPECT_EQ(ErrorText(LoadWith(MessageType("fix", "<Options><A>b</A></Options>")).status()),
            "f.xml:2: <Options>: has no meaning in a message type of module fix");
}

TEST(FunctionConfigTest, ModulesThatThereAreNoneOf) {
  const auto error = [](const std::string& elements) {
    return ErrorText(LoadWith(elements).status());
  };
  EXPECT_EQ(error(MessageType("n")),
            "f.xml:2: <Module>: 'n' is unknown; allowed: fix, nvfix, protobuf, composite-local, "
            "composite-global, m");
  EXPECT_EQ(error(Functions("<Function><Name>F</Name><Module>n</Module><Symbol>s</Symbol>"
                            "<ParameterCount>1</ParameterCount></Function>")),
            "f.xml:2: <Module>: names no module: n; allowed: m");
  EXPECT_EQ(error("<SOW><Topic><Name>t</Name><MessageType>json</MessageType>"
                  "<KeyGenerator><Module>n</Module></KeyGenerator></Topic></SOW>"),
            "f.xml:2: <Module>: names no module: n; allowed: m");
}

}  // namespace
}  // namespace fluxgate::config
