#include "gateway/actions/run_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "core/base/error.h"

extern char** environ;

namespace fluxgate {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPollMs = 50;

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  return pointers;
}

// The child gets the signals that this process has blocked or ignores, a process group of its own,
// nothing to read, and `output` for all it writes. 0, or what errno would be.
int Spawn(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
          int output, pid_t& child) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<char*> argv = Pointers(arguments);
  argv.push_back(nullptr);
  std::vector<char*> envp = Pointers(environment);
  for (char** variable = environ; *variable != nullptr; ++variable) envp.push_back(*variable);
  envp.push_back(nullptr);
  const int error = posix_spawn(&child, argv[0], &files, &attributes, argv.data(), envp.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

// Reads what is there; false: the other side has closed.
bool ReadSome(int fd, std::string& output) {
  std::array<char, 4096> block;
  const ssize_t got = read(fd, block.data(), block.size());
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  const size_t room = kProgramOutputBytesMax - output.size();
  output.append(block.data(), std::min(static_cast<size_t>(got), room));
  return got > 0;
}

absl::Status StatusOf(int wait_status) {
  if (WIFEXITED(wait_status)) {
    if (WEXITSTATUS(wait_status) == 0) return absl::OkStatus();
    return MakeError(ErrorCode::kInternal,
                     fmt::format("the program ended with status {}", WEXITSTATUS(wait_status)));
  }
  return MakeError(ErrorCode::kInternal,
                   fmt::format("the program was ended by signal {}", WTERMSIG(wait_status)));
}

}  // namespace

ProgramResult RunProgram(const std::vector<std::string>& arguments,
                         const std::vector<std::string>& environment, uint64_t timeout_ns,
                         const std::function<bool()>& stop) {
  ProgramResult result;
  std::array<int, 2> pipe_ends;
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
    result.status = MakeError(ErrorCode::kInternal, "cannot make a pipe");
    return result;
  }
  pid_t child = 0;
  const int error = Spawn(arguments, environment, pipe_ends[1], child);
  close(pipe_ends[1]);
  fcntl(pipe_ends[0], F_SETFL, O_NONBLOCK);
  if (error != 0) {
    close(pipe_ends[0]);
    result.status = MakeError(ErrorCode::kInternal,
                              fmt::format("cannot run {}: {}", arguments[0], std::strerror(error)));
    return result;
  }
  const auto deadline = Clock::now() + std::chrono::nanoseconds(timeout_ns);
  bool is_open = true;
  int wait_status = 0;
  while (waitpid(child, &wait_status, WNOHANG) == 0) {
    const bool stopped = stop();
    if (stopped || Clock::now() >= deadline) {
      kill(-child, SIGKILL);
      while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR) {
      }
      result.status = stopped ? MakeError(ErrorCode::kDraining, "the gateway is shutting down")
                              : MakeError(ErrorCode::kInternal, "the program took too long");
      break;
    }
    pollfd waiting{is_open ? pipe_ends[0] : -1, POLLIN, 0};
    poll(&waiting, 1, kPollMs);
    if (waiting.revents != 0) is_open = ReadSome(pipe_ends[0], result.output);
  }
  // What it has left behind, if anything.
  kill(-child, SIGKILL);
  pollfd rest{pipe_ends[0], POLLIN, 0};
  while (is_open && poll(&rest, 1, 0) > 0) is_open = ReadSome(pipe_ends[0], result.output);
  close(pipe_ends[0]);
  if (result.status.ok()) result.status = StatusOf(wait_status);
  return result;
}

}  // namespace fluxgate
