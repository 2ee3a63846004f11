#include "client/amps/routes.h"

#include <utility>

namespace AMPS::internal {

void Routes::Add(const RoutePointer& route) {
  const std::lock_guard lock(mutex_);
  for (const std::string* id : {&route->sub_id, &route->query_id, &route->command_id}) {
    if (!id->empty()) by_id_[*id] = route;
  }
  generation_.fetch_add(1, std::memory_order_release);
}

RoutePointer Routes::Find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

void Routes::Remove(const Route& route) {
  RoutePointer kept;  // destroyed without the lock: a handler may do anything when it goes
  const std::lock_guard lock(mutex_);
  for (const std::string* id : {&route.sub_id, &route.query_id, &route.command_id}) {
    const auto found = by_id_.find(*id);
    if (found == by_id_.end() || found->second.get() != &route) continue;
    kept = std::move(found->second);
    by_id_.erase(found);
    kept->gone = true;
  }
  generation_.fetch_add(1, std::memory_order_release);
}

std::vector<RoutePointer> Routes::RemoveIf(const std::function<bool(const Route&)>& which) {
  std::vector<RoutePointer> removed;
  const std::lock_guard lock(mutex_);
  for (auto at = by_id_.begin(); at != by_id_.end();) {
    if (!which(*at->second)) {
      ++at;
      continue;
    }
    // Under its first id.
    if (!at->second->gone.exchange(true)) removed.push_back(std::move(at->second));
    at = by_id_.erase(at);
  }
  generation_.fetch_add(1, std::memory_order_release);
  return removed;
}

}  // namespace AMPS::internal
