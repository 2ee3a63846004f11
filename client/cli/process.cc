#include "client/cli/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

namespace fluxgate::cli {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

template <typename Get>
bool WaitFor(Get&& get, const std::string& text, int seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (get().find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace

Process::Process(const std::vector<std::string>& command, const std::string& input) {
  std::string directory = std::string(getenv("TEST_TMPDIR")) + "/process-XXXXXX";
  directory_ = mkdtemp(directory.data());
  std::ofstream(directory_ + "/in", std::ios::binary) << input;
  std::vector<char*> arguments;
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  const std::string in = directory_ + "/in", out = directory_ + "/out", err = directory_ + "/err";
  pid_ = fork();
  if (pid_ == 0) {
    dup2(open(in.c_str(), O_RDONLY), STDIN_FILENO);
    dup2(open(out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDOUT_FILENO);
    dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
}

Process::~Process() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    Wait();
  }
  std::filesystem::remove_all(directory_);
}

void Process::Signal(int number) { EXPECT_EQ(kill(pid_, number), 0); }

bool Process::WaitForOutput(const std::string& text, int seconds) {
  return WaitFor([this] { return output(); }, text, seconds);
}

bool Process::WaitForErrors(const std::string& text, int seconds) {
  return WaitFor([this] { return errors(); }, text, seconds);
}

int Process::Wait() {
  int status = 0;
  EXPECT_EQ(waitpid(std::exchange(pid_, -1), &status, 0) > 0, true);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string Process::output() const { return ReadAll(directory_ + "/out"); }
std::string Process::errors() const { return ReadAll(directory_ + "/err"); }

}  // namespace fluxgate::cli
