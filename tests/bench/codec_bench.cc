// What the `amps` codec costs per message.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "gateway/amps/amps_decoder.h"
#include "gateway/amps/amps_encoder.h"
#include "gateway/amps/amps_frame.h"

namespace fluxgate::amps {
namespace {

constexpr std::string_view kBody =
    R"({"id":123456,"symbol":"IBM","price":141.25,"qty":300,"side":"buy","venue":"XNYS"})";

// Decodes `stream` over and over, as a session does with a full receive buffer.
void DecodeStream(benchmark::State& state, const std::string& stream) {
  CommandDecoder decoder;
  const FrameLimits limits;
  int64_t frames = 0;
  for (auto _ : state) {
    std::string_view rest = stream;
    while (true) {
      const FrameResult result = NextFrame(rest, limits);
      if (result.status != FrameStatus::kFrame) break;
      if (decoder.Decode(result.frame) != DecodeError::kNone) {
        state.SkipWithError("decode failed");
        return;
      }
      benchmark::DoNotOptimize(decoder.message().body.data());
      rest.remove_prefix(result.consumed);
      ++frames;
    }
  }
  state.SetItemsProcessed(frames);
}

void BM_DecodeRepeatedPublish(benchmark::State& state) {
  std::string stream;
  for (int i = 0; i < 500; ++i) AppendWithPrefix(PublishPrefix("orders"), kBody, &stream);
  DecodeStream(state, stream);
}
BENCHMARK(BM_DecodeRepeatedPublish);

void BM_DecodeNumberedPublish(benchmark::State& state) {
  std::string stream;
  for (int i = 0; i < 500; ++i) {
    Command publish;
    publish.type = CommandType::kPublish;
    publish.has_sequence = true;
    publish.sequence = static_cast<uint64_t>(1000000 + i);
    publish.topic = "orders";
    publish.body = kBody;
    AppendCommand(publish, &stream);
  }
  DecodeStream(state, stream);
}
BENCHMARK(BM_DecodeNumberedPublish);

void BM_DecodeTwoTopicsInTurn(benchmark::State& state) {
  std::string stream;
  for (int i = 0; i < 500; ++i) {
    AppendWithPrefix(PublishPrefix(i % 2 == 0 ? "orders" : "quotes"), kBody, &stream);
  }
  DecodeStream(state, stream);
}
BENCHMARK(BM_DecodeTwoTopicsInTurn);

void BM_DecodeSubscribe(benchmark::State& state) {
  std::string stream;
  for (int i = 0; i < 500; ++i) {
    Command subscribe;
    subscribe.type = CommandType::kSubscribe;
    const std::string id = std::to_string(i);
    subscribe.command_id = id;
    subscribe.acks.add(AckType::kProcessed);
    subscribe.topic = "orders";
    subscribe.filter = "/symbol = 'IBM' AND /price > 100 AND /qty BETWEEN 100 AND 500";
    AppendCommand(subscribe, &stream);
  }
  DecodeStream(state, stream);
}
BENCHMARK(BM_DecodeSubscribe);

void BM_EncodeDeliveryFromPrefix(benchmark::State& state) {
  const std::string prefix = DeliveryPrefix("orders", "1");
  std::string out;
  out.reserve(1 << 16);
  for (auto _ : state) {
    if (out.size() > 60'000) out.clear();
    AppendWithPrefix(prefix, kBody, &out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_EncodeDeliveryFromPrefix);

}  // namespace
}  // namespace fluxgate::amps

BENCHMARK_MAIN();
