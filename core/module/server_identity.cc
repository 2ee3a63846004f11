#include "core/module/server_identity.h"

#include <atomic>
#include <mutex>
#include <set>
#include <string>

namespace fluxgate {
namespace {

std::atomic<const char*> version_text = "";
std::atomic<const char*> instance_text = "";

// Never freed: modules keep what they were told.
const char* Kept(std::string_view text) {
  static std::mutex& mutex = *new std::mutex;
  static std::set<std::string>& texts = *new std::set<std::string>;
  const std::lock_guard lock(mutex);
  return texts.emplace(text).first->c_str();
}

}  // namespace

void SetServerIdentity(std::string_view version, std::string_view instance_name) {
  version_text = Kept(version);
  instance_text = Kept(instance_name);
}

const char* ServerVersion() { return version_text; }
const char* ServerInstanceName() { return instance_text; }

}  // namespace fluxgate
