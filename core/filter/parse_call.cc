// Calls: IF, functions, aggregates, and what looks like a call but is known beforehand.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/filter/aggregate.h"
#include "core/filter/function.h"
#include "core/filter/function_registry.h"
#include "core/filter/functions/builtin_functions.h"
#include "core/filter/parser_state.h"
#include "core/filter/vocabulary.h"

namespace fluxgate {
namespace {

std::string UpperCase(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

EnvelopeField FindEnvelopeField(std::string_view upper) {
  for (int i = 1; i <= static_cast<int>(EnvelopeField::kNow); ++i) {
    const auto field = static_cast<EnvelopeField>(i);
    if (EnvelopeFieldName(field) == upper) return field;
  }
  return EnvelopeField::kNone;
}

struct ClientFunction {
  std::string_view name;
  std::string_view ClientFacts::*fact;
};
constexpr ClientFunction kClientFunctions[] = {
    {"CLIENT_NAME", &ClientFacts::client_name},
    {"USER", &ClientFacts::user},
    {"REMOTE_ADDRESS", &ClientFacts::remote_address},
    {"CLIENT_VERSION", &ClientFacts::client_version},
    {"CONNECTION_NAME", &ClientFacts::connection_name},
};

std::string Count(const Function& function) {
  const int min = function.arguments_min;
  const int max = function.arguments_max - (function.takes_time ? 1 : 0);
  const int written_min = min - (function.takes_time ? 1 : 0);
  if (function.arguments_max == Function::kVariadic) return fmt::format("at least {}", min);
  if (written_min == max) return max == 0 ? "no" : fmt::format("{}", max);
  return fmt::format("{} to {}", written_min, max);
}

constexpr std::string_view kInstanceName = "AMPS_INSTANCE_NAME";
constexpr std::string_view kGroupName = "AMPS_GROUP_NAME";

}  // namespace

bool IsReservedName(std::string_view upper) {
  const auto is_name = [upper](const ClientFunction& function) { return function.name == upper; };
  return upper == "IF" || IsReservedWord(upper) || upper == kInstanceName || upper == kGroupName ||
         std::ranges::any_of(kClientFunctions, is_name) ||
         FindEnvelopeField(upper) != EnvelopeField::kNone ||
         Aggregate::FindAggregate(upper) != nullptr || FindBuiltinFunction(upper) != nullptr;
}

// At the '('.
Parser::Node Parser::ParseCall(std::string_view written, size_t offset) {
  const std::string name = UpperCase(written);
  if (name == "IF") return ParseIf(offset);
  if (const EnvelopeField field = FindEnvelopeField(name); field != EnvelopeField::kNone) {
    return EnvelopeValue(field, offset);
  }
  for (const ClientFunction& function : kClientFunctions) {
    if (function.name != name) continue;
    if (scope_.client == nullptr) {
      return Fail(offset, fmt::format("{} is known only where a client subscribes", name));
    }
    return NoArguments(name, ConstantNode(Value::String(scope_.client->*function.fact)));
  }
  if (name == kInstanceName) {
    return NoArguments(name, ConstantNode(Value::String(scope_.instance_name)));
  }
  if (name == kGroupName) {
    return NoArguments(name, ConstantNode(Value::String(scope_.group_name)));
  }
  if (const Aggregate::Kind* aggregate = Aggregate::FindAggregate(name); aggregate != nullptr) {
    return ParseAggregate(*aggregate, offset);
  }
  if (const Function* function = FindBuiltinFunction(name); function != nullptr) {
    return ParseFunction(*function, offset);
  }
  if (scope_.functions != nullptr) {
    const Function* const function = scope_.functions->Find(name);
    if (function != nullptr) return ParseFunction(*function, offset);
  }
  if (IsAnnouncedFunction(name)) {
    return Fail(offset, fmt::format("function {} is not built yet", name));
  }
  return Fail(offset, fmt::format("unknown function '{}'", Printable(written)));
}

// Takes the parentheses of a call that has nothing in them.
Parser::Node Parser::NoArguments(std::string_view name, Node result) {
  Advance();
  if (token_.kind != TokenKind::kClose) {
    return Expected(fmt::format("')': {} takes no arguments", name));
  }
  Advance();
  return result;
}

Parser::Node Parser::EnvelopeValue(EnvelopeField field, size_t offset) {
  const std::string_view name = EnvelopeFieldName(field);
  if (scope_.deterministic_only &&
      (field == EnvelopeField::kNow || field == EnvelopeField::kLastRead)) {
    return Fail(offset, fmt::format("{} gives another value each time: not allowed here", name));
  }
  FieldReference reference;
  reference.path.envelope = field;
  return NoArguments(name, FieldNode(std::move(reference)));
}

// Leaves the ')' behind.
bool Parser::ParseArguments(Expression& call) {
  if (!Enter()) return false;
  Advance();
  if (token_.kind != TokenKind::kClose) {
    while (true) {
      if (!Adopt(call, ParseArgument())) return false;
      if (token_.kind != TokenKind::kComma) break;
      Advance();
    }
  }
  if (token_.kind != TokenKind::kClose) {
    Expected("',' or ')'");
    return false;
  }
  Advance();
  Leave();
  return true;
}

// An argument may be the word NULL; elsewhere there is nothing that it could be compared with.
Parser::Node Parser::ParseArgument() {
  if (!IsWord(token_, "NULL")) return ParseOr();
  Advance();
  if (token_.kind != TokenKind::kComma && token_.kind != TokenKind::kClose) {
    return Expected("',' or ')' after NULL");
  }
  return ConstantNode(Value::Null());
}

Parser::Node Parser::ParseIf(size_t offset) {
  Node node = Make(ExpressionKind::kIf);
  if (node == nullptr || !ParseArguments(*node)) return nullptr;
  if (node->operands.size() != 3) {
    return Fail(offset, fmt::format("IF takes a condition and two values, found {} arguments",
                                    node->operands.size()));
  }
  return node;
}

Parser::Node Parser::ParseFunction(const Function& function, size_t offset) {
  if (scope_.deterministic_only && !function.deterministic) {
    return Fail(offset,
                fmt::format("{} gives another value each time: not allowed here", function.name));
  }
  Node node = Make(ExpressionKind::kCall);
  if (node == nullptr) return nullptr;
  node->function = &function;
  if (!ParseArguments(*node)) return nullptr;
  const size_t written = node->operands.size();
  if (function.takes_time) {
    FieldReference now;
    now.path.envelope = EnvelopeField::kNow;
    if (!Adopt(*node, FieldNode(std::move(now)))) return nullptr;
  }
  const size_t count = node->operands.size();
  if (count < function.arguments_min ||
      (function.arguments_max != Function::kVariadic && count > function.arguments_max)) {
    const std::string wanted = Count(function);
    return Fail(offset, fmt::format("{} takes {} argument{}, found {}", function.name, wanted,
                                    wanted == "1" || wanted == "at least 1" ? "" : "s", written));
  }
  const auto pattern = static_cast<size_t>(function.pattern_argument);
  if (function.pattern_argument >= 0 && pattern < count) {
    const Expression& argument = *node->operands[pattern];
    if (argument.is_constant() && argument.constant.is_string()) {
      node->regex = CompilePattern(std::string(argument.constant.as_string()), offset);
      if (node->regex == nullptr) return nullptr;
    }
  }
  return node;
}

Parser::Node Parser::ParseAggregate(const Aggregate::Kind& kind, size_t offset) {
  const std::string_view name = kind.name;
  if (!scope_.aggregates) {
    return Fail(offset, fmt::format("{} is for views and aggregated subscriptions", name));
  }
  if (in_aggregate_) return Fail(offset, "an aggregate cannot stand inside another");
  Node node = Make(ExpressionKind::kAggregate);
  if (node == nullptr) return nullptr;
  node->aggregate = &kind;
  in_aggregate_ = true;
  const bool parsed = ParseArguments(*node);
  in_aggregate_ = false;
  if (!parsed) return nullptr;
  if (node->operands.size() < kind.arguments_min || node->operands.size() > kind.arguments_max) {
    return Fail(offset, fmt::format("{} takes {}, found {}", name,
                                    kind.arguments_max == 1 ? "1 argument" : "1 to 2 arguments",
                                    node->operands.size()));
  }
  if (node->operands.size() == 2 && !node->operands[1]->is_constant()) {
    return Fail(offset, fmt::format("the delimiter of {} must be a literal", name));
  }
  return node;
}

}  // namespace fluxgate
