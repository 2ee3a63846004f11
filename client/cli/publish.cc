// fluxgate publish: messages from arguments, files or standard input.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "client/cli/commands.h"
#include "client/cli/delimiter.h"
#include "client/cli/terminal.h"

namespace fluxgate::cli {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct PublishArguments {
  std::string uri;
  std::string topic;
  std::vector<std::string> bodies;
  std::vector<std::string> files;
  std::string delimiter = "\\n";
  double rate = 0;
  uint64_t repeat = 1;
  std::string sow_key;
  client::PublishOptions options;
  bool quiet = false;
};

class Publisher {
 public:
  Publisher(const PublishArguments& arguments, client::Client& client)
      : arguments_(arguments), client_(client) {}

  // False: stop, for the reason in status() or because of an interrupt.
  bool Publish(std::string_view body) {
    if (Interrupted()) return false;
    if (arguments_.rate > 0 && !AwaitTurn()) return false;
    // The first one shows whether the gateway takes this topic at all.
    status_ = count_ == 0 ? client_.PublishChecked(arguments_.topic, body, arguments_.options)
                          : client_.Publish(arguments_.topic, body, arguments_.options);
    if (!status_.ok()) return false;
    ++count_;
    if (count_ % 256 == 0 && progress_.due()) {
      progress_.Show(fmt::format("{} published, {}", count_, Rate(count_, elapsed())));
    }
    return true;
  }

  // Before a wait of unknown length.
  bool Send() {
    status_ = client_.Send();
    return status_.ok();
  }

  void Finish() {
    if (status_.ok()) status_ = client_.Flush();
    progress_.Wipe();
    if (!arguments_.quiet && (count_ != 0 || status_.ok())) {
      Say(fmt::format("published {} to {} in {:.3f} s ({})", Count(count_, "message"),
                      arguments_.topic, std::chrono::duration<double>(elapsed()).count(),
                      Rate(count_, elapsed())));
    }
  }

  const absl::Status& status() const { return status_; }

 private:
  std::chrono::nanoseconds elapsed() const { return SteadyClock::now() - start_; }

  bool AwaitTurn() {
    const auto turn =
        start_ + std::chrono::duration_cast<SteadyClock::duration>(
                     std::chrono::duration<double>(static_cast<double>(count_) / arguments_.rate));
    if (SteadyClock::now() >= turn) return true;
    if (!Send()) return false;
    // In slices, so that Ctrl-C is noticed.
    while (!Interrupted()) {
      const auto left = turn - SteadyClock::now();
      if (left <= SteadyClock::duration{}) return true;
      std::this_thread::sleep_for(
          std::min<SteadyClock::duration>(left, std::chrono::milliseconds(100)));
    }
    return false;
  }

  const PublishArguments& arguments_;
  client::Client& client_;
  absl::Status status_;
  uint64_t count_ = 0;
  const SteadyClock::time_point start_ = SteadyClock::now();
  ProgressLine progress_;
};

// Hands the file's bytes on as they come; `before_wait` is called before a read that may block.
// False: could not be read, which has been said.
template <typename TakeBytes, typename BeforeWait>
bool ReadFile(const std::string& path, TakeBytes&& take, BeforeWait&& before_wait) {
  const bool is_stdin = path == "-";
  const int fd = is_stdin ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    Complain(fmt::format("cannot open '{}': {}", path, std::strerror(errno)));
    return false;
  }
  std::string buffer(1 << 18, '\0');
  bool good = true;
  while (true) {
    pollfd event{fd, POLLIN, 0};
    if (poll(&event, 1, 0) == 0 && !before_wait()) break;
    const ssize_t n = read(fd, buffer.data(), buffer.size());
    if (n > 0 && take(std::string_view(buffer).substr(0, static_cast<size_t>(n)))) continue;
    if (n < 0 && errno == EINTR && !Interrupted()) continue;
    if (n < 0 && errno != EINTR) {
      Complain(fmt::format("cannot read '{}': {}", path, std::strerror(errno)));
      good = false;
    }
    break;
  }
  if (!is_stdin) close(fd);
  return good;
}

// Everything once, straight from the input.
bool PublishOnce(const PublishArguments& arguments, const std::vector<std::string>& files,
                 const std::string& delimiter, Publisher& publisher) {
  for (const std::string& body : arguments.bodies) {
    if (!publisher.Publish(body)) return true;
  }
  for (const std::string& file : files) {
    bool going = true;
    MessageSplitter splitter(
        delimiter, [&](std::string_view body) { return going = publisher.Publish(body); });
    const bool read = ReadFile(
        file, [&](std::string_view bytes) { return splitter.Add(bytes); },
        [&] { return going = publisher.Send(); });
    if (!read) return false;
    if (going && !Interrupted()) splitter.Finish();
    if (!going || !publisher.status().ok() || Interrupted()) break;
  }
  return true;
}

