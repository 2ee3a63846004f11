#include "gateway/config/sow_value.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/units.h"
#include "core/filter/field_construction.h"
#include "core/filter/parser.h"
#include "core/topic/topic_pattern.h"
#include "fmt/format.h"
#include "gateway/config/env_substitution.h"
#include "gateway/config/store_file_name.h"

namespace fluxgate::config {
namespace {

constexpr uint64_t kMillisecond = 1'000'000;

constexpr std::string_view kFieldAllowed = "a field like /order/id";
constexpr std::string_view kConstructionAllowed = "expression AS /field";
constexpr std::string_view kGroupingAllowed = "a field like /order/id or [topic].[/order/id]";
constexpr std::string_view kJoinAllowed = "[topic].[/field]=[topic].[/field]";

Problem Bad(const absl::Status& status, std::string_view allowed) {
  return {ErrorText(status), std::string(allowed)};
}

std::optional<Problem> CheckFieldPath(std::string_view text, const FunctionRegistry*) {
  if (auto problem = internal::CheckText(text, kExpandedBytesMax)) return problem;
  if (const auto path = ParseFieldPath(text); !path.ok()) return Bad(path.status(), kFieldAllowed);
  return std::nullopt;
}

std::optional<Problem> CheckFilter(std::string_view text, const FunctionRegistry* functions) {
  if (auto problem = internal::CheckText(text, kExpandedBytesMax)) return problem;
  const auto tree = ParseExpression(text, {}, {.functions = functions});
  if (!tree.ok()) return Bad(tree.status(), "");
  return std::nullopt;
}

std::optional<Problem> CheckConstruction(std::string_view text, const ExpressionScope& scope) {
  if (auto problem = internal::CheckText(text, kExpandedBytesMax)) return problem;
  FieldTable fields;
  const auto construction = FieldConstruction::Compile(text, fields, {}, scope);
  if (!construction.ok()) return Bad(construction.status(), kConstructionAllowed);
  return std::nullopt;
}

std::optional<Problem> CheckPreprocessing(std::string_view text,
                                          const FunctionRegistry* functions) {
  return CheckConstruction(text, {.functions = functions});
}

std::optional<Problem> CheckEnrichment(std::string_view text, const FunctionRegistry* functions) {
  return CheckConstruction(text, {.functions = functions, .records = true});
}

std::optional<Problem> CheckProjection(std::string_view text, const FunctionRegistry* functions) {
  if (auto problem = internal::CheckText(text, kExpandedBytesMax)) return problem;
  const auto parsed = ParseConstruction(
      text, {}, {.functions = functions, .qualified_fields = true, .aggregates = true});
  if (!parsed.ok()) return Bad(parsed.status(), kConstructionAllowed);
  if (parsed->destination.steps.empty() && !parsed->tree.root->is_field()) {
    return Problem{"has no AS and field that the value goes to", std::string(kConstructionAllowed)};
  }
  return std::nullopt;
}

std::optional<Problem> CheckGrouping(std::string_view text, const FunctionRegistry* functions) {
  if (auto problem = internal::CheckText(text, kExpandedBytesMax)) return problem;
  const auto tree = ParseExpression(text, {}, {.functions = functions, .qualified_fields = true});
  if (!tree.ok()) return Bad(tree.status(), kGroupingAllowed);
  if (tree->root->is_field()) return std::nullopt;
  return Problem{fmt::format("{} is not a field", Quoted(text)), std::string(kGroupingAllowed)};
}

std::optional<Problem> CheckTopicRegex(std::string_view text, const FunctionRegistry*) {
  if (auto problem = internal::CheckText(text, kExpandedBytesMax)) return problem;
  const auto pattern = TopicPattern::Compile(text);
  if (!pattern.ok()) return Bad(pattern.status(), "");
  return std::nullopt;
}

}  // namespace

const TextKind kFieldPath = {&CheckFieldPath, kFieldAllowed};
const TextKind kFilter = {&CheckFilter, "a filter"};
const TextKind kPreprocessing = {&CheckPreprocessing, kConstructionAllowed};
const TextKind kEnrichment = {&CheckEnrichment, kConstructionAllowed};
const TextKind kProjection = {&CheckProjection, kConstructionAllowed};
const TextKind kGrouping = {&CheckGrouping, kGroupingAllowed};
const TextKind kTopicRegex = {&CheckTopicRegex, "a regular expression"};

namespace internal {

std::string OneLine(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  return line;
}

std::string Lines(const std::vector<std::string>& texts) {
  std::string lines;
  for (const std::string& text : texts) lines += (lines.empty() ? "" : "\n") + text;
  return lines;
}

}  // namespace internal

Value CheckedTexts(const TextKind& kind) {
  using List = std::vector<std::string>;
  return {[&kind](std::string_view text, Target target, const ValueContext& context) {
            std::string line = internal::OneLine(text);
            std::optional<Problem> problem = kind.check(line, context.functions);
            if (!problem) std::get<List*>(target)->push_back(std::move(line));
            return problem;
          },
          [](Source source) { return internal::Lines(*std::get<const List*>(source)); },
          std::string(kind.allowed), &Fresh<List>};
}

Value OnlyWord(std::string_view word, std::vector<std::string_view> not_built) {
  return {[=](std::string_view text, Target, const ValueContext&) -> std::optional<Problem> {
            if (text == word) return std::nullopt;
            return internal::NotOneOf(text, word, not_built);
          },
          [](Source) { return std::string(); }, std::string(word), &Fresh<Config>};
}

Value KeyGeneratorModule() {
  using KeySource = SowTopicDefinition::KeySource;
  static constexpr std::string_view kSequence = "sequence";
  return {[](std::string_view text, Target target, const ValueContext&) -> std::optional<Problem> {
            if (auto problem = internal::CheckText(text, kNameBytesMax)) return problem;
            SowTopicDefinition& topic = *std::get<SowTopicDefinition*>(target);
            topic.key_source = text == kSequence ? KeySource::kGenerated : KeySource::kModule;
            topic.key_generator.module = text == kSequence ? "" : std::string(text);
            return std::nullopt;
          },
          [](Source source) -> std::string {
            const SowTopicDefinition& topic = *std::get<const SowTopicDefinition*>(source);
            return topic.key_source == KeySource::kGenerated ? std::string(kSequence)
                                                             : topic.key_generator.module;
          },
          "sequence, or the name of a module", &Fresh<SowTopicDefinition>};
}

Value Expiration() {
  const std::string allowed =
      fmt::format("disabled, enabled, or {}",
                  internal::AllowedNumber(kMillisecond, kStoredIntervalMaxNs, internal::kInterval));
  return {[=](std::string_view text, Target target, const ValueContext&) -> std::optional<Problem> {
            uint64_t ns = 0;
            if (text != "disabled" && text != "enabled") {
              std::optional<Problem> problem = internal::ParseNumber(
                  text, kMillisecond, kStoredIntervalMaxNs, internal::kInterval, ns);
              if (problem) return Problem{problem->what, allowed};
            }
            SowTopicDefinition& topic = *std::get<SowTopicDefinition*>(target);
            topic.expires = text != "disabled";
            topic.expiration_ns = static_cast<int64_t>(ns);
            return std::nullopt;
          },
          [](Source source) -> std::string {
            const SowTopicDefinition& topic = *std::get<const SowTopicDefinition*>(source);
            if (!topic.expires) return "disabled";
            if (topic.expiration_ns == 0) return "enabled";
            return FormatInterval(static_cast<uint64_t>(topic.expiration_ns));
          },
          allowed, &Fresh<SowTopicDefinition>};
}

Value Recovery() {
  static constexpr std::string_view kAllowed = "refuse, last-good";
  return {[](std::string_view text, Target target, const ValueContext&) -> std::optional<Problem> {
            if (text != "refuse" && text != "last-good") {
              return internal::NotOneOf(text, kAllowed, {});
            }
            std::get<SowTopicDefinition*>(target)->recover_to_last_good = text == "last-good";
            return std::nullopt;
          },
          // What is not said is refused, and of a transient topic nothing may be said.
          [](Source source) -> std::string {
            return std::get<const SowTopicDefinition*>(source)->recover_to_last_good ? "last-good"
                                                                                     : "";
          },
          std::string(kAllowed), &Fresh<SowTopicDefinition>};
}

Value StoreFile() {
  static constexpr std::string_view kPercent =
      "%n for the topic's name, %% for % itself, no other %";
  Value value = Text(&SowTopicDefinition::file_name, kFileNameBytesMax);
  value.parse = [parse = std::move(value.parse)](
                    std::string_view text, Target target,
                    const ValueContext& context) -> std::optional<Problem> {
    if (const std::string_view mark = BadMark(text); !mark.empty()) {
      return Problem{fmt::format("has {}", Quoted(mark)), std::string(kPercent)};
    }
    return parse(text, target, context);
  };
  value.print = [](Source source) {
    return WrittenStoreFileName(std::get<const SowTopicDefinition*>(source)->file_name);
  };
  return value;
}

Value Durability() {
  static constexpr std::string_view kAllowed = "persistent, transient";
  return {[](std::string_view text, Target, const ValueContext&) -> std::optional<Problem> {
            if (text == "persistent" || text == "transient") return std::nullopt;
            return internal::NotOneOf(text, kAllowed, {});
          },
          [](Source) { return std::string(); }, std::string(kAllowed), &Fresh<SowTopicDefinition>};
}

Value JoinPair() {
  using Joins = std::vector<ViewDefinition::Join>;
  return {[](std::string_view text, Target target, const ValueContext&) -> std::optional<Problem> {
            const std::string line = internal::OneLine(text);
            if (auto problem = internal::CheckText(line, kExpandedBytesMax)) return problem;
            const auto tree = ParseExpression(line, {}, {.qualified_fields = true});
            if (!tree.ok()) return Bad(tree.status(), kJoinAllowed);
            const Expression& root = *tree->root;
            const auto topic_field = [&tree](const Expression& side) -> const FieldReference* {
              if (!side.is_field() || tree->fields[side.field].topic.empty()) return nullptr;
              return &tree->fields[side.field];
            };
            if (root.kind == ExpressionKind::kCompare && root.compare == CompareOp::kEqual) {
              const FieldReference* const left = topic_field(*root.operands[0]);
              const FieldReference* const right = topic_field(*root.operands[1]);
              if (left != nullptr && right != nullptr) {
                ViewDefinition::Join join{left->ToString(), right->ToString()};
                // Escapes that were left out are in it now; it has to be readable again.
                const std::string written = fmt::format("{}={}", join.left, join.right);
                if (auto problem = internal::CheckText(written, kExpandedBytesMax)) return problem;
                std::get<Joins*>(target)->push_back(std::move(join));
                return std::nullopt;
              }
            }
            return Problem{fmt::format("{} does not compare fields of two topics", Quoted(text)),
                           std::string(kJoinAllowed)};
          },
          [](Source source) {
            std::string lines;
            for (const ViewDefinition::Join& join : *std::get<const Joins*>(source)) {
              lines += fmt::format("{}{}={}", lines.empty() ? "" : "\n", join.left, join.right);
            }
            return lines;
          },
          std::string(kJoinAllowed), &Fresh<Joins>};
}

}  // namespace fluxgate::config
