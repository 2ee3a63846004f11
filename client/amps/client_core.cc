// How a client connects and disconnects, and what it knows of its state.
#include "client/amps/client_core.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "amps/exceptions.h"
#include "client/amps/connection_uri.h"
#include "client/amps/refusals.h"
#include "client/cpp/socket.h"

namespace AMPS {

Client::Core::Core(Client& client, std::string name)
    : client_(client),
      name_(!name.empty() ? std::move(name)
                          : fmt::format("{}-{}", program_invocation_short_name, getpid())),
      stream_memory_(
          std::make_shared<internal::StreamMemory>(internal::ReceivedQueue::kBytesMaxDefault)),
      interrupt_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

Client::Core::~Core() {
  Disconnect();
  received_.Stop();
  if (handler_thread_.joinable()) handler_thread_.join();
  ::close(interrupt_fd_);
}

void Client::Core::SetUnreadBytesMax(size_t bytes) {
  received_.set_bytes_max(bytes);
  stream_memory_->set_bytes_max(bytes);
}

// What was set before is destroyed without the lock: it may do anything when it goes.
void Client::Core::SetDisconnectHandler(DisconnectHandler handler) {
  const std::lock_guard lock(state_mutex_);
  disconnect_handler_.swap(handler);
}

void Client::Core::SetLastChanceHandler(const MessageHandler& handler) {
  auto kept = handler ? std::make_shared<const MessageHandler>(handler) : nullptr;
  const std::lock_guard lock(state_mutex_);
  last_chance_.swap(kept);
}

void Client::Core::SetFailedWriteHandler(FailedWriteHandler handler) {
  const std::lock_guard lock(state_mutex_);
  failed_write_handler_.swap(handler);
}

void Client::Core::SetExceptionListener(ExceptionListener listener) {
  const std::lock_guard lock(state_mutex_);
  exception_listener_.swap(listener);
}

void Client::Core::TellException(const std::exception& exception) {
  ExceptionListener listener;
  {
    const std::lock_guard lock(state_mutex_);
    listener = exception_listener_;
  }
  if (!listener) return;
  try {
    listener(exception);
  } catch (...) {  // there is nobody left to tell
  }
}

std::string Client::Core::uri_text() const {
  const std::lock_guard lock(state_mutex_);
  return uri_text_;
}

std::string Client::Core::server_version() const {
  const std::lock_guard lock(state_mutex_);
  return server_version_;
}

bool Client::Core::is_connected() const {
  const std::lock_guard lock(state_mutex_);
  return connected_;
}

bool Client::Core::is_to_end() const {
  if (closing_ != 0) return true;
  return establishing_ == std::this_thread::get_id() && closings_ != closings_before_;
}

bool Client::Core::is_closing() const {
  const std::lock_guard lock(state_mutex_);
  return is_to_end();
}

bool Client::Core::is_ready() const {
  const std::lock_guard lock(state_mutex_);
  return ready_;
}

bool Client::Core::is_coming_back() const {
  const std::lock_guard lock(state_mutex_);
  return coming_back_;
}

std::string Client::Core::lost_reason() const {
  const std::lock_guard lock(state_mutex_);
  return lost_reason_;
}

int Client::Core::socket_fd() const {
  const std::lock_guard lock(state_mutex_);
  return connected_ ? connection_->fd() : -1;
}

Client::Core::Clock::time_point Client::Core::DeadlineAfter(Milliseconds timeout) {
  if (timeout <= Milliseconds(0) || timeout > kForEver) return Clock::time_point::max();
  return Clock::now() + timeout;
}

void Client::Core::Connect(const std::string& text, Milliseconds timeout) {
  const fluxgate::client::Uri uri = internal::ParseUri(text);
  const std::lock_guard connecting(connect_mutex_);
  std::unique_ptr<internal::Connection> old;
  {
    const std::lock_guard lock(state_mutex_);
    if (connected_) {
      throw AlreadyConnectedException(
          fmt::format("the client is connected to {} already", uri_.Address()));
    }
    if (is_to_end()) throw DisconnectedException("the client is being disconnected");
    old = std::move(connection_);
    uri_ = uri;
    uri_text_ = internal::WithoutPassword(text);
  }
  old.reset();
  if (timeout <= Milliseconds(0) || timeout > kForEver) timeout = kForEver;
  const Clock::time_point deadline = Clock::now() + timeout;
  int fd = -1;
  const auto problem = fluxgate::client::ConnectSocket(uri, timeout, interrupt_fd_, &fd);
  if (!problem.ok()) internal::ThrowCannotConnect(problem);
  std::unique_ptr<internal::ByteStream> stream;
  try {
    stream = internal::MakeStream(fd, uri, deadline, interrupt_fd_);
  } catch (...) {
    ::close(fd);
    throw;
  }
  internal::Connection::Options options;
  options.address = uri.Address();
  options.limits.body_bytes_max = settings_.message_bytes_max;
  options.filter = settings_.filter;
  const std::lock_guard lock(state_mutex_);
  if (is_to_end()) {
    ::close(fd);
    throw DisconnectedException("the client is being disconnected");
  }
  if (!handler_thread_.joinable()) {
    handler_thread_ = std::thread([this] { HandleAll(); });
    handler_thread_id_ = handler_thread_.get_id();
  }
  options.number = ++last_connection_;
  connected_ = true;
  logged_on_ = false;
  ready_ = !waits_for_connection_;
  internal::ConnectionUser& user = *this;
  connection_ = std::make_unique<internal::Connection>(fd, std::move(stream), std::move(options),
                                                       outbox_, received_, chunks_, user);
  if (!waits_for_connection_ && settings_.publish_store == nullptr) outbox_.OpenToAll();
  state_changed_.notify_all();
}

void Client::Core::OnLost(uint64_t connection, const std::string& reason) {
  {
    const std::lock_guard lock(state_mutex_);
    lost_logged_on_ = logged_on_;
    lost_reason_ = reason;
    connected_ = logged_on_ = ready_ = false;
    state_changed_.notify_all();
  }
  acks_.FailAll(reason);
  received_.Push({connection, nullptr, 0, 0});
}

void Client::Core::Disconnect() {
  {
    const std::lock_guard lock(state_mutex_);
    if (connection_ != nullptr && connection_->on_its_thread()) {
      throw UsageException("a transport filter cannot disconnect; it can throw");
    }
    ++closing_;
    ++closings_;
    state_changed_.notify_all();
    const uint64_t one = 1;
    (void)!write(interrupt_fd_, &one, sizeof one);
  }
  std::vector<internal::RoutePointer> ended;
  {
    const std::lock_guard connecting(connect_mutex_);
    std::unique_ptr<internal::Connection> connection;
    {
      const std::lock_guard lock(state_mutex_);
      connection = std::move(connection_);
    }
    if (connection != nullptr) connection->Close();
    const std::lock_guard lock(state_mutex_);
    connected_ = logged_on_ = ready_ = coming_back_ = false;
    lost_reason_ = "disconnect() was called";
    ended_connection_ = last_connection_;
    ended = routes_.RemoveIf([](const internal::Route&) { return true; });
    uint64_t count = 0;
    (void)!read(interrupt_fd_, &count, sizeof count);
  }
  acks_.FailAll("disconnect() was called");
  for (const internal::RoutePointer& route : ended) {
    if (route->queue != nullptr) route->queue->End();
  }
  if (settings_.subscription_manager != nullptr) settings_.subscription_manager->clear();
  // What was published up to here was given up by the program.
  (void)outbox_.Confirm(outbox_.added());
  if (!on_handler_thread()) received_.AwaitIdle();
  const std::lock_guard lock(state_mutex_);
  --closing_;
}

void Client::Core::BeginEstablishing() {
  const std::lock_guard lock(state_mutex_);
  establishing_ = std::this_thread::get_id();
  closings_before_ = closings_;
  coming_back_ = true;
}

void Client::Core::DropConnection() {
  const std::lock_guard connecting(connect_mutex_);
  std::unique_ptr<internal::Connection> connection;
  {
    const std::lock_guard lock(state_mutex_);
    connection = std::move(connection_);
  }
  if (connection != nullptr) connection->Close();
  {
    const std::lock_guard lock(state_mutex_);
    connected_ = logged_on_ = ready_ = false;
    state_changed_.notify_all();
  }
  acks_.FailAll("the connection was given up");
}

void Client::Core::GiveUp() {
  const std::lock_guard lock(state_mutex_);
  establishing_ = {};
  coming_back_ = false;
  state_changed_.notify_all();
}

void Client::Core::SetReady() {
  const std::lock_guard lock(state_mutex_);
  establishing_ = {};
  ready_ = connected_;
  state_changed_.notify_all();
}

bool Client::Core::Sleep(Milliseconds time) {
  std::unique_lock lock(state_mutex_);
  return !state_changed_.wait_for(lock, time, [this] { return is_to_end(); });
}

bool Client::Core::goes_ahead() const {
  if (!waits_for_connection_ || on_handler_thread()) return true;
  const std::lock_guard lock(state_mutex_);
  return establishing_ == std::this_thread::get_id();
}

void Client::Core::ThrowDisconnected(std::string_view what, const std::string& reason) {
  throw DisconnectedException(
      fmt::format("{}: not connected{}{}", what, reason.empty() ? "" : ": ", reason));
}

void Client::Core::AwaitReady(Clock::time_point deadline, std::string_view what) {
  const bool ahead = goes_ahead();
  std::unique_lock lock(state_mutex_);
  if (ahead ? connected_ : ready_) return;
  if (ahead) ThrowDisconnected(what, lost_reason_);
  const auto is_over = [this] { return ready_ || closing_ != 0 || !coming_back_; };
  if (deadline == Clock::time_point::max()) {
    state_changed_.wait(lock, is_over);
  } else if (!state_changed_.wait_until(lock, deadline, is_over)) {
    throw TimedOutException(fmt::format("{}: no connection in time", what));
  }
  if (!ready_) ThrowDisconnected(what, lost_reason_);
}

void Client::Core::LiftReading(bool lift) {
  if (received_.Lift(lift)) outbox_.Wake();
}

void Client::Core::LiftReadingForHandler(bool lift) {
  if (on_handler_thread()) LiftReading(lift);
}

}  // namespace AMPS
