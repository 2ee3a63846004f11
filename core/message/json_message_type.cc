#include "core/message/json_message_type.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace fluxgate {
namespace {

static_assert(kBodyPaddingBytes >= simdjson::SIMDJSON_PADDING);

namespace od = simdjson::ondemand;

struct Node {
  std::string key;
  std::vector<FieldSlot> slots;
  std::vector<Node> children;
  uint32_t wanted = 0;  // slots at and below
};

void Insert(Node& node, const FieldRequest& field, size_t step) {
  ++node.wanted;
  if (step == field.path.steps.size()) {
    node.slots.push_back(field.slot);
    return;
  }
  for (Node& child : node.children) {
    if (child.key == field.path.steps[step]) return Insert(child, field, step + 1);
  }
  node.children.push_back({field.path.steps[step], {}, {}, 0});
  Insert(node.children.back(), field, step + 1);
}

class JsonExtractor final : public Extractor {
 public:
  JsonExtractor(const std::vector<FieldRequest>& fields, const ExtractLimits& limits)
      : parser_(1 << 20) {
    for (const FieldRequest& field : fields) {
      slots_.push_back(field.slot);
      if (field.path.steps.size() < limits.depth_max) Insert(root_, field, 0);
    }
    if (parser_.allocate(64 * 1024, limits.depth_max) != simdjson::SUCCESS) slots_.clear();
  }

  bool Extract(std::string_view body, std::span<Value> values) override {
    for (const FieldSlot slot : slots_) values[slot] = Value::Null();
    values_ = values;
    if (body.empty()) return false;
    const simdjson::padded_string_view view(body.data(), body.size(),
                                            body.size() + simdjson::SIMDJSON_PADDING);
    od::document document;
    od::object object;
    od::json_type type;
    if (parser_.iterate(view).get(document) != simdjson::SUCCESS) return false;
    if (document.type().get(type) != simdjson::SUCCESS) return false;
    if (type != od::json_type::object) return true;
    bool ok = document.get_object().get(object) == simdjson::SUCCESS;
    if (ok) ok = ReadObject(object, root_);
    if (ok) return true;
    for (const FieldSlot slot : slots_) values[slot] = Value::Null();
    return false;
  }

 private:
  bool ReadObject(od::object& object, const Node& node) {
    uint32_t left = node.wanted - static_cast<uint32_t>(node.slots.size());
    uint64_t seen = 0;
    for (auto item : object) {
      od::field field;
      std::string_view key;
      if (std::move(item).get(field) != simdjson::SUCCESS) return false;
      if (field.unescaped_key().get(key) != simdjson::SUCCESS) return false;
      for (size_t i = 0; i < node.children.size(); ++i) {
        const Node& child = node.children[i];
        if (child.key != key || (i < 64 && (seen >> i & 1) != 0)) continue;
        if (i < 64) seen |= uint64_t{1} << i;
        if (!ReadValue(field.value(), child, false)) return false;
        left -= child.wanted;
        if (left == 0) return true;
        break;
      }
    }
    return true;
  }

  bool ReadValue(od::value value, const Node& node, bool in_array) {
    od::json_type type;
    if (value.type().get(type) != simdjson::SUCCESS) return false;
    Value result;
    switch (type) {
      case od::json_type::object: {
        od::object object;
        if (node.children.empty()) return true;
        if (value.get_object().get(object) != simdjson::SUCCESS) return false;
        return ReadObject(object, node);
      }
      case od::json_type::array: {
        od::array array;
        if (in_array) return true;
        if (value.get_array().get(array) != simdjson::SUCCESS) return false;
        for (auto element : array) {
          od::value first;
          if (std::move(element).get(first) != simdjson::SUCCESS) return false;
          return ReadValue(first, node, true);
        }
        return true;
      }
      case od::json_type::string: {
        std::string_view text;
        if (value.get_string().get(text) != simdjson::SUCCESS) return false;
        result = Value::String(text);
        break;
      }
      case od::json_type::number: {
        od::number number;
        if (value.get_number().get(number) != simdjson::SUCCESS) return false;
        if (number.is_int64()) {
          result = Value::Int(number.get_int64());
        } else if (number.is_uint64()) {
          result = Value::Uint(number.get_uint64());
        } else {
          result = Value::Double(number.get_double());
        }
        break;
      }
      case od::json_type::boolean: {
        bool b;
        if (value.get_bool().get(b) != simdjson::SUCCESS) return false;
        result = Value::Bool(b);
        break;
      }
      case od::json_type::null:
        if (!value.is_null()) return false;
        break;
    }
    for (const FieldSlot slot : node.slots) values_[slot] = result;
    return true;
  }

  Node root_;
  std::vector<FieldSlot> slots_;
  std::span<Value> values_;
  od::parser parser_;
};

}  // namespace

std::unique_ptr<Extractor> JsonMessageType::NewExtractor(std::vector<FieldRequest> fields) const {
  return std::make_unique<JsonExtractor>(fields, limits_);
}

}  // namespace fluxgate
