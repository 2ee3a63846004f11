#include "core/message/json_message_type.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/message/field_tree.h"
#include "core/message/json_blocks.h"
#include "core/message/json_scalar.h"

namespace fluxgate {
namespace {

static_assert(kBodyPaddingBytes >= kJsonBlockBytes);

// Objects that are looked into are read by recursion; this keeps any configured limit harmless.
constexpr uint32_t kDepthCeiling = 1000;

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// The character at `end` may be looked at.
inline const char* SkipBlanks(const char* p, const char* end) {
  if (__builtin_expect(static_cast<unsigned char>(*p) > ' ', 1)) return p;
  while (p < end && IsBlank(*p)) ++p;
  return p;
}
// There is a character that is no blank before `p`.
inline const char* SkipBlanksBack(const char* p) {
  if (__builtin_expect(static_cast<unsigned char>(p[-1]) > ' ', 1)) return p;
  while (IsBlank(p[-1])) --p;
  return p;
}

enum class Progress : uint8_t { kMore, kDone, kBad };

class JsonExtractor final : public Extractor {
 public:
  JsonExtractor(const std::vector<FieldRequest>& requests, uint32_t depth_max)
      : depth_max_(std::min(depth_max, kDepthCeiling)), fields_(requests, depth_max_) {
    for (const FieldRequest& request : requests) slots_.push_back(request.slot);
    seen_.resize(fields_.size());
  }

  bool Extract(std::string_view body, std::span<Value> values) override {
    for (const FieldSlot slot : slots_) values[slot] = Value::Null();
    if (Read(body, values)) return true;
    for (const FieldSlot slot : slots_) values[slot] = Value::Null();
    return false;
  }

 private:
  bool Read(std::string_view body, std::span<Value> values) {
    const char* p = body.data();
    end_ = p + body.size();
    p = SkipBlanks(p, end_);
    if (p == end_) return false;
    scratch_.Reset(body.size());
    cursor_ = JsonCursor(p, end_);
    if (*p != '{') return ReadOther(p);
    if (fields_.root().wanted == 0) return SkipRest(1);
    values_ = values.data();
    left_ = fields_.root().wanted;
    if (++round_ == 0) {
      std::fill(seen_.begin(), seen_.end(), 0);
      round_ = 1;
    }
    cursor_.Next();
    const char* closing = nullptr;
    switch (ReadObject(fields_.root(), p, 1, closing)) {
      case Progress::kDone:
        return true;
      case Progress::kMore:
        return IsEnd(closing + 1);
      case Progress::kBad:
        break;
    }
    return false;
  }

  bool IsEnd(const char* p) const { return std::all_of(p, end_, IsBlank); }

  // The brackets from the cursor on, and nothing behind them.
  bool SkipRest(uint32_t depth) {
    cursor_.Next();
    const char* const closing = cursor_.SkipToClosing(depth, depth_max_);
    return closing != nullptr && IsEnd(closing + 1);
  }

  // A body that is no object has no fields.
  bool ReadOther(const char* p) {
    if (*p == '[') return SkipRest(1);
    Value ignored;
    return ReadJsonScalar(p, SkipBlanksBack(end_), scratch_, ignored);
  }

  // `opening` is behind the cursor. On kMore the object's end is in `closing`, behind the cursor.
  Progress ReadObject(const FieldTree::Node& node, const char* opening, uint32_t depth,
                      const char*& closing) {
    if (depth > depth_max_) return Progress::kBad;
    // A copy that the compiler can keep in registers.
    JsonCursor cursor = cursor_;
    size_t unseen = node.children.size();
    const char* before = opening;
    for (;;) {
      const char* const colon = cursor.Next();
      if (colon == nullptr) return Progress::kBad;
      if (__builtin_expect(*colon != ':', 0)) {
        // Only an empty object may end here.
        if (*colon != '}' || before != opening || SkipBlanks(before + 1, colon) != colon) {
          return Progress::kBad;
        }
        closing = colon;
        break;
      }
      // A quote behind a structural character begins a string. That the colon is structural means
      // that the string has ended before it, so the quote there is another one.
      const char* name = SkipBlanks(before + 1, colon);
      const char* const name_end = SkipBlanksBack(colon) - 1;
      if (*name != '"' || *name_end != '"') return Progress::kBad;
      ++name;
      const char* const value = SkipBlanks(colon + 1, end_);

      const FieldTree::Node* found;
      if (__builtin_expect(cursor.has_backslash(), 0)) {
        if (!FindEscaped(node, name, name_end, found)) return Progress::kBad;
      } else {
        found = FieldTree::Find(node, name, static_cast<size_t>(name_end - name));
      }
      if (found == nullptr || seen_[found->index] == round_) {
        before = cursor.Next();
        if (before == nullptr) return Progress::kBad;
        if (__builtin_expect(*before == ',' && before != value, 1)) continue;
        if (*before == '{' || *before == '[') {
          if (before != value || cursor.SkipToClosing(depth + 1, depth_max_) == nullptr) {
            return Progress::kBad;
          }
          before = cursor.Next();
          if (before == nullptr) return Progress::kBad;
        } else if (before == value) {
          return Progress::kBad;
        }
      } else {
        const FieldTree::Node& child = *found;
        seen_[child.index] = round_;
        const uint32_t left = left_ - child.wanted;
        const char c = *value;
        if (c != '{' && c != '[') {
          before = cursor.Next();
          if (before == nullptr || !ReadScalar(child, value, before)) return Progress::kBad;
        } else {
          cursor_ = cursor;
          const Progress progress = ReadNested(child, value, depth + 1, false);
          if (progress != Progress::kMore) return progress;
          cursor = cursor_;
          before = cursor.Next();
          if (before == nullptr) return Progress::kBad;
        }
        left_ = left;
        if (left == 0) return Progress::kDone;
        if (--unseen == 0) {
          // Only what is around this object can hold more.
          if (*before == ',') before = cursor.SkipToClosing(depth, depth_max_);
          if (before == nullptr || *before != '}') return Progress::kBad;
        }
      }
      if (*before == ',') continue;
      if (*before != '}') return Progress::kBad;
      closing = before;
      break;
    }
    cursor_ = cursor;
    return Progress::kMore;
  }

