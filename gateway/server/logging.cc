#include "gateway/server/logging.h"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "core/base/error.h"

namespace fluxgate {
namespace {

constexpr char kPattern[] = "%Y-%m-%dT%H:%M:%S.%fZ [%t] %l: %v";

spdlog::level::level_enum LevelOf(config::LogLevel level) {
  switch (level) {
    case config::LogLevel::kDeveloper:
      return spdlog::level::trace;
    case config::LogLevel::kTrace:
      return spdlog::level::debug;
    case config::LogLevel::kStats:
    case config::LogLevel::kInfo:
      return spdlog::level::info;
    case config::LogLevel::kWarning:
      return spdlog::level::warn;
    case config::LogLevel::kError:
      return spdlog::level::err;
    case config::LogLevel::kCritical:
    case config::LogLevel::kEmergency:
      return spdlog::level::critical;
    case config::LogLevel::kNone:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

// spdlog reports a file that does not open by an exception: whether it opens is found out first.
absl::Status CheckWritable(const std::string& file_name) {
  std::FILE* file = std::fopen(file_name.c_str(), "a");
  if (file == nullptr) {
    return MakeError(ErrorCode::kInternal, fmt::format("cannot open the log file {}: {}", file_name,
                                                       std::strerror(errno)));
  }
  std::fclose(file);
  return absl::OkStatus();
}

}  // namespace

absl::Status StartLogging(const std::vector<config::LogTarget>& targets) {
  std::vector<spdlog::sink_ptr> sinks;
  auto lowest = spdlog::level::off;
  for (const config::LogTarget& target : targets) {
    spdlog::sink_ptr sink;
    if (target.protocol == "file") {
      if (absl::Status status = CheckWritable(target.file_name); !status.ok()) return status;
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(target.file_name);
    } else if (target.protocol == "stdout") {
      sink = std::make_shared<spdlog::sinks::stdout_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    }
    sink->set_level(LevelOf(target.level));
    lowest = std::min(lowest, LevelOf(target.level));
    sinks.push_back(std::move(sink));
  }
  auto logger = std::make_shared<spdlog::logger>("fluxgate", sinks.begin(), sinks.end());
  logger->set_formatter(
      std::make_unique<spdlog::pattern_formatter>(kPattern, spdlog::pattern_time_type::utc));
  logger->set_level(lowest);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  return absl::OkStatus();
}

}  // namespace fluxgate
