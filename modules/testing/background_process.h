// A program that a test needs beside it (a directory server, a web server); ended with this object.
#ifndef FLUXGATE_MODULES_TESTING_BACKGROUND_PROCESS_H_
#define FLUXGATE_MODULES_TESTING_BACKGROUND_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace fluxgate::modules::testing {

class BackgroundProcess {
 public:
  // argv[0] is the path of the program. Its output can be read by lines; its errors go where those
  // of the test go.
  explicit BackgroundProcess(const std::vector<std::string>& command);
  ~BackgroundProcess();
  BackgroundProcess(const BackgroundProcess&) = delete;
  BackgroundProcess& operator=(const BackgroundProcess&) = delete;

  // "" when it has ended.
  std::string ReadLine();
  // Whether it still runs.
  bool running();
  // Waits for its end; the exit code, or minus the signal.
  int Wait();

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

// A TCP port of 127.0.0.1 that nothing listens on.
int FreePort();
// Whether something accepts connections there.
bool Accepts(int port);

}  // namespace fluxgate::modules::testing

#endif  // FLUXGATE_MODULES_TESTING_BACKGROUND_PROCESS_H_
