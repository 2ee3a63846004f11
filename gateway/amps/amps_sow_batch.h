// Records of a query on their way into one frame: {"c":"sow","query_id":..,"t":..,"bs":n} and, n
// times, a header {"k":..,"ts":..,"l":bytes} with that many bytes of body. Source: Command
// Reference, "sow".
#ifndef FLUXGATE_GATEWAY_AMPS_AMPS_SOW_BATCH_H_
#define FLUXGATE_GATEWAY_AMPS_AMPS_SOW_BATCH_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "core/engine/outbox.h"

namespace fluxgate::amps {

class SowBatch {
 public:
  // A frame is not made larger than this by one more record.
  static constexpr size_t kFrameBytesMax = 1 << 20;
  static constexpr uint32_t kRecordsDefault = 1;

  bool empty() const { return count_ == 0; }
  // Whether the record belongs into a frame of its own, or into the next one.
  bool IsFullFor(const QueryInfo& query, const Delivery& record) const;
  void Add(const QueryInfo& query, const Delivery& record);
  // Appends the frame; empty afterwards.
  void TakeFrame(std::string* out);
  void Clear();

 private:
  std::string query_id_;
  std::string topic_;
  std::string records_;
  uint32_t count_ = 0;
};

}  // namespace fluxgate::amps

#endif  // FLUXGATE_GATEWAY_AMPS_AMPS_SOW_BATCH_H_
