#include "core/message/xml_message_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/message/field_collector.h"
#include "core/message/field_tree.h"
#include "core/message/message_reader.h"
#include "core/message/repetitions.h"
#include "core/message/value_text.h"
#include "core/message/xml_scanner.h"

namespace fluxgate {
namespace {

static_assert(kBodyPaddingBytes >= kSearchBytes);

// In the tree a blank stands before an attribute's name instead of an @, as it does in most bodies:
// so it is looked up where it stands. No element has a name that begins with a blank.
std::vector<FieldRequest> WithBlanks(const std::vector<FieldRequest>& requests) {
  std::vector<FieldRequest> result;
  for (FieldRequest request : requests) {
    bool possible = true;
    for (FieldStep& step : request.path.steps) {
      possible = possible && !step.name.starts_with(' ');
      if (step.name.starts_with('@')) step.name[0] = ' ';
    }
    if (possible) result.push_back(std::move(request));
  }
  return result;
}

class XmlExtractor final : public Extractor {
 public:
  struct Element {
    const FieldTree::Node* node = nullptr;  // nullptr: nothing in it is wanted
    uint64_t number = 0;                    // no other element has it, in no body
  };

  XmlExtractor(const std::vector<FieldRequest>& requests, const MessageLimits& limits)
      : fields_(WithBlanks(requests), limits.depth_max + 1),
        collector_(SlotsOf(requests), limits.elements_max),
        repetitions_(fields_),
        scanner_(*this, limits.depth_max) {}

  bool Extract(std::string_view body, std::span<Value> values) override {
    collector_.Begin(values);
    root_ = {&fields_.root(), ++last_number_};
    const bool ok = scanner_.Scan(body);
    if (ok) {
      collector_.Finish();
    } else {
      collector_.Abandon();
    }
    return ok;
  }

  const Element& Root() const { return root_; }
  bool Start(const Element& parent, std::string_view name, Element& element) {
    if (parent.node == nullptr) return true;
    element.node = FieldTree::Find(*parent.node, name.data(), name.size());
    if (element.node == nullptr) return true;
    element.node = &repetitions_.Next(*element.node, parent.number);
    element.number = ++last_number_;
    return true;
  }
  bool Attribute(Element& element, std::string_view name, std::string_view spelled) {
    if (element.node == nullptr) return true;
    const FieldTree::Node* const node = FindAttribute(*element.node, name);
    if (node == nullptr) return true;
    std::string_view text;
    return scanner_.ReadAttribute(spelled, text) &&
           collector_.Add(node->single->slots, Value::String(text));
  }
  bool Opened(const Element& element, bool& wants_text) {
    wants_text = element.node != nullptr && !element.node->slots.empty();
    return true;
  }
  bool End(const Element& element, std::string_view text) {
    return element.node == nullptr || collector_.Add(element.node->slots, Value::String(text));
  }

 private:
  static constexpr size_t kNamePadding = 8;  // that FieldTree::Find may read

  const FieldTree::Node* FindAttribute(const FieldTree::Node& node, std::string_view name) {
    if (node.children.empty()) return nullptr;
    const char* begin = name.data() - 1;
    if (*begin != ' ') {
      name_.assign(1, ' ').append(name).append(kNamePadding, '\0');
      begin = name_.data();
    }
    return FieldTree::Find(node, begin, name.size() + 1);
  }

  const FieldTree fields_;
  FieldCollector collector_;
  Repetitions repetitions_;
  uint64_t last_number_ = 0;
  Element root_;
  std::string name_;
  XmlScanner<XmlExtractor> scanner_;
};

class XmlReader {
 public:
  struct Element {
    Document::Node* node = nullptr;
  };

  XmlReader(Document& document, const MessageLimits& limits)
      : document_(document), fields_max_(limits.fields_max), scanner_(*this, limits.depth_max) {}

  absl::Status Read(std::string_view body) {
    // A copy with the padding that the scan needs.
    body_ =
        document_.Keep(std::string(body).append(kBodyPaddingBytes, '\0')).substr(0, body.size());
    if (!IsXmlText(body_)) {
      return MakeError(ErrorCode::kMalformedBody,
                       "the document is not UTF-8 or has characters in it that XML has not");
    }
    if (scanner_.Scan(body_)) return absl::OkStatus();
    return MalformedAt(scanner_.error(), static_cast<size_t>(scanner_.error_at() - body_.data()));
  }

  Element Root() { return {&document_.root()}; }
  bool Start(const Element& parent, std::string_view name, Element& element) {
    last_ = name.data();
    return Add(parent, name, Document::Node::Kind::kObject, element);
  }
  bool Attribute(Element& element, std::string_view name, std::string_view spelled) {
    last_ = name.data();
    std::string_view text;
    Element attribute;
    if (!scanner_.ReadAttribute(spelled, text) ||
        !Add(element, document_.Keep(std::string("@").append(name)), Document::Node::Kind::kScalar,
             attribute)) {
      return false;
    }
    attribute.node->value = Value::String(Kept(text));
    return true;
  }
  bool Opened(const Element& element, bool& wants_text) {
    wants_text = true;
    if (element.node->members.size() < 2) return true;
    names_.clear();
    for (const Document::Member& member : element.node->members) names_.push_back(member.name);
    std::sort(names_.begin(), names_.end());
    return std::adjacent_find(names_.begin(), names_.end()) == names_.end() ||
           scanner_.Fail("an attribute that is there twice", last_);
  }
  bool End(Element& element, std::string_view text) {
    element.node->value = Value::String(Kept(text));
    return true;
  }

