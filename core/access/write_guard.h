// Whether a message may be published where its user may not write everything. Reactor thread only.
#ifndef FLUXGATE_CORE_ACCESS_WRITE_GUARD_H_
#define FLUXGATE_CORE_ACCESS_WRITE_GUARD_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/access/access.h"
#include "core/base/clock.h"
#include "core/message/document.h"
#include "core/message/field_reader.h"
#include "core/message/message_type.h"
#include "core/sow/publish_guard.h"

namespace fluxgate {

class WriteGuard final : public PublishGuard {
 public:
  // `grant` allows; the others outlive the guard.
  WriteGuard(std::shared_ptr<const Grant> grant, std::string_view topic, const MessageType& type,
             const FieldTable& fields, const Clock& clock);

  const Grant& grant() const { return *grant_; }

  // All bodies with padding.
  absl::Status Check(const Change& change) override;

 private:
  bool Matches(std::string_view body);
  bool HasOtherFields(std::string_view body);
  absl::Status Refused() const;

  const std::shared_ptr<const Grant> grant_;
  const std::string topic_;
  const MessageType& type_;
  const FieldTable& fields_;
  const Clock& clock_;
  FieldReader reader_;
  std::vector<Value> values_;
  Document document_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ACCESS_WRITE_GUARD_H_
