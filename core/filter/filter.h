// A compiled content filter: what a subscription asks of a body. Immutable once compiled.
//
// A filter matches when it evaluates to TRUE (three-valued logic: FALSE and NULL do not match). It
// is kept as a conjunction: a list of simple predicates, which an index can look up, and at most
// one residual program for everything else. All of them must be TRUE.
#ifndef FLUXGATE_CORE_FILTER_FILTER_H_
#define FLUXGATE_CORE_FILTER_FILTER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/regex.h"
#include "core/filter/expression_scope.h"
#include "core/filter/filter_limits.h"
#include "core/message/field_table.h"
#include "core/message/value.h"

namespace fluxgate {

class ConstantSet;

// One field against constants; exact: TRUE here is TRUE in the filter's own semantics (compare.h).
// An array satisfies it if one of its elements does; of a range whose ends were written as two
// comparisons, one element each end.
struct Predicate {
  enum class Kind : uint8_t {
    kAnyOf,     // equal to one of `constants` (one constant: `=`; several: IN)
    kRange,     // low <= field <= high as numbers; open ends are infinite
    kNotEqual,  // neither NULL nor equal to the constant
    kNoneOf,    // NOT IN: the same for all `constants`, and for every element of an array
    kNull,      // IS NULL
    kNotNull,
    kPrefix,   // BEGINS WITH one of `constants`
    kLike,     // `regex` matches; `constants`: a text that whatever matches begins with, if known
    kNotLike,  // there is text, and `regex` does not match
  };
  Kind kind = Kind::kAnyOf;
  FieldSlot slot = 0;
  // Distinct; kAnyOf, kNotEqual and kNoneOf: numbers, text or booleans, never NULL or NaN. kPrefix
  // and kLike: texts. Text is owned by the Filter.
  std::vector<Value> constants;
  // kRange, low <= high: `>` has been turned into `>=` of the next double, and finite bounds lie
  // within +-2^53, so that ToDouble() of an integer field decides exactly. Text that is no number
  // is above every number: it is in the range if `high` is infinite, and only then.
  double low = 0;
  double high = 0;
  bool same_element = false;  // kRange: BETWEEN; one element of an array must be inside both ends
  std::shared_ptr<const Regex> regex;      // the same object for the same pattern
  std::shared_ptr<const ConstantSet> set;  // of kAnyOf with many constants
};

// Whether the predicate is TRUE of its field's value.
bool Holds(const Predicate& predicate, const Value& value);

class Program;

class Filter {
 public:
  // Fields are acquired in `fields` (which must outlive the filter) and released on destruction.
  // Errors: kBadFilter with the offset; kQuotaExceeded for too many fields and
  // subscripts. `scope` does not widen what a filter may speak of: one message.
  static absl::StatusOr<std::shared_ptr<const Filter>> Compile(std::string_view text,
                                                               FieldTable& fields,
                                                               const FilterLimits& limits = {},
                                                               const ExpressionScope& scope = {});
  ~Filter();
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  // Same canonical text = same meaning: spelling, spacing and `==` against `=` are gone.
  const std::string& canonical() const { return canonical_; }
  std::span<const Predicate> predicates() const { return predicates_; }
  // For each OR that is left to the residual and has the like: predicates of its parts. Whenever
  // the filter matches, one of them at least is TRUE. All are kAnyOf, kPrefix, or kLike with a
  // text.
  std::span<const std::vector<Predicate>> alternatives() const { return alternatives_; }
  // The residual says no more than that one of alternatives()[0] is TRUE.
  bool residual_is_alternatives() const { return residual_is_alternatives_; }
  const Program* residual() const { return residual_.get(); }  // null: nothing left to check
  bool never() const { return never_; }  // constant FALSE or NULL: matches nothing
  bool reads_body() const { return reads_body_; }
  // Of the body and of the envelope.
  std::span<const FieldSlot> slots() const { return slots_; }  // distinct, ascending

  // The whole filter, without an index. `values` is indexed by slot.
  bool Matches(std::span<const Value> values) const;
  // The residual alone; true when there is none.
  bool ResidualMatches(std::span<const Value> values) const;

 private:
  friend class FilterCompiler;
  explicit Filter(FieldTable& fields);

  FieldTable& fields_;
  std::string canonical_;
  std::vector<std::unique_ptr<std::string>> text_;  // storage behind string constants
  std::vector<Predicate> predicates_;
  std::vector<std::vector<Predicate>> alternatives_;
  std::unique_ptr<Program> residual_;
  std::vector<FieldSlot> slots_;
  bool never_ = false;
  bool residual_is_alternatives_ = false;
  bool reads_body_ = false;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_FILTER_H_
