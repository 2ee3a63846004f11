// JSON bodies taken apart whole (RFC 8259, checked to the letter).
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/message/json_blocks.h"
#include "core/message/json_message_type.h"
#include "core/message/json_scalar.h"

namespace fluxgate {
namespace {

using Node = Document::Node;

class JsonDocumentReader {
 public:
  // The cursor reads behind the body, where the caller need not have anything: the work is done on
  // a copy, and what is found is told as views of the body.
  JsonDocumentReader(std::string_view body, const MessageLimits& limits, Document& document)
      : body_(body),
        depth_max_(std::min(limits.depth_max, kJsonDepthCeiling)),
        fields_max_(limits.fields_max),
        document_(document),
        copy_(new char[body.size() + kJsonBlockBytes]),
        end_(copy_.get() + body.size()) {
    std::copy(body.begin(), body.end(), copy_.get());
    std::memset(copy_.get() + body.size(), 0, kJsonBlockBytes);
    scratch_.Reset(body.size());
  }

  absl::Status Read() {
    document_.Clear();
    if (ReadBody()) return absl::OkStatus();
    return MakeError(ErrorCode::kMalformedBody,
                     fmt::format("JSON body: {} at byte {}", error_, error_at_ - copy_.get()));
  }

 private:
  bool ReadBody() {
    const char* const opening = SkipJsonBlanks(copy_.get(), end_);
    if (opening == end_ || *opening != '{') return Fail(opening, "expected an object");
    cursor_ = JsonCursor(opening, end_);
    cursor_.Next();
    const char* const closing = ReadObject(document_.root(), opening, 1);
    if (closing == nullptr) return false;
    const char* const behind = SkipJsonBlanks(closing + 1, end_);
    return behind == end_ || Fail(behind, "expected the end");
  }

  // `opening` is behind the cursor; gives the closing bracket, behind the cursor, or nullptr.
  const char* ReadObject(Node& object, const char* opening, uint32_t depth) {
    if (depth > depth_max_) return FailDepth(opening);
    for (const char* before = opening;;) {
      const char* const name = SkipJsonBlanks(before + 1, end_);
      const char* const colon = cursor_.Next();
      if (colon == nullptr) return FailAtEnd();
      if (*colon == '}' && before == opening && name == colon) return colon;
      std::string_view text;
      if (*colon != ':' || !ReadName(name, SkipJsonBlanksBack(colon), text)) {
        Fail(name, "expected a name in quotes and ':'");
        return nullptr;
      }
      before = ReadValue(document_.AddMember(object, text, Node::Kind::kScalar), colon, depth);
      if (before == nullptr || *before == '}') return before;
      if (*before != ',') {
        Fail(before, "expected ',' or '}'");
        return nullptr;
      }
    }
  }

  const char* ReadArray(Node& array, const char* opening, uint32_t depth) {
    if (depth > depth_max_) return FailDepth(opening);
    for (const char* before = opening;;) {
      if (before == opening) {
        const char* const first = SkipJsonBlanks(opening + 1, end_);
        if (*first == ']') return cursor_.Next();
      }
      before = ReadValue(document_.AddElement(array, Node::Kind::kScalar), before, depth);
      if (before == nullptr || *before == ']') return before;
      if (*before != ',') {
        Fail(before, "expected ',' or ']'");
        return nullptr;
      }
    }
  }

  // The value behind `before`, which is behind the cursor; gives what stands behind it.
  const char* ReadValue(Node& node, const char* before, uint32_t depth) {
    const char* const value = SkipJsonBlanks(before + 1, end_);
    if (++fields_ > fields_max_) {
      Fail(value, fmt::format("more than {} members and elements", fields_max_));
      return nullptr;
    }
    const char* const next = cursor_.Next();
    if (next == nullptr) return FailAtEnd();
    if (next != value) return ReadScalar(node, value, next) ? next : nullptr;
    const char* closing = nullptr;
    if (*value == '{') {
      node.kind = Node::Kind::kObject;
      closing = ReadObject(node, value, depth + 1);
    } else if (*value == '[') {
      node.kind = Node::Kind::kArray;
      closing = ReadArray(node, value, depth + 1);
    } else {
      Fail(value, "expected a value");
    }
    if (closing == nullptr) return nullptr;
    const char* const behind = cursor_.Next();
    if (behind == nullptr) return FailAtEnd();
    if (SkipJsonBlanks(closing + 1, end_) == behind) return behind;
    Fail(closing + 1, "expected ',' or a closing bracket");
    return nullptr;
  }

  bool ReadScalar(Node& node, const char* begin, const char* next) {
    const char* const end = SkipJsonBlanksBack(next);
    if (!ReadJsonScalar(begin, end, scratch_, node.value)) {
      return Fail(begin, *begin == '"' ? "expected valid text" : "expected a value");
    }
    if (node.value.is_string()) node.value = Value::String(Lasting(node.value.as_string()));
    node.raw = InBody(begin, static_cast<size_t>(end - begin));
    return true;
  }

  bool ReadName(const char* begin, const char* end, std::string_view& text) {
    if (end - begin < 2 || *begin != '"' || end[-1] != '"') return false;
    if (!ReadJsonString(begin + 1, end - 1, scratch_, text)) return false;
    text = Lasting(text);
    return true;
  }

  std::string_view InBody(const char* in_copy, size_t size) const {
    return body_.substr(static_cast<size_t>(in_copy - copy_.get()), size);
  }

  // Text that was rewritten is in the scratch, which goes away.
  std::string_view Lasting(std::string_view text) {
    const bool in_copy = text.data() >= copy_.get() && text.data() <= end_;
    return in_copy ? InBody(text.data(), text.size()) : document_.Keep(std::string(text));
  }

  bool Fail(const char* at, std::string error) {
    error_at_ = at;
    error_ = std::move(error);
    return false;
  }
  const char* FailAtEnd() {
    Fail(end_, "not closed");
    return nullptr;
  }
  const char* FailDepth(const char* opening) {
    Fail(opening, fmt::format("nested deeper than {}", depth_max_));
    return nullptr;
  }

  const std::string_view body_;
  const uint32_t depth_max_;
  const uint32_t fields_max_;
  Document& document_;
  const std::unique_ptr<char[]> copy_;
  const char* const end_;  // of the copy
  JsonCursor cursor_;
  TextScratch scratch_;
  uint32_t fields_ = 0;  // members and elements so far
  const char* error_at_ = nullptr;
  std::string error_;
};

}  // namespace

absl::Status JsonMessageType::Parse(std::string_view body, Document& document) const {
  return JsonDocumentReader(body, limits_, document).Read();
}

}  // namespace fluxgate
