// What users may do, as the engine asks for it and is told. The engine does not decide: it asks an
// AccessAuthority once for each user, topic and kind of access, and keeps the answer.
#ifndef FLUXGATE_CORE_ACCESS_ACCESS_H_
#define FLUXGATE_CORE_ACCESS_ACCESS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/filter/filter.h"
#include "core/filter/select_list.h"

namespace fluxgate {

enum class AccessKind : uint8_t {
  kRead,   // subscribe, query
  kWrite,  // publish, delete
};

// An answer, in words.
struct AccessDecision {
  bool is_allowed = false;
  std::string filter = {};       // only messages that match; empty: all
  std::string select_list = {};  // only these fields; empty: all
};

// The same, compiled for one message type. Immutable.
struct Grant {
  bool is_allowed = false;
  std::string filter_text;
  std::shared_ptr<const Filter> filter;      // null: all messages
  std::shared_ptr<const SelectList> select;  // null: all fields

  bool is_whole() const { return is_allowed && filter == nullptr && select == nullptr; }
  bool operator==(const Grant& other) const {
    const auto fields = [](const Grant& grant) {
      return grant.select == nullptr ? std::string_view() : grant.select->canonical();
    };
    return is_allowed == other.is_allowed && filter_text == other.filter_text &&
           fields(*this) == fields(other);
  }
};

struct AccessQuestion {
  uint64_t asker = 0;  // to be named in the answer
  std::string user;
  std::string message_type;
  std::string topic;
  AccessKind kind = AccessKind::kRead;
};

class AccessAuthority {
 public:
  virtual ~AccessAuthority() = default;
  // Reactor thread. The answer comes by Engine::Decide, on the same thread, later: never from
  // inside this call.
  virtual void Ask(AccessQuestion question) = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ACCESS_ACCESS_H_
