// What one user may do with the topics of one message type, as far as it has been asked for: shared
// by the user's sessions. Reactor thread only.
#ifndef FLUXGATE_CORE_ACCESS_USER_ACCESS_H_
#define FLUXGATE_CORE_ACCESS_USER_ACCESS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/access/access.h"
#include "core/access/write_guard.h"
#include "core/base/clock.h"
#include "core/base/strings.h"
#include "core/filter/expression_scope.h"
#include "core/message/field_table.h"
#include "core/message/message_type.h"

namespace fluxgate {

struct AccessLimits {
  size_t topics_max = 100'000;  // that are remembered of one user; others are not allowed
  FilterLimits filters;
  SelectLimits select_lists;
  const FunctionRegistry* functions = nullptr;  // beside the builtin ones; outlives it
};

class UserAccess {
 public:
  // `authority`, `type` and `fields` outlive it. `number` names it in questions.
  UserAccess(AccessAuthority& authority, uint64_t number, std::string user, const MessageType& type,
             FieldTable& fields, AccessLimits limits, std::string instance_name);

  const std::string& user() const { return user_; }
  uint64_t number() const { return number_; }
  AccessAuthority& authority() const { return authority_; }
  FieldTable& fields() const { return fields_; }

  // Null: not known (yet).
  std::shared_ptr<const Grant> Find(std::string_view topic, AccessKind kind) const;
  // What guards publishes to a topic that may be written, where not all of it may (null: all). Good
  // until an answer is taken into use.
  WriteGuard* FindWriteGuard(std::string_view topic, const Clock& clock);
  // Whether it is known. If not, it is being asked for now.
  bool Know(std::string_view topic, AccessKind kind);
  // An answer. The error says why the decision cannot be used: it counts as not allowed.
  absl::Status Decide(std::string_view topic, AccessKind kind, const AccessDecision& decision);
  // Since it was made; not answered are those between.
  uint64_t asked() const { return asked_; }
  uint64_t answered() const { return answered_; }

  // Asks everything again; what is known stays in use until all of it has been answered. Answers
  // to earlier questions do not count any more: they are asked again as well.
  void AskAgain();
  // The same of one thing only, if it is known. False: not now; what has been answered already
  // waits for the other answers, and would not come to an end if it were asked for again.
  bool AskAgain(std::string_view topic, AccessKind kind);
  // All of it has been answered.
  bool has_asked_again() const { return asking_again_ && again_unanswered_ == 0; }
  // Then: the topics for which TakeAnswers will change that kind of access.
  std::vector<std::string> ChangedTopics(AccessKind kind) const;
  // Puts the answers of AskAgain in use.
  void TakeAnswers();

  // `filter` within what `grant` lets through; `text` is its own, empty for none. Compiled for a
  // client, kept by the caller.
  absl::StatusOr<std::shared_ptr<const Filter>> Within(const Grant& grant, std::string_view text,
                                                       const ClientFacts& client,
                                                       bool deterministic) const;

 private:
  struct Entry {
    std::shared_ptr<const Grant> grant;  // null: not known
    std::shared_ptr<const Grant> next;   // of AskAgain
    bool is_asked = false;
    bool is_stale = false;     // the answer under way is by rules that do not count any more
    bool is_of_again = false;  // the question is one of AskAgain
  };
  struct Topic {
    Entry read;
    Entry write;
    std::unique_ptr<WriteGuard> write_guard;  // of write.grant, once it was needed
  };
  static Entry& Of(Topic& topic, AccessKind kind) {
    return kind == AccessKind::kRead ? topic.read : topic.write;
  }
  static const Entry& Of(const Topic& topic, AccessKind kind) {
    return kind == AccessKind::kRead ? topic.read : topic.write;
  }
  void AskAgain(std::string_view topic, AccessKind kind, Entry& entry);
  void Ask(std::string_view topic, AccessKind kind, Entry& entry);
  absl::Status Compile(const AccessDecision& decision, Grant& grant);

  AccessAuthority& authority_;
  const uint64_t number_;
  const std::string user_;
  const MessageType& type_;
  FieldTable& fields_;
  const AccessLimits limits_;
  const std::string instance_name_;
  StringMap<Topic> topics_;
  // Shared by topics that say the same.
  StringMap<std::weak_ptr<const Filter>> filters_;
  StringMap<std::weak_ptr<const SelectList>> select_lists_;
  uint64_t asked_ = 0;
  uint64_t answered_ = 0;
  size_t again_unanswered_ = 0;
  bool asking_again_ = false;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ACCESS_USER_ACCESS_H_
