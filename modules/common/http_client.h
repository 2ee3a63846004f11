// Asks web servers, within limits: http and https only, no redirects, no proxy of the environment,
// no cookies, one time limit for everything, a largest answer. Thread-safe; connections are kept
// for the next request.
#ifndef FLUXGATE_MODULES_COMMON_HTTP_CLIENT_H_
#define FLUXGATE_MODULES_COMMON_HTTP_CLIENT_H_

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "modules/common/failure.h"
#include "modules/common/options.h"

namespace fluxgate::modules {

struct HttpSettings {
  std::chrono::milliseconds connect_timeout{3000};
  std::chrono::milliseconds timeout{5000};  // from beginning to end
  size_t response_max = 1024 * 1024;        // bytes of the body
  std::string ca_file;                      // "": the system's
};

struct HttpRequest {
  std::string url;
  // Basic authentication (RFC 7617); the name has no ':'. Not sent when both are empty.
  std::string user;
  std::string password;
  std::string bearer;  // "": none (RFC 6750)
  std::string json;    // not empty: POST of this document; otherwise GET
};

struct HttpResponse {
  long status = 0;
  std::string content_type;  // without parameters, in lower case
  std::string body;
};

class HttpClient {
 public:
  // Bytes of all header lines of an answer.
  static constexpr size_t kHeadersMax = 64 * 1024;
  // Connections that wait for their next request; more are made when needed, and closed after it.
  static constexpr size_t kIdleMax = 16;

  explicit HttpClient(HttpSettings settings);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Any answer is a response, redirects too. Errors: unreachable, too slow, too large; they name
  // the URL's host, nothing of the request.
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request);

 private:
  struct Connection;
  std::unique_ptr<Connection> Take();
  void GiveBack(std::unique_ptr<Connection> connection);

  const HttpSettings settings_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

// Options Timeout, ConnectTimeout, ResponseMax, CAFile. What is wrong is noted in the options.
HttpSettings ReadHttpSettings(Options& options);

// Option `name`: an http or https URL without user and password in it; http needs AllowPlaintext
// when `secrets` go there.
std::string ReadUrl(Options& options, std::string_view name, bool secrets);

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_COMMON_HTTP_CLIENT_H_
