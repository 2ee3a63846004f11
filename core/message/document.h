// A whole body, taken apart: what is left when the spelling of a message type is taken away. Made
// by MessageType::Parse, written by MessageType::Write; merging, comparing and building bodies
// happen here, once for every message type.
//
// Text, names and spellings are views: of the parsed body, which must outlive the document, or of
// text the document keeps. Not for matching: an Extractor fetches single fields without all this.
#ifndef FLUXGATE_CORE_MESSAGE_DOCUMENT_H_
#define FLUXGATE_CORE_MESSAGE_DOCUMENT_H_

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/message/field_path.h"
#include "core/message/value.h"

namespace fluxgate {

class Document {
 public:
  struct Node;

  struct Member {
    std::string_view name;  // "@name" for an attribute
    Node* node = nullptr;
  };

  struct Node {
    enum class Kind : uint8_t { kScalar, kObject, kArray };

    Kind kind = Kind::kScalar;
    // The member before this one belongs to it and stands directly before it (FIX: the length of a
    // data field): where this one goes, it goes.
    bool is_led = false;
    // Of an array: its elements were given together, not one by one.
    bool is_given_whole = false;
    // Of a scalar; of an object with text of its own (an XML element) that text. Never an array.
    Value value;
    // The scalar as its body spelled it, with a tag where the spelling alone does not tell its type
    // (BSON, MessagePack extensions). Only the message type that parsed it understands it; what has
    // none is written from `value`.
    std::string_view raw;
    uint32_t raw_type = 0;
    // Of an object, in the order of the body. A name may be there several times (XML elements, FIX
    // tags): together they are the array of that name.
    std::vector<Member> members;
    std::vector<Node*> elements;  // of an array

    // The first member of that name, or nullptr.
    Node* Find(std::string_view name) const;
  };

  // Elements an array may be made to have by Set.
  static constexpr size_t kElementsMax = 64 * 1024;

  Document();
  Document(Document&&) = default;
  Document& operator=(Document&&) = default;

  // An object without members to begin with. Its address stays.
  Node& root() { return nodes_.front(); }
  const Node& root() const { return nodes_.front(); }

  Node& NewNode(Node::Kind kind);
  Node& AddMember(Node& object, std::string_view name, Node::Kind kind);
  Node& AddElement(Node& array, Node::Kind kind);
  // A copy that lives as long as the document.
  std::string_view Keep(std::string text);

  // Keeps `part` for as long as this document lives. Its root, to be put where it belongs.
  Node& Adopt(Document part);

  enum class SetResult : uint8_t {
    kDone,
    kTooFar,    // a subscript is not below kElementsMax
    kInTheWay,  // an array where a member or a value was to be, or the other way round
  };

  // Puts `value` where `path` says, making the objects and arrays on the way; what is there at
  // that path is replaced, nothing else is lost. Arrays that have to grow are filled with NULL; an
  // array of values becomes an array of scalars. An object keeps its members and gets `value` as
  // its own, a value keeps being that of the object it becomes; NULL gives way to anything. Names
  // and text are copied. An envelope field has no place in a body and is left out. Unless kDone,
  // nothing is changed.
  SetResult Set(const FieldPath& path, const Value& value);

  // Nothing but an empty root again; memory is kept for the next body.
  void Clear();
  // With those of adopted documents.
  size_t node_count() const;

 private:
  void SetLeaf(Node& node, const Value& value);

  std::deque<Node> nodes_;
  std::deque<std::string> text_;
  std::vector<Document> adopted_;
};

// Whether two nodes are the same apart from members and elements: kind, and spelling against
// spelling where both have one, else value.
bool SameText(const Document::Node& a, const Document::Node& b);
// Whether two nodes say the same: spelling against spelling where both have one, else by value.
bool SameContent(const Document::Node& a, const Document::Node& b);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_DOCUMENT_H_
