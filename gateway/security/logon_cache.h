// Credentials that have been found good a moment ago, for clients that show them with every call.
// Keeps no credentials, only a keyed hash of them. One thread.
#ifndef FLUXGATE_GATEWAY_SECURITY_LOGON_CACHE_H_
#define FLUXGATE_GATEWAY_SECURITY_LOGON_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>

#include "core/base/strings.h"
#include "gateway/security/authentication.h"

namespace fluxgate {

class LogonCache {
 public:
  LogonCache(int64_t lifetime_ns, size_t entries_max);

  struct Known {
    std::string user_id;
    int64_t expires_at_s = 0;  // as the module said

    bool operator==(const Known&) const = default;
  };

  // What Add was given; nullopt: not known, or not any more.
  std::optional<Known> Find(const std::string& key, int64_t now_ns);
  // For the cache's lifetime, or `good_for_ns` where that is less.
  void Add(const std::string& key, Known known, int64_t now_ns,
           int64_t good_for_ns = std::numeric_limits<int64_t>::max());
  void Clear();

  // Of what a client has presented, and from which host.
  std::string KeyOf(const Credentials& credentials) const;

  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Known known;
    int64_t until_ns;
  };
  struct Due {
    int64_t until_ns;
    std::string key;
  };
  void Forget(int64_t now_ns);

  const int64_t lifetime_ns_;
  const size_t entries_max_;
  const std::string secret_;  // of this process: hashes are of no use elsewhere
  StringMap<Entry> entries_;
  std::deque<Due> by_time_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SECURITY_LOGON_CACHE_H_
