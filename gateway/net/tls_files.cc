#include "gateway/net/tls_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "core/base/error.h"

namespace fluxgate::net {
namespace {

absl::Status FileError(std::string_view what, const std::string& path, std::string_view why) {
  return MakeError(ErrorCode::kBadOption, fmt::format("{} {}: {}", what, path, why));
}

absl::StatusOr<std::string> ReadFile(std::string_view what, const std::string& path) {
  const std::unique_ptr<FILE, decltype(&std::fclose)> file(std::fopen(path.c_str(), "rbe"),
                                                           &std::fclose);
  if (file == nullptr) return FileError(what, path, std::strerror(errno));
  std::string text(kTlsFileBytesMax + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return FileError(what, path, std::strerror(errno));
  if (text.size() > kTlsFileBytesMax) {
    return FileError(what, path, fmt::format("has more than {} bytes", kTlsFileBytesMax));
  }
  text.shrink_to_fit();
  return text;
}

// In the order of their names; `error` says why the directory cannot be read.
std::vector<std::string> FilesIn(const std::string& directory, std::error_code& error) {
  std::vector<std::string> files;
  std::filesystem::directory_iterator entries(directory, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    std::error_code ignored;
    if (entries->is_regular_file(ignored)) files.push_back(entries->path().string());
  }
  std::ranges::sort(files);
  return files;
}

absl::Status ReadCaFiles(const TlsOptions& options, TlsMaterial* out) {
  constexpr std::string_view kCertificateMark = "-----BEGIN ";
  if (!options.ca_file.empty()) {
    absl::StatusOr<std::string> text = ReadFile("CA file", options.ca_file);
    if (!text.ok()) return text.status();
    out->ca_pem = *std::move(text) + "\n";
  }
  if (options.ca_path.empty()) return absl::OkStatus();
  std::error_code error;
  const std::vector<std::string> files = FilesIn(options.ca_path, error);
  if (error) return FileError("CA directory", options.ca_path, error.message());
  bool found = false;
  for (const std::string& file : files) {
    absl::StatusOr<std::string> text = ReadFile("CA file", file);
    if (!text.ok()) return text.status();
    if (text->find(kCertificateMark) == std::string::npos) continue;
    found = true;
    out->ca_pem += *text + "\n";
  }
  if (!found) return FileError("CA directory", options.ca_path, "has no certificate in it");
  return absl::OkStatus();
}

absl::Status ReadIdentity(const std::string& name, const std::string& certificate,
                          const std::string& key, TlsMaterial* out) {
  absl::StatusOr<std::string> certificate_pem = ReadFile("certificate", certificate);
  if (!certificate_pem.ok()) return certificate_pem.status();
  absl::StatusOr<std::string> key_pem = ReadFile("private key", key);
  if (!key_pem.ok()) return key_pem.status();
  out->identities.push_back(
      {name, *std::move(certificate_pem), *std::move(key_pem), certificate, key});
  return absl::OkStatus();
}

void AddSignature(const std::string& path, std::string* out) {
  struct stat file;
  if (stat(path.c_str(), &file) != 0) {
    *out += fmt::format("{}: {}\n", path, errno);
  } else {
    *out += fmt::format("{}: {} {} {}.{:09}\n", path, file.st_ino, file.st_size,
                        file.st_mtim.tv_sec, file.st_mtim.tv_nsec);
  }
}

}  // namespace

absl::StatusOr<TlsMaterial> ReadTlsFiles(const TlsOptions& options) {
  TlsMaterial material;
  absl::Status status =
      ReadIdentity("", options.certificate_file, options.private_key_file, &material);
  if (!status.ok()) return status;
  for (const TlsOptions::NamedCertificate& named : options.server_names) {
    status =
        ReadIdentity(named.server_name, named.certificate_file, named.private_key_file, &material);
    if (!status.ok()) return status;
  }
  if (status = ReadCaFiles(options, &material); !status.ok()) return status;
  return material;
}

std::string TlsFilesSignature(const TlsOptions& options) {
  std::string out;
  AddSignature(options.certificate_file, &out);
  AddSignature(options.private_key_file, &out);
  for (const TlsOptions::NamedCertificate& named : options.server_names) {
    AddSignature(named.certificate_file, &out);
    AddSignature(named.private_key_file, &out);
  }
  if (!options.ca_file.empty()) AddSignature(options.ca_file, &out);
  if (!options.ca_path.empty()) {
    std::error_code error;
    for (const std::string& file : FilesIn(options.ca_path, error)) AddSignature(file, &out);
    if (error) out += error.message();
  }
  return out;
}

}  // namespace fluxgate::net
