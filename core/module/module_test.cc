#include "core/module/module.h"

#include "core/base/error.h"
#include "core/module/module_context.h"
#include "core/module/testing/module_testing.h"
#include "gtest/gtest.h"

namespace fluxgate {
namespace {

using SeenFunction = const char*();

ModuleDefinition Definition(std::string_view name, ModuleOptions options = {}) {
  return {std::string(name), TestModulePath(name), std::move(options)};
}

template <class F>
F* Symbol(const Module& module, const char* symbol) {
  const auto function = module.EntryPoint<F>(symbol);
  EXPECT_TRUE(function.ok()) << function.status();
  return *function;
}

// Loads what must not load; the text of the error.
std::string LoadError(const ModuleDefinition& definition, TestLog& log) {
  const auto module = Module::Load(definition, log.function());
  EXPECT_FALSE(module.ok());
  EXPECT_EQ(ErrorCodeOf(module.status()), ErrorCode::kBadOption);
  return module.ok() ? "" : ErrorText(module.status());
}

std::string LoadError(std::string_view name) {
  TestLog log;
  const std::string text = LoadError(Definition(name), log);
  // Every error says which module and which file.
  EXPECT_NE(text.find("'" + std::string(name) + "'"), std::string::npos) << text;
  EXPECT_NE(text.find(std::string(name) + ".so"), std::string::npos) << text;
  return text;
}

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(ModuleTest, IsInitializedWithItsOptionsAndTerminatedOnce) {
  TestLog log;
  auto module =
      Module::Load(Definition("good_module", {{"B", "2"}, {"A", "1"}, {"B", "3"}}), log.function());
  ASSERT_TRUE(module.ok()) << module.status();
  SeenFunction* const seen = Symbol<SeenFunction>(**module, "test_seen");
  EXPECT_STREQ(seen(), "init;B=2;A=1;B=3;");
  module->reset();
  // Still there: the shared object stays mapped.
  EXPECT_STREQ(seen(), "init;B=2;A=1;B=3;terminate;");
}

TEST(ModuleTest, ContextsAreDestroyedOnceAndBeforeTheEnd) {
  TestLog log;
  auto module = Module::Load(Definition("good_module"), log.function());
  ASSERT_TRUE(module.ok()) << module.status();
  SeenFunction* const seen = Symbol<SeenFunction>(**module, "test_seen");
  auto context = ModuleContext::Create(*module, {}, "test_create", "test_destroy");
  ASSERT_TRUE(context.ok()) << context.status();
  std::shared_ptr<ModuleContext> user = *context;
  module->reset();
  context->reset();
  EXPECT_STREQ(seen(), "init;create;");
  user.reset();
  EXPECT_STREQ(seen(), "init;create;destroy;terminate;");
}

TEST(ModuleTest, AContextThatCannotBeMadeSaysWhichFunctionFailed) {
  TestLog log;
  auto module = Module::Load(Definition("good_module"), log.function());
  ASSERT_TRUE(module.ok()) << module.status();
  for (const char* const how : {"Refuse", "Throw"}) {
    const auto context = ModuleContext::Create(*module, {{how, ""}}, "test_create", "test_destroy");
    ASSERT_FALSE(context.ok());
    EXPECT_TRUE(Contains(ErrorText(context.status()),
                         "good_module.so) failed to make a context "
                         "(test_create)"))
        << context.status();
  }
  EXPECT_TRUE(log.Has("test_create was left by an exception, which counts as a failure: no"));
  for (const auto& [create, destroy, missing] :
       {std::tuple("test_creat", "test_destroy", "does not define test_creat"),
        std::tuple("test_create", "test_destro", "does not define test_destro")}) {
    const auto context = ModuleContext::Create(*module, {}, create, destroy);
    ASSERT_FALSE(context.ok());
    EXPECT_TRUE(Contains(ErrorText(context.status()), missing)) << context.status();
  }
  // Nothing was made, so nothing is destroyed.
  EXPECT_STREQ(Symbol<SeenFunction>(**module, "test_seen")(), "init;");
}

TEST(ModuleTest, AModuleInCIsOneLikeAnyOther) {
  TestLog log;
  const auto module = Module::Load(Definition("c_module", {{"Greeting", "hello"}}), log.function());
  ASSERT_TRUE(module.ok()) << module.status();
  EXPECT_STREQ(Symbol<SeenFunction>(**module, "test_greeting")(), "hello");
  EXPECT_EQ(log.lines(), std::vector<std::string>{"4 module c_module: hello"});
}

TEST(ModuleTest, AnEntryPointIsAFunctionOfThatVeryFile) {
  TestLog log;
  const auto module = Module::Load(Definition("good_module"), log.function());
  ASSERT_TRUE(module.ok()) << module.status();
  EXPECT_TRUE((*module)->Has("test_throw"));
  EXPECT_FALSE((*module)->Has("malloc"));         // of a library it is linked to
  EXPECT_FALSE((*module)->Has("test_variable"));  // not a function
  EXPECT_FALSE((*module)->Has("test_"));
}

TEST(ModuleTest, AFileThatIsNoModuleSaysSo) {
  TestLog log;
  EXPECT_TRUE(Contains(LoadError({"m", "/no/such/file.so", {}}, log),
                       "module 'm' (/no/such/file.so) cannot be found: No such file"));
  EXPECT_TRUE(Contains(LoadError({"m", "/etc/passwd", {}}, log),
                       "module 'm' (/etc/passwd) cannot be loaded: "));
  // The C library must not be found by its name: a path without a slash is in this directory.
  EXPECT_TRUE(Contains(LoadError({"m", "libc.so.6", {}}, log), "cannot be found"));
}

TEST(ModuleTest, WhatAModuleLacksIsNamed) {
  EXPECT_TRUE(Contains(LoadError("no_init"), "does not define amps_module_init"));
  EXPECT_TRUE(Contains(LoadError("no_terminate"), "does not define amps_module_terminate"));
  EXPECT_TRUE(Contains(LoadError("no_abi"), "does not define amps_module_abi_version"));
  EXPECT_TRUE(Contains(LoadError("unresolved"), "amps_no_such_function"));
}

TEST(ModuleTest, AModuleForOtherHeadersIsRefused) {
  EXPECT_TRUE(
      Contains(LoadError("newer_major"), "was built for version 2.0 of the module headers"));
  EXPECT_TRUE(
      Contains(LoadError("newer_minor"), "was built for version 1.1 of the module headers"));
  LoadError("negative_abi");
}

TEST(ModuleTest, AFailingInitIsReportedAndTerminateNotCalled) {
  TestLog log;
  EXPECT_TRUE(Contains(LoadError(Definition("init_fails"), log),
                       "init_fails.so) failed to initialize (amps_module_init)"));
  EXPECT_EQ(log.lines(), std::vector<std::string>{"7 module init_fails: the key file is missing"});
  TestLog thrown;
  EXPECT_TRUE(Contains(LoadError(Definition("init_throws"), thrown), "failed to initialize"));
  EXPECT_TRUE(
      thrown.Has("module init_throws: amps_module_init was left by an exception, which counts "
                 "as a failure: no such table"));
}

TEST(ModuleTest, ExceptionsStayInside) {
  TestLog log;
  {
    const auto module = Module::Load(Definition("good_module"), log.function());
    ASSERT_TRUE(module.ok()) << module.status();
    auto* const test_throw = Symbol<int(int)>(**module, "test_throw");
    EXPECT_EQ((*module)->Call("test_throw", -1, [&] { return test_throw(0); }), -1);
    EXPECT_EQ((*module)->Call("test_throw", -1, [&] { return test_throw(1); }), -1);
    EXPECT_EQ((*module)->Call("test_throw", -1, [&] { return test_throw(2); }), 0);
  }
  EXPECT_TRUE(
      log.Has("module good_module: test_throw was left by an exception, which counts as a "
              "failure: broken (fault 1 of this module)"));
  EXPECT_TRUE(log.Has("of a type that is not a std::exception (fault 2 of this module)"));
  TestLog terminate_log;
  Module::Load(Definition("terminate_throws"), terminate_log.function()).value().reset();
  EXPECT_TRUE(terminate_log.Has("amps_module_terminate was left by an exception"));
}

TEST(ModuleTest, AModuleThatAlwaysThrowsDoesNotFillTheLog) {
  TestLog log;
  const auto module = Module::Load(Definition("good_module"), log.function());
  ASSERT_TRUE(module.ok()) << module.status();
  const size_t before = log.lines().size();
  auto* const test_throw = Symbol<int(int)>(**module, "test_throw");
  for (int i = 0; i < 4096; ++i) {
    (*module)->Call("test_throw", -1, [&] { return test_throw(0); });
  }
  EXPECT_EQ(log.lines().size() - before, 64u + 6u);  // 64 each, then 128, 256 ... 4096
  EXPECT_TRUE(log.Has("(fault 4096 of this module)"));
}

TEST(ModuleTest, TwoModulesWithTheSameNamesInsideDoNotMeet) {
  TestLog log;
  const auto one = Module::Load(Definition("clash_one"), log.function());
  const auto two = Module::Load(Definition("clash_two"), log.function());
  ASSERT_TRUE(one.ok()) << one.status();
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_EQ(Symbol<int()>(**one, "clash_through_call")(), 1);
  EXPECT_EQ(Symbol<int()>(**two, "clash_through_call")(), 2);
  EXPECT_EQ(Symbol<int()>(**one, "clash_count")(), 1);
  EXPECT_EQ(Symbol<int()>(**one, "clash_count")(), 2);
  EXPECT_EQ(Symbol<int()>(**two, "clash_count")(), 1);
}

TEST(ModuleTest, TextThatAModuleGivesBackIsTakenOver) {
  TestLog log;
  const auto module = Module::Load(Definition("good_module"), log.function());
  ASSERT_TRUE(module.ok()) << module.status();
  auto* const text = Symbol<char*(const char*)>(**module, "test_text");
  const auto take = [&](const char* kind, size_t bytes_max) {
    return (*module)->TakeText("test_text", "text", text(kind), bytes_max);
  };
  EXPECT_EQ(take("good", 3)->view(), "abc");
  EXPECT_TRUE(take("null", 3)->is_null());
  EXPECT_FALSE(take("good", 2).has_value());
  EXPECT_TRUE(log.Has("test_text gave back a text that is over the limit; it is not used"));
  EXPECT_FALSE(take("static", 100).has_value());
  EXPECT_TRUE(log.Has("that does not come from the allocator it was given"));
  EXPECT_FALSE(take("endless", 100).has_value());
  EXPECT_TRUE(log.Has("that ends before its text does"));
  char* const foreign = text("malloc");
  EXPECT_FALSE((*module)->TakeText("test_text", "text", foreign, 100).has_value());
  EXPECT_STREQ(foreign, "malloc");  // untouched
  free(foreign);
}

TEST(ModuleTest, ModulesReachTheServer) {
  TestLog log;
  const auto module = Module::Load(Definition("good_module"), log.function());
  ASSERT_TRUE(module.ok()) << module.status();
  auto* const interval = Symbol<int64_t(const char*)>(**module, "test_parse_interval");
  EXPECT_EQ(interval("5s"), 5'000'000'000);
  EXPECT_EQ(interval("soon"), -1);
  EXPECT_EQ(interval(nullptr), -1);
  auto* const size = Symbol<int64_t(const char*)>(**module, "test_parse_size");
  EXPECT_EQ(size("64kb"), 65536);
  EXPECT_EQ(size("16777216tb"), -1);  // above what the type holds
  // No server is up.
  EXPECT_EQ(Symbol<int()>(**module, "test_shutdown")(), int{AMPS_FAILURE});
}

}  // namespace
}  // namespace fluxgate
