// The engine's conflated topics, views and the nameless views behind aggregated queries and
// subscriptions: which sources they have, when they get on, and who is told of what becomes of
// their records. Owned by the engine; reactor thread.
#ifndef FLUXGATE_CORE_ENGINE_DERIVED_TOPICS_H_
#define FLUXGATE_CORE_ENGINE_DERIVED_TOPICS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/strings.h"
#include "core/engine/change_delivery.h"
#include "core/filter/expression_scope.h"
#include "core/sow/derived_topic.h"
#include "core/sow/sow_catalog.h"
#include "core/sow/sow_definition.h"
#include "core/sow/view.h"
#include "core/subscription/subscription_table.h"
#include "core/subscription/topic_state.h"

namespace fluxgate {

class DerivedTopics;

// A view without a name that others could use: of one stored topic, under that topic's name, for
// those who asked for exactly this filter, grouping and projection. Goes with the last of them.
class AggregatedTopic {
 public:
  ~AggregatedTopic();
  AggregatedTopic(const AggregatedTopic&) = delete;
  AggregatedTopic& operator=(const AggregatedTopic&) = delete;

  SowTopic& records() { return *records_; }
  // Where subscriptions to it are attached (Subscription::own_topic).
  TopicState& state() { return state_; }
  // A query that is accepted now has to wait until is_ready(ticket()).
  uint64_t ticket() const { return view_->noted(); }
  bool is_ready(uint64_t ticket) const { return view_->is_filled() && view_->done() >= ticket; }

 private:
  friend class DerivedTopics;
  AggregatedTopic(DerivedTopics& owner, std::string key, std::string_view topic);

  DerivedTopics& owner_;
  const std::string key_;
  TopicState state_;
  std::unique_ptr<SowTopic> records_;
  std::unique_ptr<View> view_;
  uint64_t begin_sequence_ = 0;
};

class DerivedTopics {
 public:
  using Tables = StringMap<std::unique_ptr<SubscriptionTable>>;
  using Catalogs = StringMap<std::unique_ptr<SowCatalog>>;

  // `wake` is called when RunSlice has something to do. All of it outlives this.
  DerivedTopics(ChangeDelivery& delivery, const Tables& tables, const Catalogs& catalogs,
                uint64_t& sequence, std::function<void()> wake);
  ~DerivedTopics();

  absl::Status Define(const ConflatedTopicDefinition& definition);
  absl::Status Define(const ViewDefinition& definition);

  // A view of `source` alone: `definition` without name, source, type and joins. `filter` is its
  // filter's canonical text; views that are asked for again are shared. kQuotaExceeded when
  // `views_max` are in use, and as from ViewPlan::Compile.
  absl::StatusOr<std::shared_ptr<AggregatedTopic>> Aggregate(SowTopic& source,
                                                             std::string_view filter,
                                                             ViewDefinition definition,
                                                             const ClientFacts& client,
                                                             size_t views_max);

  // A slice of one of them. False: none has anything to do.
  bool RunSlice();
  // Whether RunSlice has something to do now; the passing of time alone may change that.
  bool HasWork() const;

  size_t aggregated_count() const { return aggregated_.size(); }
  // What they keep beside records.
  uint64_t bytes() const;

 private:
  friend class AggregatedTopic;
  class Output;
  struct Part {
    std::unique_ptr<DerivedTopic> topic;
    SowTopic* records;
  };

  absl::StatusOr<SowTopic*> FindSource(std::string_view topic, std::string_view type,
                                       std::string_view own_type) const;
  absl::StatusOr<SowCatalog*> CatalogOf(std::string_view type) const;
  bool RunSliceOf(size_t at);

  ChangeDelivery& delivery_;
  const Tables& tables_;
  const Catalogs& catalogs_;
  uint64_t& sequence_;
  const std::function<void()> wake_;
  std::vector<Part> parts_;
  StringMap<std::weak_ptr<AggregatedTopic>> aggregated_;
  std::vector<AggregatedTopic*> aggregated_list_;
  size_t next_ = 0;
  SowScratch scratch_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ENGINE_DERIVED_TOPICS_H_
