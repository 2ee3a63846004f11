// The users that sessions have: one UserAccess for each authority, user and message type, as long
// as a session uses it. Reactor thread only.
#ifndef FLUXGATE_CORE_ACCESS_ACCESS_TABLE_H_
#define FLUXGATE_CORE_ACCESS_ACCESS_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/access/user_access.h"

namespace fluxgate {

class AccessTable {
 public:
  AccessTable(AccessLimits limits, std::string instance_name)
      : limits_(std::move(limits)), instance_name_(std::move(instance_name)) {}

  // For one more session. `authority`, `type` and `fields` (of one message type) outlive it.
  std::shared_ptr<UserAccess> Open(AccessAuthority& authority, std::string_view user,
                                   const MessageType& type, FieldTable& fields);
  // A session less. True: it was the last one, nobody asks it any more. Subscriptions on their way
  // out may still hold it.
  bool Close(const UserAccess& access);

  // Null: its last session has left.
  std::shared_ptr<UserAccess> Find(uint64_t number) const;
  std::vector<std::shared_ptr<UserAccess>> Of(const AccessAuthority& authority) const;
  bool empty() const { return by_number_.empty(); }

 private:
  using Key = std::tuple<const AccessAuthority*, const FieldTable*, std::string>;
  static Key KeyOf(const UserAccess& access) {
    return {&access.authority(), &access.fields(), access.user()};
  }
  struct Entry {
    std::shared_ptr<UserAccess> access;
    size_t sessions = 0;
  };

  const AccessLimits limits_;
  const std::string instance_name_;
  absl::flat_hash_map<uint64_t, Entry> by_number_;
  absl::flat_hash_map<Key, uint64_t> numbers_;
  uint64_t made_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ACCESS_ACCESS_TABLE_H_
