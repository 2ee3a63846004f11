// Functions over regular expressions (core/base/regex.h). A pattern that does not compile gives
// NULL, and so does one that would take more steps than are allowed.
#include <algorithm>
#include <string>

#include "core/base/regex.h"
#include "core/filter/functions/arguments.h"
#include "core/filter/functions/builtin_functions.h"
#include "core/filter/pattern_cache.h"

namespace fluxgate {
namespace {

using Arguments = std::span<const Value>;

const Regex* PatternOf(const Value& argument, EvaluationContext& context) {
  if (context.literal_pattern() != nullptr) return context.literal_pattern();
  const TextArgument pattern(argument);
  return pattern.text().empty() ? nullptr : context.patterns->Get(pattern.text());
}

Value RegexpMatch(Arguments arguments, EvaluationContext& context) {
  const Regex* const regex = PatternOf(arguments[1], context);
  return regex == nullptr ? Value::Null() : ValueOf(Like(arguments[0], *regex, context.work_left));
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// In a replacement `\1` and `$1` are group 1 of the match, `\0` and `$0` all of it; `\\` and `$$`
// are a backslash and a dollar; any other backslash or dollar is itself. Calls `literal` with text
// and `group` with the number of a group.
template <typename Literal, typename Group>
void ReadReplacement(std::string_view replacement, Literal literal, Group group) {
  while (!replacement.empty()) {
    const size_t plain = std::min(replacement.find_first_of("\\$"), replacement.size());
    literal(replacement.substr(0, plain));
    replacement.remove_prefix(plain);
    if (replacement.empty()) return;
    const char sign = replacement[0];
    const char next = replacement.size() > 1 ? replacement[1] : '\0';
    if (IsDigit(next)) {
      group(static_cast<size_t>(next - '0'));
      replacement.remove_prefix(2);
    } else {
      literal(replacement.substr(0, 1));
      replacement.remove_prefix(next == sign ? 2 : 1);
    }
  }
}

// Replaces every match. An empty replacement, which is NULL, takes them out.
Value RegexpReplace(Arguments arguments, EvaluationContext& context) {
  const TextArgument text(arguments[0]);
  const TextArgument replacement(arguments[2]);
  if (text.text().empty()) return Value::Null();
  const Regex* const regex = PatternOf(arguments[1], context);
  if (regex == nullptr) return Value::Null();

  size_t groups = 1;
  ReadReplacement(
      replacement.text(), [](std::string_view) {},
      [&groups](size_t group) { groups = std::max(groups, group + 1); });
  std::string result;
  size_t copied = 0;
  RegexScan scan(*regex, text.text(), groups);
  RegexMatch match = scan.Next();
  if (match == RegexMatch::kNo) return text.Part(text.text(), context);
  for (; match == RegexMatch::kYes; match = scan.Next()) {
    result += text.text().substr(copied, scan.begin() - copied);
    copied = scan.end();
    ReadReplacement(
        replacement.text(),
        [&result](std::string_view part) {
          if (result.size() <= EvaluationText::kBytesMax) result += part;
        },
        [&](size_t group) {
          if (result.size() <= EvaluationText::kBytesMax) result += scan.group(group);
        });
    if (result.size() > EvaluationText::kBytesMax) return Value::Null();
  }
  if (match == RegexMatch::kLimit) return Value::Null();
  result += text.text().substr(copied);
  return Value::String(context.text.Copy(result));
}

}  // namespace

std::span<const Function> RegexFunctions() {
  static constexpr Function kFunctions[] = {
      {.name = "REGEXP_MATCH",
       .arguments_min = 2,
       .arguments_max = 2,
       .body = RegexpMatch,
       .pattern_argument = 1},
      {.name = "REGEXP_REPLACE",
       .arguments_min = 3,
       .arguments_max = 3,
       .body = RegexpReplace,
       .pattern_argument = 1},
  };
  return kFunctions;
}

}  // namespace fluxgate
