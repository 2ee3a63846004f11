#include "core/access/write_guard.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/error.h"

namespace fluxgate {

WriteGuard::WriteGuard(std::shared_ptr<const Grant> grant, std::string_view topic,
                       const MessageType& type, const FieldTable& fields, const Clock& clock)
    : grant_(std::move(grant)), topic_(topic), type_(type), fields_(fields), clock_(clock) {
  if (grant_->filter != nullptr) reader_ = FieldReader(type, fields, grant_->filter->slots());
}

bool WriteGuard::Matches(std::string_view body) {
  if (values_.size() < fields_.slot_end()) values_.resize(fields_.slot_end());
  const bool valid = reader_.ReadBody(body, values_);
  if (reader_.has_envelope()) {
    reader_.ReadEnvelope({.body_bytes = body.size(), .topic = topic_}, clock_, values_);
  }
  return (valid || !grant_->filter->reads_body()) && grant_->filter->Matches(values_);
}

// A body that cannot be taken apart may hold anything.
bool WriteGuard::HasOtherFields(std::string_view body) {
  document_.Clear();
  return !type_.Parse(body, document_).ok() || grant_->select->Select(document_);
}

// One answer for all reasons: which one it was would tell about records that cannot be seen.
absl::Status WriteGuard::Refused() const {
  return MakeError(ErrorCode::kNotEntitled,
                   fmt::format("this message may not be published to topic {}", topic_));
}

absl::Status WriteGuard::Check(const Change& change) {
  if (grant_->filter != nullptr) {
    if (!Matches(change.result)) return Refused();
    if (change.has_previous && !Matches(change.previous)) return Refused();
  }
  if (grant_->select != nullptr) {
    if (HasOtherFields(change.given)) return Refused();
    // What is not a delta takes away what it does not name.
    if (change.has_previous && !change.is_delta && HasOtherFields(change.previous)) {
      return Refused();
    }
  }
  return absl::OkStatus();
}

}  // namespace fluxgate
