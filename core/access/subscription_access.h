// What one subscription, or one query, may see of each topic it meets. Reactor thread only.
#ifndef FLUXGATE_CORE_ACCESS_SUBSCRIPTION_ACCESS_H_
#define FLUXGATE_CORE_ACCESS_SUBSCRIPTION_ACCESS_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "core/access/user_access.h"
#include "core/message/field_path.h"
#include "core/subscription/subscription_guard.h"

namespace fluxgate {

// The client that an expression is compiled for, kept.
struct OwnClientFacts {
  explicit OwnClientFacts(const ClientFacts& facts)
      : client_name(facts.client_name),
        user(facts.user),
        remote_address(facts.remote_address),
        client_version(facts.client_version),
        connection_name(facts.connection_name) {}
  ClientFacts view() const {
    return {client_name, user, remote_address, client_version, connection_name};
  }

  std::string client_name, user, remote_address, client_version, connection_name;
};

class SubscriptionAccess final : public SubscriptionGuard {
 public:
  // `filter` is what the client asked for (null: everything) and `text` its text.
  SubscriptionAccess(std::shared_ptr<UserAccess> user, const ClientFacts& client,
                     std::shared_ptr<const Filter> filter, std::string_view text,
                     bool deterministic);

  // Fields that the client named beside its filter (order, keys): they have to be visible as well.
  void AlsoReads(FieldPath path) { reads_.push_back(std::move(path)); }

  // kNotEntitled when it may see nothing of the topic, or not the fields that it names.
  absl::Status Check(std::string_view topic) const;

  std::optional<std::shared_ptr<const Filter>> FilterOn(std::string_view topic) override;
  // Which fields are shown of the topic's messages; nullopt: none. Null: all.
  std::optional<const SelectList*> FieldsOn(std::string_view topic) const;
  // Whether messages of the topic are hidden by what is in them.
  bool HidesMessagesOf(std::string_view topic) const;

  UserAccess& user() const { return *user_; }

 private:
  const std::shared_ptr<UserAccess> user_;
  const OwnClientFacts client_;
  const std::shared_ptr<const Filter> filter_;
  const std::string text_;
  const bool deterministic_;
  std::vector<FieldPath> reads_;
  struct Combined {
    std::string grant_text;
    std::shared_ptr<const Filter> filter;
  };
  std::vector<Combined> combined_;  // one for each different filter of a grant: few
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ACCESS_SUBSCRIPTION_ACCESS_H_
