#include "core/message/json_message_type.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/message/field_collector.h"
#include "core/message/field_tree.h"
#include "core/message/json_blocks.h"
#include "core/message/json_scalar.h"

namespace fluxgate {
namespace {

static_assert(kBodyPaddingBytes >= kJsonBlockBytes);

// A body has fewer objects than numbers are left above it.
constexpr uint32_t kRoundsMax = uint32_t{1} << 31;

enum class Progress : uint8_t { kMore, kDone, kBad };

class JsonExtractor final : public Extractor {
 public:
  JsonExtractor(const std::vector<FieldRequest>& requests, const MessageLimits& limits)
      : depth_max_(std::min(limits.depth_max, kJsonDepthCeiling)),
        fields_(requests, depth_max_),
        slots_(SlotsOf(requests)),
        arrays_(slots_, limits.elements_max) {
    seen_.resize(fields_.size());
  }

  bool Extract(std::string_view body, std::span<Value> values) override {
    for (const FieldSlot slot : slots_) values[slot] = Value::Null();
    has_array_ = false;
    if (Read(body, values)) {
      if (has_array_) arrays_.Finish();
      return true;
    }
    for (const FieldSlot slot : slots_) values[slot] = Value::Null();
    return false;
  }

 private:
  static std::vector<FieldSlot> SlotsOf(const std::vector<FieldRequest>& requests) {
    std::vector<FieldSlot> slots;
    for (const FieldRequest& request : requests) slots.push_back(request.slot);
    return slots;
  }

  bool Read(std::string_view body, std::span<Value> values) {
    const char* p = body.data();
    end_ = p + body.size();
    p = SkipJsonBlanks(p, end_);
    if (p == end_) return false;
    scratch_.Reset(body.size());
    cursor_ = JsonCursor(p, end_);
    if (*p != '{') return ReadOther(p);
    if (fields_.root().wanted == 0) return SkipRest(1);
    values_ = values;
    left_ = fields_.root().wanted;
    if (__builtin_expect(round_ >= kRoundsMax, 0)) {
      std::fill(seen_.begin(), seen_.end(), 0);
      round_ = 0;
    }
    body_round_ = ++round_;
    cursor_.Next();
    const char* closing = nullptr;
    switch (ReadObject<false>(fields_.root(), p, 1, closing)) {
      case Progress::kDone:
        return true;
      case Progress::kMore:
        return IsEnd(closing + 1);
      case Progress::kBad:
        break;
    }
    return false;
  }

  bool IsEnd(const char* p) const { return std::all_of(p, end_, IsJsonBlank); }

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
    return ReadJsonScalar(p, SkipJsonBlanksBack(end_), scratch_, ignored);
  }