  bool ReadScalar(const FieldTree::Node& node, const char* begin, const char* end) {
    if (begin == end) return false;
    // In place: a value that is made in parts and copied whole stalls until the parts are stored.
    Value ignored;
    Value& value = node.slots.empty() ? ignored : values_[node.slots.front()];
    if (!ReadJsonScalar(begin, SkipBlanksBack(end), scratch_, value)) return false;
    for (size_t i = 1; i < node.slots.size(); ++i) values_[node.slots[i]] = value;
    left_ -= static_cast<uint32_t>(node.slots.size());
    return true;
  }

  // An object or array, whose bracket is the next thing at the cursor; leaves the cursor behind it.
  Progress ReadNested(const FieldTree::Node& node, const char* opening, uint32_t depth,
                      bool in_array) {
    if (cursor_.Next() != opening || depth > depth_max_) return Progress::kBad;
    if (*opening == '[' && !in_array) return ReadArray(node, opening, depth);
    if (*opening == '{' && !node.children.empty()) {
      const char* closing = nullptr;
      return ReadObject(node, opening, depth, closing);
    }
    return Skip(depth);
  }

  // The first element stands for the array.
  Progress ReadArray(const FieldTree::Node& node, const char* opening, uint32_t depth) {
    const char* const element = SkipBlanks(opening + 1, end_);
    const char* after = nullptr;
    if (*element == '{' || *element == '[') {
      const Progress progress = ReadNested(node, element, depth + 1, true);
      if (progress != Progress::kMore) return progress;
      after = cursor_.Next();
    } else {
      after = cursor_.Next();
      if (after == nullptr) return Progress::kBad;
      const bool is_empty = after == element && *after == ']';
      if (!is_empty && !ReadScalar(node, element, after)) return Progress::kBad;
      if (left_ == 0) return Progress::kDone;
    }
    if (after == nullptr) return Progress::kBad;
    if (*after == ']') return Progress::kMore;
    return *after == ',' ? Skip(depth) : Progress::kBad;
  }

  Progress Skip(uint32_t depth) {
    return cursor_.SkipToClosing(depth, depth_max_) != nullptr ? Progress::kMore : Progress::kBad;
  }

  // A name that may hold escapes. False: malformed.
  bool FindEscaped(const FieldTree::Node& node, const char* name, const char* name_end,
                   const FieldTree::Node*& found) {
    std::string_view text(name, static_cast<size_t>(name_end - name));
    if (text.find('\\') == std::string_view::npos) {
      found = FieldTree::Find(node, name, text.size());
      return true;
    }
    if (!ReadJsonString(name, name_end, scratch_, text)) return false;
    found = FieldTree::Find(node, text.data(), text.size());
    return true;
  }

  const uint32_t depth_max_;
  const FieldTree fields_;
  std::vector<FieldSlot> slots_;
  std::vector<uint32_t> seen_;  // by node: the round in which it was met last
  uint32_t round_ = 0;          // counts bodies
  uint32_t left_ = 0;           // slots that may still be found
  Value* values_ = nullptr;
  const char* end_ = nullptr;
  JsonCursor cursor_;
  JsonScratch scratch_;
};

}  // namespace

std::unique_ptr<Extractor> JsonMessageType::NewExtractor(std::vector<FieldRequest> fields) const {
  return std::make_unique<JsonExtractor>(fields, limits_.depth_max);
}

absl::Status JsonMessageType::Parse(std::string_view, Document&) const {
  return MakeError(ErrorCode::kNotBuilt, "whole JSON bodies are not read yet");
}

absl::Status JsonMessageType::Write(const Document&, std::string&) const {
  return MakeError(ErrorCode::kNotBuilt, "JSON bodies are not written yet");
}

}  // namespace fluxgate
