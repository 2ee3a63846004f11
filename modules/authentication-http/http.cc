// Authentication by a web service: 200 lets in, 401 and 403 refuse, anything else is an error,
// which refuses as well.
#include <fmt/format.h>

#include "modules/common/authentication_module.h"
#include "modules/common/http_client.h"
#include "modules/common/json.h"
#include "modules/common/text.h"

namespace fluxgate::modules {
namespace {

constexpr long kOk = 200;
constexpr long kUnauthorized = 401;
constexpr long kForbidden = 403;

class Http : public AuthenticationContext {
 public:
  Http(std::string url, bool json, HttpSettings settings)
      : url_(std::move(url)), json_(json), client_(std::move(settings)) {}

  Verdict Authenticate(const Login& login) override {
    const bool bearer = login.method == "bearer";
    // Whoever has a token need not say who it is of.
    if (!bearer || !login.user.empty()) {
      if (std::string wrong = WrongUserName(login.user); !wrong.empty()) {
        return Verdict::Refuse(std::move(wrong));
      }
    }
    const size_t password_max = bearer ? kTokenMax : kPasswordMax;
    if (login.password.empty() || login.password.size() > password_max) {
      return Verdict::Refuse(
          fmt::format("no password, or one of more than {} bytes", password_max));
    }
    HttpRequest request;
    request.url = url_;
    if (json_) {
      // JSON takes nothing else.
      if (!IsUtf8(login.password)) return Verdict::Refuse("password is not UTF-8");
      request.json = JsonObjectOf({{"user", login.user},
                                   {"password", login.password},
                                   {"method", login.method},
                                   {"client", login.client_name},
                                   {"address", login.remote_address},
                                   {"transport", login.transport}});
    } else if (bearer) {
      if (!IsToken(login.password)) return Verdict::Refuse("not a token");
      request.bearer = login.password;
    } else {
      // It would end the name on the other side (RFC 7617, section 2).
      if (login.user.find(':') != std::string_view::npos) {
        return Verdict::Refuse("':' in the user name");
      }
      request.user = login.user;
      request.password = login.password;
    }
    const absl::StatusOr<HttpResponse> response = client_.Send(request);
    Wipe(&request.json);
    Wipe(&request.password);
    Wipe(&request.bearer);
    if (!response.ok()) return Error(FailureText(response.status()));
    if (response->status == kUnauthorized || response->status == kForbidden) {
      return Verdict::Refuse(fmt::format("refused with status {}", response->status));
    }
    if (response->status != kOk) {
      return Error(fmt::format("the web service answers with status {}", response->status));
    }
    return Accept(login, *response);
  }

 private:
  static constexpr size_t kTokenMax = 16 * 1024;

  // The letters of RFC 6750, section 2.1: what else is in a header line could begin another one.
  static bool IsToken(std::string_view text) {
    return text.find_first_not_of(
               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
               "0123456789-._~+/=") == std::string_view::npos;
  }

  static Verdict Error(const std::string& why) {
    Log(amps_module_log_level_warning, why);
    return Verdict::Refuse(why);
  }

  static Verdict Accept(const Login& login, const HttpResponse& response) {
    std::string user(login.user);
    if (response.content_type == "application/json") {
      const absl::StatusOr<Json> answer = ParseJsonObject(response.body);
      if (!answer.ok()) {
        return Error("the web service's answer is " + FailureText(answer.status()));
      }
      if (json_object_get(answer->get(), "user") != nullptr) {
        user = JsonText(answer->get(), "user").value_or("");
      }
    }
    if (const std::string wrong = WrongUserName(user); !wrong.empty()) {
      return Error("the web service's answer: " + wrong);
    }
    return Verdict::Accept(std::move(user));
  }

  const std::string url_;
  const bool json_;
  HttpClient client_;
};

constexpr OptionName kOptions[] = {{"Url"},           {"Credentials"},    {"Timeout"},
                                   {"ResponseMax"},   {"ConnectTimeout"}, {"CAFile"},
                                   {"AllowPlaintext"}};

}  // namespace

OptionNames KnownOptions() { return kOptions; }

absl::StatusOr<std::unique_ptr<AuthenticationContext>> CreateAuthenticationContext(
    Options& options) {
  std::string url = ReadUrl(options, "Url", /*secrets=*/true);
  const bool json = options.Choice("Credentials", {"basic", "json"}) == "json";
  HttpSettings settings = ReadHttpSettings(options);
  if (!options.status().ok()) return options.status();
  return std::make_unique<Http>(std::move(url), json, std::move(settings));
}

}  // namespace fluxgate::modules
