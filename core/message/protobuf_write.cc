#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/message/message_reader.h"
#include "core/message/protobuf_document.h"
#include "core/message/protobuf_wire.h"
#include "fmt/format.h"

namespace fluxgate {
namespace {

using Node = Document::Node;
using Type = ProtobufField::Type;

absl::Status Refuse(const ProtobufField& field, std::string_view why) {
  return MakeError(ErrorCode::kMalformedBody, fmt::format("field {} {}", field.name, why));
}

// A whole number that the type has; a double that is one counts, NULL is zero.
template <typename T>
bool ToInteger(const Value& value, T& number) {
  switch (value.kind()) {
    case Value::Kind::kBool:
    case Value::Kind::kInt:
      number = static_cast<T>(value.as_int());
      return std::in_range<T>(value.as_int());
    case Value::Kind::kUint:
      number = static_cast<T>(value.as_uint());
      return std::in_range<T>(value.as_uint());
    case Value::Kind::kDouble: {
      const double d = value.as_double();
      // One above the largest; the largest itself may not be a double.
      constexpr double kEnd = 2.0 * static_cast<double>(std::numeric_limits<T>::max() / 2 + 1);
      if (!(d >= static_cast<double>(std::numeric_limits<T>::min()) && d < kEnd)) return false;
      number = static_cast<T>(d);
      return static_cast<double>(number) == d;
    }
    case Value::Kind::kNull:
      number = 0;
      return true;
    case Value::Kind::kString:
    case Value::Kind::kArray:
      break;
  }
  return false;
}

bool ToDouble(const Value& value, double& number) {
  switch (value.kind()) {
    case Value::Kind::kBool:
    case Value::Kind::kInt:
      number = static_cast<double>(value.as_int());
      return true;
    case Value::Kind::kUint:
      number = static_cast<double>(value.as_uint());
      return true;
    case Value::Kind::kDouble:
      number = value.as_double();
      return true;
    case Value::Kind::kNull:
      number = 0;
      return true;
    case Value::Kind::kString:
    case Value::Kind::kArray:
      break;
  }
  return false;
}

template <typename T>
bool WriteVarint(const Value& value, std::string& out) {
  T number;
  if (!ToInteger(value, number)) return false;
  // Negative numbers are ten bytes, also those of 32 bits.
  AppendVarint(static_cast<uint64_t>(number), out);
  return true;
}

template <typename T>
bool WriteZigzag(const Value& value, std::string& out) {
  T number;
  if (!ToInteger(value, number)) return false;
  const auto wide = static_cast<int64_t>(number);
  AppendVarint(static_cast<uint64_t>(wide) << 1 ^ static_cast<uint64_t>(wide >> 63), out);
  return true;
}

template <typename T>
bool WriteFixed(const Value& value, std::string& out) {
  T number;
  if (!ToInteger(value, number)) return false;
  AppendLittle(number, out);
  return true;
}

bool WriteDouble(const Value& value, std::string& out) {
  double number;
  if (!ToDouble(value, number)) return false;
  AppendLittle(number, out);
  return true;
}

bool WriteFloat(const Value& value, std::string& out) {
  // Half way between the largest float and what would come after it: rounded to infinity.
  constexpr double kEnd = 0x1.ffffffp127;
  constexpr double kMax = std::numeric_limits<float>::max();
  double number;
  if (!ToDouble(value, number)) return false;
  if (std::abs(number) >= kEnd) {
    number = std::copysign(std::numeric_limits<double>::infinity(), number);
  } else if (!std::isnan(number)) {
    number = std::clamp(number, -kMax, kMax);
  }
  AppendLittle(static_cast<float>(number), out);
  return true;
}

bool WriteEnum(const ProtobufEnum& enumeration, const Value& value, std::string& out) {
  if (!value.is_string()) return WriteVarint<int32_t>(value, out);
  const auto found = enumeration.numbers.find(value.as_string());
  if (found == enumeration.numbers.end()) return false;
  AppendVarint(static_cast<uint64_t>(int64_t{found->second}), out);
  return true;
}

bool WriteText(const ProtobufField& field, const Value& value, std::string& out) {
  if (!value.is_string() && !value.is_null()) return false;
  const std::string_view text = value.is_string() ? value.as_string() : std::string_view();
  if (field.checks_utf8 && !IsValidUtf8(text)) return false;
  AppendVarint(text.size(), out);
  out += text;
  return true;
}

bool WriteValue(const ProtobufField& field, const Value& value, std::string& out) {
  switch (field.type) {
    case Type::kDouble:
      return WriteDouble(value, out);
    case Type::kFloat:
      return WriteFloat(value, out);
    case Type::kInt32:
      return WriteVarint<int32_t>(value, out);
    case Type::kInt64:
      return WriteVarint<int64_t>(value, out);
    case Type::kUint32:
      return WriteVarint<uint32_t>(value, out);
    case Type::kUint64:
      return WriteVarint<uint64_t>(value, out);
    case Type::kSint32:
      return WriteZigzag<int32_t>(value, out);
    case Type::kSint64:
      return WriteZigzag<int64_t>(value, out);
    case Type::kFixed32:
      return WriteFixed<uint32_t>(value, out);
    case Type::kFixed64:
      return WriteFixed<uint64_t>(value, out);
    case Type::kSfixed32:
      return WriteFixed<int32_t>(value, out);
    case Type::kSfixed64:
      return WriteFixed<int64_t>(value, out);
    case Type::kBool: {
      uint64_t number;
      if (!ToInteger(value, number) || number > 1) return false;
      AppendVarint(number, out);
      return true;
    }
    case Type::kEnum:
      return WriteEnum(*field.enumeration, value, out);
    case Type::kString:
    case Type::kBytes:
      return WriteText(field, value, out);
    case Type::kMessage:
    case Type::kGroup:
      break;
  }
  return false;
}

absl::Status WriteMessage(const ProtobufMessage& message, const Node& node, uint32_t depth_left,
                          std::string& out);

// Without a tag.
absl::Status WriteScalar(const ProtobufField& field, const Node& node, std::string& out) {
  if (node.kind != Node::Kind::kScalar) return Refuse(field, "is no message");
  if (!node.raw.empty()) {
    out += node.raw;
    return absl::OkStatus();
  }
  if (WriteValue(field, node.value, out)) return absl::OkStatus();
  return Refuse(field, "cannot have that value");
}

absl::Status WriteOne(const ProtobufField& field, const Node& node, uint32_t depth_left,
                      std::string& out) {
  AppendTag(field.number, field.wire_type, out);
  if (!field.is_message()) return WriteScalar(field, node, out);
  const bool is_empty = node.kind == Node::Kind::kScalar && node.value.is_null();
  if (node.kind != Node::Kind::kObject && !is_empty) return Refuse(field, "is a message");
  if (!node.value.is_null()) return Refuse(field, "is a message and has no value of its own");
  if (field.type == Type::kGroup) {
    absl::Status status = WriteMessage(*field.message, node, depth_left - 1, out);
    AppendTag(field.number, WireType::kEndGroup, out);
    return status;
  }
  std::string inner;
  absl::Status status = WriteMessage(*field.message, node, depth_left - 1, inner);
  AppendVarint(inner.size(), out);
  out += inner;
  return status;
}

absl::Status WriteArray(const ProtobufField& field, const Node& node, uint32_t depth_left,
                        std::string& out) {
  if (!field.repeated) return Refuse(field, "is not repeated");
  if (!field.packed) {
    for (const Node* element : node.elements) {
      if (absl::Status status = WriteOne(field, *element, depth_left, out); !status.ok())
        return status;
    }
    return absl::OkStatus();
  }
  if (node.elements.empty()) return absl::OkStatus();
  std::string packed;
  for (const Node* element : node.elements) {
    if (absl::Status status = WriteScalar(field, *element, packed); !status.ok()) return status;
  }
  AppendTag(field.number, WireType::kBytes, out);
  AppendVarint(packed.size(), out);
  out += packed;
  return absl::OkStatus();
}

// `depth_left`: levels of messages from this one on that may still be written.
absl::Status WriteMessage(const ProtobufMessage& message, const Node& node, uint32_t depth_left,
                          std::string& out) {
  if (depth_left == 0) {
    return MakeError(ErrorCode::kMalformedBody,
                     fmt::format("message {} is nested too deep", message.name));
  }
  for (const Document::Member& member : node.members) {
    const Node& value = *member.node;
    const ProtobufField* const field = message.Find(member.name);
    if (field == nullptr) {
      uint32_t number = 0;
      const char* const end = member.name.data() + member.name.size();
      const auto [stop, error] = std::from_chars(member.name.data(), end, number);
      if (value.raw_type == 0 || error != std::errc() || stop != end) {
        return MakeError(ErrorCode::kMalformedBody,
                         fmt::format("message {} has no field {}", message.name, member.name));
      }
      AppendTag(number, static_cast<WireType>(value.raw_type - 1), out);
      out += value.raw;
      continue;
    }
    absl::Status status;
    if (value.kind == Node::Kind::kArray) {
      status = WriteArray(*field, value, depth_left, out);
    } else if (value.kind == Node::Kind::kObject || !value.raw.empty() || !value.value.is_null()) {
      status = WriteOne(*field, value, depth_left, out);
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteProtobuf(const ProtobufMessage& root, const Document& document,
                           uint32_t depth_max, std::string& body) {
  return WriteMessage(root, document.root(), std::min(depth_max, kMessageDepthCeiling), body);
}

}  // namespace fluxgate
