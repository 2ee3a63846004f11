// Which field: a path through the body, or something that is known of the message beside its body.
#ifndef FLUXGATE_CORE_MESSAGE_FIELD_PATH_H_
#define FLUXGATE_CORE_MESSAGE_FIELD_PATH_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fluxgate {

// What is known of a message besides its body. To a filter each is a field like any other; the
// engine fills in those that somebody asks for.
enum class EnvelopeField : uint8_t {
  kNone,
  kMessageSize,    // bytes of the body
  kTopicName,      // literal topic it was published to
  kCorrelationId,  // as the publisher gave it
  kBookmark,       // position in the transaction log
  kSowKey,         // as text
  kSowKeyHash,     // unsigned 64 bits
  kLastUpdated,    // seconds since 1970 UTC, of the record
  kLastRead,
  kLastLeased,
  kLeaseCount,
  kNow,  // seconds since 1970 UTC: when the message is being looked at; one value a message
};

// "MESSAGE_SIZE"; empty for kNone.
std::string_view EnvelopeFieldName(EnvelopeField field);

// One name of a path; `/name[2]` keeps the subscript beside its name. A further subscript
// (`/name[2][0]`) is a step without a name. An attribute's name begins with '@'.
struct FieldStep {
  static constexpr int32_t kEvery = -1;

  FieldStep() = default;
  FieldStep(std::string step_name, int32_t step_index = kEvery)  // NOLINT: a name is a step
      : name(std::move(step_name)), index(step_index) {}
  FieldStep(const char* step_name) : name(step_name) {}  // NOLINT

  bool operator==(const FieldStep&) const = default;

  std::string name;
  int32_t index = kEvery;  // 0-based, or every repetition
};

struct FieldPath {
  bool operator==(const FieldPath&) const = default;
  // As filters spell it: "/order/lines[0]/@id", "[/Any name]", "MESSAGE_SIZE()".
  std::string ToString() const;

  std::vector<FieldStep> steps = {};
  EnvelopeField envelope = EnvelopeField::kNone;  // then there are no steps
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_FIELD_PATH_H_
