#include "core/filter/select_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/filter/parser.h"

namespace fluxgate {
namespace {

std::string_view Trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Up to the next comma that is not within brackets.
std::string_view NextEntry(std::string_view text) {
  bool is_bracketed = false;
  for (size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '[':
        is_bracketed = true;
        break;
      case ']':
        is_bracketed = false;
        break;
      case '\\':
        if (is_bracketed) ++i;
        break;
      case ',':
        if (!is_bracketed) return text.substr(0, i);
        break;
      default:
        break;
    }
  }
  return text;
}

absl::Status BadEntry(std::string_view entry, std::string_view reason) {
  // An option's error goes to a log and to an ack: no more than one line of it.
  constexpr size_t kShownMax = 200;
  size_t end = std::min(entry.size(), kShownMax);
  // Not in the middle of a character of UTF-8.
  while (end > 0 && end < entry.size() && (entry[end] & 0xc0) == 0x80) --end;
  return MakeError(ErrorCode::kBadOption,
                   fmt::format("select list: '{}': {}", entry.substr(0, end), reason));
}

}  // namespace

const SelectList::Node* SelectList::Node::Find(std::string_view wanted) const {
  const auto at = std::lower_bound(
      below.begin(), below.end(), wanted,
      [](const Node& node, std::string_view searched) { return node.name < searched; });
  return at == below.end() || at->name != wanted ? nullptr : &*at;
}

SelectList::Node& SelectList::Node::FindOrAdd(std::string_view wanted) {
  const auto at = std::lower_bound(
      below.begin(), below.end(), wanted,
      [](const Node& node, std::string_view searched) { return node.name < searched; });
  if (at != below.end() && at->name == wanted) return *at;
  Node node;
  node.name = wanted;
  return *below.insert(at, std::move(node));
}

absl::StatusOr<std::shared_ptr<const SelectList>> SelectList::Parse(std::string_view text,
                                                                    const SelectLimits& limits) {
  if (text.size() > limits.text_bytes_max) {
    return MakeError(ErrorCode::kBadOption,
                     fmt::format("select list: longer than {} bytes", limits.text_bytes_max));
  }
  std::shared_ptr<SelectList> list(new SelectList);
  size_t entries = 0;
  for (bool is_last = false; !is_last;) {
    const std::string_view whole = NextEntry(text);
    is_last = whole.size() == text.size();
    if (!is_last) text.remove_prefix(whole.size() + 1);
    const std::string_view entry = Trimmed(whole);
    if (absl::Status status = CheckCount(++entries, limits); !status.ok()) return status;
    if (entry.empty() || (entry.front() != '+' && entry.front() != '-')) {
      return BadEntry(entry, "expected '+' or '-' and a field");
    }
    const std::string_view field = entry.substr(1);
    FieldPath path;
    if (field != "/") {
      absl::StatusOr<FieldPath> parsed = ParseFieldPath(field);
      if (!parsed.ok()) return BadEntry(entry, ErrorText(parsed.status()));
      path = *std::move(parsed);
    }
    absl::Status status = list->AddEntry(path, entry.front() == '+', entry, limits);
    if (!status.ok()) return status;
  }
  list->Finish();
  return list;
}

bool SelectList::Shows(const FieldPath& path) const {
  if (path.envelope != EnvelopeField::kNone) return true;
  const Node* node = &root_;
  bool is_in = root_.said != Node::Said::kOut;
  for (const FieldStep& step : path.steps) {
    if (step.name.empty()) continue;  // a further subscript
    node = node->Find(step.name);
    if (node == nullptr) break;
    if (node->said != Node::Said::kNothing) is_in = node->said == Node::Said::kIn;
  }
  return is_in;
}

absl::StatusOr<std::shared_ptr<const SelectList>> SelectList::FromFields(
    std::span<const FieldPath> fields, const SelectLimits& limits) {
  if (absl::Status status = CheckCount(fields.size() + 1, limits); !status.ok()) return status;
  std::shared_ptr<SelectList> list(new SelectList);
  list->root_.said = Node::Said::kOut;
  for (const FieldPath& field : fields) {
    const std::string entry = "+" + field.ToString();
    if (field.steps.empty()) return BadEntry(entry, "is no field of a body");
    if (absl::Status status = list->AddEntry(field, true, entry, limits); !status.ok()) {
      return status;
    }
  }
  list->Finish();
  return list;
}

absl::Status SelectList::CheckCount(size_t entries, const SelectLimits& limits) {
  if (entries <= limits.entries_max) return absl::OkStatus();
  return MakeError(ErrorCode::kBadOption,
                   fmt::format("select list: more than {} entries", limits.entries_max));
}

