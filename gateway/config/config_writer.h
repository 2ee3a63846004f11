// Configurations as XML text. Pure functions, any thread.
#ifndef FLUXGATE_GATEWAY_CONFIG_CONFIG_WRITER_H_
#define FLUXGATE_GATEWAY_CONFIG_CONFIG_WRITER_H_

#include <string>

#include "gateway/config/config.h"

namespace fluxgate::config {

// What is in force, every element with its value: loads back to an equal configuration on any
// machine, in any environment. `config` must come from the loader.
std::string Dump(const Config& config);

// A file to start from: every element with a comment and its default. Loads to DefaultConfig().
std::string SampleConfig();

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_CONFIG_WRITER_H_
