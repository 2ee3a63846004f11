// The gRPC client of the load generator: raw bytes over generic calls, one completion queue and one
// thread for each side, which is as cheap as a client of this library gets. Errors end the process.
#ifndef FLUXGATE_TESTS_BENCH_GRPC_CALLS_H_
#define FLUXGATE_TESTS_BENCH_GRPC_CALLS_H_

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace fluxgate::bench {

// A connection of its own to the server.
std::shared_ptr<grpc::Channel> NewChannel(const std::string& address);

// One call on a completion queue that its owner pumps. At most one read and one write are out.
class GrpcCall {
 public:
  using Metadata = std::vector<std::pair<std::string, std::string>>;

  // Started on return; pumps the queue.
  GrpcCall(const std::shared_ptr<grpc::Channel>& channel, grpc::CompletionQueue& queue,
           const std::string& method, const Metadata& metadata = {});
  GrpcCall(const GrpcCall&) = delete;
  GrpcCall& operator=(const GrpcCall&) = delete;

  void StartRead();
  void StartWrite(const grpc::ByteBuffer& bytes);
  bool reading() const { return reading_; }
  bool writing() const { return writing_; }
  // Of the last read that completed.
  const grpc::ByteBuffer& received() const { return received_; }

  // Any thread: the call ends; what is out completes. From now on that is no error.
  void Cancel();
  // Nothing is out any more; only after Cancel.
  bool ended() const { return !reading_ && !writing_; }

  // Waits for one completion of any call on the queue. The call whose read it was; null: another.
  static GrpcCall* Pump(grpc::CompletionQueue& queue);

 private:
  enum class Kind : uint8_t { kStart, kRead, kWrite, kFinish };
  struct Tag {
    GrpcCall* call;
    Kind kind;
  };

  // Fails with the reason for which the server ended the call.
  [[noreturn]] void Complain();

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue& queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  grpc::ByteBuffer received_;
  bool started_ = false;
  bool reading_ = false;
  bool writing_ = false;
  std::atomic<bool> cancelled_{false};
  Tag start_{this, Kind::kStart};
  Tag read_{this, Kind::kRead};
  Tag write_{this, Kind::kWrite};
  Tag finish_{this, Kind::kFinish};
};

// A publish stream that asks for no acks but for answers to its flushes. One thread.
class GrpcPublisher {
 public:
  explicit GrpcPublisher(const std::string& address);
  ~GrpcPublisher();

  // The transport has taken it on return.
  void Write(const grpc::ByteBuffer& bytes);
  // Asks to hear when everything so far is published; ids rise.
  void Flush(uint64_t id);
  // Waits until that has been heard.
  void AwaitFlushed(uint64_t id);
  uint64_t flushed() const { return flushed_.load(std::memory_order_relaxed); }

 private:
  void PumpOnce();

  grpc::CompletionQueue queue_;
  GrpcCall call_;
  std::atomic<uint64_t> flushed_{0};
};

// Subscribe streams, each on a connection of its own, all read by one thread.
class GrpcReceiver {
 public:
  // A response has arrived on a stream; in one piece.
  using Parse = std::function<void(size_t stream, std::string_view response)>;

  // All are subscribed on return, and nothing has been parsed.
  GrpcReceiver(const std::string& address, uint32_t streams, const grpc::ByteBuffer& request,
               const GrpcCall::Metadata& metadata, Parse parse);
  ~GrpcReceiver();

 private:
  void AwaitStarted(GrpcCall& call);
  void Run();

  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<GrpcCall>> calls_;
  const Parse parse_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace fluxgate::bench

#endif  // FLUXGATE_TESTS_BENCH_GRPC_CALLS_H_
