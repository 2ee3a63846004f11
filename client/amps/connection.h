// One connection and its I/O thread: sends what is in the outbox, cuts what it receives into
// frames, answers for the heartbeat. What becomes of frames is its user's business.
#ifndef FLUXGATE_CLIENT_AMPS_CONNECTION_H_
#define FLUXGATE_CLIENT_AMPS_CONNECTION_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "amps/client.h"
#include "client/amps/byte_stream.h"
#include "client/amps/outbox.h"
#include "client/amps/received.h"
#include "gateway/amps/amps_decoder.h"

namespace AMPS::internal {

// Called on the I/O thread.
class ConnectionUser {
 public:
  // An ack. True: nobody else is to see it.
  virtual bool OnAck(const fluxgate::amps::ServerMessage& ack, std::string_view frame) = 0;
  // The last call. `reason` is for people.
  virtual void OnLost(uint64_t connection, const std::string& reason) = 0;
  // A filter has thrown, ahead of OnLost.
  virtual void OnFilterThrew(const std::exception& exception) = 0;

 protected:
  ~ConnectionUser() = default;
};

class Connection {
 public:
  struct Options {
    uint64_t number = 0;  // names it in batches and OnLost
    std::string address;  // for people
    fluxgate::amps::FrameLimits limits;
    TransportFilterFunction filter;
  };

  // Starts the thread. `fd` is the connection's from here on.
  Connection(int fd, std::unique_ptr<ByteStream> stream, Options options, Outbox& outbox,
             ReceivedQueue& received, ChunkPool& chunks, ConnectionUser& user);
  ~Connection();  // Close
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  uint64_t number() const { return options_.number; }
  const std::string& address() const { return options_.address; }
  int fd() const { return fd_; }  // good until Close
  bool on_its_thread() const { return std::this_thread::get_id() == thread_id_; }

  // Any thread. Asks for a heartbeat: sends one each interval, and counts as lost when nothing has
  // come for `timeout`. 0: none.
  void SetHeartbeat(std::chrono::milliseconds interval, std::chrono::milliseconds timeout);
  // Any thread: it counts as lost, for that reason.
  void Fail(std::string_view reason);
  // Not the I/O thread. Sends what can be sent at once and ends; OnLost is not called unless it was
  // on its way.
  void Close();

 private:
  using Clock = std::chrono::steady_clock;

  void Run();
  // False: it is over, and reason_ says why.
  bool Step();
  bool SendSome(bool* blocked);
  bool Receive();
  ssize_t ReceiveFiltered();
  bool Scan();
  bool Look(std::string_view frame, size_t begin, size_t end);
  void HandOver(size_t end);
  void MakeRoom(uint64_t wanted_bytes);
  bool ApplyFilter(std::string& bytes, bool incoming);
  int PollTimeout(bool reading);
  bool CheckHeartbeat(bool reading);
  void LastSend();
  bool Lost(std::string reason);

  const int fd_;
  const std::unique_ptr<ByteStream> stream_;
  const Options options_;
  Outbox& outbox_;
  ReceivedQueue& received_;
  ChunkPool& chunks_;
  ConnectionUser& user_;

  std::atomic<bool> closing_{false};
  std::atomic<bool> failed_{false};
  std::mutex fail_mutex_;
  std::string fail_reason_;
  std::atomic<int64_t> heartbeat_ms_{0};
  std::atomic<int64_t> heartbeat_timeout_ms_{0};

  // The I/O thread's.
  std::string reason_;
  std::string sending_;
  size_t sent_ = 0;
  bool send_failed_ = false;
  std::shared_ptr<Chunk> chunk_;
  size_t end_ = 0;          // of what was received
  size_t scanned_ = 0;      // of whole frames
  size_t batch_begin_ = 0;  // not handed over yet
  std::string filtered_;
  fluxgate::amps::ServerMessageDecoder decoder_;
  bool has_heartbeat_ = false;
  Clock::time_point last_received_;
  Clock::time_point last_sent_;

  std::thread thread_;
  std::atomic<std::thread::id> thread_id_{};
};

}  // namespace AMPS::internal

#endif  // FLUXGATE_CLIENT_AMPS_CONNECTION_H_
