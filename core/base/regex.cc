#include "core/base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstring>
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
  std::unique_ptr<pcre2_match_data, MatchDataDeleter> data{
      pcre2_match_data_create(RegexScan::kGroupsMax, nullptr)};
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

// Whether a search stops soon behind the match it finds. Without a repetition every byte of the
// pattern takes one character at most; one that ends the pattern goes on only as far as it matches.
bool LooksNotFarAhead(std::string_view pattern) {
  if (!pattern.empty() && pattern.back() == '+') pattern.remove_suffix(1);
  return pattern.find_first_of("*+{") == std::string_view::npos;
}

}  // namespace

struct Regex::Engines {
  std::unique_ptr<RE2> re2;
  std::unique_ptr<pcre2_code, CodeDeleter> pcre2;
  bool has_back_references = false;
  bool looks_not_far_ahead = false;
  RegexLimits limits;
  uint64_t program_size = 1;  // of re2

  int MatchPcre2(std::string_view pattern, std::string_view text, size_t from,
                 uint64_t& steps_left) const;
};

// As pcre2_match; the groups are in the thread's scratch.
int Regex::Engines::MatchPcre2(std::string_view pattern, std::string_view text, size_t from,
                               uint64_t& steps_left) const {
  MatchScratch& scratch = ThreadScratch();
  Budget budget{.left = steps_left,
                .position = from,
                .pattern = pattern,
                .has_back_references = has_back_references};
  pcre2_set_match_limit(scratch.context.get(), limits.match_steps_max);
  pcre2_set_depth_limit(scratch.context.get(), limits.match_depth_max);
  pcre2_set_callout(scratch.context.get(), Spend, &budget);
  // A view without text may hold a null pointer, which PCRE2 refuses.
  const char* data = text.empty() ? "" : text.data();
  const int result = pcre2_match(pcre2.get(), reinterpret_cast<PCRE2_SPTR>(data), text.size(), from,
                                 0, scratch.data.get(), scratch.context.get());
  steps_left = budget.left;
  return result;
}

