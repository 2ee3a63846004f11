// What a module is promised holds while its contexts are replaced under calls of several threads. A
// module checks it from inside (testing/guarantees_module.cc); the thread sanitizer looks on.
#include <atomic>
#include <thread>
#include <vector>

#include "core/module/module_context.h"
#include "core/module/module_host.h"
#include "core/module/reloadable.h"
#include "core/module/testing/module_testing.h"
#include "gtest/gtest.h"

namespace fluxgate {
namespace {

constexpr int kThreads = 4;
constexpr int kReloads = 1'000;

TEST(ModuleGuaranteesTest, HoldWhileContextsAreResetUnderCalls) {
  TestLog log;
  auto host = std::make_unique<ModuleHost>(log.function());
  const ModuleDefinition definitions[] = {{"g", TestModulePath("guarantees_module"), {}}};
  ASSERT_TRUE(host->Load(definitions).ok());
  std::shared_ptr<Module> module = host->Find("g").value();
  auto* const call = module->EntryPoint<int(void*)>("guarantees_call").value();
  auto* const broken = module->EntryPoint<int()>("guarantees_broken").value();
  auto* const state = module->EntryPoint<int()>("guarantees_state").value();
  auto* const made = module->EntryPoint<int()>("guarantees_made").value();
  auto* const destroyed = module->EntryPoint<int()>("guarantees_destroyed").value();
  auto* const calls = module->EntryPoint<long()>("guarantees_calls").value();

  const auto create = [&module] {
    return ModuleContext::Create(module, {}, "guarantees_create", "guarantees_destroy");
  };
  auto slot = std::make_unique<Reloadable<ModuleContext>>(create().value());
  std::atomic<bool> stop = false;
  std::atomic<int> going = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      bool first = true;
      int last = 0;
      while (!stop) {
        const std::shared_ptr<ModuleContext> context = slot->Get();
        const int number =
            context->module().Call("guarantees_call", -1, [&] { return call(context->get()); });
        EXPECT_GE(number, last);  // an old one never comes back
        last = number;
        if (std::exchange(first, false)) ++going;
      }
    });
  }
  while (going < kThreads) std::this_thread::yield();
  for (int i = 0; i < kReloads; ++i) ASSERT_TRUE(slot->Reload(create).ok());
  stop = true;
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(made(), kReloads + 1);
  EXPECT_EQ(destroyed(), kReloads);
  EXPECT_GE(calls(), kThreads);
  slot.reset();
  EXPECT_EQ(destroyed(), kReloads + 1);
  EXPECT_EQ(state(), 1);
  module.reset();
  host.reset();
  EXPECT_EQ(state(), 2);
  EXPECT_EQ(broken(), 0);
}

TEST(ModuleGuaranteesTest, AFailedResetLeavesTheOldContextInUse) {
  TestLog log;
  auto module = Module::Load({"m", TestModulePath("good_module"), {}}, log.function()).value();
  Reloadable<ModuleContext> slot(
      ModuleContext::Create(module, {}, "test_create", "test_destroy").value());
  const ModuleContext* const before = slot.Get().get();
  EXPECT_FALSE(
      slot.Reload([&] {
            return ModuleContext::Create(module, {{"Refuse", ""}}, "test_create", "test_destroy");
          })
          .ok());
  EXPECT_EQ(slot.Get().get(), before);
}

}  // namespace
}  // namespace fluxgate
