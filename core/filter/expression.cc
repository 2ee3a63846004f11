#include "core/filter/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/filter/function.h"

namespace fluxgate {
namespace {

// How tightly a form binds; what binds less than its place asks for goes into parentheses.
enum Precedence {
  kOrLevel = 1,
  kAndLevel,
  kNotLevel,
  kCompareLevel,
  kAddLevel,
  kMultiplyLevel,
  kNegateLevel,
  kPrimaryLevel
};

Precedence PrecedenceOf(const Expression& e) {
  switch (e.kind) {
    case ExpressionKind::kConstant:
      return e.constant.is_number() && LiteralText(e.constant).starts_with('-') ? kNegateLevel
                                                                                : kPrimaryLevel;
    case ExpressionKind::kField:
    case ExpressionKind::kIf:
    case ExpressionKind::kCall:
    case ExpressionKind::kAggregate:
      return kPrimaryLevel;
    case ExpressionKind::kArithmetic:
      return e.arithmetic == ArithmeticOp::kAdd || e.arithmetic == ArithmeticOp::kSubtract
                 ? kAddLevel
                 : kMultiplyLevel;
    case ExpressionKind::kNegate:
      return kNegateLevel;
    case ExpressionKind::kNot:
    case ExpressionKind::kTruth:
      return kNotLevel;
    case ExpressionKind::kAnd:
      return kAndLevel;
    case ExpressionKind::kOr:
      return kOrLevel;
    default:
      return kCompareLevel;
  }
}

std::string_view OperatorText(CompareOp op) {
  switch (op) {
    case CompareOp::kEqual:
      return "=";
    case CompareOp::kNotEqual:
      return "!=";
    case CompareOp::kLess:
      return "<";
    case CompareOp::kLessEqual:
      return "<=";
    case CompareOp::kGreater:
      return ">";
    case CompareOp::kGreaterEqual:
      return ">=";
  }
  return "=";
}

std::string_view OperatorText(ArithmeticOp op) {
  switch (op) {
    case ArithmeticOp::kAdd:
      return "+";
    case ArithmeticOp::kSubtract:
      return "-";
    case ArithmeticOp::kMultiply:
      return "*";
    case ArithmeticOp::kDivide:
      return "/";
    case ArithmeticOp::kModulo:
      return "%";
  }
  return "+";
}

void AppendQuoted(std::string_view text, std::string& out) {
  out += '\'';
  for (const char c : text) {
    if (c == '\'' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  out += '\'';
}

class Printer {
 public:
  explicit Printer(const ExpressionTree& tree) : tree_(tree) {}

  void Print(const Expression& e, Precedence at_least) {
    const bool parentheses = PrecedenceOf(e) < at_least;
    if (parentheses) out_ += '(';
    PrintBare(e);
    if (parentheses) out_ += ')';
  }

  std::string Take() { return std::move(out_); }

 private:
  void PrintBare(const Expression& e) {
    switch (e.kind) {
      case ExpressionKind::kConstant:
        out_ += LiteralText(e.constant);
        return;
      case ExpressionKind::kField:
        out_ += tree_.fields[e.field].ToString();
        return;
      case ExpressionKind::kArithmetic: {
        const Precedence level = PrecedenceOf(e);
        Print(*e.operands[0], level);
        fmt::format_to(std::back_inserter(out_), " {} ", OperatorText(e.arithmetic));
        Print(*e.operands[1], static_cast<Precedence>(level + 1));
        return;
      }
      case ExpressionKind::kNegate:
        out_ += '-';
        // A literal would be taken for a negative number.
        if (e.operands[0]->is_constant()) {
          out_ += '(';
          Print(*e.operands[0], kOrLevel);
          out_ += ')';
        } else {
          Print(*e.operands[0], kPrimaryLevel);
        }
        return;
      case ExpressionKind::kCompare:
        Print(*e.operands[0], kAddLevel);
        fmt::format_to(std::back_inserter(out_), " {} ", OperatorText(e.compare));
        Print(*e.operands[1], kAddLevel);
        return;
      case ExpressionKind::kIn:
        return PrintList(e, " IN (");
      case ExpressionKind::kBeginsWith:
        return PrintList(e, " BEGINS WITH (");
      case ExpressionKind::kEndsWith:
        return PrintList(e, " ENDS WITH (");
      case ExpressionKind::kBetween:
        Print(*e.operands[0], kAddLevel);
        out_ += " BETWEEN ";
        Print(*e.operands[1], kAddLevel);
        out_ += " AND ";
        Print(*e.operands[2], kAddLevel);
        return;
      case ExpressionKind::kLike:
        Print(*e.operands[0], kAddLevel);
        out_ += " LIKE ";
        AppendQuoted(e.regex->pattern(), out_);
        return;
      case ExpressionKind::kIsNull:
      case ExpressionKind::kIsNan:
        Print(*e.operands[0], kAddLevel);
        out_ += e.kind == ExpressionKind::kIsNull ? " IS NULL" : " IS NAN";
        return;
      case ExpressionKind::kIf:
        return PrintCall("IF", e.operands.size(), e);
      case ExpressionKind::kCall:
        // The time is not the writer's argument.
        return PrintCall(e.function->name, e.operands.size() - (e.function->takes_time ? 1 : 0), e);
      case ExpressionKind::kAggregate:
        return PrintCall(e.aggregate->name, e.operands.size(), e);
      case ExpressionKind::kNot:
      case ExpressionKind::kTruth:
        out_ += e.kind == ExpressionKind::kNot ? "NOT " : "NOT NOT ";
        Print(*e.operands[0], kNotLevel);
        return;
      case ExpressionKind::kAnd:
      case ExpressionKind::kOr: {
        const bool is_and = e.kind == ExpressionKind::kAnd;
        for (size_t i = 0; i < e.operands.size(); ++i) {
          if (i > 0) out_ += is_and ? " AND " : " OR ";
          Print(*e.operands[i], is_and ? kNotLevel : kAndLevel);
        }
        return;
      }
    }
  }

  void PrintCall(std::string_view name, size_t arguments, const Expression& e) {
    out_ += name;
    out_ += '(';
    for (size_t i = 0; i < arguments; ++i) {
      if (i > 0) out_ += ", ";
      Print(*e.operands[i], kOrLevel);
    }
    out_ += ')';
  }

  void PrintList(const Expression& e, std::string_view head) {
    Print(*e.operands[0], kAddLevel);
    out_ += head;
    for (size_t i = 1; i < e.operands.size(); ++i) {
      if (i > 1) out_ += ", ";
      Print(*e.operands[i], kAddLevel);
    }
    out_ += ')';
  }

  const ExpressionTree& tree_;
  std::string out_;
};

}  // namespace

bool Expression::is_condition() const {
  switch (kind) {
    case ExpressionKind::kConstant:
      return constant.is_null() || constant.kind() == Value::Kind::kBool;
    case ExpressionKind::kField:
    case ExpressionKind::kArithmetic:
    case ExpressionKind::kNegate:
    case ExpressionKind::kIf:
    case ExpressionKind::kCall:
    case ExpressionKind::kAggregate:
      return false;
    default:
      return true;
  }
}

std::string FieldReference::ToString() const {
  std::string text;
  for (const std::string& qualifier : {message_type, topic}) {
    if (qualifier.empty()) continue;
    text += '[';
    for (const char c : qualifier) {
      if (c == '[' || c == ']' || c == '\\') text += '\\';
      text += c;
    }
    text += "].";
  }
  text += path.ToString();
  if (version == FieldVersion::kCurrent) text += " OF CURRENT";
  if (version == FieldVersion::kPrevious) text += " OF PREVIOUS";
  return text;
}

Value ExpressionTree::Keep(const Value& value) {
  if (!value.is_string()) return value;
  return Value::String(*text.emplace_back(std::make_unique<std::string>(value.as_string())));
}

std::string LiteralText(const Value& constant) {
  switch (constant.kind()) {
    case Value::Kind::kNull:
      return "''";
    case Value::Kind::kBool:
      return constant.as_bool() ? "TRUE" : "FALSE";
    case Value::Kind::kInt:
      return fmt::format("{}", constant.as_int());
    case Value::Kind::kUint:
      return fmt::format("{}", constant.as_uint());
    case Value::Kind::kDouble: {
      std::string text = fmt::format("{}", constant.as_double());
      if (text.find_first_of(".en") == std::string::npos) text += ".0";
      return text;
    }
    case Value::Kind::kString: {
      std::string text;
      AppendQuoted(constant.as_string(), text);
      return text;
    }
    case Value::Kind::kArray:
      return LiteralText(constant.first());
  }
  return "";
}

std::string CanonicalText(const ExpressionTree& tree) {
  Printer printer(tree);
  printer.Print(*tree.root, kOrLevel);
  return printer.Take();
}

}  // namespace fluxgate
