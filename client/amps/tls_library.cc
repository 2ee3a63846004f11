#include "client/amps/tls_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <mutex>

#include "amps/exceptions.h"
#include "amps/ssl.h"

namespace AMPS {
namespace internal {
namespace {

constexpr unsigned long kVersionMin = 0x10101000;  // 1.1.1
constexpr const char* kSystemNames[] = {"libssl.so.3", "libssl.so.1.1", "libssl.so"};

// What is loaded stays: connections may hold on to it for as long as the process runs.
struct Loaded {
  std::mutex mutex;
  std::string file;  // empty: none
  TlsLibrary library;
};

Loaded& TheLoaded() {
  static Loaded* const loaded = new Loaded;
  return *loaded;
}

void Load(const std::string& file, Loaded& loaded) {
  void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* const why = dlerror();
    throw SslException(
        fmt::format("cannot load {}: {}", file, why != nullptr ? why : "no reason given"));
  }
  TlsLibrary library;
  const char* missing = nullptr;
#define AMPS_TLS_LOAD(name)                                                      \
  library.name = reinterpret_cast<decltype(library.name)>(dlsym(handle, #name)); \
  if (library.name == nullptr && missing == nullptr) missing = #name;
  AMPS_TLS_FUNCTIONS(AMPS_TLS_LOAD)
#undef AMPS_TLS_LOAD
  if (missing != nullptr || library.OpenSSL_version_num() < kVersionMin) {
    dlclose(handle);
    throw SslException(fmt::format("{} is not OpenSSL 1.1.1 or later{}{}", file,
                                   missing != nullptr ? ": it has no " : "",
                                   missing != nullptr ? missing : ""));
  }
  loaded.library = library;
  loaded.file = file;
}

}  // namespace

const TlsLibrary& TlsLibrary::Get() {
  Loaded& loaded = TheLoaded();
  const std::lock_guard lock(loaded.mutex);
  std::string why;
  for (const char* name : kSystemNames) {
    if (!loaded.file.empty()) break;
    try {
      Load(name, loaded);
    } catch (const SslException& e) {
      if (why.empty()) why = e.what();
    }
  }
  if (loaded.file.empty()) {
    throw SslException(fmt::format("tcps needs OpenSSL (sslInit names it): {}", why));
  }
  return loaded.library;
}

void TlsLibrary::Use(const std::string& file) {
  Loaded& loaded = TheLoaded();
  const std::lock_guard lock(loaded.mutex);
  if (loaded.file == file && !file.empty()) return;
  if (!loaded.file.empty()) {
    throw SslException(fmt::format("cannot use {}: {} is in use already", file, loaded.file));
  }
  if (file.empty()) throw SslException("cannot load a library without a name");
  Load(file, loaded);
}

}  // namespace internal

void sslInit(const std::string& library) { internal::TlsLibrary::Use(library); }

}  // namespace AMPS
