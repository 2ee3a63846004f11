// Encodes the answer to a query: each piece of the buffer is one QueryResponse. Reactor thread.
#ifndef FLUXGATE_GATEWAY_GRPC_QUERY_ENCODER_H_
#define FLUXGATE_GATEWAY_GRPC_QUERY_ENCODER_H_

#include <cstdint>

#include "fluxgate/v1/gateway.pb.h"
#include "gateway/grpc/encode_buffer.h"
#include "gateway/grpc/event_encoder.h"

namespace fluxgate::grpc_api {

class QueryEncoder {
 public:
  explicit QueryEncoder(EncodeBuffer& buffer) : buffer_(buffer) {}

  // At most this many records in one response; before the first one.
  void set_batch_max(uint32_t batch_max) { batch_max_ = batch_max; }
  void AddRecord(const DeliveredRecord& record);
  void AddEnd(const v1::SnapshotEnd& end);

  // The response is complete; the buffer holds whole ones then.
  void EndBatch();

 private:
  EncodeBuffer& buffer_;
  uint32_t batch_max_ = EventEncoder::kBatchMessagesMax;
  char* batch_begin_ = nullptr;  // null: none is open
  uint32_t count_ = 0;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_QUERY_ENCODER_H_
