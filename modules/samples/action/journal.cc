// Sample of an action: a journal. Each run appends a line of JSON to a file: the time, the name of
// the action, and the options of the <Do> that are not the module's own, with their variables
// replaced.
//
//   File       the journal; needed
//   SizeMax    bytes of it; the line that would not fit begins a new file (default 1mb)
//   FilesMax   journals kept, the one in use included: FILE, FILE.1, ... (default 4, at most 100)
//   any other  a member of the line
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>

#include "amps_action_module.h"
#include "amps_api.h"

namespace {

constexpr long kFilesMax = 100;
constexpr int64_t kSizeMaxLeast = 1024;

amps_module_logger log_line;

// Several actions may share a journal: one line at a time, whoever writes it.
std::mutex journals;

struct Journal {
  std::string file;
  int64_t size_max = int64_t{1} << 20;
  long files_max = 4;
};

void Fail(const std::string& text) { log_line(amps_module_log_level_error, text.c_str()); }

bool IsOwn(std::string_view key) { return key == "File" || key == "SizeMax" || key == "FilesMax"; }

// The bytes of one character of UTF-8 at the front; 0: there is none.
size_t CharacterBytes(std::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const size_t bytes = first < 0xc2   ? 0
                       : first < 0xe0 ? 2
                       : first < 0xf0 ? 3
                       : first < 0xf5 ? 4
                                      : 0;
  if (bytes == 0 || text.size() < bytes) return 0;
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong, surrogates, beyond the last character.
  const unsigned char second = byte(1);
  const bool is_bad = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                      (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
  return is_bad ? 0 : bytes;
}

// Any bytes as a JSON string: variables may hold bodies of any type.
void AppendString(std::string_view text, std::string* line) {
  *line += '"';
  while (!text.empty()) {
    const size_t bytes = CharacterBytes(text);
    const char c = text.front();
    if (bytes == 0) {
      *line += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      *line += '\\';
      *line += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", c);
      *line += escaped;
    } else {
      line->append(text, 0, bytes);
    }
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  *line += '"';
}

std::string Line(const amps_action_call& call, amps_module_options options) {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  tm utc;
  gmtime_r(&now.tv_sec, &utc);
  char text[40];
  const size_t bytes = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + bytes, sizeof text - bytes, ".%06ldZ", now.tv_nsec / 1000);
  std::string line = "{\"time\":";
  AppendString(text, &line);
  line += ",\"action\":";
  AppendString(call.action_name, &line);
  for (; options->key != nullptr; ++options) {
    if (IsOwn(options->key)) continue;
    line += ',';
    AppendString(options->key, &line);
    line += ':';
    AppendString(options->value, &line);
  }
  return line + "}\n";
}

// FILE.2 becomes FILE.3 and so on; FILE becomes FILE.1, or goes if no other is kept.
bool Rotate(const Journal& journal) {
  const auto name = [&](long number) {
    return number == 0 ? journal.file : journal.file + "." + std::to_string(number);
  };
  if (journal.files_max == 1) return unlink(journal.file.c_str()) == 0;
  for (long number = journal.files_max - 1; number > 0; --number) {
    if (rename(name(number - 1).c_str(), name(number).c_str()) != 0 && errno != ENOENT) {
      return false;
    }
  }
  return true;
}

int Open(const Journal& journal) {
  return open(journal.file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
}

bool Write(const Journal& journal, const std::string& line) {
  const std::lock_guard lock(journals);
  int fd = Open(journal);
  struct stat state;
  if (fd >= 0 && fstat(fd, &state) == 0 && state.st_size != 0 &&
      state.st_size + static_cast<int64_t>(line.size()) > journal.size_max) {
    close(fd);
    fd = Rotate(journal) ? Open(journal) : -1;
  }
  if (fd < 0) return false;
  const bool is_written = write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  return close(fd) == 0 && is_written;
}

}  // namespace

extern "C" {

AMPS_EXPORT int amps_module_init(amps_module_options, amps_module_logger logger,
                                 amps_module_allocator) {
  log_line = logger;
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_module_terminate() {}

AMPS_EXPORT amps_action_context amps_action_create_context(amps_module_options options) {
  Journal journal;
  for (; options->key != nullptr; ++options) {
    const std::string_view key = options->key;
    if (key == "File") journal.file = options->value;
    if (key == "SizeMax") journal.size_max = amps_parse_size(options->value);
    if (key == "FilesMax") journal.files_max = std::strtol(options->value, nullptr, 10);
  }
  if (journal.file.empty()) {
    Fail("the journal has no File");
  } else if (journal.size_max < kSizeMaxLeast) {
    Fail("SizeMax is not a size of at least 1kb");
  } else if (journal.files_max < 1 || journal.files_max > kFilesMax) {
    Fail("FilesMax is not a number from 1 to 100");
  } else {
    // A mistake shows when the server starts.
    const int fd = Open(journal);
    if (fd >= 0) {
      close(fd);
      return new Journal(journal);
    }
    Fail(journal.file + " cannot be opened: " + std::strerror(errno));
  }
  return nullptr;
}

AMPS_EXPORT void amps_action_destroy_context(amps_action_context context) {
  delete static_cast<Journal*>(context);
}

AMPS_EXPORT int amps_action_run(amps_action_context context, amps_action_call* call,
                                amps_module_options options) {
  const Journal& journal = *static_cast<const Journal*>(context);
  const std::string line = Line(*call, options);
  if (static_cast<int64_t>(line.size()) > journal.size_max) {
    Fail("a line for " + journal.file + " is larger than SizeMax");
    return AMPS_FAILURE;
  }
  if (Write(journal, line)) return AMPS_SUCCESS;
  Fail(journal.file + " cannot be written: " + std::strerror(errno));
  return AMPS_FAILURE;
}

}  // extern "C"
