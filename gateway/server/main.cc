// fluxgated: the gateway as a process. Reads its configuration, opens its transports, serves until
// SIGTERM, SIGINT or SIGHUP, drains. Exit status: 0 after a clean drain, 1 for a usage or
// configuration error, 2 when it cannot start, 3 when the drain was cut short.
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <thread>

#include "core/base/error.h"
#include "core/base/thread_activity.h"
#include "gateway/actions/action_host.h"
#include "gateway/config/config_loader.h"
#include "gateway/config/config_writer.h"
#include "gateway/server/gateway.h"
#include "gateway/server/logging.h"
#include "gateway/server/ready_text.h"
#include "gateway/server/version.h"

namespace fluxgate {
namespace {

enum ExitStatus { kExitOk = 0, kExitUsage = 1, kExitCannotStart = 2, kExitDrainCutShort = 3 };

int Fail(const absl::Status& status, int exit_status) {
  std::fprintf(stderr, "fluxgated: %s\n", ErrorText(status).c_str());
  return exit_status;
}

// As many descriptors as the system allows: connections are limited by configuration.
void RaiseDescriptorLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Memory freed after a burst of messages stays at hand for the next one. Given back to the system
// and taken again for every request, it comes back as page faults, which cost gRPC publishers 15 %
// of the processor time.
void KeepFreedMemory() {
  constexpr int kKeptBytesMax = 16 << 20;  // of one allocation arena
  // Larger blocks are the system's; without this, blocks above 128 KiB would be.
  constexpr int kOwnMappingBytesMin = 4 << 20;
  mallopt(M_TRIM_THRESHOLD, kKeptBytesMax);
  mallopt(M_MMAP_THRESHOLD, kOwnMappingBytesMin);
}

// Those that end the gateway and those that actions wait for. Blocked in every thread, so that one
// thread can wait for them.
sigset_t BlockSignals(const config::Config& config) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  for (const int signal : SignalsOfActions(config)) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

int Serve(const config::Config& config) {
  const sigset_t signals = BlockSignals(config);
  RaiseDescriptorLimit();
  KeepFreedMemory();
  if (absl::Status status = StartLogging(config.logging); !status.ok()) {
    return Fail(status, kExitCannotStart);
  }
  Gateway gateway(config);
  if (absl::Status status = gateway.Start(); !status.ok()) return Fail(status, kExitCannotStart);
  std::fputs(ReadyText(gateway).c_str(), stdout);
  std::fflush(stdout);

  std::jthread signal_thread([&](const std::stop_token& stop) {
    const RegisteredThread registered("signals");
    while (true) {
      int signal = 0;
      ThreadActivity::Idle();
      sigwait(&signals, &signal);
      ThreadActivity::Busy();
      if (stop.stop_requested()) return;
      gateway.OnSignal(signal);
    }
  });
  const bool clean = gateway.Run();
  if (!gateway.StopModules()) {
    std::fflush(nullptr);
    _exit(kExitDrainCutShort);
  }
  signal_thread.request_stop();
  pthread_kill(signal_thread.native_handle(), SIGTERM);
  signal_thread.join();
  return clean ? kExitOk : kExitDrainCutShort;
}

int Main(int argc, char** argv) {
  CLI::App app(
      "Fluxgate: a messaging gateway with content filters.\n"
      "Without options it serves its embedded configuration (see --sample-config).");
  std::string config_file, verify_file, dump_file;
  bool sample = false, version = false;
  auto* what = app.add_option_group("what to do");
  what->add_option("--config", config_file, "serve this configuration file");
  what->add_option("--verify-config", verify_file, "check this file and exit");
  what->add_option("--dump-config", dump_file, "print what this file amounts to and exit");
  what->add_flag("--sample-config", sample, "print a commented configuration and exit");
  what->add_flag("--version", version, "print the version and exit");
  what->require_option(0, 1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }

  if (version) {
    std::printf("fluxgated %s\n", kVersion);
    return kExitOk;
  }
  if (sample) {
    std::fputs(config::SampleConfig().c_str(), stdout);
    return kExitOk;
  }
  config::LoadOptions options;
  options.known = Gateway::KnownNames();
  const std::string file = config_file + verify_file + dump_file;  // at most one is given
  auto config = file.empty() ? config::DefaultConfig(options) : config::Load(file, options);
  if (!config.ok()) return Fail(config.status(), kExitUsage);
  if (!verify_file.empty()) {
    std::printf("%s: valid\n", verify_file.c_str());
    return kExitOk;
  }
  if (!dump_file.empty()) {
    std::fputs(config::Dump(*config).c_str(), stdout);
    return kExitOk;
  }
  return Serve(*config);
}

}  // namespace
}  // namespace fluxgate

int main(int argc, char** argv) { return fluxgate::Main(argc, argv); }
