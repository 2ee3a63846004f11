// The stored topics of one message type, in the order of their definition: which one keeps a topic,
// which ones does a pattern name? One thread.
#ifndef FLUXGATE_CORE_SOW_SOW_CATALOG_H_
#define FLUXGATE_CORE_SOW_SOW_CATALOG_H_

#include <memory>
#include <string_view>
#include <vector>

#include "core/base/strings.h"
#include "core/sow/sow_topic.h"

namespace fluxgate {

class SowCatalog {
 public:
  SowCatalog(const MessageType& type, FieldTable& fields, const Clock& clock,
             const FilterLimits& limits, std::string_view instance_name, uint64_t& sequence,
             uint64_t body_bytes_max, const FunctionRegistry* functions,
             const KeyGenerators& key_generators)
      : context_{type,     fields,         clock,     limits,        std::string(instance_name),
                 sequence, body_bytes_max, functions, key_generators} {}

  SowContext& context() { return context_; }

  // kBadOption: there is one of that name.
  absl::Status Add(std::unique_ptr<SowTopic> topic);

  // Who keeps messages of this topic; null: nobody. Names come before patterns.
  SowTopic* Find(std::string_view topic) const;
  // The one that is defined under this name; null: none.
  SowTopic* FindDefined(std::string_view name) const;
  // Those that keep topics that `pattern` may match: for a group of topics that can only be known
  // record by record.
  std::vector<SowTopic*> Matching(const TopicPattern& pattern) const;

  const std::vector<std::unique_ptr<SowTopic>>& topics() const { return topics_; }

 private:
  SowContext context_;
  std::vector<std::unique_ptr<SowTopic>> topics_;
  StringMap<SowTopic*> by_name_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_SOW_CATALOG_H_
