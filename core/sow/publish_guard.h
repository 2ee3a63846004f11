// Asked before a message changes anything: may it?
#ifndef FLUXGATE_CORE_SOW_PUBLISH_GUARD_H_
#define FLUXGATE_CORE_SOW_PUBLISH_GUARD_H_

#include <string_view>

#include "absl/status/status.h"

namespace fluxgate {

class PublishGuard {
 public:
  // Bodies with kBodyPaddingBytes behind them.
  struct Change {
    std::string_view given = {};   // as it came
    std::string_view result = {};  // as it would be stored; of a topic that is not stored, `given`
    std::string_view previous = {};  // the record that it replaces; with has_previous
    bool has_previous = false;
    bool is_delta = false;
  };

  virtual ~PublishGuard() = default;
  virtual absl::Status Check(const Change& change) = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_PUBLISH_GUARD_H_
