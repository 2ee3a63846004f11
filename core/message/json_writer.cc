// JSON bodies written from documents (RFC 8259).
#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/message/json_message_type.h"

namespace fluxgate {
namespace {

using Node = Document::Node;

template <typename Number>
std::string_view NumberText(Number number, std::span<char> room) {
  const std::to_chars_result end = std::to_chars(room.data(), room.data() + room.size(), number);
  return {room.data(), static_cast<size_t>(end.ptr - room.data())};
}

void WriteDouble(double number, std::string& body) {
  if (!std::isfinite(number)) {
    body += "null";
    return;
  }
  char room[32];  // the shortest spelling has at most 24 characters
  const std::string_view text = NumberText(number, room);
  body += text;
  // Without a point or exponent it would be read back as an integer.
  if (text.find_first_of(".e") == std::string_view::npos) body += ".0";
}

void WriteEscaped(char c, std::string& body) {
  constexpr std::string_view kHex = "0123456789abcdef";
  body += '\\';
  switch (c) {
    case '"':
    case '\\':
      body += c;
      return;
    case '\b':
      body += 'b';
      return;
    case '\f':
      body += 'f';
      return;
    case '\n':
      body += 'n';
      return;
    case '\r':
      body += 'r';
      return;
    case '\t':
      body += 't';
      return;
    default:
      body += "u00";
      body += kHex[static_cast<unsigned char>(c) >> 4];
      body += kHex[static_cast<unsigned char>(c) & 15];
  }
}

class JsonWriter {
 public:
  JsonWriter(uint32_t depth_max, std::string& body) : depth_max_(depth_max), body_(body) {}

  // False: it cannot be written, and error() says why.
  bool Write(const Node& node, uint32_t depth) {
    switch (node.kind) {
      case Node::Kind::kScalar:
        if (node.raw.empty()) return WriteValue(node.value);
        body_ += node.raw;
        return true;
      case Node::Kind::kObject:
        return FitsDepth(depth) && WriteMembers(node, depth);
      case Node::Kind::kArray:
        return FitsDepth(depth) && WriteElements(node.elements, depth);
    }
    return false;
  }

  std::string_view error() const { return error_; }

 private:
  bool FitsDepth(uint32_t depth) {
    if (depth > depth_max_) error_ = "nested too deep for a JSON body";
    return depth <= depth_max_;
  }

  bool WriteMembers(const Node& object, uint32_t depth) {
    if (!object.value.is_null()) {
      error_ = "an object with a value of its own cannot be written to a JSON body";
      return false;
    }
    body_ += '{';
    for (size_t i = 0; i < object.members.size(); ++i) {
      if (i > 0) body_ += ',';
      if (!WriteText(object.members[i].name)) return false;
      body_ += ':';
      if (!Write(*object.members[i].node, depth + 1)) return false;
    }
    body_ += '}';
    return true;
  }

  bool WriteElements(const std::vector<Node*>& elements, uint32_t depth) {
    body_ += '[';
    for (size_t i = 0; i < elements.size(); ++i) {
      if (i > 0) body_ += ',';
      if (!Write(*elements[i], depth + 1)) return false;
    }
    body_ += ']';
    return true;
  }

  bool WriteValue(const Value& value) {
    char room[32];
    switch (value.kind()) {
      case Value::Kind::kNull:
        body_ += "null";
        return true;
      case Value::Kind::kBool:
        body_ += value.as_bool() ? "true" : "false";
        return true;
      case Value::Kind::kInt:
        body_ += NumberText(value.as_int(), room);
        return true;
      case Value::Kind::kUint:
        body_ += NumberText(value.as_uint(), room);
        return true;
      case Value::Kind::kDouble:
        WriteDouble(value.as_double(), body_);
        return true;
      case Value::Kind::kString:
        return WriteText(value.as_string());
      case Value::Kind::kArray:
        break;
    }
    // A node's value is never an array: an array has a node for each of its elements.
    return false;
  }

  bool WriteText(std::string_view text) {
    if (!IsValidUtf8(text)) {
      error_ = "text that is not UTF-8 cannot be written to a JSON body";
      return false;
    }
    body_ += '"';
    size_t written = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
      body_ += text.substr(written, i - written);
      WriteEscaped(c, body_);
      written = i + 1;
    }
    body_ += text.substr(written);
    body_ += '"';
    return true;
  }

  const uint32_t depth_max_;
  std::string& body_;
  std::string_view error_;
};

}  // namespace

absl::Status JsonMessageType::DoWrite(const Document& document, std::string& body) const {
  JsonWriter writer(std::min(limits_.depth_max, kJsonDepthCeiling), body);
  if (writer.Write(document.root(), 1)) return absl::OkStatus();
  return MakeError(ErrorCode::kMalformedBody, writer.error());
}

}  // namespace fluxgate
