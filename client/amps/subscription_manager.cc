#include "amps/subscription_manager.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <set>
#include <string>
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

// For the answer to one that is put back, whatever time the program gave the first one.
constexpr long kAnswerTimeMs = 30'000;

Command GoingOn(const Command& command, const Client& client) {
  Command again = command;
  again.setTimeout(kAnswerTimeMs);
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

  bool WasEnded(const std::string& sub_id) {
    const std::lock_guard lock(mutex);
    return ended.count(sub_id) != 0;
  }

  struct Resubscribing {
    explicit Resubscribing(State& of) : state(of) {}
    ~Resubscribing() {
      const std::lock_guard lock(state.mutex);
      state.is_resubscribing = false;
      state.ended.clear();
    }
    State& state;
  };

  std::mutex mutex;
  std::vector<Subscription> subscriptions;
  // While they are put back: those that were ended meanwhile, and may have been put back already.
  bool is_resubscribing = false;
  std::set<std::string> ended;
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
  if (state_->is_resubscribing) state_->ended.insert(sub_id);
}

void MemorySubscriptionManager::clear() {
  const std::lock_guard lock(state_->mutex);
  if (state_->is_resubscribing) {
    for (const Subscription& one : state_->subscriptions) {
      state_->ended.insert(one.command.getSubId());
    }
  }
  state_->subscriptions.clear();
}

void MemorySubscriptionManager::resubscribe(Client& client) {
  std::vector<Subscription> subscriptions;
  {
    const std::lock_guard lock(state_->mutex);
    subscriptions = state_->subscriptions;
    state_->is_resubscribing = true;
  }
  const State::Resubscribing until_return(*state_);
  std::exception_ptr refused;
  for (const Subscription& one : subscriptions) {
    const std::string& sub_id = one.command.getSubId();
    if (state_->WasEnded(sub_id)) continue;
    try {
      client.executeAsync(GoingOn(one.command, client), one.handler);
      if (state_->WasEnded(sub_id)) {
        unsubscribe(sub_id);  // putting it back has made it known again
        client.unsubscribe(sub_id);
      }
    } catch (const CommandException&) {
      unsubscribe(sub_id);
      if (refused == nullptr) refused = std::current_exception();
    }
  }
  if (refused != nullptr) std::rethrow_exception(refused);
}

}  // namespace AMPS
