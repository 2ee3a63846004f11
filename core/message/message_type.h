// A payload format. The engine never looks into a body itself: it asks the message type for exactly
// the fields that a topic's filters use.
#ifndef FLUXGATE_CORE_MESSAGE_MESSAGE_TYPE_H_
#define FLUXGATE_CORE_MESSAGE_MESSAGE_TYPE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/message/field_table.h"
#include "core/message/value.h"

namespace fluxgate {

// Bytes behind every body that extractors may read (not use): receive buffers keep them allocated.
inline constexpr size_t kBodyPaddingBytes = 64;

// What an extractor fetches: the path and the slot its value goes to.
struct FieldRequest {
  FieldPath path;
  FieldSlot slot;
};

// Reads one fixed set of fields out of bodies, one pass each, and no further than the last field it
// needs. Keeps scratch memory: one extractor serves one thread.
class Extractor {
 public:
  virtual ~Extractor() = default;

  // Sets values[slot] for every requested field; NULL for what the body does not have. Returns
  // false for a body that is not of this type (as far as it was read); then every requested
  // value is NULL and no filter that reads a field may match.
  virtual bool Extract(std::string_view body, std::span<Value> values) = 0;
};

struct ExtractLimits {
  uint32_t depth_max = 64;  // nesting of a body that is looked into
};

class MessageType {
 public:
  virtual ~MessageType() = default;
  virtual std::string_view name() const = 0;
  virtual std::unique_ptr<Extractor> NewExtractor(std::vector<FieldRequest> fields) const = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_MESSAGE_TYPE_H_
