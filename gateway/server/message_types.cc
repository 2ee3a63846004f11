#include "gateway/server/message_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "core/base/error.h"
#include "core/message/binary_message_type.h"
#include "core/message/bson_message_type.h"
#include "core/message/composite_message_type.h"
#include "core/message/fix_message_type.h"
#include "core/message/json_message_type.h"
#include "core/message/msgpack_message_type.h"
#include "core/message/protobuf_message_type.h"
#include "core/message/xml_message_type.h"
#include "core/module/loaded_message_type.h"

namespace fluxgate {
namespace {

constexpr std::string_view kFix = "fix";
constexpr std::string_view kNvfix = "nvfix";
constexpr std::string_view kProtobuf = "protobuf";
constexpr std::string_view kCompositeLocal = "composite-local";
constexpr std::string_view kCompositeGlobal = "composite-global";

absl::StatusOr<std::string> ReadDescriptorSet(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(kDescriptorSetBytesMax + 1, '\0');
  if (file) file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.is_open() || file.bad()) {
    return MakeError(ErrorCode::kBadOption, fmt::format("file {} cannot be read", path));
  }
  bytes.resize(static_cast<size_t>(file.gcount()));
  if (bytes.size() > kDescriptorSetBytesMax) {
    return MakeError(ErrorCode::kBadOption,
                     fmt::format("file {} has more than {} bytes", path, kDescriptorSetBytesMax));
  }
  return bytes;
}

}  // namespace

MessageTypes::MessageTypes(const config::Limits& limits) : limits_{limits.body_depth_max} {
  types_.push_back(std::make_unique<JsonMessageType>(limits_));
  types_.push_back(
      std::make_unique<FixMessageType>(FixMessageType::Names::kTags, FixOptions(), limits_));
  types_.push_back(
      std::make_unique<FixMessageType>(FixMessageType::Names::kText, FixOptions(), limits_));
  types_.push_back(std::make_unique<XmlMessageType>(limits_));
  types_.push_back(std::make_unique<BsonMessageType>(limits_));
  types_.push_back(std::make_unique<MsgpackMessageType>(limits_));
  types_.push_back(std::make_unique<BinaryMessageType>());
}

absl::Status MessageTypes::Add(const std::vector<config::MessageTypeConfig>& configured,
                               const ModuleHost* modules) {
  // Parts may be configured ones themselves.
  for (const bool composites : {false, true}) {
    for (const config::MessageTypeConfig& type : configured) {
      const bool is_fix = type.module == kFix || type.module == kNvfix;
      const bool is_composite = type.module == kCompositeLocal || type.module == kCompositeGlobal;
      if (is_composite != composites) continue;
      const absl::Status status = is_composite               ? AddComposite(type)
                                  : is_fix                   ? AddFix(type)
                                  : type.module == kProtobuf ? AddProtobuf(type)
                                                             : AddLoaded(type, modules);
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::Status MessageTypes::AddLoaded(const config::MessageTypeConfig& configured,
                                     const ModuleHost* modules) {
  if (modules == nullptr) {
    return MakeError(ErrorCode::kBadOption, fmt::format("module {} is unknown", configured.module));
  }
  auto module = modules->Find(configured.module);
  if (!module.ok()) return module.status();
  auto type =
      LoadedMessageType::Create(configured.name, *std::move(module), configured.options, limits_);
  if (!type.ok()) return type.status();
  types_.push_back(*std::move(type));
  return absl::OkStatus();
}

absl::Status MessageTypes::AddFix(const config::MessageTypeConfig& configured) {
  using Names = FixMessageType::Names;
  const Names names = configured.module == kFix ? Names::kTags : Names::kText;
  FixOptions options;
  options.field_separator = static_cast<char>(configured.field_separator);
  options.value_separator = static_cast<char>(configured.value_separator);
  if (absl::Status status = FixMessageType::CheckOptions(names, options); !status.ok()) {
    return status;
  }
  types_.push_back(std::make_unique<FixMessageType>(names, options, limits_, configured.name));
  return absl::OkStatus();
}

absl::Status MessageTypes::AddProtobuf(const config::MessageTypeConfig& configured) {
  auto bytes = ReadDescriptorSet(configured.descriptor_set_file);
  if (!bytes.ok()) return bytes.status();
  auto type = ProtobufMessageType::Make(configured.name, *bytes, configured.type, limits_);
  if (!type.ok()) {
    return MakeError(
        ErrorCode::kBadOption,
        fmt::format("file {}: {}", configured.descriptor_set_file, ErrorText(type.status())));
  }
  types_.push_back(*std::move(type));
  return absl::OkStatus();
}

absl::Status MessageTypes::AddComposite(const config::MessageTypeConfig& configured) {
  std::vector<const MessageType*> parts;
  for (const std::string& name : configured.parts) {
    const MessageType* const part = Find(name);
    if (part == nullptr) {
      return MakeError(ErrorCode::kBadOption, fmt::format("message type {} is unknown", name));
    }
    parts.push_back(part);
  }
  if (configured.module == kCompositeLocal) {
    types_.push_back(
        std::make_unique<CompositeLocalMessageType>(configured.name, std::move(parts), limits_));
  } else {
    types_.push_back(
        std::make_unique<CompositeGlobalMessageType>(configured.name, std::move(parts), limits_));
  }
  return absl::OkStatus();
}

const MessageType* MessageTypes::Find(const std::string& name) const {
  const auto found = std::ranges::find(types_, name, &MessageType::name);
  return found == types_.end() ? nullptr : found->get();
}

std::vector<const MessageType*> MessageTypes::all() const {
  std::vector<const MessageType*> pointers;
  for (const auto& type : types_) pointers.push_back(type.get());
  return pointers;
}

std::string TryMessageType(const config::Config& config, const config::MessageTypeConfig& type) {
  // A composite has nothing that the configuration's own checks do not see.
  if (type.module != kProtobuf && type.module != kFix && type.module != kNvfix) return "";
  const absl::Status status = MessageTypes(config.limits).Add({type});
  return status.ok() ? "" : ErrorText(status);
}

}  // namespace fluxgate
