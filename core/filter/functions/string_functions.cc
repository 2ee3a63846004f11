// Functions over text. Bytes, not characters; letters are those of ASCII.
#include <algorithm>
#include <cstring>

#include "core/filter/functions/arguments.h"
#include "core/filter/functions/builtin_functions.h"

namespace fluxgate {
namespace {

using Arguments = std::span<const Value>;

constexpr std::string_view kBlanks = " \t\n\v\f\r";

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Upper(x) == Upper(y); });
}

char* Append(char* place, std::string_view text) {
  if (!text.empty()) std::memcpy(place, text.data(), text.size());
  return place + text.size();
}

// Where `part` begins in `text`, at `from` or later; npos when nowhere. In linear time, which
// std::string_view::find does not promise.
size_t FindPart(std::string_view text, std::string_view part, size_t from) {
  const void* const found =
      memmem(text.data() + from, text.size() - from, part.data(), part.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

// NULL is taken as the empty text that it stands for, so that a missing part does not lose the
// rest.
Value Concat(Arguments arguments, EvaluationContext& context) {
  TextBuffer buffer;
  size_t bytes = 0;
  for (const Value& argument : arguments) bytes += TextOf(argument, buffer).size();
  char* const begin = context.text.Allocate(bytes);
  if (begin == nullptr) return Value::Null();
  char* end = begin;
  for (const Value& argument : arguments) end = Append(end, TextOf(argument, buffer));
  return Value::String({begin, bytes});
}

Value Length(Arguments arguments, EvaluationContext&) {
  const TextArgument text(arguments[0]);
  if (text.text().empty()) return Value::Null();
  return Value::Int(static_cast<int64_t>(text.text().size()));
}

// A position before the first byte means the first.
Value Substr(Arguments arguments, EvaluationContext& context) {
  const TextArgument text(arguments[0]);
  const std::optional<int64_t> position = WholeArgument(arguments[1]);
  std::optional<int64_t> length = INT64_MAX;
  if (arguments.size() == 3) length = WholeArgument(arguments[2]);
  if (!position.has_value() || !length.has_value() || *length <= 0) return Value::Null();
  const auto size = static_cast<int64_t>(text.text().size());
  int64_t begin = 0;
  if (*position > 0) begin = *position - 1;
  if (*position < 0 && *position >= -size) begin = size + *position;
  if (begin >= size) return Value::Null();
  return text.Part(text.text().substr(static_cast<size_t>(begin), static_cast<size_t>(*length)),
                   context);
}

// How many bytes the second argument asks for of the first.
std::optional<size_t> CountOf(std::string_view text, const Value& argument) {
  const std::optional<int64_t> count = WholeArgument(argument);
  if (!count.has_value()) return std::nullopt;
  return std::min(static_cast<size_t>(std::max<int64_t>(*count, 0)), text.size());
}

Value Left(Arguments arguments, EvaluationContext& context) {
  const TextArgument text(arguments[0]);
  const std::optional<size_t> count = CountOf(text.text(), arguments[1]);
  if (!count.has_value()) return Value::Null();
  return text.Part(text.text().substr(0, *count), context);
}

Value Right(Arguments arguments, EvaluationContext& context) {
  const TextArgument text(arguments[0]);
  const std::optional<size_t> count = CountOf(text.text(), arguments[1]);
  if (!count.has_value()) return Value::Null();
  return text.Part(text.text().substr(text.text().size() - *count), context);
}

// Text of the same length, made by `make(text, place)`.
template <typename Make>
Value SameLength(const Value& argument, EvaluationContext& context, Make make) {
  const TextArgument text(argument);
  char* const place = context.text.Allocate(text.text().size());
  if (place == nullptr) return Value::Null();
  make(text.text(), place);
  return Value::String({place, text.text().size()});
}

Value Reverse(Arguments arguments, EvaluationContext& context) {
  return SameLength(arguments[0], context, [](std::string_view text, char* place) {
    std::reverse_copy(text.begin(), text.end(), place);
  });
}

Value UpperCase(Arguments arguments, EvaluationContext& context) {
  return SameLength(arguments[0], context, [](std::string_view text, char* place) {
    std::transform(text.begin(), text.end(), place, Upper);
  });
}

Value LowerCase(Arguments arguments, EvaluationContext& context) {
  return SameLength(arguments[0], context, [](std::string_view text, char* place) {
    std::transform(text.begin(), text.end(), place, Lower);
  });
}

Value TrimSides(Arguments arguments, EvaluationContext& context, bool left, bool right) {
  const TextArgument text(arguments[0]);
  std::optional<TextArgument> set;
  if (arguments.size() == 2) set.emplace(arguments[1]);
  if (set.has_value() && set->text().empty()) return Value::Null();
  const std::string_view bytes = set.has_value() ? set->text() : kBlanks;
  bool is_in_set[256] = {};
  for (const char c : bytes) is_in_set[static_cast<uint8_t>(c)] = true;
  const auto goes = [&is_in_set](char c) { return is_in_set[static_cast<uint8_t>(c)]; };
  std::string_view rest = text.text();
  while (left && !rest.empty() && goes(rest.front())) rest.remove_prefix(1);
  while (right && !rest.empty() && goes(rest.back())) rest.remove_suffix(1);
  return text.Part(rest, context);
}

Value Trim(Arguments arguments, EvaluationContext& context) {
  return TrimSides(arguments, context, true, true);
}
Value LeftTrim(Arguments arguments, EvaluationContext& context) {
  return TrimSides(arguments, context, true, false);
}
Value RightTrim(Arguments arguments, EvaluationContext& context) {
  return TrimSides(arguments, context, false, true);
}

// The last argument is empty, which is NULL, to take out what is found.
Value Replace(Arguments arguments, EvaluationContext& context) {
  const TextArgument text(arguments[0]);
  const TextArgument from(arguments[1]);
  const TextArgument to(arguments[2]);
  if (text.text().empty() || from.text().empty()) return Value::Null();
  size_t found = 0;
  for (size_t at = FindPart(text.text(), from.text(), 0); at != std::string_view::npos;
       at = FindPart(text.text(), from.text(), at + from.text().size())) {
    ++found;
  }
  if (found == 0) return text.Part(text.text(), context);
  // Both factors are lengths of texts in memory, the second of 4 GiB at most.
  const size_t bytes = text.text().size() - found * from.text().size() + found * to.text().size();
  char* const begin = context.text.Allocate(bytes);
  if (begin == nullptr) return Value::Null();
  char* place = begin;
  size_t copied = 0;
  for (; found > 0; --found) {
    const size_t at = FindPart(text.text(), from.text(), copied);
    place = Append(place, text.text().substr(copied, at - copied));
    place = Append(place, to.text());
    copied = at + from.text().size();
  }
  Append(place, text.text().substr(copied));
  return Value::String({begin, bytes});
}

Value PositionOf(std::string_view text, std::string_view part) {
  if (text.empty() || part.empty()) return Value::Null();
  const size_t at = FindPart(text, part, 0);
  return Value::Int(at == std::string_view::npos ? 0 : static_cast<int64_t>(at) + 1);
}

Value Instr(Arguments arguments, EvaluationContext&) {
  const TextArgument text(arguments[0]);
  const TextArgument part(arguments[1]);
  return PositionOf(text.text(), part.text());
}

Value InstrIgnoringCase(Arguments arguments, EvaluationContext& context) {
  const Value lower[] = {LowerCase(arguments.first(1), context),
                         LowerCase(arguments.subspan(1, 1), context)};
  return Instr(lower, context);
}

Value EqualText(Arguments arguments, EvaluationContext&) {
  const TextArgument a(arguments[0]);
  const TextArgument b(arguments[1]);
  if (a.text().empty() || b.text().empty()) return Value::Null();
  return Value::Bool(EqualIgnoringCase(a.text(), b.text()));
}

}  // namespace

std::span<const Function> StringFunctions() {
  static constexpr Function kFunctions[] = {
      {.name = "CONCAT", .arguments_min = 1, .arguments_max = Function::kVariadic, .body = Concat},
      {.name = "LENGTH", .arguments_min = 1, .arguments_max = 1, .body = Length},
      {.name = "SUBSTR", .arguments_min = 2, .arguments_max = 3, .body = Substr},
      {.name = "LEFT", .arguments_min = 2, .arguments_max = 2, .body = Left},
      {.name = "RIGHT", .arguments_min = 2, .arguments_max = 2, .body = Right},
      {.name = "REVERSE", .arguments_min = 1, .arguments_max = 1, .body = Reverse},
      {.name = "UPPER", .arguments_min = 1, .arguments_max = 1, .body = UpperCase},
      {.name = "LOWER", .arguments_min = 1, .arguments_max = 1, .body = LowerCase},
      {.name = "TRIM", .arguments_min = 1, .arguments_max = 2, .body = Trim},
      {.name = "LTRIM", .arguments_min = 1, .arguments_max = 2, .body = LeftTrim},
      {.name = "RTRIM", .arguments_min = 1, .arguments_max = 2, .body = RightTrim},
      {.name = "REPLACE", .arguments_min = 3, .arguments_max = 3, .body = Replace},
      {.name = "INSTR", .arguments_min = 2, .arguments_max = 2, .body = Instr},
      {.name = "INSTR_I", .arguments_min = 2, .arguments_max = 2, .body = InstrIgnoringCase},
      {.name = "STREQUAL_I", .arguments_min = 2, .arguments_max = 2, .body = EqualText},
  };
  return kFunctions;
}

}  // namespace fluxgate
