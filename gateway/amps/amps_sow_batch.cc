#include "gateway/amps/amps_sow_batch.h"

#include <algorithm>

#include "gateway/amps/amps_encoder.h"

namespace fluxgate::amps {

bool SowBatch::IsFullFor(const QueryInfo& query, const Delivery& record) const {
  if (count_ == 0) return false;
  return count_ >= std::max(query.batch_size, kRecordsDefault) || topic_ != record.topic ||
         query_id_ != query.query_id || records_.size() + record.body.size() > kFrameBytesMax;
}

void SowBatch::Add(const QueryInfo& query, const Delivery& record) {
  if (count_++ == 0) {
    query_id_ = query.query_id;
    topic_ = record.topic;
  }
  records_ += '{';
  if (!record.sow_key.empty()) {
    records_ += R"("k":")";
    records_ += record.sow_key;
    records_ += R"(",)";
  }
  if (record.timestamp_ns != 0) {
    records_ += R"("ts":")";
    AppendTimestamp(record.timestamp_ns, &records_);
    records_ += R"(",)";
  }
  records_ += R"("l":)";
  records_ += std::to_string(record.body.size());
  records_ += '}';
  records_ += record.body;
}

void SowBatch::TakeFrame(std::string* out) {
  ServerMessage message;
  message.type = ServerMessageType::kSow;
  message.query_id = query_id_;
  message.topic = topic_;
  message.batch_size = count_;
  message.body = records_;
  AppendServerMessage(message, out);
  Clear();
}

void SowBatch::Clear() {
  records_.clear();
  if (records_.capacity() > 2 * kFrameBytesMax) records_.shrink_to_fit();
  count_ = 0;
}

}  // namespace fluxgate::amps
