// fluxgate password: hashes for the file of the authentication-password-file module.
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "client/cli/commands.h"
#include "client/cli/terminal.h"
#include "modules/common/password_hash.h"

namespace fluxgate::cli {
namespace {

// What the module takes.
constexpr size_t kUserMax = 256;
constexpr size_t kPasswordMax = 1024;

// While this lives, the terminal, if standard input is one, does not show what is typed.
class NoEcho {
 public:
  NoEcho() : is_terminal_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~NoEcho() {
    if (is_terminal_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  bool is_terminal() const { return is_terminal_; }

 private:
  termios before_ = {};
  const bool is_terminal_;
};

// One line of standard input; nothing when interrupted, or when there is none.
std::optional<std::string> ReadLine() {
  std::string line;
  char letter = 0;
  ssize_t count;
  while ((count = read(STDIN_FILENO, &letter, 1)) == 1 && letter != '\n') {
    // One more than is allowed is enough to say so.
    if (line.size() <= kPasswordMax) line += letter;
  }
  if (Interrupted() || count < 0 || (count == 0 && line.empty())) return std::nullopt;
  return line;
}

std::optional<std::string> AskPassword() {
  const NoEcho no_echo;
  if (!no_echo.is_terminal()) return ReadLine();
  fmt::print(stderr, "Password: ");
  const auto first = ReadLine();
  fmt::print(stderr, "\n");
  if (!first.has_value()) return std::nullopt;
  fmt::print(stderr, "Once more: ");
  const auto second = ReadLine();
  fmt::print(stderr, "\n");
  if (first == second) return first;
  Complain("these were two different passwords");
  return std::nullopt;
}

ExitCode HashFor(const std::string& user) {
  if (user.empty() || user.size() > kUserMax || user.front() == '#' ||
      user.find_first_of(":\r\n") != std::string::npos) {
    Complain(fmt::format("a user name has 1 to {} bytes, no ':', and no '#' in front", kUserMax));
    return kUsage;
  }
  const auto password = AskPassword();
  if (Interrupted()) return kInterrupted;
  if (!password.has_value() || password->empty() || password->size() > kPasswordMax) {
    Complain(fmt::format("a password has 1 to {} bytes, in one line", kPasswordMax));
    return kUsage;
  }
  const auto hash = modules::HashPassword(*password);
  if (!hash.has_value()) {
    Complain("no memory, or no random numbers, for a hash");
    return kUsage;
  }
  fmt::print("{}:{}\n", user, *hash);
  return kOk;
}

}  // namespace

void AddPassword(CLI::App& app, Action* action) {
  auto user = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("password", "Makes lines for a password file");
  command->require_subcommand(1);
  CLI::App* hash = command->add_subcommand(
      "hash", "Reads a password from standard input and prints the user's line");
  hash->add_option("--user", *user, "Name of the user")->required();
  constexpr char kExample[] =
      "Example:\n"
      "  fluxgate password hash --user alice >> users\n";
  command->footer(kExample);
  hash->footer(kExample);
  hash->callback([=] { *action = [=] { return HashFor(*user); }; });
}

}  // namespace fluxgate::cli
