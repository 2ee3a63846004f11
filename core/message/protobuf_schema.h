// Message descriptors as tables for reading and writing fast: made once from a FileDescriptorSet,
// then independent of it. Immutable, any thread.
#ifndef FLUXGATE_CORE_MESSAGE_PROTOBUF_SCHEMA_H_
#define FLUXGATE_CORE_MESSAGE_PROTOBUF_SCHEMA_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/strings.h"
#include "core/message/protobuf_wire.h"
#include "core/message/value.h"

namespace fluxgate {

struct ProtobufMessage;

struct ProtobufEnum {
  struct Name {
    int32_t number;
    std::string text;
  };
  std::vector<Name> names;  // by number; of several for one number the first declared
  StringMap<int32_t> numbers;
  bool closed = false;  // proto2: another number counts as an unknown field

  // Empty for a number without a name.
  std::string_view NameOf(int32_t number) const;
};

struct ProtobufField {
  enum class Type : uint8_t {
    kDouble,
    kFloat,
    kInt32,
    kInt64,
    kUint32,
    kUint64,
    kSint32,
    kSint64,
    kFixed32,
    kFixed64,
    kSfixed32,
    kSfixed64,
    kBool,
    kEnum,
    kString,
    kBytes,
    kMessage,
    kGroup,
  };
  static constexpr uint32_t kNoOneof = 0;

  std::string name;
  uint32_t number = 0;
  Type type = Type::kInt32;
  WireType wire_type = WireType::kVarint;
  bool repeated = false;
  bool packed = false;        // how it is written
  bool checks_utf8 = false;   // proto3 strings
  bool always_there = false;  // an absent value is the default: no presence, or of a map's entry
  uint32_t oneof = kNoOneof;  // 1-based within the message
  const ProtobufEnum* enumeration = nullptr;
  const ProtobufMessage* message = nullptr;
  Value default_value;  // of a scalar that is always there

  bool is_message() const { return type == Type::kMessage || type == Type::kGroup; }
  // May stand packed on the wire, whatever `packed` says.
  bool packable() const { return repeated && !is_message() && wire_type != WireType::kBytes; }

  // The value of a scalar that has this field's wire type. False: malformed. `known` false: a
  // number that the enumeration does not have, which counts as an unknown field.
  bool Read(const WireField& wire, Value& value, bool& known) const;
};

struct ProtobufMessage {
  std::string name;                   // with its package
  std::vector<ProtobufField> fields;  // by number
  StringMap<uint32_t> names;          // to indexes in `fields`

  const ProtobufField* Find(uint32_t number) const;
  const ProtobufField* Find(std::string_view name) const;
};

class ProtobufSchema {
 public:
  // `descriptor_set` is an encoded FileDescriptorSet with all imports. kBadOption for one that is
  // not, or that does not have the message.
  static absl::StatusOr<std::unique_ptr<ProtobufSchema>> Make(std::string_view descriptor_set,
                                                              std::string_view message);

  const ProtobufMessage& root() const { return *root_; }

 private:
  friend class ProtobufSchemaBuilder;
  ProtobufSchema() = default;

  std::deque<ProtobufMessage> messages_;
  std::deque<ProtobufEnum> enums_;
  const ProtobufMessage* root_ = nullptr;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_PROTOBUF_SCHEMA_H_
