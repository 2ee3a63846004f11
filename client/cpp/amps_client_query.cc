// What an AmpsClient asks of stored topics: subscriptions, queries, deletes.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdint>
#include <cstring>
#include <utility>

#include "client/cpp/amps_client.h"
#include "core/base/error.h"
#include "gateway/amps/amps_encoder.h"

namespace fluxgate::client {
namespace {

void AddOption(std::string_view option, std::string* options) {
  if (!options->empty()) *options += ',';
  *options += option;
}

// Only these fields.
absl::Status AddSelect(const std::vector<std::string>& fields, std::string* options) {
  if (fields.empty()) return absl::OkStatus();
  for (const std::string& field : fields) {
    if (!field.starts_with('/') || field.find_first_of(",[]") != std::string::npos) {
      return MakeError(ErrorCode::kBadOption, fmt::format("'{}' is not a field", field));
    }
  }
  AddOption(fmt::format("select=[-/,+{}]", fmt::join(fields, ",+")), options);
  return absl::OkStatus();
}

absl::StatusOr<std::string> KeyList(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    if (key.empty() || key.find(',') != std::string::npos) {
      return MakeError(ErrorCode::kBadOption, fmt::format("'{}' is not a SOW key", key));
    }
  }
  return fmt::format("{}", fmt::join(keys, ","));
}

}  // namespace

absl::StatusOr<std::string> AmpsClient::Subscribe(const SubscribeRequest& request) {
  if (absl::Status status = CheckRequest(request); !status.ok()) return status;
  std::string options = request.options;
  if (request.out_of_focus) AddOption("oof", &options);
  if (absl::Status status = AddSelect(request.fields, &options); !status.ok()) return status;
  const std::string id = fmt::format("{}{}", kSubscriptionPrefix, ++last_id_);
  Command subscribe;
  subscribe.topic = request.topic;
  subscribe.filter = request.filter;
  subscribe.options = options;
  subscribe.sub_id = id;
  if (request.with_snapshot) {
    subscribe.type =
        request.delta ? CommandType::kSowAndDeltaSubscribe : CommandType::kSowAndSubscribe;
    subscribe.query_id = id;
    subscribe.batch_size = QueryRequest::kBatchSizeDefault;
    subscribe.order_by = request.order_by;
    subscribe.top_n = request.top_n;
  } else {
    subscribe.type = request.delta ? CommandType::kDeltaSubscribe : CommandType::kSubscribe;
  }
  absl::Status status = Execute(subscribe, fmt::format("subscription to '{}'", request.topic),
                                Clock::now() + options_.command_timeout);
  if (!status.ok()) return status;
  return id;
}

absl::Status AmpsClient::Query(const QueryRequest& request,
                               absl::FunctionRef<bool(const Message&)> take) {
  std::string options;
  if (absl::Status status = AddSelect(request.fields, &options); !status.ok()) return status;
  // The option to skip goes with the option to cut.
  if (request.skip_n != 0) {
    const uint32_t top_n = request.top_n != 0 ? request.top_n : UINT32_MAX;
    AddOption(fmt::format("top_n={},skip_n={}", top_n, request.skip_n), &options);
  }
  const auto keys = KeyList(request.keys);
  if (!keys.ok()) return keys.status();
  const std::string query_id = fmt::format("q{}", ++last_id_);
  const std::string what = fmt::format("query of '{}'", request.topic);
  Command query;
  query.type = CommandType::kSow;
  query.topic = request.topic;
  query.query_id = query_id;
  query.filter = request.filter;
  query.order_by = request.order_by;
  if (request.skip_n == 0) query.top_n = request.top_n;
  query.batch_size = request.batch_size;
  query.options = options;
  query.sow_keys = *keys;
  query.bookmark = request.as_of;
  absl::Status status = Execute(query, what, Clock::now() + options_.command_timeout);
  if (!status.ok()) return status;

  // What came before the answer waits for Next in front of what comes during it.
  Keep(in_.bytes().substr(0, scanned_));
  in_.Consume(std::exchange(scanned_, 0));
  bool wanted = true, cancelled = false;
  Clock::time_point deadline = Clock::now() + options_.command_timeout;
  while (true) {
    const auto ended = ReadAnswer(query_id, &wanted, take);
    if (!ended.ok()) return ended.status();
    if (*ended) return absl::OkStatus();
    if (!broken_.ok()) return broken_;
    if (!wanted && !std::exchange(cancelled, true)) {
      Command cancel;
      cancel.type = CommandType::kUnsubscribe;
      cancel.query_id = query_id;
      amps::AppendCommand(cancel, &out_);
      if (status = Send(); !status.ok()) return status;
    }
    const size_t had = in_.size();
    status = Wait(/*to_send=*/false, deadline);
    if (absl::IsDeadlineExceeded(status)) {
      return absl::DeadlineExceededError(
          fmt::format("{} was not answered by {} in time", what, address_));
    }
    if (absl::IsResourceExhausted(status)) return status;
    if (in_.size() != had) deadline = Clock::now() + options_.command_timeout;
  }
}

absl::StatusOr<bool> AmpsClient::ReadAnswer(std::string_view query_id, bool* wanted,
                                            absl::FunctionRef<bool(const Message&)> take) {
  while (true) {
    size_t consumed = 0;
    const auto read = ReadFrame(in_.bytes(), &consumed);
    if (!read.ok() || !*read) return read;
    const amps::ServerMessage& received = decoder_.message();
    const bool ours = received.query_id == query_id;
    if (ours && received.type == amps::ServerMessageType::kSow) {
      amps::RecordFrame records(received.body);
      amps::RecordFrame::Record record;
      amps::RecordFrame::Result result;
      while ((result = records.Next(&record)) == amps::RecordFrame::Result::kRecord) {
        if (!*wanted) continue;
        *wanted = take({.kind = MessageKind::kRecord,
                        .topic = received.topic,
                        .body = record.body,
                        .subscription_ids = {},
                        .sow_key = record.sow_key,
                        .reason = {}});
      }
      if (result == amps::RecordFrame::Result::kBad) {
        return BadFrame("records without their lengths");
      }
    } else if (!ours) {
      Keep(in_.bytes().substr(0, consumed));
    }
    const bool ended = ours && received.type == amps::ServerMessageType::kGroupEnd;
    in_.Consume(consumed);
    if (ended) return true;
  }
}

void AmpsClient::Keep(std::string_view frames) {
  if (frames.empty()) return;
  std::memcpy(kept_.Reserve(frames.size()), frames.data(), frames.size());
  kept_.Commit(frames.size());
}

absl::StatusOr<uint64_t> AmpsClient::Delete(std::string_view topic,
                                            const DeleteSelector& selector) {
  if (absl::Status status = CheckSelector(selector); !status.ok()) return status;
  const auto keys = KeyList(selector.keys);
  if (!keys.ok()) return keys.status();
  const std::string what = fmt::format("delete from '{}'", topic);
  Command command;
  command.type = CommandType::kSowDelete;
  command.topic = topic;
  command.filter = selector.filter;
  command.sow_keys = *keys;
  command.acks.add(AckType::kStats);
  const Clock::time_point deadline = Clock::now() + options_.command_timeout;
  absl::Status status = Execute(command, what, deadline);
  if (!status.ok()) return status;
  status = AwaitAck(fmt::format("{}", last_id_), AckType::kStats, what, deadline);
  if (!status.ok()) return status;
  return decoder_.message().records_deleted;
}

}  // namespace fluxgate::client
