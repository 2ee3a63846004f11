// The records of an `amps` frame of a query's answer: its body is, for each record, a header
// {"k":"key","ts":"time","l":bytes} and that many bytes. Source: Command Reference, "sow".
#ifndef FLUXGATE_GATEWAY_AMPS_AMPS_RECORD_FRAME_H_
#define FLUXGATE_GATEWAY_AMPS_AMPS_RECORD_FRAME_H_

#include <cstdint>
#include <string_view>

namespace fluxgate::amps {

// Views into the text it was made of. No state besides; any one thread.
class RecordFrame {
 public:
  struct Record {
    std::string_view sow_key;
    std::string_view timestamp;
    std::string_view correlation_id;
    std::string_view body;
  };
  enum class Result : uint8_t { kRecord, kEnd, kBad };

  RecordFrame() = default;
  explicit RecordFrame(std::string_view records) : rest_(records) {}

  bool empty() const { return rest_.empty(); }
  // kBad: what is left is not a record, and nothing of it can be read.
  Result Next(Record* record);

 private:
  std::string_view rest_;
};

}  // namespace fluxgate::amps

#endif  // FLUXGATE_GATEWAY_AMPS_AMPS_RECORD_FRAME_H_
