#include "core/message/protobuf_schema.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <bit>
#include <map>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "fmt/format.h"

namespace fluxgate {
namespace {

using Type = ProtobufField::Type;
using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

class FirstError final : public DescriptorPool::ErrorCollector {
 public:
  void AddError(const std::string& file, const std::string& element,
                const google::protobuf::Message*, ErrorLocation,
                const std::string& message) override {
    if (text_.empty()) text_ = fmt::format("{}: {}: {}", file, element, message);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

Type TypeOf(FieldDescriptor::Type type) {
  switch (type) {
    case FieldDescriptor::TYPE_DOUBLE:
      return Type::kDouble;
    case FieldDescriptor::TYPE_FLOAT:
      return Type::kFloat;
    case FieldDescriptor::TYPE_INT64:
      return Type::kInt64;
    case FieldDescriptor::TYPE_UINT64:
      return Type::kUint64;
    case FieldDescriptor::TYPE_INT32:
      return Type::kInt32;
    case FieldDescriptor::TYPE_FIXED64:
      return Type::kFixed64;
    case FieldDescriptor::TYPE_FIXED32:
      return Type::kFixed32;
    case FieldDescriptor::TYPE_BOOL:
      return Type::kBool;
    case FieldDescriptor::TYPE_STRING:
      return Type::kString;
    case FieldDescriptor::TYPE_GROUP:
      return Type::kGroup;
    case FieldDescriptor::TYPE_MESSAGE:
      return Type::kMessage;
    case FieldDescriptor::TYPE_BYTES:
      return Type::kBytes;
    case FieldDescriptor::TYPE_UINT32:
      return Type::kUint32;
    case FieldDescriptor::TYPE_ENUM:
      return Type::kEnum;
    case FieldDescriptor::TYPE_SFIXED32:
      return Type::kSfixed32;
    case FieldDescriptor::TYPE_SFIXED64:
      return Type::kSfixed64;
    case FieldDescriptor::TYPE_SINT32:
      return Type::kSint32;
    case FieldDescriptor::TYPE_SINT64:
      return Type::kSint64;
  }
  return Type::kBytes;
}

WireType WireTypeOf(Type type) {
  switch (type) {
    case Type::kDouble:
    case Type::kFixed64:
    case Type::kSfixed64:
      return WireType::kFixed64;
    case Type::kFloat:
    case Type::kFixed32:
    case Type::kSfixed32:
      return WireType::kFixed32;
    case Type::kString:
    case Type::kBytes:
    case Type::kMessage:
      return WireType::kBytes;
    case Type::kGroup:
      return WireType::kStartGroup;
    default:
      return WireType::kVarint;
  }
}

uint64_t Unzigzag(uint64_t bits) { return bits >> 1 ^ (~(bits & 1) + 1); }

}  // namespace

class ProtobufSchemaBuilder {
 public:
  const ProtobufMessage* Add(const Descriptor& descriptor) {
    const auto known = messages_.find(&descriptor);
    if (known != messages_.end()) return known->second;
    ProtobufMessage& message = schema_->messages_.emplace_back();
    messages_[&descriptor] = &message;
    message.name = descriptor.full_name();
    for (int i = 0; i < descriptor.field_count(); ++i) {
      message.fields.push_back(MakeField(*descriptor.field(i)));
    }
    std::sort(message.fields.begin(), message.fields.end(),
              [](const auto& a, const auto& b) { return a.number < b.number; });
    for (const ProtobufField& field : message.fields) {
      message.names.emplace(field.name, static_cast<uint32_t>(message.names.size()));
    }
    return &message;
  }

  std::unique_ptr<ProtobufSchema> Finish(const Descriptor& root) {
    schema_->root_ = Add(root);
    return std::move(schema_);
  }

 private:
  ProtobufField MakeField(const FieldDescriptor& descriptor) {
    const bool is_proto3 = descriptor.file()->syntax() == FileDescriptor::SYNTAX_PROTO3;
    const bool is_entry = descriptor.containing_type()->options().map_entry();
    ProtobufField field;
    field.name = descriptor.name();
    field.number = static_cast<uint32_t>(descriptor.number());
    field.type = TypeOf(descriptor.type());
    field.wire_type = WireTypeOf(field.type);
    field.repeated = descriptor.is_repeated();
    field.packed = descriptor.is_packed();
    field.checks_utf8 = is_proto3 && field.type == Type::kString;
    field.always_there = !field.repeated && (is_entry || !descriptor.has_presence());
    if (const auto* oneof = descriptor.real_containing_oneof(); oneof != nullptr) {
      field.oneof = static_cast<uint32_t>(oneof->index()) + 1;
    }
    if (descriptor.enum_type() != nullptr) field.enumeration = AddEnum(*descriptor.enum_type());
    if (descriptor.message_type() != nullptr) field.message = Add(*descriptor.message_type());
    if (field.always_there && !field.is_message()) {
      bool known = true;
      (void)field.Read(WireField(), field.default_value, known);
    }
    return field;
  }

