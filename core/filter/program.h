// An expression as a flat list of operations over a small stack of values: evaluated without
// recursion and without allocation. Immutable once built; usable from any thread.
#ifndef FLUXGATE_CORE_FILTER_PROGRAM_H_
#define FLUXGATE_CORE_FILTER_PROGRAM_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/regex.h"
#include "core/filter/constant_set.h"
#include "core/filter/evaluation_context.h"
#include "core/filter/expression.h"
#include "core/filter/operators.h"
#include "core/message/field_table.h"
#include "core/message/value.h"

namespace fluxgate {

// What an expression is evaluated over. All are indexed by slot, except `aggregates`.
struct EvaluationInput {
  std::span<const Value> values = {};      // of the message
  std::span<const Value> current = {};     // of the record as the message makes it: OF CURRENT
  std::span<const Value> previous = {};    // of the record as it was: OF PREVIOUS
  std::span<const Value> aggregates = {};  // results, in the order of Program::aggregates()
};

class Program {
 public:
  // A condition: `conjuncts` are joined by AND. `slots` maps a tree's field index to its slot. Text
  // of constants stays with the tree's owner.
  Program(std::span<const Expression* const> conjuncts, std::span<const FieldSlot> slots);
  // A value.
  Program(const Expression& expression, std::span<const FieldSlot> slots);

  // False: needs more than kStackValuesMax; must not be evaluated. A tree within the default
  // FilterLimits always fits: a level of parentheses keeps at most one value each for OR, AND, a
  // comparison, a sum and a product.
  bool fits() const { return stack_max_ <= kStackValuesMax; }

  // A condition over a message. Functions and patterns use a context that belongs to the thread.
  Truth Evaluate(std::span<const Value> values) const;
  // Text in the result is in `context`, in the input or in the tree. The caller says
  // context.Begin().
  Value EvaluateValue(const EvaluationInput& input, EvaluationContext& context) const;

  // The aggregates that the expression has, while its tree lives.
  std::span<const Expression* const> aggregates() const { return aggregates_; }

 private:
  static constexpr int kStackValuesMax = 1024;

  enum class Code : uint8_t {
    kField,    // push field a
    kCurrent,  // push field a of another record
    kPrevious,
    kAggregate,   // push result a
    kCall,        // pop the arguments of call a, push its result
    kJump,        // to a
    kJumpUnless,  // pop; to a unless it is TRUE
    kConstant,    // push constant a
    kArithmetic,  // pop 2, push 1
    kNegate,      // top in place, as the following two
    kNot,
    kTruth,
    kCompare,               // pop 2, push 1
    kCompareFieldConstant,  // push field a against constant b
    kBetween,               // pop 3, push 1
    kContains,              // top in place: in set a
    kInNext,                // pop element; the truth so far is below it, the value below that
    kBeginsNext,
    kEndsNext,
    kDropBelow,  // drop the value below the top
    kLike,       // top in place: regex a
    kIsNull,
    kIsNan,
    kAndJump,  // top decides: jump to a
    kOrJump,
    kAndNext,  // pop, join with the top; jump to a when decided
    kOrNext,
  };

  struct Operation {
    Code code;
    uint8_t detail = 0;  // CompareOp or ArithmeticOp
    uint32_t a = 0;
    uint32_t b = 0;
  };

  struct Call {
    const Function* function;
    uint32_t arguments;
    const void* data;  // EvaluationContext::data
  };

  struct Constant {
    Value value;
    Value number;  // what a text constant spells; NULL when it spells none
  };

  void Emit(const Expression& e);
  void EmitCondition(const Expression& e);
  void EmitChain(std::span<const Expression* const> operands, bool is_and);
  void EmitList(const Expression& e);
  void EmitIf(const Expression& e);
  void EmitCall(const Expression& e);
  void EmitField(const Expression& e);
  void Add(Code code, int stack_change, uint8_t detail = 0, uint32_t a = 0, uint32_t b = 0);
  uint32_t AddConstant(const Value& value);

  Value Run(const EvaluationInput& input, EvaluationContext* context) const;
  static Value RunCall(const Call& call, Value* arguments, EvaluationContext& context);
  static Truth CompareConstantAny(CompareOp op, const Value& value, const Constant& constant);
  static Ordering CompareConstant(const Value& value, const Constant& constant);

  std::span<const FieldSlot> slots_;  // while building
  std::vector<Operation> operations_;
  std::vector<Constant> constants_;
  std::vector<ConstantSet> sets_;
  std::vector<std::shared_ptr<const Regex>> regexes_;
  std::vector<Call> calls_;
  std::vector<const Expression*> aggregates_;
  int stack_ = 0;  // while building
  int stack_max_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_PROGRAM_H_
