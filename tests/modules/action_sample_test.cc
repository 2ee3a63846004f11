// The sample action: what a journal has, when it begins a new file, and what it refuses.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "amps_action_module.h"
#include "core/module/module_context.h"
#include "core/module/testing/module_testing.h"

namespace fluxgate {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class ActionSampleTest : public ::testing::Test {
 protected:
  ActionSampleTest() {
    std::string directory = ::testing::TempDir() + "/journal-XXXXXX";
    file_ = std::string(mkdtemp(directory.data())) + "/journal";
    auto module = Module::Load({"journal", ModulePath("modules/samples/action/action.so"), {}},
                               log_.function());
    EXPECT_TRUE(module.ok()) << module.status();
    module_ = *std::move(module);
  }
  std::shared_ptr<ModuleContext> Make(const ModuleOptions& options) {
    auto context = ModuleContext::Create(module_, options, "amps_action_create_context",
                                         "amps_action_destroy_context");
    return context.ok() ? *std::move(context) : nullptr;
  }
  bool Run(const ModuleContext& context, const ModuleOptions& options) {
    amps_action_call call{};
    call.size = sizeof call;
    call.action_name = "act";
    const OptionArray array(options);
    const auto run = module_->EntryPoint<decltype(amps_action_run)>("amps_action_run");
    return (*run)(context.get(), &call, array.get()) == AMPS_SUCCESS;
  }
  // The lines of a journal without their times.
  static std::string Lines(const std::string& file) {
    std::string text = ReadAll(file);
    for (size_t at; (at = text.find("\"time\":")) != std::string::npos;) {
      text.erase(at, text.find(",\"action\"", at) + 1 - at);
    }
    return text;
  }

  TestLog log_;
  std::shared_ptr<Module> module_;
  std::string file_;
};

TEST_F(ActionSampleTest, ALineForEachRun) {
  const auto journal = Make({{"File", file_}});
  ASSERT_NE(journal, nullptr);
  EXPECT_TRUE(Run(*journal, {{"File", "elsewhere"}, {"user", "ann"}, {"topic", "orders"}}));
  EXPECT_TRUE(Run(*journal, {}));
  EXPECT_EQ(Lines(file_),
            "{\"action\":\"act\",\"user\":\"ann\",\"topic\":\"orders\"}\n{\"action\":\"act\"}\n");
  const std::string time = ReadAll(file_).substr(0, 37);
  EXPECT_TRUE(time.starts_with("{\"time\":\"20") && time.ends_with("Z\"")) << time;
}

TEST_F(ActionSampleTest, AnyBytesMakeValidJson) {
  const auto journal = Make({{"File", file_}});
  ASSERT_NE(journal, nullptr);
  EXPECT_TRUE(Run(*journal, {{"v", "\"\\\n\x01 \xc3\xa4 \xc3 \xed\xa0\x80 \xf0\x9f\x98\x80"}}));
  EXPECT_EQ(Lines(file_),
            "{\"action\":\"act\",\"v\":\"\\\"\\\\\\u000a\\u0001 \xc3\xa4 \\ufffd "
            "\\ufffd\\ufffd\\ufffd \xf0\x9f\x98\x80\"}\n");
}

TEST_F(ActionSampleTest, NewFilesBySize) {
  const auto journal = Make({{"File", file_}, {"SizeMax", "1kb"}, {"FilesMax", "3"}});
  ASSERT_NE(journal, nullptr);
  const std::string half(400, 'x');
  for (const char* name : {"1", "2", "3", "4", "5", "6", "7"}) {
    ASSERT_TRUE(Run(*journal, {{"n", name}, {"v", half}}));
  }
  const auto numbers = [](const std::string& file) {
    std::string found;
    const std::string text = ReadAll(file);
    for (size_t at = 0; (at = text.find("\"n\":\"", at)) != std::string::npos; ++at) {
      found += text[at + 5];
    }
    return found;
  };
  EXPECT_EQ(numbers(file_), "7");
  EXPECT_EQ(numbers(file_ + ".1"), "56");
  EXPECT_EQ(numbers(file_ + ".2"), "34");
  EXPECT_FALSE(std::filesystem::exists(file_ + ".3"));
}

TEST_F(ActionSampleTest, ALineAtTheLimitAndAbove) {
  const auto journal = Make({{"File", file_}, {"SizeMax", "1kb"}, {"FilesMax", "1"}});
  ASSERT_NE(journal, nullptr);
  ASSERT_TRUE(Run(*journal, {{"v", ""}}));
  const size_t rest = 1024 - ReadAll(file_).size();
  EXPECT_TRUE(Run(*journal, {{"v", std::string(rest, 'x')}}));
  EXPECT_EQ(ReadAll(file_).size(), 1024u);  // the line before it has gone
  EXPECT_FALSE(Run(*journal, {{"v", std::string(rest + 1, 'x')}}));
  EXPECT_TRUE(log_.Has("larger than SizeMax"));
  EXPECT_FALSE(std::filesystem::exists(file_ + ".1"));
}

TEST_F(ActionSampleTest, WhatItRefusesAtTheStart) {
  EXPECT_EQ(Make({}), nullptr);
  EXPECT_TRUE(log_.Has("no File"));
  for (const char* size : {"1023", "big", ""}) {
    EXPECT_EQ(Make({{"File", file_}, {"SizeMax", size}}), nullptr) << size;
  }
  for (const char* count : {"0", "101", "some"}) {
    EXPECT_EQ(Make({{"File", file_}, {"FilesMax", count}}), nullptr) << count;
  }
  EXPECT_NE(Make({{"File", file_}, {"SizeMax", "1024"}, {"FilesMax", "100"}}), nullptr);
  EXPECT_EQ(Make({{"File", "/nowhere/at/all"}}), nullptr);
  EXPECT_TRUE(log_.Has("/nowhere/at/all cannot be opened: No such file"));
  std::filesystem::create_symlink(file_, file_ + "-link");
  EXPECT_EQ(Make({{"File", file_ + "-link"}}), nullptr) << "a link is not followed";
}

TEST_F(ActionSampleTest, AFileThatCannotBeWrittenFailsTheAction) {
  const auto journal = Make({{"File", file_}});
  ASSERT_NE(journal, nullptr);
  std::filesystem::remove(file_);
  std::filesystem::create_directory(file_);
  EXPECT_FALSE(Run(*journal, {}));
  EXPECT_TRUE(log_.Has("cannot be written"));
}

}  // namespace
}  // namespace fluxgate
