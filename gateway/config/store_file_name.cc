#include "gateway/config/store_file_name.h"

#include <cstdint>

#include "fmt/format.h"

namespace fluxgate::config {
namespace {

std::string Encoded(std::string_view topic) {
  std::string part;
  for (const char c : topic) {
    const bool alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    // A dot in front would hide the file or mean a directory.
    if (alphanumeric || c == '-' || c == '_' || (c == '.' && !part.empty())) {
      part += c;
    } else {
      part += fmt::format("%{:02X}", static_cast<uint8_t>(c));
    }
  }
  return part;
}

}  // namespace

std::string_view BadMark(std::string_view written) {
  for (size_t at = written.find('%'); at != std::string_view::npos;
       at = written.find('%', at + 2)) {
    const std::string_view mark = written.substr(at, 2);
    if (mark != "%n" && mark != "%%") return mark;
  }
  return {};
}

std::string StoreFileName(std::string_view written, std::string_view topic) {
  std::string out;
  for (size_t at = 0; at < written.size(); ++at) {
    if (written[at] != '%') {
      out += written[at];
    } else if (written.substr(++at).starts_with('n')) {
      out += Encoded(topic);
    } else {
      out += '%';
    }
  }
  return out;
}

std::string WrittenStoreFileName(std::string_view file_name) {
  std::string written;
  for (const char c : file_name) written.append(c == '%' ? 2 : 1, c);
  return written;
}

}  // namespace fluxgate::config
