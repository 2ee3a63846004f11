#include "core/message/protobuf_testing.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>

#include <cstdlib>
#include <deque>
#include <vector>

#include "core/message/extract_testing.h"
#include "core/message/message_testing.h"
#include "core/message/order2.pb.h"
#include "core/message/order3.pb.h"

namespace fluxgate {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void Require(bool holds) {
  if (!holds) std::abort();
}

Value Keep(std::deque<std::string>& texts, std::string text) {
  return Value::String(texts.emplace_back(std::move(text)));
}

// Of a repeated field the element `i`, of a singular one its value or default.
Value ScalarOf(const Message& message, const FieldDescriptor& field, int i,
               std::deque<std::string>& texts) {
  const Reflection& r = *message.GetReflection();
  const bool many = field.is_repeated();
  const auto pick = [&](auto one, auto element) {
    return many ? (r.*element)(message, &field, i) : (r.*one)(message, &field);
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return Value::Int(pick(&Reflection::GetInt32, &Reflection::GetRepeatedInt32));
    case FieldDescriptor::CPPTYPE_INT64:
      return Value::Int(pick(&Reflection::GetInt64, &Reflection::GetRepeatedInt64));
    case FieldDescriptor::CPPTYPE_UINT32:
      return Value::Int(pick(&Reflection::GetUInt32, &Reflection::GetRepeatedUInt32));
    case FieldDescriptor::CPPTYPE_UINT64:
      return Value::Uint(pick(&Reflection::GetUInt64, &Reflection::GetRepeatedUInt64));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Value::Double(pick(&Reflection::GetDouble, &Reflection::GetRepeatedDouble));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Value::Double(pick(&Reflection::GetFloat, &Reflection::GetRepeatedFloat));
    case FieldDescriptor::CPPTYPE_BOOL:
      return Value::Bool(pick(&Reflection::GetBool, &Reflection::GetRepeatedBool));
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = pick(&Reflection::GetEnumValue, &Reflection::GetRepeatedEnumValue);
      const auto* const named = field.enum_type()->FindValueByNumber(number);
      return named == nullptr ? Value::Int(number) : Keep(texts, named->name());
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return Keep(texts, pick(&Reflection::GetString, &Reflection::GetRepeatedString));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return Value::Null();
}

void Collect(const Message& message, const std::vector<FieldStep>& steps, size_t at,
             std::deque<std::string>& texts, std::vector<Value>& found) {
  const FieldDescriptor* const field = message.GetDescriptor()->FindFieldByName(steps[at].name);
  if (field == nullptr) return;
  const Reflection& r = *message.GetReflection();
  const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  const int32_t index = steps[at].index;
  // More subscripts are of what is no array.
  size_t next = at + 1;
  for (; next < steps.size() && steps[next].name.empty(); ++next) {
    if (steps[next].index != 0) return;
  }
  const bool at_end = next == steps.size();
  if (!field->is_repeated()) {
    if (index > 0) return;
    const bool is_entry = message.GetDescriptor()->options().map_entry();
    if (field->has_presence() && !is_entry && !r.HasField(message, field)) return;
    if (is_message && !at_end) {
      Collect(r.GetMessage(message, field), steps, next, texts, found);
    } else if (at_end) {
      found.push_back(ScalarOf(message, *field, 0, texts));
    }
    return;
  }
  for (int i = 0; i < r.FieldSize(message, field); ++i) {
    if (index >= 0 && i != index) continue;
    if (is_message && !at_end) {
      Collect(r.GetRepeatedMessage(message, field, i), steps, next, texts, found);
    } else if (at_end) {
      found.push_back(ScalarOf(message, *field, i, texts));
    }
  }
}

}  // namespace

ProtobufTesting::ProtobufTesting(const FileDescriptor& file)
    : package_(file.package() + '.'), factory_(&pool_) {
  // It would say on standard error what is wrong with every damaged message.
  google::protobuf::SetLogHandler(nullptr);
  google::protobuf::FileDescriptorSet files;
  file.CopyTo(files.add_file());
  Require(pool_.BuildFile(files.file(0)) != nullptr);
  descriptor_set_ = files.SerializeAsString();
}

std::unique_ptr<Message> ProtobufTesting::New(const std::string& message) const {
  const Descriptor* const descriptor = pool_.FindMessageTypeByName(package_ + message);
  Require(descriptor != nullptr);
  return std::unique_ptr<Message>(factory_.GetPrototype(descriptor)->New());
}

std::string ProtobufTesting::Encode(const std::string& message, const std::string& text) const {
  const auto encoded = New(message);
  Require(google::protobuf::TextFormat::ParseFromString(text, encoded.get()));
  return encoded->SerializePartialAsString();
}

std::string ProtobufTesting::Decode(const std::string& message, std::string_view body) const {
  const auto decoded = New(message);
  if (!decoded->ParsePartialFromArray(body.data(), static_cast<int>(body.size())))
    return "malformed";
  return decoded->ShortDebugString();
}

std::string LookUpText(const Message& message, std::string_view path) {
  std::deque<std::string> texts;
  std::vector<Value> found;
  Collect(message, PathOf(path).steps, 0, texts, found);
  return ValueText(Value::Array(found));
}

const FileDescriptor& Proto2File() { return *testing2::Order::descriptor()->file(); }
const FileDescriptor& Proto3File() { return *testing3::Order::descriptor()->file(); }

}  // namespace fluxgate
