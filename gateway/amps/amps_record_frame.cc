#include "gateway/amps/amps_record_frame.h"

#include <charconv>
#include <system_error>
#include <utility>

namespace fluxgate::amps {
namespace {

// The header of one record, field by field.
class RecordHeaderReader {
 public:
  explicit RecordHeaderReader(std::string_view text) : text_(text) {}

  bool Skip(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  // Text between quotes. Keys and times have nothing to escape.
  bool Text(std::string_view* value) {
    if (!Skip('"')) return false;
    const size_t end = text_.find_first_of("\"\\", at_);
    if (end == std::string_view::npos || text_[end] != '"') return false;
    *value = text_.substr(at_, end - at_);
    at_ = end + 1;
    return true;
  }

  bool Number(uint64_t* value) {
    const char* const begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), *value);
    at_ += static_cast<size_t>(end - begin);
    return error == std::errc();
  }

  std::string_view rest() const { return text_.substr(at_); }

 private:
  const std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

RecordFrame::Result RecordFrame::Next(Record* record) {
  if (rest_.empty()) return Result::kEnd;
  *record = {};
  RecordHeaderReader header(std::exchange(rest_, {}));
  if (!header.Skip('{')) return Result::kBad;
  uint64_t bytes = 0;
  bool has_length = false;
  do {
    std::string_view name, value;
    if (!header.Text(&name) || !header.Skip(':')) return Result::kBad;
    if (name == "l") {
      if (has_length || !header.Number(&bytes)) return Result::kBad;
      has_length = true;
      continue;
    }
    if (!header.Text(&value)) return Result::kBad;
    if (name == "k") record->sow_key = value;
    if (name == "ts") record->timestamp = value;
    if (name == "x") record->correlation_id = value;
  } while (header.Skip(','));
  if (!header.Skip('}') || !has_length || bytes > header.rest().size()) return Result::kBad;
  record->body = header.rest().substr(0, bytes);
  rest_ = header.rest().substr(bytes);
  return Result::kRecord;
}

}  // namespace fluxgate::amps
