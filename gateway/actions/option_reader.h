// Reads the options of one part of an action, and collects what is wrong with them. Every option
// that is not asked for is unknown. Values never get into what is said: they may be secrets.
#ifndef FLUXGATE_GATEWAY_ACTIONS_OPTION_READER_H_
#define FLUXGATE_GATEWAY_ACTIONS_OPTION_READER_H_

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/config.h"
#include "gateway/config/known_names.h"

namespace fluxgate {

class OptionReader {
 public:
  // `config` and `part` outlive this. `message_types`: all there are; empty: not to be checked.
  OptionReader(const config::Config& config, const config::ActionPart& part,
               std::vector<std::string> message_types)
      : config_(config), part_(part), message_types_(std::move(message_types)) {}

  const config::Config& config() const { return config_; }
  const config::ActionPart& part() const { return part_; }

  std::string Required(std::string_view name);
  // Empty, or `otherwise`, when it is not there.
  std::string Optional(std::string_view name, std::string_view otherwise = {});
  bool Has(std::string_view name) const;
  // Of an option that may be there several times, in order.
  std::vector<std::string> All(std::string_view name);
  bool Flag(std::string_view name);  // true or false; false when it is not there
  // Nanoseconds; `otherwise` when it is not there.
  uint64_t Interval(std::string_view name, uint64_t min_ns, uint64_t otherwise_ns);
  // The name of one of the configuration's transports.
  std::string Transport(std::string_view name);
  // As Required, a message type that there is.
  std::string MessageType();
  // The text names options that a loaded module understands: all of them.
  const config::Options& Everything();

  // `name` empty: the part as a whole.
  void Fail(std::string_view name, std::string_view what, std::string_view allowed = {},
            bool not_built = false);
  // What is wrong, options included that nobody has asked for.
  std::vector<config::ActionProblem> Finish();

 private:
  const std::string* Find(std::string_view name);

  const config::Config& config_;
  const config::ActionPart& part_;
  const std::vector<std::string> message_types_;
  std::set<std::string, std::less<>> asked_;
  bool everything_ = false;
  std::vector<config::ActionProblem> problems_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_ACTIONS_OPTION_READER_H_
