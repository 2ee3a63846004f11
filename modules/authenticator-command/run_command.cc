#include "modules/authenticator-command/run_command.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "modules/common/server.h"
#include "modules/common/text.h"

namespace fluxgate::modules {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  // posix_spawn takes them as not constant and leaves them alone.
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// 0, or the number of the error.
int Spawn(const Command& command, int output, pid_t* pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // What the server blocks or ignores is no business of the program.
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  const std::vector<char*> arguments = Pointers(command.arguments);
  const std::vector<char*> environment = Pointers(command.environment);
  const int error =
      posix_spawn(pid, arguments[0], &actions, &attributes, arguments.data(), environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Takes what is there. False: nothing more will come, or it is too much.
bool ReadSome(int from, size_t bytes_max, std::string* text) {
  std::array<char, 4096> buffer;
  const ssize_t count = read(from, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  text->append(buffer.data(), static_cast<size_t>(count));
  explicit_bzero(buffer.data(), buffer.size());
  return count > 0 && text->size() <= bytes_max;
}

// Until the program has ended, everything that it wrote is read, or a limit is reached.
enum class End { kExited, kTooLate, kTooMuch };

End Follow(int process, int output, const Command& command, std::string* text) {
  const Clock::time_point deadline = Clock::now() + command.time_limit;
  bool open = true;
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return End::kTooLate;
    std::array<pollfd, 2> waits = {{{process, POLLIN, 0}, {open ? output : -1, POLLIN, 0}}};
    // In steps, so that the thread monitor sees somebody who waits, not somebody who is stuck.
    constexpr int64_t kStepMs = 1000;
    Ping();
    if (poll(waits.data(), waits.size(), static_cast<int>(std::min(left.count(), kStepMs))) < 0 &&
        errno != EINTR) {
      return End::kTooLate;
    }
    if (waits[1].revents != 0) open = ReadSome(output, command.output_max, text);
    if (text->size() > command.output_max) return End::kTooMuch;
    if (waits[0].revents != 0) {
      // A child of it may keep the pipe open: what is there now is all that is wanted.
      fcntl(output, F_SETFL, O_NONBLOCK);
      while (open) {
        const size_t before = text->size();
        open = ReadSome(output, command.output_max, text) && text->size() > before;
      }
      return text->size() > command.output_max ? End::kTooMuch : End::kExited;
    }
  }
}

}  // namespace

absl::StatusOr<std::string> RunCommand(const Command& command) {
  const std::string& program = command.arguments.front();
  std::array<int, 2> pipe;
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) {
    return Failure(fmt::format("{}: no pipe: {}", program, strerrordesc_np(errno)));
  }
  pid_t pid = -1;
  const int error = Spawn(command, pipe[1], &pid);
  close(pipe[1]);
  if (error != 0) {
    close(pipe[0]);
    return Failure(fmt::format("{}: cannot be started: {}", program, strerrordesc_np(error)));
  }
  // A descriptor of the process: its number cannot be reused before waitpid.
  const int process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  std::string text;
  const End end = process < 0 ? End::kTooLate : Follow(process, pipe[0], command, &text);
  // Whatever it has started ends with it.
  kill(-pid, SIGKILL);
  int status = -1;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  close(pipe[0]);
  if (process >= 0) close(process);
  if (end == End::kExited && WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
  Wipe(&text);
  if (end == End::kTooLate) {
    return Failure(
        fmt::format("{}: ended, because it took longer than {}", program, command.time_limit));
  }
  if (end == End::kTooMuch) {
    return Failure(fmt::format("{}: ended, because it printed more than {} bytes", program,
                               command.output_max));
  }
  if (WIFEXITED(status)) {
    return Failure(fmt::format("{}: ended with status {}", program, WEXITSTATUS(status)));
  }
  return Failure(fmt::format("{}: ended by signal {}", program, WTERMSIG(status)));
}

}  // namespace fluxgate::modules
