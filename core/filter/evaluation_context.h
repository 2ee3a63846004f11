// What functions need while one expression is evaluated: room for the text they make, compiled
// patterns, random numbers. Keeps its memory from one evaluation to the next; one thread at a time.
#ifndef FLUXGATE_CORE_FILTER_EVALUATION_CONTEXT_H_
#define FLUXGATE_CORE_FILTER_EVALUATION_CONTEXT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/base/regex.h"

namespace fluxgate {

// Memory for text and elements that an evaluation makes; all of it is given back by Reset.
class EvaluationText {
 public:
  // In all results of one evaluation.
  static constexpr size_t kBytesMax = size_t{4} << 20;
  // Kept for the next evaluation; an evaluation that needed more gives all of it back.
  static constexpr size_t kBytesKeptMax = size_t{1} << 20;

  // `bytes` bytes, aligned for any value, in place until Reset; nullptr beyond kBytesMax.
  char* Allocate(size_t bytes);
  // A copy of `text`; empty beyond kBytesMax.
  std::string_view Copy(std::string_view text);
  void Reset() {
    if (reserved_ > kBytesKeptMax) Release();
    block_ = 0;
    used_ = 0;
    bytes_ = 0;
  }
  size_t bytes() const { return bytes_; }  // handed out since Reset
  size_t bytes_reserved() const { return reserved_; }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };

  void Release();

  std::vector<Block> blocks_;
  size_t block_ = 0;     // in use: blocks_[0 .. block_]
  size_t used_ = 0;      // of blocks_[block_]
  size_t bytes_ = 0;     // handed out
  size_t reserved_ = 0;  // in all of blocks_
};

class PatternCache;

struct EvaluationContext {
  EvaluationContext();
  ~EvaluationContext();

  // Before an evaluation: gives back the text of the last one, and sets the limit of work anew.
  void Begin() {
    text.Reset();
    work_left = kWorkMax;
  }

  // What one evaluation may cost, in the units of Regex::kWorkMax: functions take kWorkPerByte for
  // the text they are given. When it is used up, functions and patterns give NULL.
  static constexpr uint64_t kWorkMax = Regex::kWorkMax;
  static constexpr uint64_t kWorkPerByte = 4;

  // During a call of a function that has a pattern_argument; null: that is no literal.
  const Regex* literal_pattern() const { return static_cast<const Regex*>(data); }

  EvaluationText text;
  uint64_t work_left = kWorkMax;
  std::unique_ptr<PatternCache> patterns;  // regular expressions that are no literals
  // During a call: Function::data, or the compiled pattern argument where that is a literal.
  const void* data = nullptr;
  uint64_t random_state = 0;  // of UUID7 only: from the system's generator, unless it is set
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_EVALUATION_CONTEXT_H_
