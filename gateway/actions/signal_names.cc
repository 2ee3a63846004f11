#include "gateway/actions/signal_names.h"

#include <signal.h>

namespace fluxgate {
namespace {

constexpr std::string_view kPrefix = "SIG";

struct Row {
  std::string_view name;
  int signal;
};
constexpr Row kRows[] = {
    {"SIGTERM", SIGTERM}, {"SIGINT", SIGINT},   {"SIGHUP", SIGHUP},
    {"SIGUSR1", SIGUSR1}, {"SIGUSR2", SIGUSR2}, {"SIGQUIT", SIGQUIT},
};

}  // namespace

int SignalNamed(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name || row.name.substr(kPrefix.size()) == name) return row.signal;
  }
  return 0;
}

std::string_view SignalName(int signal) {
  for (const Row& row : kRows) {
    if (row.signal == signal) return row.name;
  }
  return {};
}

}  // namespace fluxgate
