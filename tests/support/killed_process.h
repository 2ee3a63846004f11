// A process of its own that a test kills without notice.
#ifndef FLUXGATE_TESTS_SUPPORT_KILLED_PROCESS_H_
#define FLUXGATE_TESTS_SUPPORT_KILLED_PROCESS_H_

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <string>
#include <utility>
#include <vector>

extern char** environ;

namespace fluxgate::testing {

class KilledProcess {
 public:
  KilledProcess() = default;  // none
  // `arguments`: the program first. Its standard output is dropped.
  explicit KilledProcess(const std::vector<std::string>& arguments) {
    std::vector<char*> pointers;
    for (const std::string& argument : arguments) {
      pointers.push_back(const_cast<char*>(argument.c_str()));
    }
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    EXPECT_EQ(posix_spawn(&pid_, pointers[0], &actions, nullptr, pointers.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
  }
  KilledProcess(KilledProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  KilledProcess& operator=(KilledProcess&& other) noexcept {
    Kill();
    pid_ = std::exchange(other.pid_, -1);
    return *this;
  }
  ~KilledProcess() { Kill(); }

  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    Wait();
  }
  // For a thread of its own; whoever waits for the process calls Kill as well.
  void Signal() const { kill(pid_, SIGKILL); }
  // Until it ends: as waitpid says it.
  int Wait() {
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return status;
  }

 private:
  pid_t pid_ = -1;
};

}  // namespace fluxgate::testing

#endif  // FLUXGATE_TESTS_SUPPORT_KILLED_PROCESS_H_
