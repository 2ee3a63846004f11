// The amps codec on arbitrary bytes: whatever comes, it answers; and what it understood survives
// being written and read again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <tuple>

#include "gateway/amps/amps_decoder.h"
#include "gateway/amps/amps_encoder.h"
#include "gateway/amps/amps_frame.h"

namespace fluxgate::amps {
namespace {

// Small, so that inputs of a fuzzer's size reach them.
constexpr FrameLimits kLimits{.header_bytes_max = 512, .body_bytes_max = 256};

void Require(bool holds) {
  if (!holds) std::abort();
}

auto Fields(const Command& m) {
  return std::tie(m.type, m.acks.bits, m.has_sequence, m.sequence, m.batch_size, m.expiration_s,
                  m.top_n, m.topic, m.command_id, m.sub_id, m.query_id, m.filter, m.options,
                  m.bookmark, m.sow_key, m.sow_keys, m.order_by, m.correlation_id, m.client_name,
                  m.user_id, m.password, m.message_type, m.version, m.body);
}

auto Fields(const ServerMessage& m) {
  return std::tuple_cat(
      std::tie(m.type, m.ack.bits, m.has_sequence, m.sequence, m.has_message_length,
               m.message_length, m.batch_size, m.matches, m.topic_matches, m.records_deleted,
               m.records_inserted, m.records_returned, m.records_updated),
      std::tie(m.topic, m.sub_ids, m.sub_id, m.query_id, m.command_id, m.status, m.reason,
               m.bookmark, m.sow_key, m.correlation_id, m.client_name, m.user_id, m.password,
               m.timestamp, m.lease_period, m.options, m.version, m.body));
}

void Append(const Command& message, std::string* out) { AppendCommand(message, out); }
void Append(const ServerMessage& message, std::string* out) { AppendServerMessage(message, out); }

template <typename Message>
void DecodeAndRepeat(std::string_view frame, HeaderDecoder<Message>& decoder) {
  const DecodeError error = decoder.Decode(frame);
  // A decoder with nothing remembered sees the same.
  HeaderDecoder<Message> fresh(kLimits);
  Require(fresh.Decode(frame) == error);
  Require(Fields(fresh.message()) == Fields(decoder.message()));
  Require(fresh.name() == decoder.name());
  if (error != DecodeError::kNone) {
    Require(!decoder.ErrorText().empty());
    return;
  }
  Require(decoder.message().body.size() <= kLimits.body_bytes_max);

  std::string bytes;
  Append(decoder.message(), &bytes);
  const FrameResult result = NextFrame(bytes, {});
  Require(result.status == FrameStatus::kFrame && result.consumed == bytes.size());
  HeaderDecoder<Message> again;
  Require(again.Decode(result.frame) == DecodeError::kNone);
  Require(Fields(again.message()) == Fields(decoder.message()));
}

void RunStream(std::string_view bytes) {
  CommandDecoder commands(kLimits);
  ServerMessageDecoder messages(kLimits);
  while (true) {
    const FrameResult result = NextFrame(bytes, kLimits);
    Require(result.consumed <= bytes.size());
    if (result.status == FrameStatus::kError) return;
    bytes.remove_prefix(result.consumed);
    if (result.status == FrameStatus::kNeedMore) {
      Require(result.wanted_bytes > bytes.size());
      return;
    }
    Require(!result.frame.empty());
    DecodeAndRepeat(result.frame, commands);
    DecodeAndRepeat(result.frame, messages);
  }
}

}  // namespace
}  // namespace fluxgate::amps

// The first byte says how the rest is meant: a stream with lengths, or the inside of frames, one
// per line, which a mutation cannot tear apart so easily.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fluxgate::amps;
  if (size == 0) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 's') {
    RunStream(rest);
    return 0;
  }
  CommandDecoder commands(kLimits);
  ServerMessageDecoder messages(kLimits);
  while (!rest.empty()) {
    // A copy of exactly this size, so that a byte read too far is seen.
    const std::string frame(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(std::min(rest.size(), frame.size() + 1));
    if (frame.empty()) continue;
    DecodeAndRepeat(std::string_view(frame), commands);
    DecodeAndRepeat(std::string_view(frame), messages);
  }
  return 0;
}
