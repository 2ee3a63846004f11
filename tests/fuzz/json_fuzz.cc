// JSON bodies: whatever the bytes are, nothing behind the padding is read; what simdjson's DOM
// accepts gives the same values, and what is not accepted leaves NULLs. Whole bodies: what is read
// and written is the same body, and merging and comparing never fails on valid ones.
#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/utf8.h"
#include "core/message/json_message_type.h"
#include "core/message/json_reference.h"

namespace fluxgate {
namespace {

const std::vector<FieldPath>& Paths() {
  static const auto& paths = *new std::vector<FieldPath>{
      {{"a"}},      {{"b", {"a", 1}}}, {{"a", "b"}},          {{"a", "a", "a"}},
      {{{"a", 1}}}, {{{"a", 0}, "b"}}, {{{"a", 1}, {"", 0}}}, {{"long_member_name"}},
      {{"q\"\\"}},  {{"\u00e9"}}};
  return paths;
}

void Check(bool holds) {
  if (!holds) std::abort();
}

bool Same(const Value& a, const Value& b) {
  Document::Node x;
  Document::Node y;
  if (a.is_array() != b.is_array() || a.elements().size() != b.elements().size()) return false;
  for (size_t i = 0; i < a.elements().size(); ++i) {
    x.value = a.elements()[i];
    y.value = b.elements()[i];
    if (!SameContent(x, y)) return false;
  }
  return true;
}

void CheckText(const Value& value) {
  for (const Value& element : value.elements()) {
    if (element.is_string())
      Check(!element.as_string().empty() && IsValidUtf8(element.as_string()));
  }
}

// Gives whether the body is valid.
bool CheckDocument(const JsonMessageType& json, std::string_view body, Document& document) {
  if (!json.Parse(body, document).ok()) return false;
  std::string written;
  Check(json.Write(document, written).ok());
  Document again;
  Check(json.Parse(written, again).ok());
  Check(SameContent(document.root(), again.root()));
  return true;
}

void CheckDeltas(const JsonMessageType& json, std::string_view a, std::string_view b) {
  std::string merged;
  std::string delta;
  std::string again;
  bool changed = false;
  const bool ok = json.Merge(a, b, merged).ok();
  Check(ok == (json.Validate(a).ok() && json.Validate(b).ok()));
  if (!ok) return;
  Check(json.Diff(a, merged, Paths(), delta, changed).ok());
  Check(json.Merge(a, delta, again).ok());
  if (!changed) Check(json.Diff(a, again, {}, delta, changed).ok() && !changed);
}

}  // namespace
}  // namespace fluxgate

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fluxgate;
  // A hash of the body (FNV-1a) chooses the fields and what stands behind it.
  uint32_t choice = 2166136261;
  for (size_t i = 0; i < size; ++i) choice = (choice ^ data[i]) * 16777619;
  choice ^= choice >> 16;
  const std::unique_ptr<char[]> bytes(new char[size + kBodyPaddingBytes]);
  std::copy_n(data, size, bytes.get());
  std::fill_n(bytes.get() + size, kBodyPaddingBytes, R"("} \]{:,)"[choice % 8]);

  const JsonMessageType json;
  std::vector<FieldRequest> requests;
  for (size_t i = 0; i < Paths().size(); ++i) {
    if ((choice >> i & 1) != 0) requests.push_back({Paths()[i], static_cast<FieldSlot>(i)});
  }
  const auto extractor = json.NewExtractor(requests);
  std::vector<Value> values(Paths().size());
  const bool ok = extractor->Extract({bytes.get(), size}, values);
  for (const Value& value : values) {
    if (!ok) Check(value.is_null());
    CheckText(value);
  }

  // A body that has nothing behind it.
  const std::string exact(bytes.get(), size);
  const std::unique_ptr<char[]> exact_bytes(new char[size]);
  std::copy_n(data, size, exact_bytes.get());
  Document document;
  const bool is_valid = CheckDocument(json, {exact_bytes.get(), size}, document);
  if (is_valid) Check(ok);
  const size_t half = choice % (size + 1);
  CheckDeltas(json, exact.substr(0, half), exact.substr(half));
  CheckDeltas(json, exact, R"({"a":{"b":[1]},"b":{"a":[2,3]},"c":null})");

  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.allocate(std::max<size_t>(size, 1), 64) != simdjson::SUCCESS) return 0;
  const simdjson::error_code error = parser.parse(bytes.get(), size, false).get(root);
  if (error != simdjson::SUCCESS) {
    // Numbers beyond its range are valid, and it counts the depth of empty brackets otherwise.
    Check(!is_valid || error == simdjson::NUMBER_ERROR || error == simdjson::DEPTH_ERROR);
    return 0;
  }
  Check(ok);
  Check(is_valid == root.is_object());
  if (is_valid) Check(SameAsDom(document.root(), root));
  std::vector<Value> elements;
  for (const FieldRequest& request : requests) {
    Check(Same(values[request.slot], LookUpInDom(root, request.path, elements)));
  }
  return 0;
}
