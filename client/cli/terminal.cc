#include "client/cli/terminal.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "client/cli/authenticator.h"
#include "core/base/error.h"

namespace fluxgate::cli {
namespace {

volatile sig_atomic_t interrupted = 0;

void OnSignal(int) { interrupted = 1; }

const AuthenticatorModule* used_authenticator = nullptr;

constexpr std::chrono::milliseconds kProgressInterval(200);

}  // namespace

void CatchInterrupts() {
  struct sigaction action {};
  action.sa_handler = OnSignal;
  // Not SA_RESTART: a blocked read or poll is to return.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool Interrupted() { return interrupted != 0; }

void Complain(std::string_view text) { fmt::print(stderr, "fluxgate: {}\n", text); }
void Complain(const absl::Status& status) { Complain(ErrorText(status)); }
void Say(std::string_view text) { fmt::print(stderr, "{}\n", text); }

void UseAuthenticator(const AuthenticatorModule* authenticator) {
  used_authenticator = authenticator;
}

std::unique_ptr<client::Client> ConnectTo(const std::string& uri, ExitCode* exit_code) {
  const auto parsed = client::Uri::Parse(uri);
  if (!parsed.ok()) {
    Complain(fmt::format("URI '{}': {}", uri.find('@') == std::string::npos ? uri : "...",
                         ErrorText(parsed.status())));
    *exit_code = kUsage;
    return nullptr;
  }
  client::ClientOptions options;
  if (used_authenticator != nullptr) {
    auto source = used_authenticator->ForConnection();
    if (!source.ok()) {
      Complain(source.status());
      *exit_code = kUsage;
      return nullptr;
    }
    options.credentials = *std::move(source);
  }
  auto connected = client::Connect(*parsed, options);
  if (!connected.ok()) {
    Complain(connected.status());
    *exit_code = ConnectExitCode(connected.status());
    return nullptr;
  }
  return *std::move(connected);
}

ProgressLine::ProgressLine()
    : is_terminal_(isatty(STDERR_FILENO) == 1),
      next_(std::chrono::steady_clock::now() + kProgressInterval) {}

ProgressLine::~ProgressLine() { Wipe(); }

bool ProgressLine::due() const { return is_terminal_ && std::chrono::steady_clock::now() >= next_; }

void ProgressLine::Show(std::string_view text) {
  if (!is_terminal_) return;
  fmt::print(stderr, "\r\033[K{}", text);
  std::fflush(stderr);
  shown_ = true;
  next_ = std::chrono::steady_clock::now() + kProgressInterval;
}

void ProgressLine::Wipe() {
  if (!shown_) return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
  shown_ = false;
}

std::string Count(uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string Rate(uint64_t count, std::chrono::nanoseconds time) {
  const double seconds = std::max(static_cast<double>(time.count()) / 1e9, 1e-9);
  const double rate = static_cast<double>(count) / seconds;
  if (rate >= 1e6) return fmt::format("{:.2f} M msg/s", rate / 1e6);
  return fmt::format("{:.0f} msg/s", rate);
}

}  // namespace fluxgate::cli
