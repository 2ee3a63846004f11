// Entitlement by a web service that answers with a document for each user.
#include <fmt/format.h>

#include <memory>
#include <utility>

#include "modules/common/entitlement_module.h"
#include "modules/common/expiring_cache.h"
#include "modules/common/file.h"
#include "modules/common/http_client.h"
#include "modules/common/text.h"
#include "modules/entitlement-http/permission_document.h"

namespace fluxgate::modules {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""h;

constexpr std::string_view kUserPlace = "{user}";
constexpr long kOk = 200;
constexpr long kForbidden = 403;
constexpr long kNotFound = 404;

struct Settings {
  std::string url;
  std::string service_user;
  std::string service_password;
  std::chrono::milliseconds cache_time{};
  size_t cache_users_max = 0;
  HttpSettings http;
};

class Http : public EntitlementContext {
 public:
  explicit Http(Settings settings)
      : settings_(std::move(settings)),
        client_(settings_.http),
        cache_(settings_.cache_time, settings_.cache_users_max) {}
  ~Http() override { Wipe(&settings_.service_password); }

  Permission Check(const PermissionQuestion& question) override {
    if (const std::string wrong = WrongUserName(question.user); !wrong.empty()) {
      return Permission::Deny(wrong);
    }
    const std::string user(question.user);
    const auto now = std::chrono::steady_clock::now();
    auto rules = cache_.Get(user, now);
    if (!rules.has_value()) {
      auto fetched = Fetch(user);
      if (!fetched.ok()) {
        const std::string why = FailureText(fetched.status());
        Log(amps_module_log_level_warning, why);
        return Permission::Fail(why);
      }
      rules = *std::move(fetched);
      cache_.Put(user, *rules, now);
    }
    const PermissionRule* const rule = (*rules)->Find(question);
    return rule != nullptr ? PermissionOf(*rule) : Permission::Deny("no permission says so");
  }

 private:
  using Rules = std::shared_ptr<const PermissionRules>;

  absl::StatusOr<Rules> Fetch(const std::string& user) {
    HttpRequest request;
    // "." and ".." would be taken for steps in the path, whichever way they are written.
    if (user == "." || user == "..") return Failure("a user name that no URL can have");
    request.url = ReplaceAll(settings_.url, kUserPlace, PercentEncode(user));
    request.user = settings_.service_user;
    request.password = settings_.service_password;
    const absl::StatusOr<HttpResponse> response = client_.Send(request);
    Wipe(&request.password);
    if (!response.ok()) return response.status();
    // A user of whom nothing is known may do nothing.
    if (response->status == kForbidden || response->status == kNotFound) {
      return std::make_shared<const PermissionRules>();
    }
    if (response->status != kOk) {
      return Failure(fmt::format("the web service answers with status {}", response->status));
    }
    absl::StatusOr<PermissionRules> rules = ParsePermissionDocument(response->body);
    if (!rules.ok()) return rules.status();
    return std::make_shared<const PermissionRules>(*std::move(rules));
  }

  Settings settings_;
  HttpClient client_;
  ExpiringCache<Rules> cache_;
};

constexpr OptionName kOptions[] = {
    {"Url"},     {"User"},   {"PasswordFile"},   {"CacheTime"},      {"CacheUsersMax"},
    {"Timeout"}, {"CAFile"}, {"ConnectTimeout"}, {"AllowPlaintext"}, {"ResponseMax"}};

}  // namespace

OptionNames KnownOptions() { return kOptions; }

absl::StatusOr<std::unique_ptr<EntitlementContext>> CreateEntitlementContext(Options& options) {
  Settings settings;
  const bool secrets = options.Has("PasswordFile");
  settings.url = ReadUrl(options, "Url", secrets);
  if (options.status().ok()) {
    // In the host part a user's name would choose who is asked.
    const size_t path = settings.url.find('/', settings.url.find("://") + 3);
    const size_t place = settings.url.find(kUserPlace);
    if (path == std::string::npos || place == std::string::npos || place < path) {
      options.Wrong("Url", "has no {user} in its path or query");
    }
  }
  settings.cache_time = options.Time("CacheTime", 60s, 0s, 24h);
  settings.cache_users_max =
      static_cast<size_t>(options.Number("CacheUsersMax", 10'000, 1, 1'000'000));
  settings.http = ReadHttpSettings(options);
  settings.service_user = options.Text("User");
  if (options.Has("User") != secrets) {
    options.Wrong(secrets ? "User" : "PasswordFile", "is missing: they go together");
  }
  const std::string path = secrets ? options.Required("PasswordFile") : "";
  if (!options.status().ok()) return options.status();
  if (secrets) {
    absl::StatusOr<std::string> password = ReadSecretLine(path, kPasswordMax);
    if (!password.ok()) return password.status();
    settings.service_password = *std::move(password);
  }
  return std::make_unique<Http>(std::move(settings));
}

}  // namespace fluxgate::modules