 private:
  bool Add(const Element& parent, std::string_view name, Document::Node::Kind kind,
           Element& element) {
    if (++fields_ > fields_max_) {
      return scanner_.Fail("more elements and attributes than allowed", last_);
    }
    element.node = &document_.AddMember(*parent.node, name, kind);
    return true;
  }
  std::string_view Kept(std::string_view text) {
    const bool in_body = text.data() >= body_.data() && text.data() < body_.data() + body_.size();
    return in_body || text.empty() ? text : document_.Keep(std::string(text));
  }

  Document& document_;
  const uint32_t fields_max_;
  uint32_t fields_ = 0;
  std::string_view body_;
  const char* last_ = nullptr;  // name that was read last
  std::vector<std::string_view> names_;
  XmlScanner<XmlReader> scanner_;
};

class XmlWriter {
 public:
  XmlWriter(uint32_t depth_max, std::string& body) : depth_max_(depth_max), body_(body) {}

  absl::Status Write(const Document::Node& root) {
    size_t elements = 0;
    for (const Document::Member& member : root.members) {
      const bool is_array = member.node->kind == Document::Node::Kind::kArray;
      elements += is_array ? member.node->elements.size() : 1;
      if (elements > 1) {
        return MakeError(ErrorCode::kMalformedBody, "an XML document has one root element");
      }
      if (absl::Status s = WriteMember(member, 1); !s.ok()) return s;
    }
    return absl::OkStatus();
  }

 private:
  static absl::Status Refuse(std::string_view name, std::string_view why) {
    return MakeError(ErrorCode::kMalformedBody, fmt::format("element {} {}", name, why));
  }

  absl::Status WriteMember(const Document::Member& member, uint32_t depth) {
    if (member.node->kind != Document::Node::Kind::kArray) {
      return WriteElement(member.name, *member.node, depth);
    }
    for (const Document::Node* element : member.node->elements) {
      if (element->kind == Document::Node::Kind::kArray) {
        return Refuse(member.name, "is an array of arrays");
      }
      if (absl::Status s = WriteElement(member.name, *element, depth); !s.ok()) return s;
    }
    return absl::OkStatus();
  }

  absl::Status WriteElement(std::string_view name, const Document::Node& node, uint32_t depth) {
    if (!IsXmlName(name)) return Refuse(name, "has a name that XML has not");
    if (depth > depth_max_) return Refuse(name, "is nested too deep");
    body_.append(1, '<').append(name);
    bool has_children = false;
    for (const Document::Member& member : node.members) {
      if (!member.name.starts_with('@')) {
        has_children = true;
      } else if (!WriteAttribute(member)) {
        return Refuse(name, fmt::format("has an attribute {} that XML has not", member.name));
      }
    }
    if (!has_children && node.value.is_null()) {
      body_ += "/>";
      return absl::OkStatus();
    }
    body_ += '>';
    if (!WriteXmlText(ValueToText(node.value, number_), XmlSpelling::kText, body_)) {
      return Refuse(name, "holds characters that XML has not");
    }
    for (const Document::Member& member : node.members) {
      if (member.name.starts_with('@')) continue;
      if (absl::Status s = WriteMember(member, depth + 1); !s.ok()) return s;
    }
    body_.append("</").append(name).append(1, '>');
    return absl::OkStatus();
  }

  bool WriteAttribute(const Document::Member& member) {
    const std::string_view name = member.name.substr(1);
    if (!IsXmlName(name) || member.node->kind != Document::Node::Kind::kScalar) return false;
    body_.append(1, ' ').append(name).append("=\"");
    const bool ok =
        WriteXmlText(ValueToText(member.node->value, number_), XmlSpelling::kAttribute, body_);
    body_ += '"';
    return ok;
  }

  const uint32_t depth_max_;
  std::string& body_;
  std::string number_;
};

}  // namespace

XmlMessageType::XmlMessageType(const MessageLimits& limits) : limits_(limits) {
  limits_.depth_max = std::min(limits_.depth_max, kMessageDepthCeiling);
}

std::unique_ptr<Extractor> XmlMessageType::NewExtractor(std::vector<FieldRequest> fields) const {
  return std::make_unique<XmlExtractor>(fields, limits_);
}

absl::Status XmlMessageType::Parse(std::string_view body, Document& document) const {
  document.Clear();
  return XmlReader(document, limits_).Read(body);
}

absl::Status XmlMessageType::DoWrite(const Document& document, std::string& body) const {
  return XmlWriter(limits_.depth_max, body).Write(document.root());
}

}  // namespace fluxgate
