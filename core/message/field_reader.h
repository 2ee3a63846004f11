// Reads a set of fields of a message or record into values by slot: those of the body through an
// extractor, those of the envelope from what is known beside it. One thread.
#ifndef FLUXGATE_CORE_MESSAGE_FIELD_READER_H_
#define FLUXGATE_CORE_MESSAGE_FIELD_READER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/message/field_table.h"
#include "core/message/message_type.h"
#include "core/message/value.h"

namespace fluxgate {

// What is known of a message or record beside its body.
struct Envelope {
  size_t body_bytes = 0;
  std::string_view topic = {};
  std::string_view correlation_id = {};
  std::string_view sow_key = {};  // of records; empty: not one
  uint64_t sow_key_hash = 0;
  int64_t last_updated_ns = 0;  // since 1970 UTC; 0: not a record
};

class FieldReader {
 public:
  FieldReader() = default;  // reads nothing
  // `slots` are in use in `fields`, which is not needed afterwards.
  FieldReader(const MessageType& type, const FieldTable& fields, std::span<const FieldSlot> slots);

  // False as from Extractor::Extract. `body` has kBodyPaddingBytes behind it. `values` is indexed
  // by slot.
  bool ReadBody(std::string_view body, std::span<Value> values) {
    return extractor_ == nullptr || extractor_->Extract(body, values);
  }
  bool has_envelope() const { return !envelope_.empty(); }
  // Text in the values is that of `envelope`.
  void ReadEnvelope(const Envelope& envelope, const Clock& clock, std::span<Value> values) const;

 private:
  std::unique_ptr<Extractor> extractor_;  // null: nothing of the body is wanted
  std::vector<FieldRequest> envelope_;
};

// Two of a kind: an extractor's values are good until it is used again.
struct RecordReaders {
  FieldReader message;
  FieldReader previous;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_FIELD_READER_H_