Regex::Regex(std::string pattern) : pattern_(std::move(pattern)), literal_(FindLiteral(pattern_)) {}

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
  engines.looks_not_far_ahead = LooksNotFarAhead(pattern);

  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingUTF8);
  options.set_log_errors(false);
  options.set_max_mem(limits.program_bytes_max);
  auto re2 = std::make_unique<RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (re2->ok()) {
    engines.re2 = std::move(re2);
    engines.program_size = static_cast<uint64_t>(std::max(engines.re2->ProgramSize(), 1));
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

RegexMatch Regex::Match(std::string_view text, uint64_t& work_left) const {
  if (literal_.has_value()) {
    if (text.size() > work_left) return RegexMatch::kLimit;
    work_left -= text.size();
    return literal_->Matches(text) ? RegexMatch::kYes : RegexMatch::kNo;
  }
  const Engines& engines = *engines_;
  if (engines.re2 != nullptr) {
    const uint64_t work = (text.size() + 1) * engines.program_size;
    if (work > work_left) return RegexMatch::kLimit;
    work_left -= work;
    const re2::StringPiece piece(text.data(), text.size());
    return engines.re2->Match(piece, 0, text.size(), RE2::UNANCHORED, nullptr, 0) ? RegexMatch::kYes
                                                                                  : RegexMatch::kNo;
  }
  const uint64_t steps =
      std::min<uint64_t>(engines.limits.match_steps_max, work_left / kWorkPerStep);
  uint64_t steps_left = steps;
  const int result = engines.MatchPcre2(pattern_, text, 0, steps_left);
  work_left -= (steps - steps_left) * kWorkPerStep;
  if (result >= 0) return RegexMatch::kYes;
  return result == PCRE2_ERROR_NOMATCH ? RegexMatch::kNo : RegexMatch::kLimit;
}

RegexScan::RegexScan(const Regex& regex, std::string_view text, size_t groups)
    : regex_(regex),
      text_(text),
      group_count_(std::clamp<size_t>(groups, 1, kGroupsMax)),
      behind_last_(std::string_view::npos) {
  if (regex.engines_ == nullptr) {
    group_count_ = 1;
    return;
  }
  steps_left_ = regex.engines_->limits.scan_steps_max;
  match_steps_left_ = regex.engines_->limits.match_steps_max;
  if (regex.engines_->re2 != nullptr) {
    const auto there_are = static_cast<size_t>(regex.engines_->re2->NumberOfCapturingGroups()) + 1;
    group_count_ = std::min(group_count_, there_are);
  }
}

bool RegexScan::Spend(uint64_t steps) {
  if (steps > steps_left_) return false;
  steps_left_ -= steps;
  return true;
}

// What the search from next_ may have cost.
uint64_t RegexScan::SearchSteps(RegexMatch match) const {
  // Plain text: all searches together take one pass.
  if (regex_.engines_ == nullptr) return 0;
  const Regex::Engines& engines = *regex_.engines_;
  uint64_t bytes = text_.size() - next_;
  if (match == RegexMatch::kYes && engines.looks_not_far_ahead) {
    constexpr uint64_t kCharacterBytesMax = 4;
    bytes = std::min(bytes, end() - next_ + kCharacterBytesMax * regex_.pattern_.size());
  }
  // RE2 falls back on a slow automaton, where its fast one gets too large.
  return (bytes + 1) * (1 + (engines.re2 == nullptr ? 0 : engines.program_size));
}

RegexMatch RegexScan::Next() {
  while (next_ <= text_.size()) {
    const RegexMatch match = Find(next_);
    if (!Spend(SearchSteps(match))) {
      next_ = text_.size() + 1;
      return RegexMatch::kLimit;
    }
    if (match != RegexMatch::kYes) {
      next_ = text_.size() + 1;
      return match;
    }
    const bool counts = !groups_[0].empty() || begin() != behind_last_;
    next_ = end();
    if (groups_[0].empty()) {
      // It would be found again here: go on behind the next character.
      ++next_;
      while (next_ < text_.size() && (static_cast<uint8_t>(text_[next_]) & 0xc0) == 0x80) ++next_;
    }
    if (counts) {
      behind_last_ = end();
      return RegexMatch::kYes;
    }
  }
  return RegexMatch::kNo;
}

RegexMatch RegexScan::Find(size_t from) {
  if (regex_.literal_.has_value()) return FindLiteralText(from);
  return regex_.engines_->re2 != nullptr ? FindRe2(from) : FindPcre2(from);
}

RegexMatch RegexScan::FindLiteralText(size_t from) {
  const LiteralPattern& literal = *regex_.literal_;
  const std::string_view rest = text_.substr(from);
  if (literal.text.size() > rest.size() || (literal.at_begin && from != 0)) return RegexMatch::kNo;
  size_t skipped = 0;
  if (literal.at_end) {
    skipped = rest.size() - literal.text.size();
  } else if (!literal.at_begin && !literal.text.empty()) {
    // In linear time, which std::string_view::find does not promise.
    const void* const found =
        memmem(rest.data(), rest.size(), literal.text.data(), literal.text.size());
    if (found == nullptr) return RegexMatch::kNo;
    skipped = static_cast<size_t>(static_cast<const char*>(found) - rest.data());
  }
  groups_[0] = rest.substr(skipped, literal.text.size());
  const bool here = groups_[0] == literal.text && !(literal.at_begin && skipped != 0);
  return here ? RegexMatch::kYes : RegexMatch::kNo;
}

RegexMatch RegexScan::FindRe2(size_t from) {
  const RE2& re2 = *regex_.engines_->re2;
  const re2::StringPiece piece(text_.data(), text_.size());
  std::array<re2::StringPiece, kGroupsMax> found;
  // Where the match lies takes one automaton, its groups another one that is much slower.
  if (!re2.Match(piece, from, text_.size(), RE2::UNANCHORED, found.data(), 1)) {
    return RegexMatch::kNo;
  }
  if (group_count_ > 1) {
    const size_t begin = static_cast<size_t>(found[0].data() - text_.data());
    if (!Spend((found[0].size() + 1) * regex_.engines_->program_size)) return RegexMatch::kLimit;
    re2.Match(piece, begin, begin + found[0].size(), RE2::ANCHOR_BOTH, found.data(),
              static_cast<int>(group_count_));
  }
  for (size_t i = 0; i < group_count_; ++i) groups_[i] = {found[i].data(), found[i].size()};
  return RegexMatch::kYes;
}

RegexMatch RegexScan::FindPcre2(size_t from) {
  const int result = regex_.engines_->MatchPcre2(regex_.pattern_, text_, from, match_steps_left_);
  if (result == PCRE2_ERROR_NOMATCH) return RegexMatch::kNo;
  if (result < 0) return RegexMatch::kLimit;
  // 0: there are more groups than kept.
  const size_t there_are = result == 0 ? kGroupsMax : static_cast<size_t>(result);
  const PCRE2_SIZE* const offsets = pcre2_get_ovector_pointer(ThreadScratch().data.get());
  // \K in a look-around that is called as a subroutine can move the start anywhere.
  if (offsets[0] < from || offsets[1] < offsets[0]) return RegexMatch::kLimit;
  for (size_t i = 0; i < group_count_; ++i) {
    groups_[i] = {};
    if (i >= there_are || offsets[2 * i] == PCRE2_UNSET) continue;
    if (offsets[2 * i + 1] < offsets[2 * i]) continue;
    groups_[i] = text_.substr(offsets[2 * i], offsets[2 * i + 1] - offsets[2 * i]);
  }
  return RegexMatch::kYes;
}

}  // namespace fluxgate
