#include "gateway/grpc/query_call.h"

#include <algorithm>

#include "core/base/error.h"
#include "gateway/grpc/query_command.h"

namespace fluxgate::grpc_api {

QueryCall::QueryCall(std::shared_ptr<StreamHub> hub, grpc::CallbackServerContext& context)
    : Stream(hub, context,
             {.request_bytes_max = hub->options().command_request_bytes_max,
              .held_back = false,
              .response_each_piece = true}),
      encoder_(out_) {}

bool QueryCall::OnRequest(std::string_view request) {
  v1::QueryRequest parsed;
  if (!parsed.ParseFromArray(request.data(), static_cast<int>(request.size()))) {
    End(MakeError(ErrorCode::kBadCommand, "the request is not a valid QueryRequest"));
    return true;
  }
  QueryCommandText text;
  const auto command = QueryCommand(parsed, text);
  absl::Status status = command.status();
  if (status.ok() && session() == nullptr) status = OpenSession({});
  if (status.ok()) {
    if (parsed.batch_size() != 0) {
      encoder_.set_batch_max(std::min(parsed.batch_size(), EventEncoder::kBatchMessagesMax));
    }
    status = hub().engine().Execute(*session(), *command);
  }
  if (ErrorCodeOf(status) == ErrorCode::kPending) {
    WaitForAccess();
    return false;
  }
  if (!status.ok()) End(status, QueryFieldToBlame(parsed, status));
  return true;
}

bool QueryCall::DeliverRecord(const QueryInfo&, const Delivery& record) {
  if (ended()) return false;
  encoder_.AddRecord({record.topic, record.body, {}, record.sow_key});
  return Written();
}

bool QueryCall::EndQuery(const QueryInfo&, uint64_t records) {
  if (ended()) return false;
  v1::SnapshotEnd end;
  end.set_record_count(records);
  encoder_.AddEnd(end);
  // Inside an Outbox call: the session cannot be closed yet.
  answered_ = true;
  return Written();
}

void QueryCall::OnEndOfBatch() {
  if (answered_) End(absl::OkStatus());
}

void QueryCall::EndForDrain() {
  End(MakeError(ErrorCode::kDraining, "the gateway is shutting down"));
}

}  // namespace fluxgate::grpc_api
