#include "gateway/security/logon_cache.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <utility>

namespace fluxgate {
namespace {

std::string MakeSecret() {
  std::string secret(32, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(secret.data()), static_cast<int>(secret.size()));
  return secret;
}

}  // namespace

LogonCache::LogonCache(int64_t lifetime_ns, size_t entries_max)
    : lifetime_ns_(lifetime_ns), entries_max_(entries_max), secret_(MakeSecret()) {}

std::string LogonCache::KeyOf(const Credentials& credentials) const {
  std::string text;
  const auto add = [&text](std::string_view part) {
    text += std::to_string(part.size());
    text += ':';
    text += part;
  };
  text += static_cast<char>('0' + static_cast<int>(credentials.method));
  add(credentials.user_id);
  add(credentials.password);
  add(credentials.certificate_pem);
  // From where, without the port: a module may go by it.
  const std::string_view address = credentials.remote_address;
  add(address.substr(0, address.rfind(':')));
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data(), &size);
  OPENSSL_cleanse(text.data(), text.size());
  return std::string(reinterpret_cast<const char*>(hash.data()), size);
}

void LogonCache::Forget(int64_t now_ns) {
  while (!by_time_.empty() &&
         (by_time_.front().until_ns <= now_ns || entries_.size() >= entries_max_)) {
    const auto found = entries_.find(by_time_.front().key);
    if (found != entries_.end() && found->second.until_ns == by_time_.front().until_ns) {
      entries_.erase(found);
    }
    by_time_.pop_front();
  }
}

std::optional<LogonCache::Known> LogonCache::Find(const std::string& key, int64_t now_ns) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.until_ns <= now_ns) return std::nullopt;
  return found->second.known;
}

void LogonCache::Add(const std::string& key, Known known, int64_t now_ns, int64_t good_for_ns) {
  const int64_t lifetime_ns = std::min(lifetime_ns_, good_for_ns);
  if (lifetime_ns <= 0 || entries_max_ == 0) return;
  Forget(now_ns);
  const int64_t until_ns = now_ns + lifetime_ns;
  entries_.insert_or_assign(key, Entry{std::move(known), until_ns});
  by_time_.push_back({until_ns, key});
}

void LogonCache::Clear() {
  entries_.clear();
  by_time_.clear();
}

}  // namespace fluxgate
