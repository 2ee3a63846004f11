#include "modules/common/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "modules/common/server.h"
#include "modules/common/text.h"

namespace fluxgate::modules {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

void InitializeCurl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)code;
}

struct Answer {
  size_t body_max = 0;
  size_t header_bytes = 0;
  bool too_large = false;
  std::string body;
};

size_t OnBody(char* data, size_t size, size_t count, void* user) {
  auto* const answer = static_cast<Answer*>(user);
  const size_t bytes = size * count;
  if (bytes > answer->body_max - answer->body.size()) {
    answer->too_large = true;
    return 0;
  }
  answer->body.append(data, bytes);
  return bytes;
}

size_t OnHeader(char*, size_t size, size_t count, void* user) {
  auto* const answer = static_cast<Answer*>(user);
  answer->header_bytes += size * count;
  if (answer->header_bytes > HttpClient::kHeadersMax) {
    answer->too_large = true;
    return 0;
  }
  return size * count;
}

std::string HostOf(const std::string& url) {
  const size_t begin = url.find("://") + 3;
  return url.substr(begin, url.find_first_of("/?#", begin) - begin);
}

std::string MediaType(const char* content_type) {
  if (content_type == nullptr) return "";
  std::string_view text = content_type;
  text = Trim(text.substr(0, text.find(';')));
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char byte) { return static_cast<char>(std::tolower(byte)); });
  return lower;
}

struct HeaderList {
  ~HeaderList() { curl_slist_free_all(list); }
  void Add(std::string line) {
    list = curl_slist_append(list, line.c_str());
    Wipe(&line);
  }
  curl_slist* list = nullptr;
};

}  // namespace

struct HttpClient::Connection {
  Connection() : curl(curl_easy_init()) {}
  ~Connection() { curl_easy_cleanup(curl); }
  CURL* const curl;
};

HttpClient::HttpClient(HttpSettings settings) : settings_(std::move(settings)) { InitializeCurl(); }

HttpClient::~HttpClient() = default;

std::unique_ptr<HttpClient::Connection> HttpClient::Take() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  return std::make_unique<Connection>();
}

void HttpClient::GiveBack(std::unique_ptr<Connection> connection) {
  // Forgets what was asked, above all passwords, and keeps the connection.
  curl_easy_reset(connection->curl);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (idle_.size() < kIdleMax) idle_.push_back(std::move(connection));
}

absl::StatusOr<HttpResponse> HttpClient::Send(const HttpRequest& request) {
  auto connection = Take();
  CURL* const curl = connection->curl;
  if (curl == nullptr) return Failure("no memory for a request");
  Answer answer;
  answer.body_max = settings_.response_max;
  HeaderList headers;
  headers.Add("Accept: application/json");
  // Asking for "100 Continue" first costs a second where the server does not know it.
  headers.Add("Expect:");
  if (!request.json.empty()) headers.Add("Content-Type: application/json");
  if (!request.bearer.empty()) headers.Add("Authorization: Bearer " + request.bearer);

  // Signals belong to the server.
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(settings_.connect_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(settings_.timeout.count()));
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!settings_.ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, settings_.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.list);
  if (!request.user.empty() || !request.password.empty()) {
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    curl_easy_setopt(curl, CURLOPT_USERNAME, request.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, request.password.c_str());
  }
  if (!request.json.empty()) {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.json.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.json.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);

  Ping();
  const CURLcode code = curl_easy_perform(curl);
  Ping();

  HttpResponse response;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &response.status);
  const char* content_type = nullptr;
  curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &content_type);
  response.content_type = MediaType(content_type);
  response.body = std::move(answer.body);
  GiveBack(std::move(connection));
  if (answer.too_large) {
    return Failure(fmt::format("{}: the answer is larger than {} bytes", HostOf(request.url),
                               settings_.response_max));
  }
  if (code != CURLE_OK) {
    return Failure(fmt::format("{}: {}", HostOf(request.url), curl_easy_strerror(code)));
  }
  return response;
}

HttpSettings ReadHttpSettings(Options& options) {
  constexpr int64_t kResponseMost = 64 * 1024 * 1024;
  HttpSettings settings;
  settings.timeout = options.Time("Timeout", settings.timeout, 10ms, 300s);
  settings.connect_timeout = options.Time("ConnectTimeout", settings.connect_timeout, 10ms, 300s);
  settings.response_max = static_cast<size_t>(
      options.Number("ResponseMax", static_cast<int64_t>(settings.response_max), 1, kResponseMost));
  settings.ca_file = options.Text("CAFile");
  return settings;
}

std::string ReadUrl(Options& options, std::string_view name, bool secrets) {
  const bool plaintext = options.Flag("AllowPlaintext", false);
  std::string url = options.Required(name);
  if (url.empty()) return url;
  const bool http = url.starts_with("http://");
  const std::string host = http || url.starts_with("https://") ? HostOf(url) : "";
  if (host.empty()) {
    options.Wrong(name, "is not a URL that begins with http:// or https:// and names a host");
  } else if (host.find('@') != std::string::npos) {
    options.Wrong(name, "has a user name in it");
  } else if (http && secrets && !plaintext) {
    options.Wrong(name,
                  "begins with http://, which sends passwords as they are: use https://, or "
                  "set AllowPlaintext to true");
  }
  return url;
}

}  // namespace fluxgate::modules
