// The module SDK as somebody outside of this repository has it: installed, found by pkg-config,
// compiled against by plain gcc and g++. The modules that come of it are loaded and run.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "amps_authentication_module.h"
#include "core/filter/value_expression.h"
#include "core/module/loaded_functions.h"
#include "core/module/module_context.h"
#include "core/module/module_host.h"
#include "core/module/testing/module_testing.h"
#include "gtest/gtest.h"

namespace fluxgate {
namespace {

class SdkTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    Run("'" + ModulePath("modules/sdk/install.sh") + "' '" + Prefix() + "'");
  }

  static std::string Prefix() { return testing::TempDir() + "/sdk"; }
  static std::string Made(const std::string& name) { return testing::TempDir() + "/" + name; }

  static void Run(const std::string& command) {
    const std::string log = Made("command.log");
    const int code = system(("( " + command + " ) >'" + log + "' 2>&1").c_str());
    std::ifstream file(log);
    const std::string said((std::istreambuf_iterator<char>(file)), {});
    ASSERT_EQ(code, 0) << command << "\n" << said;
  }

  static std::string Compile(const std::string& compiler, const std::string& source,
                             const std::string& name) {
    const std::string to = Made(name);
    Run("PKG_CONFIG_PATH='" + Prefix() + "/lib/pkgconfig'; export PKG_CONFIG_PATH; " + compiler +
        " -Wall -Wextra -pedantic -Werror $(pkg-config --cflags --libs fluxgate-module-sdk) -o '" +
        to + "' '" + source + "'");
    return to;
  }

  TestLog log_;
  ModuleHost host_{log_.function()};
};

TEST_F(SdkTest, AModuleInC) {
  const std::string source = Prefix() + "/share/fluxgate-module-sdk/examples/make/hello.c";
  const ModuleDefinition definitions[] = {
      {"hello", Compile("gcc -std=c99", source, "hello_c.so"), {}}};
  const absl::Status status = host_.Load(definitions);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(log_.Has("module hello: hello"));
  const LoadedFunctionDefinition definition{"DOUBLED", "hello", "doubled", 1};
  const auto functions = LoadFunctions(host_, std::span(&definition, 1));
  ASSERT_TRUE(functions.ok()) << functions.status();
  FieldTable fields;
  const auto expression =
      ValueExpression::Compile("doubled(21)", fields, {}, {.functions = functions->get()});
  ASSERT_TRUE(expression.ok()) << expression.status();
  EvaluationContext context;
  EXPECT_EQ((*expression)->Evaluate({}, context).as_int(), 42);
}

TEST_F(SdkTest, TheExampleForMake) {
  const std::string copy = Made("make_example");
  std::filesystem::copy(
      Prefix() + "/share/fluxgate-module-sdk/examples/make", copy,
      std::filesystem::copy_options::overwrite_existing | std::filesystem::copy_options::recursive);
  Run("cd '" + copy + "' && PKG_CONFIG_PATH='" + Prefix() + "/lib/pkgconfig' make");
  const ModuleDefinition definitions[] = {{"hello", copy + "/hello.so", {}}};
  EXPECT_TRUE(host_.Load(definitions).ok());
}

TEST_F(SdkTest, AModuleInCxxAsTheDocumentSays) {
  const std::string library =
      Compile("g++ -std=c++11", ModulePath("tests/sdk/document_module.cc"), "document.so");
  const ModuleDefinition without[] = {{"document", library, {}}};
  EXPECT_FALSE(host_.Load(without).ok());
  EXPECT_TRUE(log_.Has("7 module document: there is no Directory"));
  const ModuleDefinition definitions[] = {{"document", library, {{"Directory", "people"}}}};
  const absl::Status status = host_.Load(definitions);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(log_.Has("4 module document: LDAP Authorization module is initialized."));

  const auto module = host_.Find("document").value();
  const auto context = ModuleContext::Create(module, {}, "amps_authentication_create_context",
                                             "amps_authentication_destroy_context");
  ASSERT_TRUE(context.ok()) << context.status();
  auto* const authenticate =
      module->EntryPoint<decltype(amps_authenticate)>("amps_authenticate").value();
  amps_authentication_request request = {};
  request.size = sizeof(request);
  request.password = "wrong";
  amps_authentication_reply reply = {};
  reply.size = sizeof(reply);
  EXPECT_EQ(authenticate((*context)->get(), &request, &reply), int{AMPS_FAILURE});
  request.password = "right";
  EXPECT_EQ(authenticate((*context)->get(), &request, &reply), int{AMPS_SUCCESS});
  EXPECT_EQ(module->TakeText("amps_authenticate", "user_id", reply.user_id, 100)->view(), "people");
}

}  // namespace
}  // namespace fluxgate
