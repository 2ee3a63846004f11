#include "core/base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>
#include <re2/re2.h>

#include <algorithm>
#include <utility>

namespace fluxgate {
namespace {

struct CodeDeleter {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct CompileContextDeleter {
  void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }
};
struct MatchContextDeleter {
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};
struct MatchDataDeleter {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};

// PCRE2's own limits start afresh at every position of the text. This budget covers a whole match:
// every pattern item that is tried costs one, every byte that was passed to get there another.
struct Budget {
  uint64_t left;
  size_t position = 0;
  std::string_view pattern;
  bool has_back_references;
};

int Spend(pcre2_callout_block* block, void* data) {
  auto& budget = *static_cast<Budget*>(data);
  const size_t position = block->current_position;
  uint64_t cost = 1 + std::max(position, budget.position) - std::min(position, budget.position);
  budget.position = position;
  if (budget.has_back_references && block->pattern_position < budget.pattern.size()) {
    // A back-reference compares up to the whole of a capture without moving.
    const char next = budget.pattern[block->pattern_position];
    if (next == '\\' || next == '(') {
      for (uint32_t i = 1; i < block->capture_top; ++i) {
        const size_t begin = block->offset_vector[2 * i];
        const size_t end = block->offset_vector[2 * i + 1];
        if (begin != PCRE2_UNSET && end > begin) cost += end - begin;
      }
    }
  }
  if (cost > budget.left) return PCRE2_ERROR_MATCHLIMIT;
  budget.left -= cost;
  return 0;
}

struct MatchScratch {
  std::unique_ptr<pcre2_match_context, MatchContextDeleter> context{
      pcre2_match_context_create(nullptr)};
  std::unique_ptr<pcre2_match_data, MatchDataDeleter> data{pcre2_match_data_create(1, nullptr)};
};

MatchScratch& ThreadScratch() {
  thread_local MatchScratch scratch;
  return scratch;
}

// Whether PCRE2 may know what RE2 does not.
bool MayBeBeyondRe2(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorPatternTooLarge:
    case RE2::ErrorBadUTF8:
    case RE2::ErrorInternal:
      return false;
    default:
      return true;
  }
}

}  // namespace

struct Regex::Engines {
  std::unique_ptr<RE2> re2;
  std::unique_ptr<pcre2_code, CodeDeleter> pcre2;
  bool has_back_references = false;
  RegexLimits limits;
};

Regex::Regex(std::string pattern)
    : pattern_(std::move(pattern)), literal_(FindLiteral(pattern_)) {}

Regex::~Regex() = default;

absl::StatusOr<std::shared_ptr<const Regex>> Regex::Compile(std::string_view pattern,
                                                            ErrorCode error,
                                                            const RegexLimits& limits) {
  if (pattern.size() > limits.pattern_bytes_max) {
    return MakeError(
        error, fmt::format("regular expression is longer than {} bytes", limits.pattern_bytes_max));
  }
  std::shared_ptr<Regex> regex(new Regex(std::string(pattern)));
  if (regex->literal_.has_value()) return regex;
  regex->engines_ = std::make_unique<Engines>();
  Engines& engines = *regex->engines_;
  engines.limits = limits;

  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingUTF8);
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(limits.program_bytes_max);
  auto re2 = std::make_unique<RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (re2->ok()) {
    engines.re2 = std::move(re2);
    return regex;
  }
  if (!MayBeBeyondRe2(re2->error_code())) {
    const bool too_large = re2->error_code() == RE2::ErrorPatternTooLarge;
    return MakeError(error,
                     fmt::format("regular expression {}: {}",
                                 too_large ? "compiles to too large a program" : "does not compile",
                                 re2->error()));
  }

  std::unique_ptr<pcre2_compile_context, CompileContextDeleter> context(
      pcre2_compile_context_create(nullptr));
  pcre2_set_parens_nest_limit(context.get(), 64);
  int code = 0;
  PCRE2_SIZE offset = 0;
  constexpr uint32_t kOptions = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOLLAR_ENDONLY |
                                PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT;
  engines.pcre2.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                    kOptions, &code, &offset, context.get()));
  if (engines.pcre2 == nullptr) {
    char text[160] = "";
    pcre2_get_error_message(code, reinterpret_cast<PCRE2_UCHAR*>(text), sizeof text);
    return MakeErrorAt(
        error, fmt::format("regular expression does not compile: {} at byte {}", text, offset),
        offset);
  }
  uint32_t back_references = 0;
  pcre2_pattern_info(engines.pcre2.get(), PCRE2_INFO_BACKREFMAX, &back_references);
  engines.has_back_references = back_references > 0;
  // Without JIT (an unusual platform) the interpreter does the same work under the same limits.
  pcre2_jit_compile(engines.pcre2.get(), PCRE2_JIT_COMPLETE);
  size_t code_bytes = 0;
  size_t jit_bytes = 0;
  pcre2_pattern_info(engines.pcre2.get(), PCRE2_INFO_SIZE, &code_bytes);
  pcre2_pattern_info(engines.pcre2.get(), PCRE2_INFO_JITSIZE, &jit_bytes);
  if (code_bytes + jit_bytes > static_cast<uint64_t>(limits.program_bytes_max)) {
    return MakeError(error, "regular expression compiles to too large a program");
  }
  return regex;
}

RegexMatch Regex::Match(std::string_view text) const {
  if (literal_.has_value()) {
    return literal_->Matches(text) ? RegexMatch::kYes : RegexMatch::kNo;
  }
  if (engines_->re2 != nullptr) {
    const re2::StringPiece piece(text.data(), text.size());
    return engines_->re2->Match(piece, 0, text.size(), RE2::UNANCHORED, nullptr, 0)
               ? RegexMatch::kYes
               : RegexMatch::kNo;
  }
  MatchScratch& scratch = ThreadScratch();
  const RegexLimits& limits = engines_->limits;
  Budget budget{.left = limits.match_steps_max,
                .pattern = pattern_,
                .has_back_references = engines_->has_back_references};
  pcre2_set_match_limit(scratch.context.get(), limits.match_steps_max);
  pcre2_set_depth_limit(scratch.context.get(), limits.match_depth_max);
  pcre2_set_callout(scratch.context.get(), Spend, &budget);
  // A view without text may hold a null pointer, which PCRE2 refuses.
  const char* data = text.empty() ? "" : text.data();
  const int result = pcre2_match(engines_->pcre2.get(), reinterpret_cast<PCRE2_SPTR>(data),
                                 text.size(), 0, 0, scratch.data.get(), scratch.context.get());
  if (result >= 0) return RegexMatch::kYes;
  return result == PCRE2_ERROR_NOMATCH ? RegexMatch::kNo : RegexMatch::kLimit;
}

}  // namespace fluxgate
