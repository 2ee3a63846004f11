// A view's definition, compiled: which fields of which sources it reads, how their records are
// joined, and what a group's record is made of. Values of all sources stand side by side in one
// array, each field at a slot of its own. One thread.
#ifndef FLUXGATE_CORE_SOW_VIEW_PLAN_H_
#define FLUXGATE_CORE_SOW_VIEW_PLAN_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/filter/aggregate_expression.h"
#include "core/filter/filter.h"
#include "core/message/field_reader.h"
#include "core/message/message_type.h"
#include "core/sow/sow_definition.h"
#include "core/sow/sow_topic.h"

namespace fluxgate {

class ViewPlan {
 public:
  static constexpr size_t kSourcesMax = 16;
  static constexpr size_t kProjectionMax = 1000;  // fields; of the grouping as well

  // The stored topic that is meant by a name; the type's name may be empty.
  using FindSource =
      std::function<absl::StatusOr<SowTopic*>(std::string_view topic, std::string_view type)>;

  // A field of the view's records.
  struct Field {
    std::unique_ptr<AggregateExpression> expression;
    FieldPath destination;
    bool optional = false;  // a NULL leaves the field out
  };
  struct Source {
    SowTopic* topic = nullptr;
    std::vector<FieldSlot> slots;
    // Its records are joined where these fields of sources before it equal those fields of its own.
    std::vector<FieldSlot> join_left;
    std::vector<FieldSlot> join_right;
    FieldReader reader;                    // of an only source
    std::unique_ptr<Extractor> extractor;  // of joined ones
  };

  // `type` is that of the view's records. Errors: kMessageType for types that cannot be read or
  // written, kBadFilter for expressions, kBadOption for fields and joins that do not go together,
  // kQuotaExceeded over a limit, and those of `find`. `client` as in ExpressionScope, for the
  // filter.
  static absl::StatusOr<std::unique_ptr<ViewPlan>> Compile(const ViewDefinition& definition,
                                                           const SowContext& context,
                                                           const FindSource& find,
                                                           const ClientFacts* client = nullptr);

  // How the topic that holds the records is declared.
  SowTopicDefinition OutputDefinition() const;

  size_t slot_end() const { return fields_.slot_end(); }
  // Fills in the values of one source; null: all of them are NULL. False: the body cannot be read.
  bool Read(size_t source, const Record* record, std::span<Value> values);
  // Whether the filter lets it through. Values have been read; always true with joins.
  bool Matches(bool is_valid, std::span<const Value> values) const;
  // Of the values that the grouping fields have.
  uint64_t GroupKey(std::span<const Value> values);
  // What the join compares; nullopt: a NULL is among them, which equals nothing.
  std::optional<uint64_t> JoinValue(std::span<const FieldSlot> slots,
                                    std::span<const Value> values);

  std::vector<Source>& sources() { return sources_; }
  const std::vector<Field>& projection() const { return projection_; }

 private:
  ViewPlan(const ViewDefinition& definition, const SowContext& context);

  absl::Status AddSource(SowTopic* topic);
  absl::Status CompileJoins(const FindSource& find);
  absl::Status CompileGrouping(const FindSource& find);
  absl::Status CompileProjection(const FindSource& find);
  absl::Status CompileFilter(const ClientFacts* client);
  void MakeReaders();
  // Which source a field is of.
  absl::StatusOr<size_t> SourceOf(const FieldReference& field, const FindSource& find) const;
  // Makes the fields of different sources different ones.
  absl::Status Qualify(ExpressionTree& tree, const FindSource& find);
  absl::StatusOr<FieldReference> ParseField(std::string_view text) const;
  absl::StatusOr<FieldSlot> AcquireField(FieldReference field, const FindSource& find);

  const ViewDefinition definition_;
  const SowContext& context_;
  FieldTable fields_;
  std::vector<Source> sources_;
  std::vector<FieldSlot> grouping_;
  std::vector<FieldPath> grouping_paths_;  // as slots name them
  std::vector<Field> projection_;
  std::shared_ptr<const Filter> filter_;  // null: everything
  SowKeyBuffer key_;
  std::string scratch_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_VIEW_PLAN_H_
