// Translates between a module's protocol and our own: what the client sends becomes `amps` frames,
// and what the session sends becomes the module's bytes. Reactor thread only.
#ifndef FLUXGATE_GATEWAY_MODULES_PROTOCOL_LAYER_H_
#define FLUXGATE_GATEWAY_MODULES_PROTOCOL_LAYER_H_

#include <memory>
#include <string>
#include <string_view>

#include "gateway/amps/amps_decoder.h"
#include "gateway/modules/byte_sink.h"
#include "gateway/modules/loaded_protocol.h"
#include "gateway/net/stacked_layer.h"

namespace fluxgate {

class ProtocolLayer final : public net::StackedLayer {
 public:
  // Commands are taken until their frames make this much, and then when these have been read.
  static constexpr size_t kFramesBytesMax = 256 * 1024;

  ProtocolLayer(std::shared_ptr<const LoadedProtocol> protocol,
                std::unique_ptr<net::SocketLayer> below, amps_protocol_connection connection,
                std::string client_name, std::string message_type);
  ~ProtocolLayer() override;

 private:
  struct CommandSink : amps_command_sink {
    ProtocolLayer* layer = nullptr;  // null: no call is under way
  };

  bool Receive(std::string_view bytes) override;
  bool HoldsMore() const override { return is_refused_; }
  bool ReceiveMore() override { return Decode(); }
  bool HoldsPart() const override { return !received_.empty() && !is_refused_; }
  bool Send(std::string_view bytes) override;

  bool Decode();
  // What decode said, and what is left: whether that can be.
  bool TakeDecoded(size_t consumed, size_t wanted);
  bool Execute(const amps_command& command);
  // Nobody does anything without having logged on: a protocol without logons says nothing of them.
  void LogOnFirst();
  bool Encode(std::string_view frame);
  bool EncodeMessage(const amps_message& message);
  // Checks what a call has left behind.
  bool CheckCall(const char* function, int code);

  const std::shared_ptr<const LoadedProtocol> protocol_;
  const Module& module_;
  const amps_protocol_connection connection_;
  const std::string client_name_;  // of a client that gives none
  const std::string message_type_;
  ByteSink sink_;
  CommandSink command_sink_;
  net::ByteQueue received_;  // not consumed yet
  size_t wanted_ = 0;        // bytes that received_ needs before the module is asked again
  bool is_refused_ = false;  // a command: more can be decoded when frames have been read
  bool has_logged_on_ = false;
  bool has_bad_command_ = false;
  std::string frame_;  // an unfinished one of the session's
  amps::ServerMessageDecoder decoder_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MODULES_PROTOCOL_LAYER_H_
