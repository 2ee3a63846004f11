// Sample of a message type, with everything that a message type can do: rows of `name=value`
// between semicolons. A name that is there several times is an array. Backslash makes the byte
// behind it an ordinary one. All values are text.
//
//   <MessageType><Name>rows</Name><Module>rows</Module>
//     <Options><FieldSeparator>|</FieldSeparator></Options></MessageType>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "amps_message_type_module.h"

namespace {

amps_module_logger log_line = nullptr;
amps_module_allocator allocate = nullptr;

struct Context {
  char separator = ';';
};

struct Field {
  std::string_view name;   // as it stands in the body
  std::string_view value;  // the same
};

// The next field of `rest`, which is moved behind it; false: none, or not readable (`ok`).
bool Next(std::string_view& rest, char separator, Field& field, bool& ok) {
  if (rest.empty()) return false;
  size_t equals = std::string_view::npos;
  size_t at = 0;
  for (; at < rest.size() && rest[at] != separator; ++at) {
    if (rest[at] == '\\') {
      ++at;
    } else if (rest[at] == '=' && equals == std::string_view::npos) {
      equals = at;
    }
  }
  if (at > rest.size() || equals == std::string_view::npos || equals == 0) {
    ok = false;
    return false;
  }
  field = {rest.substr(0, equals), rest.substr(equals + 1, at - equals - 1)};
  rest.remove_prefix(at < rest.size() ? at + 1 : at);
  return true;
}

// Without backslashes; in the body where there are none, else in scratch memory.
bool Plain(std::string_view text, amps_scratch* scratch, std::string_view& plain) {
  plain = text;
  if (memchr(text.data(), '\\', text.size()) == nullptr) return true;
  char* const copy = static_cast<char*>(scratch->allocate(scratch, text.size()));
  if (copy == nullptr) return false;
  size_t length = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') ++i;
    copy[length++] = text[i];
  }
  plain = {copy, length};
  return true;
}

amps_value Text(std::string_view text) {
  amps_value value = {};
  value.type = amps_value_string;
  value.length = static_cast<uint32_t>(text.size());
  value.u.text = text.data();
  return value;
}

// What one set of fields needs for every body: made once.
struct Wanted {
  struct Path {
    std::string name;
    long index;     // of `/name[2]`; below 0: all
    uint32_t seen;  // in this body
    std::vector<amps_value> all;
  };
  std::vector<Path> paths;
};

Wanted* WantedOf(amps_field_set* fields) {
  if (fields->module_data != nullptr) return static_cast<Wanted*>(fields->module_data);
  auto wanted = std::make_unique<Wanted>();
  for (size_t i = 0; i < fields->count; ++i) {
    // "/name" or "/name[2]"; a deeper path finds nothing: no name has an unescaped slash.
    std::string_view path(fields->paths[i]);
    path.remove_prefix(path.empty() ? 0 : 1);
    long index = -1;
    const size_t bracket = path.find('[');
    if (bracket != std::string_view::npos) {
      index = strtol(path.data() + bracket + 1, nullptr, 10);
      path = path.substr(0, bracket);
    }
    wanted->paths.push_back({std::string(path), index, 0, {}});
  }
  fields->module_data = wanted.get();
  return wanted.release();
}

bool AppendEscaped(std::string_view text, char separator, std::string& body) {
  for (const char c : text) {
    if (c == separator || c == '=' || c == '\\') body += '\\';
    body += c;
  }
  return true;
}

// False: has no spelling here.
bool AppendField(std::string_view name, const amps_value& value, char separator,
                 std::string& body) {
  if (name.empty() || value.type == amps_value_array) return false;
  if (!body.empty()) body += separator;
  AppendEscaped(name, separator, body);
  body += '=';
  char number[32];
  switch (value.type) {
    case amps_value_string:
      return AppendEscaped({value.u.text, value.length}, separator, body);
    case amps_value_bool:
      body += value.u.int_value != 0 ? "true" : "false";
      return true;
    case amps_value_int:
      body += std::to_string(value.u.int_value);
      return true;
    case amps_value_uint:
      body += std::to_string(value.u.uint_value);
      return true;
    case amps_value_double:
      snprintf(number, sizeof(number), "%.17g", value.u.double_value);
      body += number;
      return true;
    default:
      return true;  // NULL: nothing behind the =
  }
}

int Give(const std::string& body, amps_body* made) {
  made->data = static_cast<char*>(allocate(body.size()));
  if (made->data == nullptr) return AMPS_FAILURE;
  memcpy(made->data, body.data(), body.size());
  made->length = body.size();
  return AMPS_SUCCESS;
}

int Refuse(const char* why, amps_body* made) {
  made->error = static_cast<char*>(allocate(strlen(why) + 1));
  if (made->error != nullptr) strcpy(made->error, why);
  return AMPS_FAILURE;
}

}  // namespace