  // `opening` is behind the cursor. On kMore the object's end is in `closing`, behind the cursor.
  //
  // Outside arrays every name of a path is met once: what is found goes to its slot at once, and
  // reading ends (kDone) with the last of them. In an array more may follow until it ends.
  template <bool kInArray>
  Progress ReadObject(const FieldTree::Node& node, const char* opening, uint32_t depth,
                      const char*& closing) {
    if (depth > depth_max_) return Progress::kBad;
    // In arrays each object has a round of its own: the same nodes are met in the next one again.
    const uint32_t round = kInArray ? ++round_ : body_round_;
    // A copy that the compiler can keep in registers.
    JsonCursor cursor = cursor_;
    size_t unseen = node.children.size();
    const char* before = opening;
    for (;;) {
      const char* colon;
      if (!cursor.Next(colon)) return Progress::kBad;
      if (__builtin_expect(*colon != ':', 0)) {
        // Only an empty object may end here.
        if (*colon != '}' || before != opening || SkipJsonBlanks(before + 1, colon) != colon) {
          return Progress::kBad;
        }
        closing = colon;
        break;
      }
      // A quote behind a structural character begins a string. That the colon is structural means
      // that the string has ended before it, so the quote there is another one.
      const char* name = before + 1;
      const char* name_end = colon - 1;
      if (__builtin_expect(*name != '"' || *name_end != '"', 0)) {
        name = SkipJsonBlanks(name, colon);
        name_end = SkipJsonBlanksBack(colon) - 1;
        if (*name != '"' || *name_end != '"') return Progress::kBad;
      }
      ++name;
      const char* const value = SkipJsonBlanks(colon + 1, end_);

      const FieldTree::Node* found;
      if (__builtin_expect(cursor.has_backslash(), 0)) {
        if (!FindEscaped(node, name, name_end, found)) return Progress::kBad;
      } else {
        found = FieldTree::Find(node, name, static_cast<size_t>(name_end - name));
      }
      if (found == nullptr || seen_[found->index] == round) {
        if (!cursor.Next(before)) return Progress::kBad;
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
        seen_[child.index] = round;
        const uint32_t left = left_ - child.wanted;
        const char c = *value;
        if (c != '{' && c != '[') {
          before = cursor.Next();
          if (before == nullptr || !ReadScalar<kInArray>(*child.single, value, before)) {
            return Progress::kBad;
          }
        } else {
          cursor_ = cursor;
          const Progress progress = ReadNested<kInArray>(child, value, depth + 1);
          if (progress != Progress::kMore) return progress;
          cursor = cursor_;
          before = cursor.Next();
          if (before == nullptr) return Progress::kBad;
        }
        if constexpr (!kInArray) {
          left_ = left;
          if (left == 0) return Progress::kDone;
        }
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

  template <bool kInArray>
  bool ReadScalar(const FieldTree::Node& node, const char* begin, const char* end) {
    if (begin == end) return false;
    if constexpr (kInArray) {
      Value value;
      return ReadJsonScalar(begin, SkipJsonBlanksBack(end), scratch_, value) &&
             arrays_.Add(node.slots, value);
    }
    // In place: a value that is made in parts and copied whole stalls until the parts are stored.
    Value ignored;
    Value& value = node.slots.empty() ? ignored : values_[node.slots.front()];
    if (!ReadJsonScalar(begin, SkipJsonBlanksBack(end), scratch_, value)) return false;
    for (size_t i = 1; i < node.slots.size(); ++i) values_[node.slots[i]] = value;
    return true;
  }

  // A member that is an object or array, whose bracket is the next thing at the cursor; leaves the
  // cursor behind it.
  template <bool kInArray>
  Progress ReadNested(const FieldTree::Node& node, const char* opening, uint32_t depth) {
    if (cursor_.Next() != opening || depth > depth_max_) return Progress::kBad;
    if (*opening == '[') {
      if constexpr (!kInArray) {
        if (!has_array_) arrays_.BeginInPlace(values_);
        has_array_ = true;
      }
      return ReadArray(node, opening, depth, true);
    }
    return ReadInnerObject<kInArray>(*node.single, opening, depth);
  }

  // The fields that end here are NULL; in an array they take a place.
  template <bool kInArray>
  Progress ReadInnerObject(const FieldTree::Node& node, const char* opening, uint32_t depth) {
    if constexpr (kInArray) {
      if (!arrays_.Add(node.slots, Value::Null())) return Progress::kBad;
    } else {
      left_ -= static_cast<uint32_t>(node.slots.size());
    }
    if (node.children.empty()) return Skip(depth);
    const char* closing = nullptr;
    return ReadObject<kInArray>(node, opening, depth, closing);
  }

  // Subscripts of `node` count the elements only with `numbered`: not in an array that is itself an
  // element nobody asked for by number.
  Progress ReadArray(const FieldTree::Node& node, const char* opening, uint32_t depth,
                     bool numbered) {
    if (depth > depth_max_) return Progress::kBad;
    const size_t last = LastWanted(node, numbered);
    JsonCursor cursor = cursor_;
    const char* before = opening;
    for (size_t number = 0;; ++number) {
      if (number > last) {
        before = cursor.SkipToClosing(depth, depth_max_);
        if (before == nullptr) return Progress::kBad;
        break;
      }
      const FieldTree::Node& element = numbered ? FieldTree::ForElement(node, number) : node;
      const bool own = &element != &node;
      const FieldTree::Node& single = own ? *element.single : element;
      const char* const value = SkipJsonBlanks(before + 1, end_);
      if (*value == '{' || *value == '[') {
        if (cursor.Next() != value) return Progress::kBad;
        cursor_ = cursor;
        const Progress progress = !own && !node.wants_every() ? Skip(depth + 1)
                                  : *value == '[' ? ReadArray(element, value, depth + 1, own)
                                                  : ReadInnerObject<true>(single, value, depth + 1);
        if (progress != Progress::kMore) return progress;
        cursor = cursor_;
        before = cursor.Next();
        if (before == nullptr) return Progress::kBad;
      } else {
        before = cursor.Next();
        if (before == nullptr) return Progress::kBad;
        const bool is_empty = number == 0 && before == value && *before == ']';
        if (!is_empty && !ReadScalar<true>(single, value, before)) return Progress::kBad;
      }
      if (*before != ',') break;
    }
    cursor_ = cursor;
    return *before == ']' ? Progress::kMore : Progress::kBad;
  }

  // The number of the last element that matters.
  static size_t LastWanted(const FieldTree::Node& node, bool numbered) {
    if (node.wants_every() || !numbered) return std::numeric_limits<size_t>::max();
    return node.indexed.empty() ? 0 : node.indexed.back().index;
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
  const std::vector<FieldSlot> slots_;
  FieldCollector arrays_;       // for what is in arrays
  bool has_array_ = false;      // whether this body has one that was looked into
  std::vector<uint32_t> seen_;  // by node: the round in which it was met last
  uint32_t round_ = 0;          // counts bodies, and objects in arrays
  uint32_t body_round_ = 0;
  uint32_t left_ = 0;  // slots outside arrays that may still be found
  std::span<Value> values_;
  const char* end_ = nullptr;
  JsonCursor cursor_;
  TextScratch scratch_;
};

}  // namespace

std::unique_ptr<Extractor> JsonMessageType::NewExtractor(std::vector<FieldRequest> fields) const {
  return std::make_unique<JsonExtractor>(fields, limits_);
}

}  // namespace fluxgate
