// Which fields of a body somebody gets: `-/,+/id,+/lines/price`. `-` takes a field out with all
// that is under it, `+` lets it in; `/` is the whole body. What is most specific counts, of the
// same field said twice the first; what no entry speaks of stays. A step of a path goes into every
// element of an array. What is out stays only as the way to something under it that is in: without
// its own text, its other members and the elements that hold nothing which is in.
//
// Lists are applied one after the other, and what one takes out the next cannot let in: what a
// subscriber may see first, then what it wants. A FIX data field and its length go together, as is
// said of the data field.
#ifndef FLUXGATE_CORE_FILTER_SELECT_LIST_H_
#define FLUXGATE_CORE_FILTER_SELECT_LIST_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/message/document.h"
#include "core/message/field_path.h"
#include "core/message/message_type.h"

namespace fluxgate {

struct SelectLimits {
  size_t text_bytes_max = 64 * 1024;
  uint32_t entries_max = 1024;
  uint32_t depth_max = 64;  // steps of a path
};

// Immutable; any thread.
class SelectList {
 public:
  // Entries between commas, with blanks around them or not; fields as filters spell them, without
  // subscripts. Errors: kBadOption, naming the entry.
  static absl::StatusOr<std::shared_ptr<const SelectList>> Parse(std::string_view text,
                                                                 const SelectLimits& limits = {});
  // Only these fields: `-/` and a `+` for each. Errors likewise.
  static absl::StatusOr<std::shared_ptr<const SelectList>> FromFields(
      std::span<const FieldPath> fields, const SelectLimits& limits = {});

  // The same for lists that mean the same; empty when everything is in.
  const std::string& canonical() const { return canonical_; }
  bool selects_all() const { return canonical_.empty(); }

  // Whether a filter that reads this field would read something that is in. Subscripts do not
  // count; what is not in a body always is.
  bool Shows(const FieldPath& path) const;
  // Takes out what is out. Whether anything was.
  bool Select(Document& document) const;
  // Appends what is left of `body`, byte for byte `body` where nothing is taken out, and nothing
  // where the type has no body without fields (XML). `type`: of level kSerialize or more. Errors
  // are those of Parse and Write, kMalformedBody; `out` is then as it was. A list that selects all
  // does not look into the body.
  absl::Status Apply(const MessageType& type, std::string_view body, std::string& out) const;

 private:
  // What is said of a field and of those under it.
  struct Node {
    enum class Said : uint8_t { kNothing, kIn, kOut };

    const Node* Find(std::string_view name) const;
    Node& FindOrAdd(std::string_view name);

    std::string name;
    Said said = Said::kNothing;
    std::vector<Node> below;  // sorted by name
  };

  SelectList() = default;
  static absl::Status CheckCount(size_t entries, const SelectLimits& limits);
  // `entry`: as errors name it.
  absl::Status AddEntry(const FieldPath& path, bool is_in, std::string_view entry,
                        const SelectLimits& limits);
  void Finish();
  static void Simplify(Node& node, bool is_in);
  static void AppendCanonical(const Node& node, FieldPath& path, std::string& text);

  struct Outcome {
    bool stays;
    bool is_changed;
  };
  static Outcome SelectNode(const Node& said, bool is_in, Document::Node& node);
  static bool SelectMembers(const Node& said, bool is_in, Document::Node& object);

  Node root_;
  std::string canonical_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_SELECT_LIST_H_