AMPS_EXPORT int amps_module_init(amps_module_options, amps_module_logger logger,
                                 amps_module_allocator allocator) {
  log_line = logger;
  allocate = allocator;
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_module_terminate(void) {}

AMPS_EXPORT amps_message_type_context
amps_message_type_create_context(amps_module_options options) {
  auto context = std::make_unique<Context>();
  for (; options->key != nullptr; ++options) {
    if (strcmp(options->key, "FieldSeparator") != 0 || strlen(options->value) != 1 ||
        strchr("=\\", options->value[0]) != nullptr) {
      log_line(amps_module_log_level_error,
               "the one option is FieldSeparator, one byte but = and \\");
      return nullptr;
    }
    context->separator = options->value[0];
  }
  return context.release();
}

AMPS_EXPORT void amps_message_type_destroy_context(amps_message_type_context context) {
  delete static_cast<Context*>(context);
}

AMPS_EXPORT int amps_message_type_extract(amps_message_type_context context, amps_field_set* fields,
                                          const char* body, size_t length, amps_scratch* scratch,
                                          amps_value* values) {
  const char separator = static_cast<Context*>(context)->separator;
  std::vector<Wanted::Path>& paths = WantedOf(fields)->paths;
  for (Wanted::Path& path : paths) {
    path.seen = 0;
    path.all.clear();
  }
  std::string_view rest(body, length);
  Field field;
  bool ok = true;
  while (Next(rest, separator, field, ok)) {
    for (size_t i = 0; i < paths.size(); ++i) {
      Wanted::Path& path = paths[i];
      if (field.name != path.name) continue;
      const uint32_t number = path.seen++;
      if (path.index >= 0 && path.index != static_cast<long>(number)) continue;
      std::string_view plain;
      if (!Plain(field.value, scratch, plain)) return AMPS_FAILURE;
      if (number > 0 && path.index < 0) {
        if (path.all.empty()) path.all.push_back(values[i]);
        path.all.push_back(Text(plain));
      } else {
        values[i] = Text(plain);
      }
    }
  }
  if (!ok) return AMPS_FAILURE;
  for (size_t i = 0; i < paths.size(); ++i) {
    if (paths[i].all.empty()) continue;
    values[i].type = amps_value_array;
    values[i].length = static_cast<uint32_t>(paths[i].all.size());
    values[i].u.elements = paths[i].all.data();
  }
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_message_type_release_fields(amps_message_type_context,
                                                  amps_field_set* fields) {
  delete static_cast<Wanted*>(fields->module_data);
  fields->module_data = nullptr;
}

AMPS_EXPORT int amps_message_type_parse(amps_message_type_context context, const char* body,
                                        size_t length, amps_scratch* scratch,
                                        const amps_node** root, const char** error) {
  const char separator = static_cast<Context*>(context)->separator;
  std::vector<amps_node> nodes;
  std::string_view rest(body, length);
  Field field;
  bool ok = true;
  while (Next(rest, separator, field, ok)) {
    std::string_view name, value;
    if (!Plain(field.name, scratch, name) || !Plain(field.value, scratch, value)) {
      return AMPS_FAILURE;
    }
    amps_node node = {};
    node.size = sizeof(node);
    node.kind = amps_node_scalar;
    node.name = name.data();
    node.name_length = name.size();
    node.value = Text(value);
    nodes.push_back(node);
  }
  if (!ok) {
    *error = "a field is not name=value";
    return AMPS_FAILURE;
  }
  auto* const made =
      static_cast<amps_node*>(scratch->allocate(scratch, (nodes.size() + 1) * sizeof(amps_node)));
  auto** const children = static_cast<const amps_node**>(
      scratch->allocate(scratch, nodes.size() * sizeof(const amps_node*)));
  if (made == nullptr || children == nullptr) return AMPS_FAILURE;
  for (size_t i = 0; i < nodes.size(); ++i) {
    made[i + 1] = nodes[i];
    children[i] = &made[i + 1];
  }
  made[0] = {};
  made[0].size = sizeof(amps_node);
  made[0].kind = amps_node_object;
  made[0].children = children;
  made[0].child_count = nodes.size();
  *root = made;
  return AMPS_SUCCESS;
}

AMPS_EXPORT int amps_message_type_serialize(amps_message_type_context context,
                                            const amps_node* root, amps_body* body) {
  const char separator = static_cast<Context*>(context)->separator;
  std::string text;
  for (size_t i = 0; i < root->child_count; ++i) {
    const amps_node& node = *root->children[i];
    const std::string_view name(node.name, node.name_length);
    if (node.kind == amps_node_object) return Refuse("a field holds fields of its own", body);
    for (size_t j = 0; j < node.child_count; ++j) {
      const amps_node& element = *node.children[j];
      if (element.kind != amps_node_scalar) return Refuse("an array holds arrays or objects", body);
      if (!AppendField(name, element.value, separator, text)) return Refuse("no such field", body);
    }
    if (node.kind == amps_node_scalar && !AppendField(name, node.value, separator, text)) {
      return Refuse("no such field", body);
    }
  }
  return Give(text, body);
}

AMPS_EXPORT int amps_message_type_merge(amps_message_type_context context, const char* base,
                                        size_t base_length, const char* delta, size_t delta_length,
                                        amps_body* merged) {
  const char separator = static_cast<Context*>(context)->separator;
  std::vector<Field> changes;
  Field field;
  bool ok = true;
  std::string_view rest(delta, delta_length);
  while (Next(rest, separator, field, ok)) changes.push_back(field);
  std::vector<bool> written(changes.size());
  std::string text;
  const auto append = [&](const Field& f) {
    if (!text.empty()) text += separator;
    text.append(f.name).append("=").append(f.value);
  };
  rest = {base, base_length};
  while (ok && Next(rest, separator, field, ok)) {
    bool is_changed = false;
    for (size_t i = 0; i < changes.size(); ++i) {
      if (changes[i].name != field.name) continue;
      is_changed = true;
      // All of that name stand where the first one stood.
      if (!written[i]) append(changes[i]);
      written[i] = true;
    }
    if (!is_changed) append(field);
  }
  if (!ok) return Refuse("a field is not name=value", merged);
  for (size_t i = 0; i < changes.size(); ++i) {
    if (!written[i]) append(changes[i]);
  }
  return Give(text, merged);
}
