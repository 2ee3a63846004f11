#include "amps/subscription_manager.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

#include "amps/bookmark_store.h"
#include "amps/client.h"

namespace AMPS {
namespace {

struct Subscription {
  MessageHandler handler;
  Command command;
};

Command GoingOn(const Command& command, const Client& client) {
  Command again = command;
  const std::shared_ptr<BookmarkStore>& store = client.getBookmarkStore();
  if (command.getBookmark().empty() || store == nullptr) return again;
  std::string most_recent = store->getMostRecent(command.getSubId());
  if (most_recent != Client::Bookmarks::EPOCH) again.setBookmark(std::move(most_recent));
  return again;
}

}  // namespace

class MemorySubscriptionManager::State {
 public:
  auto Find(const std::string& sub_id) {
    return std::find_if(subscriptions.begin(), subscriptions.end(),
                        [&](const Subscription& one) { return one.command.getSubId() == sub_id; });
  }

  std::mutex mutex;
  std::vector<Subscription> subscriptions;
};

MemorySubscriptionManager::MemorySubscriptionManager() : state_(std::make_unique<State>()) {}
MemorySubscriptionManager::~MemorySubscriptionManager() = default;

void MemorySubscriptionManager::subscribe(const MessageHandler& handler, const Command& command) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->Find(command.getSubId());
  if (found == state_->subscriptions.end()) {
    state_->subscriptions.push_back({handler, command});
    return;
  }
  // One that is put back may name a bookmark of its own; the first one counts.
  Command again = command;
  again.setBookmark(found->command.getBookmark());
  *found = {handler, std::move(again)};
}

void MemorySubscriptionManager::unsubscribe(const std::string& sub_id) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->Find(sub_id);
  if (found != state_->subscriptions.end()) state_->subscriptions.erase(found);
}

void MemorySubscriptionManager::clear() {
  const std::lock_guard lock(state_->mutex);
  state_->subscriptions.clear();
}

void MemorySubscriptionManager::resubscribe(Client& client) {
  std::vector<Subscription> subscriptions;
  {
    const std::lock_guard lock(state_->mutex);
    subscriptions = state_->subscriptions;
  }
  std::exception_ptr refused;
  for (const Subscription& one : subscriptions) {
    try {
      client.executeAsync(GoingOn(one.command, client), one.handler);
    } catch (const CommandException&) {
      if (refused == nullptr) refused = std::current_exception();
    }
  }
  if (refused != nullptr) std::rethrow_exception(refused);
}

}  // namespace AMPS
