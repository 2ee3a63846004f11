#include "gateway/server/logging.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

#include "gateway/server/log_file_sink.h"

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

}  // namespace

absl::Status StartLogging(const std::vector<config::LogTarget>& targets) {
  std::vector<spdlog::sink_ptr> sinks;
  auto lowest = spdlog::level::off;
  for (const config::LogTarget& target : targets) {
    spdlog::sink_ptr sink;
    if (target.protocol == "file") {
      auto file = LogFileSink::Open(target.file_name);
      if (!file.ok()) return file.status();
      sink = *std::move(file);
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

absl::Status RotateLogs() {
  absl::Status first;
  for (const spdlog::sink_ptr& sink : spdlog::default_logger()->sinks()) {
    if (auto* const file = dynamic_cast<LogFileSink*>(sink.get())) first.Update(file->Rotate());
  }
  return first;
}

}  // namespace fluxgate
