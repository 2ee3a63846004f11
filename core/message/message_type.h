// A payload format. The engine never looks into a body itself: it asks the message type for exactly
// the fields that a topic's filters use, and for whole bodies where they have to be changed.
#ifndef FLUXGATE_CORE_MESSAGE_MESSAGE_TYPE_H_
#define FLUXGATE_CORE_MESSAGE_MESSAGE_TYPE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "core/message/document.h"
#include "core/message/field_table.h"
#include "core/message/value.h"

namespace fluxgate {

// Bytes behind every body that extractors may read (not use): receive buffers keep them allocated.
inline constexpr size_t kBodyPaddingBytes = 64;

// What an extractor fetches: the path and the slot its value goes to. Never an envelope field.
struct FieldRequest {
  FieldPath path;
  FieldSlot slot;
};

// Reads one fixed set of fields out of bodies, one pass each. How much of a body it looks at is the
// type's: json, bson and msgpack stop after the last field that is needed, fix, nvfix, xml and
// protobuf go through to the end. Keeps scratch memory: one extractor serves one thread.
class Extractor {
 public:
  virtual ~Extractor() = default;

  // Sets values[slot] for every requested field; NULL for what the body does not have, an array for
  // a path that is there several times. Returns false for a body that is not of this type or over
  // a limit (as far as it was read); then every requested value is NULL and no filter that reads a
  // field may match.
  virtual bool Extract(std::string_view body, std::span<Value> values) = 0;
};

// What one body may hold that is looked into; over a limit it counts as malformed. Its length is
// limited where it comes in.
struct MessageLimits {
  uint32_t depth_max = 64;            // nesting
  uint32_t fields_max = 64 * 1024;    // members and elements of a body that is parsed whole
  uint32_t elements_max = 64 * 1024;  // repetitions of all requested fields together
};

// A field to be written.
struct FieldValue {
  FieldPath path;
  Value value;
};

class MessageType {
 public:
  // What a type can do; each level includes those before it.
  enum class Level : uint8_t {
    kRoute,      // bodies are carried and never looked into
    kFilter,     // Extractor, Validate
    kSerialize,  // Serialize, Diff
    kDelta,      // Merge
  };

  virtual ~MessageType() = default;
  virtual std::string_view name() const = 0;
  virtual Level level() const { return Level::kDelta; }
  virtual std::unique_ptr<Extractor> NewExtractor(std::vector<FieldRequest> fields) const = 0;

  // Takes a whole body apart, checking all of it. kMalformedBody with what is wrong and, where it
  // is known, at which byte; the document is then unspecified. The document has views of `body`.
  virtual absl::Status Parse(std::string_view body, Document& document) const = 0;
  // Appends the document's body. kMalformedBody for what the type has no way to write, and for what
  // is over a limit, so that Parse takes what Write made. After an error `body` is as it was; that
  // holds for Serialize, Merge (`merged`) and Diff (`delta`) as well.
  absl::Status Write(const Document& document, std::string& body) const;

  absl::Status Validate(std::string_view body) const;
  // A body with these fields, in this order; a path that is given twice has the later value.
  // kMalformedBody for fields that have no place beside each other (Document::SetResult).
  absl::Status Serialize(std::span<const FieldValue> fields, std::string& body) const;
  // `base` with `delta` laid over it (message_delta.h).
  virtual absl::Status Merge(std::string_view base, std::string_view delta,
                             std::string& merged) const;
  // What `after` has that `before` has not, or has differently, and the fields `keys` names.
  // `changed` false: nothing differs, and `delta` holds the keys only.
  absl::Status Diff(std::string_view before, std::string_view after,
                    std::span<const FieldPath> keys, std::string& delta, bool& changed) const;

 protected:
  // Write, but on an error it may leave a part of the body, and it need not count the fields.
  virtual absl::Status DoWrite(const Document& document, std::string& body) const = 0;
  // MessageLimits::fields_max of this type.
  virtual uint32_t fields_max() const = 0;

 private:
  absl::Status WriteWithin(const Document& document, size_t nodes_max, std::string& body) const;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_MESSAGE_TYPE_H_
