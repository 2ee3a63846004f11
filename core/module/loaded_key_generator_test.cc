#include "core/module/loaded_key_generator.h"

#include "core/base/error.h"
#include "core/module/testing/module_testing.h"
#include "gtest/gtest.h"

namespace fluxgate {
namespace {

class LoadedKeyGeneratorTest : public testing::Test {
 protected:
  std::unique_ptr<KeyGenerator> Make(const std::string& file, const ModuleOptions& options = {}) {
    const auto module = Module::Load({"keys", file, {}}, log_.function());
    EXPECT_TRUE(module.ok()) << module.status();
    auto generator = LoadedKeyGenerator::Create(*module, options, "json");
    status_ = generator.status();
    return generator.ok() ? *std::move(generator) : nullptr;
  }
  std::unique_ptr<KeyGenerator> Sample(const ModuleOptions& options = {}) {
    return Make(ModulePath("modules/samples/sow-key-generator/sow_key_generator.so"), options);
  }

  // The key, or the error in parentheses.
  static std::string Key(KeyGenerator& generator, const KeyRequest& request) {
    const auto key = generator.Generate(request);
    if (key.ok()) return std::string(*key);
    EXPECT_EQ(ErrorCodeOf(key.status()), ErrorCode::kMalformedBody);
    return "(" + ErrorText(key.status()) + ")";
  }

  TestLog log_;
  absl::Status status_;
};

TEST_F(LoadedKeyGeneratorTest, MakesKeysOfFields) {
  const auto generator = Sample();
  const Value fields[] = {Value::String("EU"), Value::Int(4711)};
  EXPECT_EQ(Key(*generator, {.topic = "t", .body = "{}", .fields = fields}), "EU-4711");
  const Value odd[] = {Value::String("a b"), Value::Double(0.5)};
  EXPECT_EQ(Key(*Sample({{"Separator", "/"}}), {.fields = odd}), "a=20b/0.5");
  const Value missing[] = {Value::String("EU"), Value::Null()};
  EXPECT_EQ(Key(*generator, {.fields = missing}), "(module keys has no SOW key for this message)");
}

TEST_F(LoadedKeyGeneratorTest, AContextThatIsRefusedIsAnError) {
  EXPECT_EQ(Sample({{"Separator", "*"}}), nullptr);
  EXPECT_NE(ErrorText(status_).find("(amps_sow_key_generator_create_context)"), std::string::npos);
  EXPECT_EQ(Make(TestModulePath("good_module")), nullptr);
  EXPECT_NE(ErrorText(status_).find("does not define amps_sow_key_generator_generate"),
            std::string::npos);
}

TEST_F(LoadedKeyGeneratorTest, KeysAreChecked) {
  const auto generator = Make(TestModulePath("bad_key_generator"));
  const auto key = [&](std::string_view correlation_id) {
    return Key(*generator, {.correlation_id = correlation_id});
  };
  EXPECT_EQ(key("1"), "k");
  EXPECT_EQ(key("256"), std::string(256, 'k'));
  const std::string refused = "(module keys has made no valid SOW key)";
  for (const char* const what : {"0", "257", "18446744073709551615", "blank"}) {
    EXPECT_EQ(key(what), refused) << what;
  }
  EXPECT_TRUE(log_.Has("amps_sow_key_generator_generate gave a key that none may be"));
  EXPECT_EQ(key("throw"), "(module keys has no SOW key for this message)");
}

}  // namespace
}  // namespace fluxgate
