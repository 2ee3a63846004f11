// The values of stored topics' elements: fields, filters, constructed fields, joins, and numbers
// that are left out where they say nothing. Immutable, any thread.
#ifndef FLUXGATE_GATEWAY_CONFIG_SOW_VALUE_H_
#define FLUXGATE_GATEWAY_CONFIG_SOW_VALUE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/config_value.h"

namespace fluxgate::config {

// Text that is checked by the parser of what it is. Line ends and tabs in it count as blanks.
struct TextKind {
  std::optional<Problem> (*check)(std::string_view text, const FunctionRegistry* functions);
  std::string_view allowed;
};
extern const TextKind kFieldPath;      // `/order/id`
extern const TextKind kFilter;         // a condition
extern const TextKind kPreprocessing;  // `expression AS /field`
extern const TextKind kEnrichment;     // the same; also OF CURRENT, OF PREVIOUS
extern const TextKind kProjection;     // the same; aggregates and `[topic].[/field]`
extern const TextKind kGrouping;       // a field, also as `[topic].[/field]`
extern const TextKind kTopicRegex;     // a regular expression of whole topic names

namespace internal {
std::string OneLine(std::string_view text);
std::string Lines(const std::vector<std::string>& texts);
}  // namespace internal

template <typename S>
Value CheckedText(std::string S::*field, const TextKind& kind) {
  return {[=, &kind](std::string_view text, Target target, const ValueContext& context) {
            std::string line = internal::OneLine(text);
            std::optional<Problem> problem = kind.check(line, context.functions);
            if (!problem) std::get<S*>(target)->*field = std::move(line);
            return problem;
          },
          [=](Source source) { return std::get<const S*>(source)->*field; },
          std::string(kind.allowed), &Fresh<S>};
}

// Each occurrence of the element adds one.
template <typename S>
Value CheckedTexts(std::vector<std::string> S::*field, const TextKind& kind) {
  return {[=, &kind](std::string_view text, Target target, const ValueContext& context) {
            std::string line = internal::OneLine(text);
            std::optional<Problem> problem = kind.check(line, context.functions);
            if (!problem) (std::get<S*>(target)->*field).push_back(std::move(line));
            return problem;
          },
          [=](Source source) { return internal::Lines(std::get<const S*>(source)->*field); },
          std::string(kind.allowed), &Fresh<S>};
}

// The same where the list is inside of another structure.
template <typename S>
Value CheckedTexts(std::vector<std::string>* (*list)(S&), const TextKind& kind) {
  return {[=, &kind](std::string_view text, Target target, const ValueContext& context) {
            std::string line = internal::OneLine(text);
            std::optional<Problem> problem = kind.check(line, context.functions);
            if (!problem) list(*std::get<S*>(target))->push_back(std::move(line));
            return problem;
          },
          [=](Source source) {
            S copy = *std::get<const S*>(source);
            return internal::Lines(*list(copy));
          },
          std::string(kind.allowed), &Fresh<S>};
}

// Of a container that is a list of texts.
Value CheckedTexts(const TextKind& kind);

// `value`, left out where the field is `unsaid`.
template <typename S, typename T>
Value Unless(T unsaid, T S::*field, Value value) {
  value.print = [=, print = std::move(value.print)](Source source) {
    return std::get<const S*>(source)->*field == unsaid ? std::string() : print(source);
  };
  return value;
}

// The one word that is built; says nothing.
Value OnlyWord(std::string_view word, std::vector<std::string_view> not_built);

// SowTopicDefinition::key_source and key_generator.module: `sequence` is built in.
Value KeyGeneratorModule();
Value Expiration();  // SowTopicDefinition::expires, expiration_ns
Value Recovery();    // SowTopicDefinition::recover_to_last_good
// SowTopicDefinition::file_name, as it was written: sow_checks puts the name in. Printed with the
// name in it and each % twice.
Value StoreFile();
// `persistent` or `transient`: said by SowTopicDefinition::file_name, so only checked (sow_checks).
Value Durability();
Value JoinPair();  // of a list of ViewDefinition::Join

// Longest time that intervals of stored topics may say: ten years.
inline constexpr uint64_t kStoredIntervalMaxNs = 3650ull * 24 * 3600 * 1'000'000'000;

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_SOW_VALUE_H_
