// Query: the records that match, in batches, then their number.
#ifndef FLUXGATE_GATEWAY_GRPC_QUERY_CALL_H_
#define FLUXGATE_GATEWAY_GRPC_QUERY_CALL_H_

#include <memory>
#include <string_view>

#include "gateway/grpc/query_encoder.h"
#include "gateway/grpc/stream.h"

namespace fluxgate::grpc_api {

class QueryCall : public Stream {
 public:
  QueryCall(std::shared_ptr<StreamHub> hub, grpc::CallbackServerContext& context);

  bool Deliver(const Delivery&) override { return true; }  // it has no subscriptions
  bool DeliverRecord(const QueryInfo& query, const Delivery& record) override;
  bool EndQuery(const QueryInfo& query, uint64_t records) override;
  void SayGoAway(int64_t) override {}  // the answer has no place for it
  void EndForDrain() override;

 private:
  void OnOpen() override {}
  bool OnRequest(std::string_view request) override;
  void OnHalfClose() override {}
  void OnEndOfBatch() override;
  void FinishEncoding() override { encoder_.EndBatch(); }

  QueryEncoder encoder_;
  bool answered_ = false;
};

}  // namespace fluxgate::grpc_api

#endif  // FLUXGATE_GATEWAY_GRPC_QUERY_CALL_H_
