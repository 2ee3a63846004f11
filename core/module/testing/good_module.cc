// Does everything right, and remembers what was done to it.
#include <cstring>
#include <list>
#include <stdexcept>
#include <string>

#include "amps_api.h"

namespace {

std::string& Seen() {
  static std::string& seen = *new std::string;
  return seen;
}

amps_module_allocator allocate = nullptr;
amps_module_logger log_line = nullptr;

int OnStart(void* user_data) {
  Seen() += std::string("start:") + static_cast<const char*>(user_data) + ";";
  return strcmp(static_cast<const char*>(user_data), "fail") == 0 ? AMPS_FAILURE : AMPS_SUCCESS;
}

}  // namespace

AMPS_EXPORT int amps_module_init(amps_module_options options, amps_module_logger logger,
                                 amps_module_allocator allocator) {
  Seen() = "init;";
  log_line = logger;
  allocate = allocator;
  for (; options->key != nullptr; ++options) {
    Seen() += std::string(options->key) + "=" + options->value + ";";
    if (strcmp(options->key, "OnStart") == 0) {
      static std::list<std::string>& kept = *new std::list<std::string>;
      kept.emplace_back(options->value);
      if (amps_register_startup_function(&OnStart, kept.back().data()) != AMPS_SUCCESS)
        return AMPS_FAILURE;
    }
  }
  logger(amps_module_log_level_info, "up\nand running");
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_module_terminate() { Seen() += "terminate;"; }

extern "C" {

AMPS_EXPORT void* test_create(amps_module_options options) {
  if (options->key != nullptr && strcmp(options->key, "Refuse") == 0) return nullptr;
  if (options->key != nullptr && strcmp(options->key, "Throw") == 0) throw std::runtime_error("no");
  if (options->key != nullptr && strcmp(options->key, "OnStart") == 0) {
    amps_register_startup_function(&OnStart, const_cast<char*>("context"));
  }
  Seen() += "create;";
  return &Seen();
}

AMPS_EXPORT void test_destroy(void*) { Seen() += "destroy;"; }

// ---- what tests call ----

AMPS_EXPORT const char* test_seen() { return Seen().c_str(); }
AMPS_EXPORT void test_log(int level, const char* text) {
  log_line(static_cast<amps_module_log_level>(level), text);
}
AMPS_EXPORT int test_throw(int what) {
  if (what == 0) throw std::runtime_error("broken");
  if (what == 1) throw 7;
  return 0;
}
AMPS_EXPORT char* test_text(const char* kind) {
  static char fixed[] = "static";
  if (strcmp(kind, "malloc") == 0) return strdup("malloc");
  if (strcmp(kind, "static") == 0) return fixed;
  if (strcmp(kind, "null") == 0) return nullptr;
  char* const text = static_cast<char*>(allocate(4));
  memcpy(text, strcmp(kind, "endless") == 0 ? "abcd" : "abc", 4);
  return text;
}
AMPS_EXPORT int test_register() { return amps_register_startup_function(&OnStart, nullptr); }
AMPS_EXPORT int test_variable = 1;
AMPS_EXPORT int64_t test_parse_interval(const char* text) { return amps_parse_interval(text); }
AMPS_EXPORT int64_t test_parse_size(const char* text) { return amps_parse_size(text); }
AMPS_EXPORT const char* test_server_version() { return amps_server_version(); }
AMPS_EXPORT int test_shutdown() { return amps_shutdown(); }

}  // extern "C"
