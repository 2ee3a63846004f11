#include "core/module/loaded_key_generator.h"

#include <utility>

#include "core/base/error.h"
#include "core/module/amps_values.h"
#include "core/sow/sow_key.h"
#include "fmt/format.h"

namespace fluxgate {
namespace {

static_assert(AMPS_SOW_KEY_BYTES_MAX == kSowKeyBytesMax);

constexpr char kCreate[] = "amps_sow_key_generator_create_context";
constexpr char kDestroy[] = "amps_sow_key_generator_destroy_context";
constexpr char kGenerate[] = "amps_sow_key_generator_generate";

}  // namespace

absl::StatusOr<std::unique_ptr<KeyGenerator>> LoadedKeyGenerator::Create(
    std::shared_ptr<Module> module, const ModuleOptions& options, std::string message_type) {
  const auto generate = module->EntryPoint<GenerateFunction>(kGenerate);
  if (!generate.ok()) return generate.status();
  auto context = ModuleContext::Create(std::move(module), options, kCreate, kDestroy);
  if (!context.ok()) return context.status();
  return std::unique_ptr<KeyGenerator>(
      new LoadedKeyGenerator(*std::move(context), *generate, std::move(message_type)));
}

absl::StatusOr<std::string_view> LoadedKeyGenerator::Generate(const KeyRequest& request) {
  topic_ = request.topic;
  correlation_id_ = request.correlation_id;
  fields_.clear();
  for (const Value& field : request.fields) fields_.push_back(ToAmps(field));
  amps_sow_key_request asked = {};
  asked.size = sizeof(asked);
  asked.topic = topic_.c_str();
  asked.message_type = message_type_.c_str();
  asked.body = request.body.data();
  asked.body_length = request.body.size();
  asked.correlation_id = correlation_id_.c_str();
  asked.fields = fields_.data();
  asked.field_count = fields_.size();
  size_t length = 0;
  const int code = context_->module().Call(kGenerate, int{AMPS_FAILURE}, [&] {
    return generate_(context_->get(), &asked, key_, &length);
  });
  const std::string& module = context_->module().name();
  if (code != AMPS_SUCCESS) {
    return MakeError(ErrorCode::kMalformedBody,
                     fmt::format("module {} has no SOW key for this message", module));
  }
  const std::string_view key(key_, length <= sizeof(key_) ? length : 0);
  if (!CheckPublisherKey(key).ok()) {
    context_->module().Report(kGenerate, "gave a key that none may be");
    return MakeError(ErrorCode::kMalformedBody,
                     fmt::format("module {} has made no valid SOW key", module));
  }
  return key;
}

KeyGenerators LoadedKeyGenerators(const ModuleHost& host) {
  return [&host](const SowTopicDefinition& topic) -> absl::StatusOr<std::unique_ptr<KeyGenerator>> {
    auto module = host.Find(topic.key_generator.module);
    if (!module.ok()) return module.status();
    return LoadedKeyGenerator::Create(*std::move(module), topic.key_generator.options,
                                      topic.message_type);
  };
}

}  // namespace fluxgate
