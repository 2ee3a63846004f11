// Modules and what they are used for, as a configuration says it.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "gateway/config/config_loader.h"
#include "gateway/config/config_writer.h"

namespace fluxgate::config {
namespace {

LoadOptions TestOptions() {
  LoadOptions options;
  options.known.authentication_modules = {"builtin"};
  options.memory_bytes = uint64_t{1} << 30;
  return options;
}

std::string Gateway(std::string_view root, std::string_view transport = "") {
  std::string xml = "<FluxgateConfig>\n<Transports><Transport><Name>t</Name><Type>tcp</Type>";
  xml += "<InetAddr>9007</InetAddr>";
  xml.append(transport).append("</Transport></Transports>\n").append(root);
  return xml + "</FluxgateConfig>";
}

constexpr std::string_view kModules =
    "<Modules>\n"
    "<Module><Name>m</Name><Library>./m.so</Library>"
    "<Options><Key1>Value1</Key1><Key1>Value2</Key1></Options></Module>\n"
    "<Module><Name>n</Name><Library>n.so</Library></Module>\n"
    "</Modules>\n";

std::string ErrorOfRoot(std::string_view root) {
  const auto config = LoadText(Gateway(root), "f", TestOptions());
  return config.ok() ? "" : ErrorText(config.status());
}

TEST(SecurityConfigTest, ModulesAndTheirUses) {
  const std::string root =
      std::string(kModules) +
      "<ModuleThreads>2</ModuleThreads>"
      "<Authentication><Module>m</Module><Options><Realm>x</Realm></Options></Authentication>"
      "<Entitlement><Module>n</Module></Entitlement>";
  const auto config =
      LoadText(Gateway(root, "<Authentication><Module>builtin</Module></Authentication>"), "f",
               TestOptions());
  ASSERT_TRUE(config.ok()) << ErrorText(config.status());
  ASSERT_EQ(config->modules.size(), 2u);
  EXPECT_EQ(config->modules[0].name, "m");
  EXPECT_EQ(config->modules[0].library, "./m.so");
  EXPECT_EQ(config->modules[0].options, (Options{{"Key1", "Value1"}, {"Key1", "Value2"}}));
  EXPECT_EQ(config->module_threads, 2u);
  EXPECT_EQ(config->authentication.module, "m");
  EXPECT_EQ(config->authentication.options, (Options{{"Realm", "x"}}));
  EXPECT_EQ(config->entitlement.module, "n");
  EXPECT_EQ(config->transports[0].authentication.module, "builtin");
  EXPECT_EQ(config->transports[0].entitlement.module, "");

  const auto again = LoadText(Dump(*config), "dump", TestOptions());
  ASSERT_TRUE(again.ok()) << ErrorText(again.status());
  EXPECT_EQ(*again, *config);
}

TEST(SecurityConfigTest, UsesOfModulesThatThereAreNoneOf) {
  EXPECT_EQ(
      ErrorOfRoot(std::string(kModules) + "<Authentication>\n<Module>o</Module></Authentication>"),
      "f:8: <Module>: names no module: o; allowed: m, n, builtin");
  EXPECT_EQ(ErrorOfRoot("<Entitlement><Module>builtin</Module></Entitlement>"),
            "f:3: <Module>: names no module: builtin");
  EXPECT_EQ(ErrorOfRoot("<Authentication/>"), "f:3: <Authentication>: has no <Module>");
}

TEST(SecurityConfigTest, TwoModulesOfOneName) {
  EXPECT_EQ(ErrorOfRoot("<Modules><Module><Name>m</Name><Library>a.so</Library></Module>\n"
                        "<Module><Name>m</Name><Library>b.so</Library></Module></Modules>"),
            "f:4: <Name>: is that of the module of line 3 as well; allowed: another name");
}

TEST(SecurityConfigTest, ModulesWithoutWhatTheyNeed) {
  EXPECT_EQ(ErrorOfRoot("<Modules><Module><Name>m</Name></Module></Modules>"),
            "f:3: <Module>: has no <Library>");
  EXPECT_EQ(ErrorOfRoot("<ModuleThreads>0</ModuleThreads>"),
            "f:3: <ModuleThreads>: '0' is too small; allowed: 1 to 64 (units: k, M)");
  EXPECT_EQ(ErrorOfRoot("<ModuleThreads>65</ModuleThreads>"),
            "f:3: <ModuleThreads>: '65' is too large; allowed: 1 to 64 (units: k, M)");
}

}  // namespace
}  // namespace fluxgate::config