// Everything `repeat` times, from memory.
bool PublishRepeatedly(const PublishArguments& arguments, const std::vector<std::string>& files,
                       const std::string& delimiter, Publisher& publisher) {
  std::vector<std::string> bodies = arguments.bodies;
  for (const std::string& file : files) {
    MessageSplitter splitter(delimiter, [&](std::string_view body) {
      bodies.emplace_back(body);
      return true;
    });
    const bool read = ReadFile(
        file, [&](std::string_view bytes) { return splitter.Add(bytes); }, [] { return true; });
    if (!read) return false;
    splitter.Finish();
  }
  for (uint64_t i = 0; i < arguments.repeat; ++i) {
    for (const std::string& body : bodies) {
      if (!publisher.Publish(body)) return true;
    }
  }
  return true;
}

ExitCode Publish(const PublishArguments& arguments) {
  const auto delimiter = ParseDelimiter(arguments.delimiter);
  if (!delimiter.ok()) {
    Complain(delimiter.status());
    return kUsage;
  }
  std::vector<std::string> files = arguments.files;
  if (files.empty() && arguments.bodies.empty()) files.push_back("-");
  for (const std::string& file : files) {
    if (file != "-" && access(file.c_str(), R_OK) != 0) {
      Complain(fmt::format("cannot open '{}': {}", file, std::strerror(errno)));
      return kUsage;
    }
  }
  ExitCode code = kOk;
  const auto client = ConnectTo(arguments.uri, &code);
  if (client == nullptr) return code;
  Publisher publisher(arguments, *client);
  const bool read = arguments.repeat == 1
                        ? PublishOnce(arguments, files, *delimiter, publisher)
                        : PublishRepeatedly(arguments, files, *delimiter, publisher);
  publisher.Finish();
  if (!publisher.status().ok()) {
    Complain(publisher.status());
    return CallExitCode(publisher.status());
  }
  if (!read) return kUsage;
  return Interrupted() ? kInterrupted : kOk;
}

}  // namespace

void AddPublish(CLI::App& app, Action* action) {
  auto arguments = std::make_shared<PublishArguments>();
  CLI::App* command = app.add_subcommand("publish", "Publishes messages to a topic");
  command->add_option("uri", arguments->uri, "Where the gateway is")->required();
  command->add_option("topic", arguments->topic, "Topic to publish to")->required();
  command->add_option("body", arguments->bodies,
                      "Messages; without any, and without --file, standard input is read");
  command
      ->add_option("-f,--file", arguments->files,
                   "File of messages, one per line; - is standard input; may be repeated")
      ->allow_extra_args(false);
  command
      ->add_option("-d,--delimiter", arguments->delimiter,
                   "What ends a message in files and standard input (\\n \\t \\0 \\xNN)")
      ->capture_default_str();
  command->add_option("--rate", arguments->rate, "Messages per second; default: as fast as it goes")
      ->check(CLI::PositiveNumber);
  command->add_option("--repeat", arguments->repeat, "Publish everything this often")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--key", arguments->sow_key,
                      "SOW key, for stored topics whose publishers give it");
  command->add_flag("--delta", arguments->options.delta,
                    "Merge into the stored record instead of replacing it");
  command
      ->add_option("--expire", arguments->options.expiration_s,
                   "Seconds that the stored record lives; 0 is for ever; default: the topic's")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("-q,--quiet", arguments->quiet, "No summary");
  command->footer(
      "The first message waits for the gateway's verdict, the rest go as a stream; at the end the\n"
      "command waits until the gateway has processed everything.\n\n"
      "Examples:\n"
      "  fluxgate publish tcp://localhost:9007/amps/json orders '{\"id\":1}' '{\"id\":2}'\n"
      "  fluxgate publish grpc://localhost:50051 orders --file orders.jsonl --repeat 100\n"
      "  fluxgate publish tcp://localhost:9007/amps/json state/orders --delta "
      "'{\"id\":1,\"price\":7}'\n"
      "  tail -f app.jsonl | fluxgate publish tcp://localhost:9007/amps/json log\n");
  command->callback([=] {
    arguments->options.sow_key = arguments->sow_key;
    *action = [=] { return Publish(*arguments); };
  });
}

}  // namespace fluxgate::cli
