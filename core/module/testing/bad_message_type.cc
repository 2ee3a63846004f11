// A message type that gives back what its body says it should: every way to be wrong.
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string_view>

#include "amps_message_type_module.h"

namespace {

amps_module_allocator allocate = nullptr;

amps_node* NewNode(amps_scratch* scratch, amps_node_kind kind) {
  amps_node* const node = new (scratch->allocate(scratch, sizeof(amps_node))) amps_node{};
  node->size = sizeof(amps_node);
  node->kind = kind;
  node->name = "n";
  node->name_length = 1;
  return node;
}

void SetChild(amps_scratch* scratch, amps_node* node, const amps_node* child) {
  auto** const children =
      static_cast<const amps_node**>(scratch->allocate(scratch, sizeof(amps_node*)));
  children[0] = child;
  node->children = children;
  node->child_count = 1;
}

int Give(std::string_view text, amps_body* body) {
  body->data = static_cast<char*>(allocate(text.size()));
  memcpy(body->data, text.data(), text.size());
  body->length = text.size();
  return AMPS_SUCCESS;
}

}  // namespace

AMPS_EXPORT int amps_module_init(amps_module_options, amps_module_logger,
                                 amps_module_allocator allocator) {
  allocate = allocator;
  return AMPS_SUCCESS;
}
AMPS_EXPORT void amps_module_terminate(void) {}
AMPS_EXPORT amps_message_type_context amps_message_type_create_context(amps_module_options) {
  return &allocate;
}
AMPS_EXPORT void amps_message_type_destroy_context(amps_message_type_context) {}

#ifndef NO_EXTRACT
AMPS_EXPORT int amps_message_type_extract(amps_message_type_context, amps_field_set*,
                                          const char* body, size_t length, amps_scratch* scratch,
                                          amps_value* values) {
  const std::string_view what(body, length);
  if (what == "throw") throw std::runtime_error("extract");
  if (what == "type") values[0].type = static_cast<amps_value_type>(99);
  if (what == "nothing") {
    values[0].type = amps_value_array;
    values[0].length = 3;
  }
  if (what == "nested" || what == "many" || what == "most") {
    const uint32_t count = what == "many" ? 65 * 1024 : what == "most" ? 64 * 1024 : 2;
    auto* const elements =
        static_cast<amps_value*>(scratch->allocate(scratch, count * sizeof(amps_value)));
    for (uint32_t i = 0; i < count; ++i) {
      elements[i] = {};
      elements[i].type = what == "nested" ? amps_value_array : amps_value_int;
    }
    values[0].type = amps_value_array;
    values[0].length = count;
    values[0].u.elements = elements;
  }
  return what == "fail" ? AMPS_FAILURE : AMPS_SUCCESS;
}
#endif

#ifndef NO_PARSE
AMPS_EXPORT int amps_message_type_parse(amps_message_type_context, const char* body, size_t length,
                                        amps_scratch* scratch, const amps_node** root,
                                        const char** error) {
  const std::string_view what(body, length);
  static amps_node fixed = {};
  amps_node* const made = NewNode(scratch, amps_node_object);
  *root = made;
  if (what == "throw") throw std::runtime_error("parse");
  if (what == "no root") *root = nullptr;
  if (what == "fixed") *root = &fixed;
  if (what == "small") made->size = 8;
  if (what == "kind") made->kind = static_cast<amps_node_kind>(7);
  if (what == "array") made->kind = amps_node_array;
  if (what == "cycle") SetChild(scratch, made, made);
  if (what == "child") SetChild(scratch, made, &fixed);
  if (what == "children") made->child_count = 5;
  if (what == "count") {
    SetChild(scratch, made, made);
    made->child_count = ~size_t{0};
  }
  if (what == "type") {
    amps_node* const child = NewNode(scratch, amps_node_scalar);
    child->value.type = static_cast<amps_value_type>(99);
    SetChild(scratch, made, child);
  }
  if (what == "name") {
    amps_node* const child = NewNode(scratch, amps_node_scalar);
    child->name = nullptr;
    SetChild(scratch, made, child);
  }
  if (what == "scalar") {
    amps_node* const child = NewNode(scratch, amps_node_scalar);
    SetChild(scratch, child, NewNode(scratch, amps_node_scalar));
    SetChild(scratch, made, child);
  }
  if (what.substr(0, 6) == "depth ") {
    amps_node* node = made;
    for (int i = atoi(body + 6); i > 1; --i) {
      amps_node* const child = NewNode(scratch, amps_node_object);
      SetChild(scratch, node, child);
      node = child;
    }
  }
  if (what == "fail") *error = "as it should\nbe";
  if (what == "memory") {
    size_t taken = 0;
    while (scratch->allocate(scratch, 1 << 20) != nullptr) taken += 1 << 20;
    return taken > (48u << 20) && taken < (64u << 20) ? AMPS_SUCCESS : AMPS_FAILURE;
  }
  return what == "fail" ? AMPS_FAILURE : AMPS_SUCCESS;
}
#endif

#ifndef NO_SERIALIZE
AMPS_EXPORT int amps_message_type_serialize(amps_message_type_context, const amps_node* root,
                                            amps_body* body) {
  const std::string_view what(root->children[0]->name, root->children[0]->name_length);
  static char fixed[] = "fixed";
  if (what == "throw") throw std::runtime_error("serialize");
  if (what == "unreadable") return Give("fail", body);
  if (what == "foreign") {
    body->data = fixed;
    body->length = 5;
    return AMPS_SUCCESS;
  }
  if (what == "too long") {
    Give("good", body);
    body->length = 1 << 20;
    return AMPS_SUCCESS;
  }
  if (what == "fail") {
    Give("", body);
    body->error = static_cast<char*>(allocate(8));
    strcpy(body->error, "cannot");
    return AMPS_FAILURE;
  }
  return Give("good", body);
}
#endif

#ifndef NO_MERGE
AMPS_EXPORT int amps_message_type_merge(amps_message_type_context, const char* base, size_t length,
                                        const char*, size_t, amps_body* merged) {
  return Give({base, length}, merged);
}
#endif
