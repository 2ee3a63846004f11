// A log file that can be started anew while the gateway runs.
#ifndef FLUXGATE_GATEWAY_SERVER_LOG_FILE_SINK_H_
#define FLUXGATE_GATEWAY_SERVER_LOG_FILE_SINK_H_

#include <spdlog/sinks/base_sink.h>

#include <cstdio>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace fluxgate {

// Any thread.
class LogFileSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  // Adds to the file, or makes it.
  static absl::StatusOr<std::shared_ptr<LogFileSink>> Open(const std::string& path);
  ~LogFileSink() override;

  // The file so far is PATH.YYYYMMDDThhmmssZ from now on (with -2, -3, ... when there is one
  // already), and lines go to a new one at PATH. Where a tool has moved the file away, PATH is only
  // made anew. After an error lines go where they went before.
  absl::Status Rotate();

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override;

 private:
  LogFileSink(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}

  const std::string path_;
  std::FILE* file_;  // guarded by the base's mutex
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SERVER_LOG_FILE_SINK_H_
