// Credentials that have been found good a moment ago, for clients that show them with every call.
// Keeps no credentials, only a keyed hash of them. One thread.
#ifndef FLUXGATE_GATEWAY_SECURITY_LOGON_CACHE_H_
#define FLUXGATE_GATEWAY_SECURITY_LOGON_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "core/base/strings.h"
#include "gateway/security/authentication.h"

namespace fluxgate {

class LogonCache {
 public:
  LogonCache(int64_t lifetime_ns, size_t entries_max);

  // What Add was given; nullopt: not known, or not any more.
  std::optional<std::string> Find(const std::string& key, int64_t now_ns);
  void Add(const std::string& key, std::string user_id, int64_t now_ns);
  void Clear();

  // Of what a client has presented, and from which host.
  std::string KeyOf(const Credentials& credentials) const;

  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string user_id;
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
