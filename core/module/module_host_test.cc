#include "core/module/module_host.h"

#include <filesystem>

#include "core/base/error.h"
#include "core/module/module_context.h"
#include "core/module/testing/module_testing.h"
#include "gtest/gtest.h"

namespace fluxgate {
namespace {

using SeenFunction = const char*();

ModuleDefinition Good(ModuleOptions options = {}) {
  return {"good", TestModulePath("good_module"), std::move(options)};
}

SeenFunction* Seen(const ModuleHost& host) {
  return host.Find("good").value()->EntryPoint<SeenFunction>("test_seen").value();
}

// Another module of the same kind: a copy of its file.
std::string Copy(std::string_view module, std::string_view name) {
  const std::string to = testing::TempDir() + "/" + std::string(name) + ".so";
  std::filesystem::copy_file(TestModulePath(module), to,
                             std::filesystem::copy_options::overwrite_existing);
  return to;
}

TEST(ModuleHostTest, LoadsInOrderAndFindsByName) {
  TestLog log;
  ModuleHost host(log.function());
  const ModuleDefinition definitions[] = {
      {"c", TestModulePath("c_module"), {{"Greeting", "first"}}}, Good()};
  ASSERT_TRUE(host.Load(definitions).ok());
  EXPECT_EQ(log.lines(),
            (std::vector<std::string>{"4 module c: first", "4 module good: up?and running"}));
  EXPECT_TRUE(host.Find("c").ok());
  EXPECT_EQ(ErrorText(host.Find("d").status()), "there is no module 'd'");
}

TEST(ModuleHostTest, OneFileIsOneModule) {
  TestLog log;
  ModuleHost host(log.function());
  const std::string link = testing::TempDir() + "/link.so";
  std::filesystem::remove(link);
  std::filesystem::create_symlink(TestModulePath("good_module"), link);
  const ModuleDefinition definitions[] = {Good(), {"again", link, {}}};
  EXPECT_EQ(ErrorText(host.Load(definitions)),
            "modules 'good' and 'again' are the same file " + link +
                "; a file is one module, which may be used in several places");
  const ModuleDefinition twice[] = {{"good", TestModulePath("c_module"), {}}};
  EXPECT_EQ(ErrorText(host.Load(twice)), "there are two modules 'good'");
}

TEST(ModuleHostTest, StartupFunctionsRunOnceInOrderOfRegistration) {
  TestLog log;
  ModuleHost host(log.function());
  const ModuleDefinition definitions[] = {Good({{"OnStart", "1"}, {"OnStart", "2"}})};
  ASSERT_TRUE(host.Load(definitions).ok());
  SeenFunction* const seen = Seen(host);
  const auto module = host.Find("good").value();
  const auto context =
      ModuleContext::Create(module, {{"OnStart", ""}}, "test_create", "test_destroy");
  ASSERT_TRUE(context.ok());
  EXPECT_EQ(std::string(seen()).find("start"), std::string::npos);
  ASSERT_TRUE(host.RunStartupFunctions().ok());
  EXPECT_STREQ(seen(), "init;OnStart=1;OnStart=2;create;start:1;start:2;start:context;");
  // Neither again, nor for contexts that are made later.
  const auto later =
      ModuleContext::Create(module, {{"OnStart", ""}}, "test_create", "test_destroy");
  ASSERT_TRUE(host.RunStartupFunctions().ok());
  EXPECT_STREQ(seen(), "init;OnStart=1;OnStart=2;create;start:1;start:2;start:context;create;");
}

TEST(ModuleHostTest, AStartupFunctionIsRegisteredFromInitAndContextsOnly) {
  TestLog log;
  ModuleHost host(log.function());
  const ModuleDefinition definitions[] = {Good()};
  ASSERT_TRUE(host.Load(definitions).ok());
  auto* const test_register = host.Find("good").value()->EntryPoint<int()>("test_register").value();
  EXPECT_EQ(test_register(), int{AMPS_FAILURE});
}

TEST(ModuleHostTest, AFailingStartupFunctionNamesItsModule) {
  TestLog log;
  ModuleHost host(log.function());
  const ModuleDefinition definitions[] = {Good({{"OnStart", "fail"}, {"OnStart", "2"}})};
  ASSERT_TRUE(host.Load(definitions).ok());
  EXPECT_EQ(ErrorText(host.RunStartupFunctions()),
            "module 'good' (" + std::filesystem::canonical(TestModulePath("good_module")).string() +
                ") failed in a startup function");
  EXPECT_EQ(std::string(Seen(host)()).find("start:2"), std::string::npos);
}

TEST(ModuleHostTest, AsManyStartupFunctionsAsTheLimitSays) {
  TestLog log;
  {
    ModuleHost host(log.function());
    const ModuleDefinition definitions[] = {
        Good(ModuleOptions(kStartupFunctionsMax, {"OnStart", "x"}))};
    EXPECT_TRUE(host.Load(definitions).ok());
  }
  ModuleHost host(log.function());
  const ModuleDefinition definitions[] = {
      Good(ModuleOptions(kStartupFunctionsMax + 1, {"OnStart", "x"}))};
  EXPECT_FALSE(host.Load(definitions).ok());
}

TEST(ModuleHostTest, AModuleThatIsStillUsedEndsWithItsLastContext) {
  TestLog log;
  std::shared_ptr<ModuleContext> context;
  SeenFunction* seen = nullptr;
  {
    ModuleHost host(log.function());
    const ModuleDefinition definitions[] = {Good()};
    ASSERT_TRUE(host.Load(definitions).ok());
    seen = Seen(host);
    context =
        ModuleContext::Create(host.Find("good").value(), {}, "test_create", "test_destroy").value();
  }
  EXPECT_TRUE(log.Has("module good: is still in use and ends later"));
  EXPECT_STREQ(seen(), "init;create;");
  context.reset();
  EXPECT_STREQ(seen(), "init;create;destroy;terminate;");
}

TEST(ModuleHostTest, VariablesThatTwoModulesShareAreReported) {
  TestLog log;
  ModuleHost host(log.function());
  const ModuleDefinition definitions[] = {{"one", TestModulePath("visible_one"), {}},
                                          {"two", TestModulePath("visible_two"), {}}};
  ASSERT_TRUE(host.Load(definitions).ok());
  const auto call = [&](std::string_view module, const char* symbol) {
    return (*host.Find(module).value()->EntryPoint<int()>(symbol).value())();
  };
  // Exported functions are each module's own in any case.
  EXPECT_EQ(call("one", "clash_through_call"), 1);
  EXPECT_EQ(call("two", "clash_through_call"), 2);
  // Inline variables are with clang, and are not with g++.
  call("one", "clash_count");
  const bool shared = call("two", "clash_count") == 2;
  EXPECT_EQ(log.Has("module two: and module one have the variable _ZN7Counter5countE in common"),
            shared);
}

TEST(ModuleHostTest, AsManyModulesAsTheLimitSays) {
  TestLog log;
  ModuleHost host(log.function());
  std::vector<ModuleDefinition> definitions;
  for (size_t i = 0; i <= kModulesMax; ++i) {
    const std::string name = "copy" + std::to_string(i);
    definitions.push_back({name, Copy("c_module", name), {}});
  }
  EXPECT_TRUE(host.Load(std::span(definitions).first(kModulesMax)).ok());
  const absl::Status status = host.Load(std::span(definitions).last(1));
  EXPECT_NE(ErrorText(status).find("is one too many: at most 64 modules can be loaded"),
            std::string::npos)
      << status;
}

}  // namespace
}  // namespace fluxgate
