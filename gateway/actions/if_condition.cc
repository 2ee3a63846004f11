// amps-action-if-condition: compares two texts, as numbers where both spell one.
#include <charconv>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/base/regex.h"
#include "gateway/actions/built_in_actions.h"
#include "gateway/actions/option_reader.h"

namespace fluxgate {
namespace {

enum class Operator : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kLike
};

struct Row {
  std::string_view text;
  Operator meaning;
};
constexpr Row kOperators[] = {
    {"==", Operator::kEqual},       {"!=", Operator::kNotEqual}, {"<", Operator::kLess},
    {"<=", Operator::kLessOrEqual}, {">", Operator::kGreater},   {">=", Operator::kGreaterOrEqual},
    {"LIKE", Operator::kLike},
};

std::optional<double> Number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template <typename T>
bool Compare(const T& left, Operator op, const T& right) {
  switch (op) {
    case Operator::kEqual:
      return left == right;
    case Operator::kNotEqual:
      return left != right;
    case Operator::kLess:
      return left < right;
    case Operator::kLessOrEqual:
      return left <= right;
    case Operator::kGreater:
      return left > right;
    case Operator::kGreaterOrEqual:
      return left >= right;
    case Operator::kLike:
      break;
  }
  return false;
}

class IfCondition final : public ActionCondition {
 public:
  IfCondition(std::string left, Operator op, std::string right, std::shared_ptr<const Regex> regex)
      : left_(std::move(left)), op_(op), right_(std::move(right)), regex_(std::move(regex)) {}

  absl::StatusOr<bool> Holds(ActionContext& context) override {
    const auto left = context.Expand(left_);
    if (!left.ok()) return left.status();
    // The pattern is the configuration's alone.
    if (op_ == Operator::kLike) return regex_->Match(*left) == RegexMatch::kYes;
    const auto right = context.Expand(right_);
    if (!right.ok()) return right.status();
    const std::optional<double> a = Number(*left);
    const std::optional<double> b = Number(*right);
    return a && b ? Compare(*a, op_, *b) : Compare(*left, op_, *right);
  }

 private:
  const std::string left_;
  const Operator op_;
  const std::string right_;
  const std::shared_ptr<const Regex> regex_;  // of LIKE
};

}  // namespace

ConditionPtr MakeIfCondition(OptionReader& options) {
  std::string left = options.Optional("Left");
  const std::string text = options.Required("Operator");
  std::string right = options.Optional("Right");
  const Row* found = nullptr;
  std::string allowed;
  for (const Row& row : kOperators) {
    if (row.text == text) found = &row;
    allowed += (allowed.empty() ? "" : " ") + std::string(row.text);
  }
  if (found == nullptr) {
    options.Fail("Operator", "is unknown", allowed);
    return nullptr;
  }
  std::shared_ptr<const Regex> regex;
  if (found->meaning == Operator::kLike) {
    auto compiled = Regex::Compile(right, ErrorCode::kBadOption);
    if (compiled.ok()) {
      regex = *std::move(compiled);
    } else {
      options.Fail("Right", ErrorText(compiled.status()));
    }
  }
  return std::make_unique<IfCondition>(std::move(left), found->meaning, std::move(right),
                                       std::move(regex));
}

}  // namespace fluxgate