  const ProtobufEnum* AddEnum(const EnumDescriptor& descriptor) {
    const auto known = enums_.find(&descriptor);
    if (known != enums_.end()) return known->second;
    ProtobufEnum& enumeration = schema_->enums_.emplace_back();
    enums_[&descriptor] = &enumeration;
    enumeration.closed = descriptor.file()->syntax() != FileDescriptor::SYNTAX_PROTO3;
    for (int i = 0; i < descriptor.value_count(); ++i) {
      const auto& value = *descriptor.value(i);
      enumeration.numbers.emplace(value.name(), value.number());
      enumeration.names.push_back({value.number(), value.name()});
    }
    std::stable_sort(enumeration.names.begin(), enumeration.names.end(),
                     [](const auto& a, const auto& b) { return a.number < b.number; });
    return &enumeration;
  }

  std::unique_ptr<ProtobufSchema> schema_{new ProtobufSchema};
  std::map<const Descriptor*, const ProtobufMessage*> messages_;
  std::map<const EnumDescriptor*, const ProtobufEnum*> enums_;
};

std::string_view ProtobufEnum::NameOf(int32_t number) const {
  const auto found =
      std::lower_bound(names.begin(), names.end(), number,
                       [](const Name& name, int32_t wanted) { return name.number < wanted; });
  if (found == names.end() || found->number != number) return {};
  return found->text;
}

bool ProtobufField::Read(const WireField& wire, Value& value, bool& known) const {
  const uint64_t bits = wire.bits;
  known = true;
  switch (type) {
    case Type::kDouble:
      value = Value::Double(std::bit_cast<double>(bits));
      return true;
    case Type::kFloat:
      value = Value::Double(std::bit_cast<float>(static_cast<uint32_t>(bits)));
      return true;
    case Type::kInt32:
    case Type::kSfixed32:
      value = Value::Int(static_cast<int32_t>(bits));
      return true;
    case Type::kInt64:
    case Type::kSfixed64:
      value = Value::Int(static_cast<int64_t>(bits));
      return true;
    case Type::kUint32:
    case Type::kFixed32:
      value = Value::Int(static_cast<uint32_t>(bits));
      return true;
    case Type::kUint64:
    case Type::kFixed64:
      value = Value::Uint(bits);
      return true;
    case Type::kSint32:
      value = Value::Int(static_cast<int32_t>(Unzigzag(static_cast<uint32_t>(bits))));
      return true;
    case Type::kSint64:
      value = Value::Int(static_cast<int64_t>(Unzigzag(bits)));
      return true;
    case Type::kBool:
      value = Value::Bool(bits != 0);
      return true;
    case Type::kEnum: {
      const auto chosen = static_cast<int32_t>(bits);
      const std::string_view text = enumeration->NameOf(chosen);
      value = text.empty() ? Value::Int(chosen) : Value::String(text);
      known = !text.empty() || !enumeration->closed;
      return true;
    }
    case Type::kString:
      value = Value::String(wire.content);
      return !checks_utf8 || IsValidUtf8(wire.content);
    case Type::kBytes:
      value = Value::String(wire.content);
      return true;
    case Type::kMessage:
    case Type::kGroup:
      break;
  }
  return false;
}

const ProtobufField* ProtobufMessage::Find(uint32_t number) const {
  // Mostly fields are numbered from 1 without gaps.
  if (number - 1 < fields.size() && fields[number - 1].number == number) {
    return &fields[number - 1];
  }
  const auto found = std::lower_bound(
      fields.begin(), fields.end(), number,
      [](const ProtobufField& field, uint32_t wanted) { return field.number < wanted; });
  return found == fields.end() || found->number != number ? nullptr : &*found;
}

const ProtobufField* ProtobufMessage::Find(std::string_view wanted) const {
  const auto found = names.find(wanted);
  return found == names.end() ? nullptr : &fields[found->second];
}

absl::StatusOr<std::unique_ptr<ProtobufSchema>> ProtobufSchema::Make(
    std::string_view descriptor_set, std::string_view message) {
  google::protobuf::FileDescriptorSet files;
  if (descriptor_set.empty() ||
      !files.ParseFromArray(descriptor_set.data(), static_cast<int>(descriptor_set.size()))) {
    return MakeError(ErrorCode::kBadOption, "is no descriptor set of protoc");
  }
  DescriptorPool pool;
  FirstError error;
  for (const auto& file : files.file()) {
    if (pool.BuildFileCollectingErrors(file, &error) == nullptr) {
      return MakeError(ErrorCode::kBadOption,
                       fmt::format("descriptor set with an error (is it made with "
                                   "--include_imports?): {}",
                                   error.text()));
    }
  }
  const Descriptor* const root = pool.FindMessageTypeByName(std::string(message));
  if (root == nullptr) {
    return MakeError(ErrorCode::kBadOption,
                     fmt::format("descriptor set without a message {}", message));
  }
  return ProtobufSchemaBuilder().Finish(*root);
}

}  // namespace fluxgate
