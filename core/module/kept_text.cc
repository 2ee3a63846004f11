#include "core/module/kept_text.h"

#include <mutex>
#include <set>
#include <string>

namespace fluxgate {

const char* KeptText(std::string_view text) {
  static std::mutex& mutex = *new std::mutex;
  static std::set<std::string>& texts = *new std::set<std::string>;
  const std::lock_guard lock(mutex);
  return texts.emplace(text).first->c_str();
}

}  // namespace fluxgate
