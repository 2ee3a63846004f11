#include "core/module/server_identity.h"

#include <atomic>

#include "core/module/kept_text.h"

namespace fluxgate {
namespace {

std::atomic<const char*> version_text = "";
std::atomic<const char*> instance_text = "";

}  // namespace

void SetServerIdentity(std::string_view version, std::string_view instance_name) {
  version_text = KeptText(version);
  instance_text = KeptText(instance_name);
}

const char* ServerVersion() { return version_text; }
const char* ServerInstanceName() { return instance_text; }

}  // namespace fluxgate
