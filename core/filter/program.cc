#include "core/filter/program.h"

#include <cstddef>

#include "core/filter/function.h"

namespace fluxgate {
namespace {

uint64_t ReadingWork(const Value& value) {
  return value.is_string() ? EvaluationContext::kWorkPerByte * value.as_string().size() : 1;
}

}  // namespace

Program::Program(std::span<const Expression* const> conjuncts, std::span<const FieldSlot> slots)
    : slots_(slots) {
  EmitChain(conjuncts, true);
  slots_ = {};
}

Program::Program(const Expression& expression, std::span<const FieldSlot> slots) : slots_(slots) {
  Emit(expression);
  slots_ = {};
}

void Program::Add(Code code, int stack_change, uint8_t detail, uint32_t a, uint32_t b) {
  operations_.push_back({code, detail, a, b});
  stack_ += stack_change;
  if (stack_ > stack_max_) stack_max_ = stack_;
}

uint32_t Program::AddConstant(const Value& value) {
  Value number;
  if (value.is_string()) number = ParseNumber(value.as_string()).value_or(Value::Null());
  constants_.push_back({value, number});
  return static_cast<uint32_t>(constants_.size() - 1);
}

void Program::EmitCondition(const Expression& e) {
  Emit(e);
  if (!e.is_condition()) Add(Code::kTruth, 0);
}

void Program::EmitChain(std::span<const Expression* const> operands, bool is_and) {
  std::vector<size_t> jumps;
  for (size_t i = 0; i < operands.size(); ++i) {
    EmitCondition(*operands[i]);
    if (operands.size() == 1) return;
    jumps.push_back(operations_.size());
    if (i == 0) {
      Add(is_and ? Code::kAndJump : Code::kOrJump, 0);
    } else {
      Add(is_and ? Code::kAndNext : Code::kOrNext, -1);
    }
  }
  for (const size_t jump : jumps) operations_[jump].a = static_cast<uint32_t>(operations_.size());
}

void Program::EmitList(const Expression& e) {
  const Code next = e.kind == ExpressionKind::kIn           ? Code::kInNext
                    : e.kind == ExpressionKind::kBeginsWith ? Code::kBeginsNext
                                                            : Code::kEndsNext;
  std::vector<Value> constants;
  std::vector<const Expression*> elements;
  for (size_t i = 1; i < e.operands.size(); ++i) {
    const Expression& element = *e.operands[i];
    if (next == Code::kInNext && element.is_constant()) {
      constants.push_back(element.constant);
    } else {
      elements.push_back(&element);
    }
  }
  Emit(*e.operands[0]);
  if (elements.empty()) {
    sets_.emplace_back(constants);
    Add(Code::kContains, 0, 0, static_cast<uint32_t>(sets_.size() - 1));
    return;
  }
  Add(Code::kConstant, 1, 0, AddConstant(Value::Bool(false)));
  const auto add_next = [&](const Expression& element) {
    Emit(element);
    Add(next, -1);
  };
  for (const Expression* element : elements) add_next(*element);
  for (const Value& constant : constants) {
    Add(Code::kConstant, 1, 0, AddConstant(constant));
    Add(next, -1);
  }
  Add(Code::kDropBelow, -1);
}

void Program::EmitIf(const Expression& e) {
  EmitCondition(*e.operands[0]);
  const size_t unless = operations_.size();
  Add(Code::kJumpUnless, -1);
  Emit(*e.operands[1]);
  const size_t jump = operations_.size();
  Add(Code::kJump, -1);  // the other branch begins without this one's value
  operations_[unless].a = static_cast<uint32_t>(operations_.size());
  Emit(*e.operands[2]);
  operations_[jump].a = static_cast<uint32_t>(operations_.size());
}

void Program::EmitCall(const Expression& e) {
  for (const auto& operand : e.operands) Emit(*operand);
  const auto arguments = static_cast<uint32_t>(e.operands.size());
  const void* const data = e.regex != nullptr ? e.regex.get() : e.function->data;
  calls_.push_back({e.function, arguments, data});
  if (e.regex != nullptr) regexes_.push_back(e.regex);
  Add(Code::kCall, 1 - static_cast<int>(arguments), 0, static_cast<uint32_t>(calls_.size() - 1));
}

void Program::EmitField(const Expression& e) {
  constexpr Code kCodes[] = {Code::kField, Code::kCurrent, Code::kPrevious};
  Add(kCodes[static_cast<int>(e.version)], 1, 0, slots_[e.field]);
}

void Program::Emit(const Expression& e) {
  switch (e.kind) {
    case ExpressionKind::kConstant:
      return Add(Code::kConstant, 1, 0, AddConstant(e.constant));
    case ExpressionKind::kField:
      return EmitField(e);
    case ExpressionKind::kIf:
      return EmitIf(e);
    case ExpressionKind::kCall:
      return EmitCall(e);
    case ExpressionKind::kAggregate:
      aggregates_.push_back(&e);
      return Add(Code::kAggregate, 1, 0, static_cast<uint32_t>(aggregates_.size() - 1));
    case ExpressionKind::kIn:
    case ExpressionKind::kBeginsWith:
    case ExpressionKind::kEndsWith:
      return EmitList(e);
    case ExpressionKind::kAnd:
    case ExpressionKind::kOr: {
      std::vector<const Expression*> operands;
      for (const auto& operand : e.operands) operands.push_back(operand.get());
      return EmitChain(operands, e.kind == ExpressionKind::kAnd);
    }
    case ExpressionKind::kNot:
      EmitCondition(*e.operands[0]);
      return Add(Code::kNot, 0);
    case ExpressionKind::kCompare:
      if (e.operands[0]->is_field() && e.operands[0]->version == FieldVersion::kMessage &&
          e.operands[1]->is_constant()) {
        return Add(Code::kCompareFieldConstant, 1, static_cast<uint8_t>(e.compare),
                   slots_[e.operands[0]->field], AddConstant(e.operands[1]->constant));
      }
      break;
    default:
      break;
  }
  for (const auto& operand : e.operands) Emit(*operand);
  switch (e.kind) {
    case ExpressionKind::kArithmetic:
      return Add(Code::kArithmetic, -1, static_cast<uint8_t>(e.arithmetic));
    case ExpressionKind::kNegate:
      return Add(Code::kNegate, 0);
    case ExpressionKind::kCompare:
      return Add(Code::kCompare, -1, static_cast<uint8_t>(e.compare));
    case ExpressionKind::kBetween:
      return Add(Code::kBetween, -2);
    case ExpressionKind::kLike:
      regexes_.push_back(e.regex);
      return Add(Code::kLike, 0, 0, static_cast<uint32_t>(regexes_.size() - 1));
    case ExpressionKind::kIsNull:
      return Add(Code::kIsNull, 0);
    case ExpressionKind::kIsNan:
      return Add(Code::kIsNan, 0);
    case ExpressionKind::kTruth:
      return Add(Code::kTruth, 0);
    default:
      return;
  }
}

inline Truth Program::CompareConstantAny(CompareOp op, const Value& value,
                                         const Constant& constant) {
  if (!value.is_array()) return Holds(op, CompareConstant(value, constant));
  return AnyElement(value, [op, &constant](const Value& element) {
    return Holds(op, CompareConstant(element, constant));
  });
}

inline Ordering Program::CompareConstant(const Value& value, const Constant& constant) {
  if (value.kind() == Value::Kind::kInt && constant.value.kind() == Value::Kind::kInt) {
    const int64_t a = value.as_int();
    const int64_t b = constant.value.as_int();
    return a < b ? Ordering::kLess : a == b ? Ordering::kEqual : Ordering::kGreater;
  }
  if (constant.value.is_string() && value.is_number()) {
    // As a number it is known already; text that is none is above every number.
    return Compare(value, constant.number.is_null() ? constant.value : constant.number);
  }
  return Compare(value, constant.value);
}

Truth Program::Evaluate(std::span<const Value> values) const {
  EvaluationInput input;
  input.values = values;
  if (calls_.empty() && regexes_.empty()) return TruthOf(Run(input, nullptr));
  thread_local EvaluationContext context;
  context.Begin();
  return TruthOf(Run(input, &context));
}

Value Program::EvaluateValue(const EvaluationInput& input, EvaluationContext& context) const {
  return Run(input, &context);
}

Value Program::RunCall(const Call& call, Value* arguments, EvaluationContext& context) {
  uint64_t work = 0;
  for (Value& argument : std::span(arguments, call.arguments)) {
    if (argument.is_array()) {
      if (!call.function->takes_arrays) argument = argument.first();
      for (const Value& element : argument.elements()) work += ReadingWork(element);
    } else {
      work += ReadingWork(argument);
    }
  }
  if (work > context.work_left) return Value::Null();
  context.work_left -= work;
  context.data = call.data;
  return call.function->body({arguments, call.arguments}, context);
}

Value Program::Run(const EvaluationInput& input, EvaluationContext* context) const {
  const std::span<const Value> values = input.values;
  // Raw storage: only what is pushed is ever written.
  alignas(Value) std::byte storage[(1 + kStackValuesMax) * sizeof(Value)];
  Value* const stack = reinterpret_cast<Value*>(storage);
  Value* top = stack;  // what is pushed first comes behind it

  const Operation* const begin = operations_.data();
  const Operation* const end = begin + operations_.size();
  for (const Operation* op = begin; op != end; ++op) {
    switch (op->code) {
      case Code::kField:
        *++top = values[op->a];
        break;
      case Code::kCurrent:
        *++top = input.current[op->a];
        break;
      case Code::kPrevious:
        *++top = input.previous[op->a];
        break;
      case Code::kAggregate:
        *++top = input.aggregates[op->a];
        break;
      case Code::kCall:
        top -= static_cast<ptrdiff_t>(calls_[op->a].arguments) - 1;
        *top = RunCall(calls_[op->a], top, *context);
        break;
      case Code::kJump:
        op = begin + op->a - 1;
        break;
      case Code::kJumpUnless:
        if (TruthOf(*top--) != Truth::kTrue) op = begin + op->a - 1;
        break;
      case Code::kConstant:
        *++top = constants_[op->a].value;
        break;
      case Code::kArithmetic:
        --top;
        *top = Arithmetic(static_cast<ArithmeticOp>(op->detail), top[0], top[1]);
        break;
      case Code::kNegate:
        *top = Negate(*top);
        break;
      case Code::kNot:
        *top = ValueOf(Not(TruthOf(*top)));
        break;
      case Code::kTruth:
        *top = ValueOf(TruthOf(*top));
        break;
      case Code::kCompare:
        --top;
        *top = ValueOf(CompareAny(static_cast<CompareOp>(op->detail), top[0], top[1]));
        break;
      case Code::kCompareFieldConstant:
        *++top = ValueOf(CompareConstantAny(static_cast<CompareOp>(op->detail), values[op->a],
                                            constants_[op->b]));
        break;
      case Code::kBetween:
        top -= 2;
        *top = ValueOf(Between(top[0], top[1], top[2]));
        break;
      case Code::kContains:
        *top = ValueOf(sets_[op->a].Contains(*top));
        break;
      case Code::kInNext:
        --top;
        *top = ValueOf(Or(TruthOf(*top), CompareAny(CompareOp::kEqual, top[-1], top[1])));
        break;
      case Code::kBeginsNext:
        --top;
        *top = ValueOf(Or(TruthOf(*top), BeginsWith(top[-1], top[1])));
        break;
      case Code::kEndsNext:
        --top;
        *top = ValueOf(Or(TruthOf(*top), EndsWith(top[-1], top[1])));
        break;
      case Code::kDropBelow:
        top[-1] = *top;
        --top;
        break;
      case Code::kLike:
        *top = ValueOf(Like(*top, *regexes_[op->a], context->work_left));
        break;
      case Code::kIsNull:
        *top = Value::Bool(top->first().is_null());
        break;
      case Code::kIsNan:
        *top = Value::Bool(IsNan(*top));
        break;
      case Code::kAndJump:
        if (TruthOf(*top) == Truth::kFalse) op = begin + op->a - 1;
        break;
      case Code::kOrJump:
        if (TruthOf(*top) == Truth::kTrue) op = begin + op->a - 1;
        break;
      case Code::kAndNext: {
        --top;
        const Truth truth = And(TruthOf(top[0]), TruthOf(top[1]));
        *top = ValueOf(truth);
        if (truth == Truth::kFalse) op = begin + op->a - 1;
        break;
      }
      case Code::kOrNext: {
        --top;
        const Truth truth = Or(TruthOf(top[0]), TruthOf(top[1]));
        *top = ValueOf(truth);
        if (truth == Truth::kTrue) op = begin + op->a - 1;
        break;
      }
    }
  }
  return *top;
}

}  // namespace fluxgate