absl::Status SelectList::AddEntry(const FieldPath& path, bool is_in, std::string_view entry,
                                  const SelectLimits& limits) {
  if (path.steps.size() > limits.depth_max) {
    return BadEntry(entry, fmt::format("deeper than {} steps", limits.depth_max));
  }
  Node* node = &root_;
  for (const FieldStep& step : path.steps) {
    if (step.index != FieldStep::kEvery) {
      return BadEntry(entry, "names an element; a select list has fields of every element");
    }
    node = &node->FindOrAdd(step.name);
  }
  if (node->said == Node::Said::kNothing) node->said = is_in ? Node::Said::kIn : Node::Said::kOut;
  return absl::OkStatus();
}

void SelectList::Finish() {
  Simplify(root_, true);
  FieldPath path;
  AppendCanonical(root_, path, canonical_);
}

// Forgets what says nothing new: `is_in` is what counts above.
void SelectList::Simplify(Node& node, bool is_in) {
  if (node.said == (is_in ? Node::Said::kIn : Node::Said::kOut)) node.said = Node::Said::kNothing;
  if (node.said != Node::Said::kNothing) is_in = node.said == Node::Said::kIn;
  for (Node& below : node.below) Simplify(below, is_in);
  std::erase_if(node.below, [](const Node& below) {
    return below.said == Node::Said::kNothing && below.below.empty();
  });
}

void SelectList::AppendCanonical(const Node& node, FieldPath& path, std::string& text) {
  if (node.said != Node::Said::kNothing) {
    if (!text.empty()) text += ',';
    text += node.said == Node::Said::kIn ? '+' : '-';
    text += path.steps.empty() ? "/" : path.ToString();
  }
  for (const Node& below : node.below) {
    path.steps.emplace_back(below.name);
    AppendCanonical(below, path, text);
    path.steps.pop_back();
  }
}

bool SelectList::Select(Document& document) const {
  Document::Node& root = document.root();
  const bool is_empty = root.members.empty() && root.elements.empty() && root.value.is_null();
  if (selects_all() || is_empty) return false;
  const Outcome outcome = SelectNode(root_, true, root);
  if (!outcome.stays) {
    const Document::Node::Kind kind = root.kind;
    root = {};
    root.kind = kind;
  }
  return outcome.is_changed;
}

absl::Status SelectList::Apply(const MessageType& type, std::string_view body,
                               std::string& out) const {
  if (selects_all()) {
    out += body;
    return absl::OkStatus();
  }
  Document document;
  if (absl::Status status = type.Parse(body, document); !status.ok()) return status;
  if (!Select(document)) {
    out += body;
    return absl::OkStatus();
  }
  absl::Status status = type.Write(document, out);
  const Document::Node& root = document.root();
  const bool is_nothing_left = root.kind == Document::Node::Kind::kObject && root.members.empty();
  return is_nothing_left ? absl::OkStatus() : status;
}

// `is_in`: what counts for the field above.
SelectList::Outcome SelectList::SelectNode(const Node& said, bool is_in, Document::Node& node) {
  if (said.said != Node::Said::kNothing) is_in = said.said == Node::Said::kIn;
  if (said.below.empty()) return {is_in, !is_in};
  switch (node.kind) {
    case Document::Node::Kind::kScalar:
      return {is_in, !is_in};
    case Document::Node::Kind::kObject: {
      bool is_changed = SelectMembers(said, is_in, node);
      if (is_in) return {true, is_changed};
      if (!node.value.is_null()) {
        node.value = Value::Null();
        node.raw = {};
        node.raw_type = 0;
        is_changed = true;
      }
      return {!node.members.empty(), is_changed};
    }
    case Document::Node::Kind::kArray:
      break;
  }
  bool is_changed = false;
  std::erase_if(node.elements, [&](Document::Node* element) {
    const Outcome outcome = SelectNode(said, is_in, *element);
    is_changed |= outcome.is_changed || !outcome.stays;
    return !outcome.stays;
  });
  return {is_in || !node.elements.empty(), is_changed};
}

// Whether anything was taken out.
bool SelectList::SelectMembers(const Node& said, bool is_in, Document::Node& object) {
  std::vector<Document::Member>& members = object.members;
  bool is_changed = false;
  size_t kept = 0;
  for (size_t begin = 0, end; begin < members.size(); begin = end) {
    // Members that belong to the one behind them go where it goes.
    end = begin + 1;
    while (end < members.size() && members[end].node->is_led) ++end;
    const Document::Member& member = members[end - 1];
    const Node* const below = said.Find(member.name);
    const Outcome outcome =
        below == nullptr ? Outcome{is_in, !is_in} : SelectNode(*below, is_in, *member.node);
    is_changed |= outcome.is_changed || !outcome.stays;
    if (!outcome.stays) continue;
    for (size_t i = begin; i < end; ++i) members[kept++] = members[i];
  }
  members.resize(kept);
  return is_changed;
}

}  // namespace fluxgate
