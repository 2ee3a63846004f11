// Requests and responses of the gRPC API as ready-made bytes, and the cheapest honest way to count
// the messages in a response. The same for the gateway and for the bare gRPC peer.
#ifndef FLUXGATE_TESTS_BENCH_GRPC_BYTES_H_
#define FLUXGATE_TESTS_BENCH_GRPC_BYTES_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fluxgate::bench {

inline constexpr char kPublishMethod[] = "/fluxgate.v1.PublisherService/PublishStream";
inline constexpr char kSubscribeMethod[] = "/fluxgate.v1.SubscriberService/Subscribe";

// Tells the bare peer to send batches of its own instead of what is published: messages in a batch
// and bytes in a body.
inline constexpr char kBatchHeader[] = "bench-batch";
inline constexpr char kBodyBytesHeader[] = "bench-body-bytes";

// Requests below this size are no messages: an open, or a flush.
inline constexpr size_t kControlBytesMax = 16;

grpc::ByteBuffer ToBuffer(std::string_view bytes);
// The bytes in one piece: in place when they are, else joined in `joined`.
std::string_view OnePiece(const grpc::ByteBuffer& buffer, std::vector<grpc::Slice>& slices,
                          std::string& joined);

// Orders first, first + 1, ... of `body_bytes` each.
enum class Envelope {
  kPublishRequest,     // PublishStreamRequest
  kSubscribeResponse,  // SubscribeResponse: what the bare peer can pass on unchanged
};
std::string EncodeOrders(Envelope envelope, uint64_t first, uint32_t count, size_t body_bytes);
std::string EncodeOpen();
std::string EncodeFlush(uint64_t id);
// Id of an EncodeFlush; UINT64_MAX: not one.
uint64_t FlushId(std::string_view request);
std::string EncodeFlushed(uint64_t id);
std::string EncodeSubscribe(std::string_view filter);
std::string EncodeStarted();

// Adds the messages of a SubscribeResponse to `messages` and sets `first_body` to the payload of
// the first. False: not a well-formed response.
bool CountMessages(std::string_view response, uint64_t& messages, std::string_view& first_body);

}  // namespace fluxgate::bench

#endif  // FLUXGATE_TESTS_BENCH_GRPC_BYTES_H_
