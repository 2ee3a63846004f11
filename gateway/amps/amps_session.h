// One `amps` connection: frames in, commands to the engine, deliveries and acks out. Owned by the
// SessionHost; reactor thread only.
#ifndef FLUXGATE_GATEWAY_AMPS_AMPS_SESSION_H_
#define FLUXGATE_GATEWAY_AMPS_AMPS_SESSION_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "core/engine/engine.h"
#include "core/engine/outbox.h"
#include "gateway/amps/amps_decoder.h"
#include "gateway/amps/amps_heartbeat.h"
#include "gateway/amps/amps_sow_batch.h"
#include "gateway/net/connection.h"
#include "gateway/security/transport_security.h"
#include "gateway/session/outbox_budget.h"
#include "gateway/session/session_host.h"

namespace fluxgate::amps {

class AmpsSession final : public ProtocolSession, public net::ConnectionUser, public Outbox {
 public:
  AmpsSession(SessionHost& host, const TransportInfo& transport, net::Accepted accepted);
  ~AmpsSession() override;

  // net::ConnectionUser
  size_t OnBytes(std::string_view bytes) override;
  size_t BytesWanted(std::string_view bytes) override;
  void OnClosed(std::string_view reason) override;
  void OnDrained(size_t pending_bytes) override;

  // Outbox
  bool Deliver(const Delivery& delivery) override;
  void Acknowledge(const Ack& ack) override;
  bool BeginQuery(const QueryInfo& query) override;
  bool DeliverRecord(const QueryInfo& query, const Delivery& record) override;
  bool EndQuery(const QueryInfo& query, uint64_t records) override;
  bool HasRoom() const override;
  void OnQueriesAnswered() override;
  void OnAccessKnown() override;
  void Dismiss(const absl::Status& why) override;
  void CutOff(const absl::Status& why) override;

  // ProtocolSession
  void OnSweep(int64_t now_ns) override;
  void Drain() override;

 private:
  void Execute(std::string_view frame);
  // Results of one query precede those of any later command: until it is answered, later commands
  // wait, and nothing more is read.
  bool MustWait(const Command& command) const;
  void Defer(std::string_view frame);
  void RunDeferred();
  // What has been accepted is answered first.
  void CloseWhenDrained();
  void ExecuteControl(const Command& decoded);
  // Who it is has to be found out: what comes meanwhile waits.
  bool NeedsLogOn(const Command& command) const;
  void StartLogOn(std::string_view frame);
  void FinishLogOn(const LogOnResult& result);
  void SendChallenge(const Command& logon, const LogOnResult& result);
  void ScheduleDeferred();
  void Refuse(std::string_view why);
  bool DeliverOutOfFocus(const Delivery& delivery);
  bool SendBatch();
  std::string_view PrefixFor(const Delivery& delivery);
  std::string_view ExtendPrefix(std::string_view single, const Delivery& delivery);
  static const std::string& SinglePrefix(Subscription& subscription, std::string_view topic);
  static const std::string& MakePrefix(Subscription& subscription, std::string_view topic);
  bool Send(std::string_view prefix, std::string_view body);
  bool SendMessage(const ServerMessage& message);
  std::string Who() const;
  void LogRefused(std::string_view command, const absl::Status& status) const;

  SessionHost& host_;
  const TransportInfo& transport_;
  const std::string peer_;
  const net::Admission admission_;
  const FrameLimits frame_limits_;
  const int64_t connected_ns_;
  net::Connection connection_;
  OutboxAccount account_;
  CommandDecoder decoder_;
  Session* session_;
  Heartbeat heartbeat_;
  SowBatch batch_;
  std::deque<std::string> deferred_;  // frames, with padding behind them
  std::string logon_frame_;           // that is being decided; the same
  bool is_waiting_ = false;           // for an answer about who the client is, or what it may do
  uint32_t challenges_ = 0;
  std::string challenge_state_;
  bool deferred_scheduled_ = false;
  bool draining_ = false;
  std::string scratch_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for calls that come later
};

class AmpsProtocol final : public Protocol {
 public:
  std::string_view name() const override { return "amps"; }
  void Accept(SessionHost& host, const TransportInfo& transport,
              net::Accepted accepted) const override;
};

}  // namespace fluxgate::amps

#endif  // FLUXGATE_GATEWAY_AMPS_AMPS_SESSION_H_
