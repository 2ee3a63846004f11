// JSON bodies: whatever the bytes are, nothing behind the padding is read; what simdjson's DOM
// accepts gives the same values, and what is not accepted leaves NULLs.
#include <simdjson.h>

#include <algorithm>
#include <cmath>
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
      {{"a"}},     {{"b"}},     {{"a", "b"}}, {{"a", "a", "a"}}, {{"long_member_name"}},
      {{"q\"\\"}}, {{"\u00e9"}}};
  return paths;
}

void Check(bool holds) {
  if (!holds) std::abort();
}

bool Same(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Value::Kind::kNull:
      return true;
    case Value::Kind::kBool:
      return a.as_bool() == b.as_bool();
    case Value::Kind::kInt:
      return a.as_int() == b.as_int();
    case Value::Kind::kUint:
      return a.as_uint() == b.as_uint();
    case Value::Kind::kDouble:
      return a.as_double() == b.as_double() &&
             std::signbit(a.as_double()) == std::signbit(b.as_double());
    case Value::Kind::kString:
      return a.as_string() == b.as_string();
    case Value::Kind::kArray:
      return ValueText(a) == ValueText(b);
  }
  return false;
}

}  // namespace
}  // namespace fluxgate

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fluxgate;
  if (size == 0) return 0;
  // The first byte chooses the fields and what stands behind the body.
  const uint8_t choice = data[0];
  ++data;
  --size;
  const std::unique_ptr<char[]> bytes(new char[size + kBodyPaddingBytes]);
  std::copy_n(data, size, bytes.get());
  std::fill_n(bytes.get() + size, kBodyPaddingBytes, R"("} \]{:,)"[choice % 8]);

  std::vector<FieldRequest> requests;
  for (size_t i = 0; i < Paths().size(); ++i) {
    if ((choice >> i & 1) != 0) requests.push_back({Paths()[i], static_cast<FieldSlot>(i)});
  }
  const auto extractor = JsonMessageType().NewExtractor(requests);
  std::vector<Value> values(Paths().size());
  const bool ok = extractor->Extract({bytes.get(), size}, values);
  for (const Value& value : values) {
    if (!ok) Check(value.is_null());
    if (value.is_string()) Check(!value.as_string().empty() && IsValidUtf8(value.as_string()));
  }

  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.allocate(std::max<size_t>(size, 1), 64) != simdjson::SUCCESS) return 0;
  if (parser.parse(bytes.get(), size, false).get(root) != simdjson::SUCCESS) return 0;
  Check(ok);
  for (const FieldRequest& request : requests) {
    const Value expected = root.is_object() ? LookUpInDom(root, request.path) : Value::Null();
    Check(Same(values[request.slot], expected));
  }
  return 0;
}
