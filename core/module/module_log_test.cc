#include "core/module/module_log.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace fluxgate {
namespace {

LogFunction Into(std::vector<std::string>& lines) {
  return [&lines](amps_module_log_level level, std::string_view line) {
    lines.push_back(std::to_string(level) + " " + std::string(line));
  };
}

TEST(ModuleLogTest, EachModuleHasItsName) {
  std::vector<std::string> lines;
  const auto a = ModuleLogger::Take("a", Into(lines));
  const auto b = ModuleLogger::Take("b", Into(lines));
  b->function()(amps_module_log_level_info, "one");
  a->function()(amps_module_log_level_critical, "two");
  EXPECT_EQ(lines, (std::vector<std::string>{"4 module b: one", "7 module a: two"}));
}

TEST(ModuleLogTest, WhateverAModuleLogsIsOneLineOfAKnownLevel) {
  std::vector<std::string> lines;
  const auto logger = ModuleLogger::Take("a", Into(lines));
  logger->function()(static_cast<amps_module_log_level>(99), "x\ny\x1b[2J");
  logger->function()(static_cast<amps_module_log_level>(-1), nullptr);
  EXPECT_EQ(lines, (std::vector<std::string>{"8 module a: x?y?[2J", "1 module a: "}));
}

TEST(ModuleLogTest, ALongLineIsCut) {
  std::vector<std::string> lines;
  const auto logger = ModuleLogger::Take("a", Into(lines));
  const std::string longest(kModuleLogLineBytesMax, 'x');
  logger->function()(amps_module_log_level_info, longest.c_str());
  logger->function()(amps_module_log_level_info, (longest + "y").c_str());
  EXPECT_EQ(lines,
            (std::vector<std::string>{"4 module a: " + longest, "4 module a: " + longest + "..."}));
}

TEST(ModuleLogTest, AfterItsEndNothingIsWritten) {
  std::vector<std::string> lines;
  auto logger = ModuleLogger::Take("a", Into(lines));
  const amps_module_logger function = logger->function();
  logger.reset();
  function(amps_module_log_level_info, "late");
  EXPECT_TRUE(lines.empty());
}

TEST(ModuleLogTest, AsManyModulesAsTheLimitSays) {
  std::vector<std::string> lines;
  std::vector<std::unique_ptr<ModuleLogger>> loggers;
  for (size_t i = 0; i < kModulesMax; ++i) {
    loggers.push_back(ModuleLogger::Take(std::to_string(i), Into(lines)));
    ASSERT_NE(loggers.back(), nullptr);
  }
  EXPECT_EQ(ModuleLogger::Take("more", Into(lines)), nullptr);
  for (const auto& logger : loggers) logger->function()(amps_module_log_level_info, "here");
  for (size_t i = 0; i < kModulesMax; ++i) {
    EXPECT_EQ(lines[i], "4 module " + std::to_string(i) + ": here");
  }
  loggers.front().reset();
  EXPECT_NE(ModuleLogger::Take("again", Into(lines)), nullptr);
}

}  // namespace
}  // namespace fluxgate
