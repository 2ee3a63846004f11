// A bare gRPC server: the same streams as the gateway's, the same bytes, nothing behind them. What
// the gateway's gRPC figures are measured against.
//
// PublishStream counts nothing and keeps nothing: it answers flushes, and passes every other
// request on, unchanged, to the Subscribe streams that wait for it. A Subscribe stream that names a
// batch in its metadata gets that batch again and again instead.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "tests/bench/fail.h"
#include "tests/bench/grpc_bytes.h"

namespace fluxgate::bench {
namespace {

class SubscribeStream;

class Streams {
 public:
  void Add(SubscribeStream* stream) {
    const std::lock_guard lock(mutex_);
    streams_.push_back(stream);
  }
  void Remove(SubscribeStream* stream) {
    const std::lock_guard lock(mutex_);
    std::erase(streams_, stream);
  }
  void Relay(const grpc::ByteBuffer& bytes);

 private:
  std::mutex mutex_;
  std::vector<SubscribeStream*> streams_;
};

uint64_t NumberIn(const grpc::GenericCallbackServerContext& context, const char* header) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(header);
  if (found == metadata.end()) return 0;
  const std::string text(found->second.data(), found->second.size());
  return std::strtoull(text.c_str(), nullptr, 10);
}

class SubscribeStream final : public grpc::ServerGenericBidiReactor {
 public:
  SubscribeStream(Streams& streams, uint32_t batch, size_t body_bytes)
      : streams_(streams), own_batch_(batch > 0) {
    if (own_batch_) {
      batch_ = ToBuffer(EncodeOrders(Envelope::kSubscribeResponse, 0, batch, body_bytes));
    }
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    streams_.Add(this);
    Push(ToBuffer(EncodeStarted()));
  }

  void Push(const grpc::ByteBuffer& bytes) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(bytes);
    if (!writing_ && !finished_) WriteNext();
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (!ok || finished_) return;
    if (own_batch_) waiting_.push_back(batch_);
    if (!waiting_.empty()) WriteNext();
  }

  void OnCancel() override {
    streams_.Remove(this);
    {
      const std::lock_guard lock(mutex_);
      finished_ = true;
    }
    Finish(grpc::Status::CANCELLED);
  }

  void OnDone() override { delete this; }

 private:
  void WriteNext() {
    writing_ = true;
    out_.Swap(&waiting_.front());
    waiting_.pop_front();
    StartWrite(&out_);
  }

  Streams& streams_;
  const bool own_batch_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer batch_;
  std::mutex mutex_;
  std::deque<grpc::ByteBuffer> waiting_;
  grpc::ByteBuffer out_;
  bool writing_ = false;
  bool finished_ = false;
};

void Streams::Relay(const grpc::ByteBuffer& bytes) {
  const std::lock_guard lock(mutex_);
  for (SubscribeStream* stream : streams_) stream->Push(bytes);
}

class PublishStream final : public grpc::ServerGenericBidiReactor {
 public:
  explicit PublishStream(Streams& streams) : streams_(streams) { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (request_.Length() >= kControlBytesMax) {
      streams_.Relay(request_);
    } else {
      Answer();
    }
    StartRead(&request_);
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (ok && !answers_.empty()) WriteNext();
  }

  void OnCancel() override { Finish(grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }

 private:
  void Answer() {
    std::vector<grpc::Slice> slices;
    std::string joined;
    const uint64_t id = FlushId(OnePiece(request_, slices, joined));
    if (id == UINT64_MAX) return;
    const std::lock_guard lock(mutex_);
    answers_.push_back(ToBuffer(EncodeFlushed(id)));
    if (!writing_) WriteNext();
  }

  void WriteNext() {
    writing_ = true;
    out_.Swap(&answers_.front());
    answers_.pop_front();
    StartWrite(&out_);
  }

  Streams& streams_;
  grpc::ByteBuffer request_;
  std::mutex mutex_;
  std::deque<grpc::ByteBuffer> answers_;
  grpc::ByteBuffer out_;
  bool writing_ = false;
};

class Peer final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    if (context->method() == kPublishMethod) return new PublishStream(streams_);
    return new SubscribeStream(streams_, static_cast<uint32_t>(NumberIn(*context, kBatchHeader)),
                               NumberIn(*context, kBodyBytesHeader));
  }

 private:
  Streams streams_;
};

}  // namespace
}  // namespace fluxgate::bench

int main(int argc, char** argv) {
  CLI::App app("A bare gRPC server with the gateway's streams and nothing behind them.");
  std::string listen;
  app.add_option("--listen", listen, "ADDRESS:PORT")->required();
  CLI11_PARSE(app, argc, argv);
  fluxgate::bench::Peer peer;
  grpc::ServerBuilder builder;
  builder.RegisterCallbackGenericService(&peer);
  builder.SetMaxReceiveMessageSize(-1);
  builder.AddListeningPort(listen, grpc::InsecureServerCredentials());
  const auto server = builder.BuildAndStart();
  if (server == nullptr) fluxgate::bench::Fail("cannot listen on " + listen);
  server->Wait();
}
