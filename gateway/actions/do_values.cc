// Steps that make variables: of fields of a message, or of a table of words.
#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/filter/evaluation_context.h"
#include "core/filter/value_expression.h"
#include "core/message/field_reader.h"
#include "core/message/field_table.h"
#include "core/message/message_type.h"
#include "core/message/value_text.h"
#include "gateway/actions/action_services.h"
#include "gateway/actions/built_in_actions.h"
#include "gateway/actions/option_reader.h"

namespace fluxgate {
namespace {

struct Pair {
  std::string left;
  std::string right;
};

// The options Value, each `left=right`, split at the first =.
std::vector<Pair> Pairs(OptionReader& options) {
  std::vector<Pair> pairs;
  for (const std::string& text : options.All("Value")) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      options.Fail("Value", "has no =", "NAME=text");
      continue;
    }
    pairs.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  if (pairs.empty() && !options.Has("Value")) options.Fail("", "needs the option Value");
  return pairs;
}

// Variables from the fields of a body.
class DoExtractValues final : public ActionStep {
 public:
  DoExtractValues(std::string message_type, std::string data, std::vector<Pair> values)
      : message_type_(std::move(message_type)),
        data_(std::move(data)),
        values_(std::move(values)) {}

  absl::Status Prepare(ActionServices& services) override {
    const MessageType* const type = services.FindMessageType(message_type_);
    if (type == nullptr) return MakeError(ErrorCode::kMessageType, "message type is unknown");
    std::vector<FieldSlot> slots;
    for (const Pair& value : values_) {
      auto expression = ValueExpression::Compile(value.right, fields_);
      if (!expression.ok()) return expression.status();
      const auto used = (*expression)->slots();
      slots.insert(slots.end(), used.begin(), used.end());
      expressions_.push_back(*std::move(expression));
    }
    std::ranges::sort(slots);
    slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
    reader_ = FieldReader(*type, fields_, slots);
    return absl::OkStatus();
  }

  absl::Status Run(ActionContext& context) override {
    auto body = context.Expand(data_);
    if (!body.ok()) return body.status();
    const size_t size = body->size();
    body->resize(size + kBodyPaddingBytes);
    const std::string_view view = std::string_view(*body).substr(0, size);
    std::vector<Value> values(fields_.slot_end());
    if (!reader_.ReadBody(view, values)) {
      return MakeError(ErrorCode::kMalformedBody, "Data is not of its message type");
    }
    Envelope envelope;
    envelope.body_bytes = size;
    const std::string topic = context.Get("AMPS_TOPIC");
    envelope.topic = topic;
    reader_.ReadEnvelope(envelope, context.services().clock(), values);
    EvaluationContext evaluation;
    std::string scratch;
    for (size_t i = 0; i < expressions_.size(); ++i) {
      evaluation.Begin();
      const Value value = expressions_[i]->Evaluate({.values = values}, evaluation);
      const absl::Status status =
          context.Set(values_[i].left, std::string(ValueToText(value, scratch)));
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  const std::string message_type_;
  const std::string data_;
  const std::vector<Pair> values_;
  FieldTable fields_;
  FieldReader reader_;
  std::vector<std::unique_ptr<ValueExpression>> expressions_;  // before fields_ goes
};

// One word for another.
class DoTranslateData final : public ActionStep {
 public:
  DoTranslateData(std::string data, std::vector<Pair> table, std::string otherwise,
                  std::string variable)
      : data_(std::move(data)),
        table_(std::move(table)),
        otherwise_(std::move(otherwise)),
        variable_(std::move(variable)) {}

  absl::Status Run(ActionContext& context) override {
    const auto data = context.Expand(data_);
    if (!data.ok()) return data.status();
    const auto found = std::ranges::find(table_, *data, &Pair::left);
    auto result = context.Expand(found == table_.end() ? otherwise_ : found->right);
    if (!result.ok()) return result.status();
    return context.Set(variable_, *std::move(result));
  }

 private:
  const std::string data_;
  const std::vector<Pair> table_;
  const std::string otherwise_;
  const std::string variable_;
};

}  // namespace

StepPtr MakeDoExtractValues(OptionReader& options) {
  std::string message_type = options.MessageType();
  std::string data = options.Optional("Data", "{{AMPS_DATA}}");
  std::vector<Pair> values = Pairs(options);
  for (const Pair& value : values) {
    FieldTable fields;
    const auto expression = ValueExpression::Compile(value.right, fields);
    if (!expression.ok()) options.Fail("Value", ErrorText(expression.status()));
  }
  return std::make_unique<DoExtractValues>(std::move(message_type), std::move(data),
                                           std::move(values));
}

StepPtr MakeDoTranslateData(OptionReader& options) {
  std::string data = options.Optional("Data", "{{AMPS_DATA}}");
  std::vector<Pair> table = Pairs(options);
  // What has no translation stays as it is.
  std::string otherwise = options.Optional("Default", data);
  return std::make_unique<DoTranslateData>(std::move(data), std::move(table), std::move(otherwise),
                                           options.Optional("Variable", "AMPS_DATA"));
}

}  // namespace fluxgate
