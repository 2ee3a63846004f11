#include "core/message/extract_testing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/base/error.h"
#include "core/message/message_testing.h"

namespace fluxgate {
namespace {

using Node = Document::Node;

// A step's name or subscript.
struct Step {
  std::string_view name;
  int32_t index = FieldStep::kEvery;
};

void Collect(const Node& node, const std::vector<Step>& steps, size_t at,
             std::vector<Value>& found) {
  const bool is_array = node.kind == Node::Kind::kArray;
  if (at < steps.size() && steps[at].index >= 0) {
    const auto index = static_cast<size_t>(steps[at].index);
    if (index < (is_array ? node.elements.size() : 1)) {
      Collect(is_array ? *node.elements[index] : node, steps, at + 1, found);
    }
    return;
  }
  if (is_array) {
    for (const Node* element : node.elements) Collect(*element, steps, at, found);
    return;
  }
  if (at == steps.size()) {
    found.push_back(node.value);
    return;
  }
  if (const Node* member = node.Find(steps[at].name); member != nullptr) {
    Collect(*member, steps, at + 1, found);
  }
}

}  // namespace

FieldPath PathOf(std::string_view text) {
  FieldPath path;
  while (!text.empty()) {
    const bool is_name = text.front() == '/';
    if (is_name) text.remove_prefix(1);
    const std::string_view name = text.substr(0, text.find_first_of("/["));
    text.remove_prefix(name.size());
    FieldStep step{std::string(name)};
    if (text.starts_with('[')) {
      step.index = std::atoi(text.data() + 1);
      text.remove_prefix(text.find(']') + 1);
    }
    path.steps.push_back(step);
  }
  return path;
}

std::unique_ptr<Extractor> NewExtractor(const MessageType& type, const FieldPaths& paths) {
  std::vector<FieldRequest> requests;
  for (const auto& path : paths) {
    requests.push_back({{.steps = path}, static_cast<FieldSlot>(requests.size())});
  }
  return type.NewExtractor(std::move(requests));
}

std::string ExtractSteps(const MessageType& type, std::string_view body, const FieldPaths& paths) {
  const auto extractor = NewExtractor(type, paths);
  std::string first;
  for (const char padding :
       {'"', '\0', '\1', '\xff', '}', '<', '>', 'a', '/', ' ', '-', ';', '\\', '9'}) {
    std::vector<Value> values(paths.size(), Value::Int(-77));
    const PaddedBody padded(body, padding);
    const bool ok = extractor->Extract(padded.view(), values);
    std::string shown;
    for (const Value& value : values) {
      if (!ok && !value.is_null()) return "malformed, but with values";
      if (!shown.empty()) shown += ' ';
      shown += ValueText(value);
    }
    if (!ok) shown = "malformed";
    if (first.empty()) first = shown;
    if (first != shown) return "outside";
  }
  return first;
}

std::string ExtractText(const MessageType& type, std::string_view body,
                        const std::vector<std::string>& paths) {
  FieldPaths steps;
  for (const std::string& path : paths) steps.push_back(PathOf(path).steps);
  return ExtractSteps(type, body, steps);
}

std::string LookUpText(const Document& document, std::string_view path) {
  const FieldPath parsed = PathOf(path);
  std::vector<Step> steps;
  for (const FieldStep& step : parsed.steps) {
    if (!step.name.empty()) steps.push_back({step.name, FieldStep::kEvery});
    if (step.index >= 0) steps.push_back({{}, step.index});
  }
  std::vector<Value> found;
  Collect(document.root(), steps, 0, found);
  return ValueText(Value::Array(found));
}

std::string ValuesText(const Node& node) {
  std::string text;
  switch (node.kind) {
    case Node::Kind::kScalar:
      return ValueText(node.value);
    case Node::Kind::kArray:
      for (const Node* element : node.elements) {
        text += (text.empty() ? "" : ", ") + ValuesText(*element);
      }
      return '[' + text + ']';
    case Node::Kind::kObject:
      break;
  }
  for (const Document::Member& member : node.members) {
    text +=
        fmt::format("{}{}: {}", text.empty() ? "" : ", ", member.name, ValuesText(*member.node));
  }
  return '{' + text + '}';
}

std::string Rewritten(const MessageType& type, std::string_view body) {
  Document document;
  std::string written;
  absl::Status status = type.Parse(body, document);
  if (status.ok()) status = type.Write(document, written);
  return status.ok() ? written : ErrorText(status);
}

std::string ParseError(const MessageType& type, std::string_view body) {
  const absl::Status status = type.Validate(body);
  return status.ok() ? "" : fmt::format("{} at {}", ErrorText(status), ErrorOffsetOf(status));
}

std::string SerializeText(const MessageType& type,
                          const std::vector<std::pair<std::string, Value>>& fields) {
  std::vector<FieldValue> values;
  for (const auto& [path, value] : fields) values.push_back({PathOf(path), value});
  std::string body;
  const absl::Status status = type.Serialize(values, body);
  return status.ok() ? body : ErrorText(status);
}

std::string Bytes(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size();) {
    if (hex[i] == ' ') {
      ++i;
      continue;
    }
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    i += 2;
  }
  return bytes;
}

}  // namespace fluxgate
