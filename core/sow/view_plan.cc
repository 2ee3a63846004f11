#include "core/sow/view_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/base/error.h"
#include "core/base/stable_hash.h"
#include "core/filter/field_construction.h"
#include "core/filter/parser.h"

namespace fluxgate {
namespace {

absl::Status Prefixed(std::string_view what, const absl::Status& status) {
  return MakeError(ErrorCodeOf(status), fmt::format("{}: {}", what, ErrorText(status)));
}

absl::Status TooMany(std::string_view what, size_t max) {
  return MakeError(ErrorCode::kQuotaExceeded, fmt::format("more than {} {}", max, what));
}

}  // namespace

ViewPlan::ViewPlan(const ViewDefinition& definition, const SowContext& context)
    : definition_(definition), context_(context) {}

absl::StatusOr<std::unique_ptr<ViewPlan>> ViewPlan::Compile(const ViewDefinition& definition,
                                                            const SowContext& context,
                                                            const FindSource& find,
                                                            const ClientFacts* client) {
  if (context.type.level() < MessageType::Level::kSerialize) {
    return MakeError(ErrorCode::kMessageType,
                     fmt::format("message type {} cannot be written", context.type.name()));
  }
  std::unique_ptr<ViewPlan> plan(new ViewPlan(definition, context));
  if (definition.source.empty() == definition.joins.empty()) {
    return MakeError(ErrorCode::kBadOption, "a view has either a source or joins");
  }
  if (!definition.joins.empty() && !definition.filter.empty()) {
    return MakeError(ErrorCode::kBadOption, "a view with joins has no filter");
  }
  if (!definition.source.empty()) {
    auto source = find(definition.source, "");
    if (!source.ok()) return source.status();
    if (absl::Status status = plan->AddSource(*source); !status.ok()) return status;
  }
  if (absl::Status status = plan->CompileJoins(find); !status.ok()) return status;
  if (absl::Status status = plan->CompileGrouping(find); !status.ok()) return status;
  if (absl::Status status = plan->CompileProjection(find); !status.ok()) return status;
  if (absl::Status status = plan->CompileFilter(client); !status.ok()) return status;
  plan->MakeReaders();
  return plan;
}

absl::Status ViewPlan::AddSource(SowTopic* topic) {
  if (topic->context().type.level() < MessageType::Level::kFilter) {
    return MakeError(ErrorCode::kMessageType,
                     fmt::format("message type {} of {} has no fields",
                                 topic->context().type.name(), topic->name()));
  }
  if (sources_.size() >= kSourcesMax) return TooMany("topics in a view", kSourcesMax);
  sources_.emplace_back().topic = topic;
  return absl::OkStatus();
}

absl::StatusOr<FieldReference> ViewPlan::ParseField(std::string_view text) const {
  const ExpressionScope scope{.qualified_fields = true, .deterministic_only = true};
  auto tree = ParseExpression(text, context_.limits, scope);
  if (!tree.ok()) return Prefixed(text, tree.status());
  if (!tree->root->is_field()) {
    return MakeError(ErrorCode::kBadOption, fmt::format("{} is no field", text));
  }
  return tree->fields[tree->root->field];
}

absl::Status ViewPlan::CompileJoins(const FindSource& find) {
  // Topics first: how fields are told apart depends on how many there are.
  struct Side {
    FieldReference field;
    size_t source;
  };
  std::vector<std::pair<Side, Side>> joins;
  const auto place = [&](SowTopic* topic) {
    return static_cast<size_t>(
        std::ranges::find(sources_, topic, [](const Source& s) { return s.topic; }) -
        sources_.begin());
  };
  for (const ViewDefinition::Join& join : definition_.joins) {
    const std::string text = fmt::format("join of {} and {}", join.left, join.right);
    auto left = ParseField(join.left);
    if (!left.ok()) return left.status();
    auto right = ParseField(join.right);
    if (!right.ok()) return right.status();
    if (left->topic.empty() || right->topic.empty()) {
      return MakeError(ErrorCode::kBadOption, fmt::format("{}: a field without a topic", text));
    }
    auto left_topic = find(left->topic, left->message_type);
    if (!left_topic.ok()) return Prefixed(text, left_topic.status());
    auto right_topic = find(right->topic, right->message_type);
    if (!right_topic.ok()) return Prefixed(text, right_topic.status());
    if (sources_.empty()) {
      if (absl::Status status = AddSource(*left_topic); !status.ok()) return status;
    }
    const size_t left_at = place(*left_topic);
    if (left_at == sources_.size()) {
      return MakeError(ErrorCode::kBadOption,
                       fmt::format("{}: nothing joins {} before", text, left->topic));
    }
    const size_t right_at = place(*right_topic);
    if (right_at <= left_at) {
      return MakeError(
          ErrorCode::kBadOption,
          fmt::format("{}: {} is a topic that others are joined to already", text, right->topic));
    }
    if (right_at == sources_.size()) {
      if (absl::Status status = AddSource(*right_topic); !status.ok()) return status;
    }
    joins.push_back({{*std::move(left), left_at}, {*std::move(right), right_at}});
  }
  for (auto& [left, right] : joins) {
    auto left_slot = AcquireField(std::move(left.field), find);
    if (!left_slot.ok()) return left_slot.status();
    auto right_slot = AcquireField(std::move(right.field), find);
    if (!right_slot.ok()) return right_slot.status();
    sources_[right.source].join_left.push_back(*left_slot);
    sources_[right.source].join_right.push_back(*right_slot);
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> ViewPlan::SourceOf(const FieldReference& field,
                                          const FindSource& find) const {
  if (field.topic.empty()) {
    if (sources_.size() == 1) return 0;
    return MakeError(ErrorCode::kBadFilter,
                     fmt::format("{}: of which topic? [topic].[/field]", field.ToString()));
  }
  auto topic = find(field.topic, field.message_type);
  if (!topic.ok()) return topic.status();
  for (size_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i].topic == *topic) return i;
  }
  return MakeError(ErrorCode::kBadFilter,
                   fmt::format("{}: {} is no topic of this view", field.ToString(), field.topic));
}

absl::Status ViewPlan::Qualify(ExpressionTree& tree, const FindSource& find) {
  for (FieldReference& field : tree.fields) {
    const auto source = SourceOf(field, find);
    if (!source.ok()) return source.status();
    field.topic.clear();
    field.message_type.clear();
    if (sources_.size() == 1) continue;
    field.path.steps.insert(field.path.steps.begin(), FieldStep(fmt::format("{}", *source)));
  }
  return absl::OkStatus();
}

absl::StatusOr<FieldSlot> ViewPlan::AcquireField(FieldReference field, const FindSource& find) {
  ExpressionTree tree;
  tree.fields.push_back(std::move(field));
  if (absl::Status status = Qualify(tree, find); !status.ok()) return status;
  return fields_.Acquire(tree.fields[0].path);
}

absl::Status ViewPlan::CompileGrouping(const FindSource& find) {
  if (definition_.grouping.size() > kProjectionMax) {
    return TooMany("grouping fields", kProjectionMax);
  }
  for (const std::string& text : definition_.grouping) {
    auto field = ParseField(text);
    if (!field.ok()) return field.status();
    const auto slot = AcquireField(*std::move(field), find);
    if (!slot.ok()) return Prefixed(text, slot.status());
    grouping_.push_back(*slot);
    grouping_paths_.push_back(fields_.path(*slot));
  }
  return absl::OkStatus();
}

absl::Status ViewPlan::CompileProjection(const FindSource& find) {
  if (definition_.projection.empty()) {
    return MakeError(ErrorCode::kBadOption, "a view has one field at least");
  }
  if (definition_.projection.size() > kProjectionMax) return TooMany("fields", kProjectionMax);
  const ExpressionScope scope{.instance_name = context_.instance_name,
                              .functions = context_.functions,
                              .qualified_fields = true,
                              .aggregates = true,
                              .deterministic_only = true};
  Document shape;
  for (const std::string& text : definition_.projection) {
    auto parsed = ParseConstruction(text, context_.limits, scope);
    if (!parsed.ok()) return Prefixed(text, parsed.status());
    FieldConstruction construction;
    if (absl::Status s = TakeDestination(text.size(), *parsed, construction); !s.ok()) {
      return Prefixed(text, s);
    }
    if (construction.set_current) {
      return MakeError(ErrorCode::kBadFilter,
                       fmt::format("{}: SET_CURRENT has no meaning in a projection", text));
    }
    if (shape.Set(construction.destination, Value::Bool(true)) != Document::SetResult::kDone) {
      return MakeError(ErrorCode::kBadOption,
                       fmt::format("{}: there is no place for it beside the other fields", text));
    }
    if (absl::Status s = Qualify(parsed->tree, find); !s.ok()) return Prefixed(text, s);
    auto expression = AggregateExpression::Compile(std::move(parsed->tree), fields_);
    if (!expression.ok()) return Prefixed(text, expression.status());
    projection_.push_back(
        {*std::move(expression), std::move(construction.destination), construction.optional});
  }
  return absl::OkStatus();
}

absl::Status ViewPlan::CompileFilter(const ClientFacts* client) {
  if (definition_.filter.empty()) return absl::OkStatus();
  const ExpressionScope scope{.client = client,
                              .instance_name = context_.instance_name,
                              .functions = context_.functions,
                              .deterministic_only = true};
  auto filter = Filter::Compile(definition_.filter, fields_, context_.limits, scope);
  if (!filter.ok()) return filter.status();
  filter_ = *std::move(filter);
  return absl::OkStatus();
}

void ViewPlan::MakeReaders() {
  std::vector<FieldSlot> slots = grouping_;
  const auto add = [&](std::span<const FieldSlot> more) {
    slots.insert(slots.end(), more.begin(), more.end());
  };
  for (const Field& field : projection_) add(field.expression->expression().slots());
  if (filter_ != nullptr) add(filter_->slots());
  for (const Source& source : sources_) {
    add(source.join_left);
    add(source.join_right);
  }
  std::ranges::sort(slots);
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  if (sources_.size() == 1) {
    sources_[0].slots = slots;
    sources_[0].reader = FieldReader(sources_[0].topic->context().type, fields_, slots);
    return;
  }
  std::vector<std::vector<FieldRequest>> requests(sources_.size());
  for (const FieldSlot slot : slots) {
    FieldPath path = fields_.path(slot);
    size_t source = 0;
    const std::string& number = path.steps[0].name;
    std::from_chars(number.data(), number.data() + number.size(), source);
    path.steps.erase(path.steps.begin());
    sources_[source].slots.push_back(slot);
    requests[source].push_back({std::move(path), slot});
  }
  for (size_t i = 0; i < sources_.size(); ++i) {
    if (requests[i].empty()) continue;
    sources_[i].extractor = sources_[i].topic->context().type.NewExtractor(std::move(requests[i]));
  }
}

SowTopicDefinition ViewPlan::OutputDefinition() const {
  SowTopicDefinition output;
  output.name = definition_.name;
  output.message_type = context_.type.name();
  output.hash_indexes = definition_.hash_indexes;
  // What makes a group may be in its records under another name, or not at all.
  for (const FieldPath& path : grouping_paths_) {
    for (const Field& field : projection_) {
      const ValueExpression& expression = field.expression->expression();
      if (!expression.is_field() || fields_.path(expression.slots()[0]) != path) continue;
      output.key_fields.push_back(field.destination.ToString());
      break;
    }
  }
  using KeySource = SowTopicDefinition::KeySource;
  output.key_source = output.key_fields.empty() ? KeySource::kGenerated : KeySource::kFields;
  return output;
}

bool ViewPlan::Read(size_t source, const Record* record, std::span<Value> values) {
  Source& of = sources_[source];
  if (record == nullptr) {
    for (const FieldSlot slot : of.slots) values[slot] = Value::Null();
    return true;
  }
  if (sources_.size() == 1) return of.topic->Read(*record, of.reader, key_, values);
  return of.extractor == nullptr || of.extractor->Extract(record->body(), values);
}

bool ViewPlan::Matches(bool is_valid, std::span<const Value> values) const {
  if (filter_ == nullptr) return true;
  return (is_valid || !filter_->reads_body()) && filter_->Matches(values);
}

uint64_t ViewPlan::GroupKey(std::span<const Value> values) {
  const auto key = ComputeSowKey(definition_.name, grouping_, values, scratch_);
  // All NULL is a group like any other.
  return key.has_value() ? *key : StableHash(scratch_);
}

std::optional<uint64_t> ViewPlan::JoinValue(std::span<const FieldSlot> slots,
                                            std::span<const Value> values) {
  for (const FieldSlot slot : slots) {
    if (values[slot].first().is_null()) return std::nullopt;
  }
  return ComputeSowKey({}, slots, values, scratch_);
}

}  // namespace fluxgate
