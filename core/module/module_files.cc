#include "core/module/module_files.h"

#include <filesystem>
#include <system_error>

namespace fluxgate {

std::string FindModuleFile(const std::string& library) {
  namespace fs = std::filesystem;
  if (library.find('/') != std::string::npos) return library;
  std::error_code error;
  if (fs::exists(library, error)) return "./" + library;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const fs::path& directory : {program / "modules", program / ".." / "lib" / "fluxgate",
                                    program / ".." / ".." / "modules" / "shipped"}) {
    const fs::path file = directory / library;
    if (fs::exists(file, error)) return file.lexically_normal().string();
  }
  return library;
}

}  // namespace fluxgate
