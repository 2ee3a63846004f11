// Sample of a protocol: lines of text, for people with netcat and for scripts.
//
//   logon USER PASSWORD            answers: ok N, or error N REASON and the end
//   publish TOPIC BODY                      ok N
//   subscribe TOPIC [FILTER]                ok N, then message N TOPIC BODY, as they come
//   sow TOPIC [FILTER]                      ok N, record N TOPIC BODY for each, end N
//   sow_and_subscribe TOPIC [FILTER]        both
//   unsubscribe N                           ok M
//   ping                                    pong
//
// N is the number of the command on its connection, from 1. A record that no longer matches is
// gone N TOPIC BODY. A body that begins with # or has a line end comes with its length instead:
// message N TOPIC #LENGTH, a line end, so many bytes and a line end. Who does not log on is logged
// on without a name and a password, when that is allowed.
//
//   <Module><Name>text</Name><Library>protocol.so</Library>
//     <Options><LineSizeMax>1048576</LineSizeMax></Options></Module>
//   ...
//   <Transport>...<Protocol>text</Protocol></Transport>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

#include "amps_protocol_module.h"

namespace {

constexpr size_t kLineBytesDefault = 1 << 20;
constexpr size_t kLineBytesMax = 1 << 30;

amps_module_logger log_line;

struct Context {
  size_t line_bytes_max = kLineBytesDefault;
};

struct Connection {
  uint64_t commands = 0;
  size_t searched = 0;  // bytes of the unfinished line that have no end
};

std::string_view ViewOf(const amps_text& text) {
  return text.length == 0 ? std::string_view() : std::string_view(text.data, text.length);
}

amps_text TextOf(std::string_view text) { return {text.data(), text.size()}; }

// Well-formed UTF-8 without control characters: what a header may have.
bool IsPlainText(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = [&text](size_t at) {
      return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
    };
    const unsigned first = byte(i);
    if (first < 0x20 || first == 0x7f) return false;
    const size_t more = first < 0x80   ? 0
                        : first < 0xc2 ? 4
                        : first < 0xe0 ? 1
                        : first < 0xf0 ? 2
                        : first < 0xf5 ? 3
                                       : 4;
    if (more == 4) return false;
    const unsigned second = byte(i + 1);
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
        (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) {
      return false;
    }
    for (size_t k = 1; k <= more; ++k) {
      if ((byte(i + k) & 0xc0) != 0x80) return false;
    }
    i += more + 1;
  }
  return true;
}

// Up to the next space, which goes with it.
std::string_view TakeWord(std::string_view& rest) {
  const size_t space = rest.find(' ');
  const std::string_view word = rest.substr(0, space);
  rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
  return word;
}

class Writer {
 public:
  explicit Writer(amps_byte_sink* sink) : sink_(sink) {}
  Writer& operator<<(std::string_view text) {
    ok_ = ok_ && sink_->write(sink_, text.data(), text.size()) == AMPS_SUCCESS;
    return *this;
  }
  Writer& operator<<(uint64_t number) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    return *this << std::string_view(digits, static_cast<size_t>(end - digits));
  }
  bool ok() const { return ok_; }

 private:
  amps_byte_sink* const sink_;
  bool ok_ = true;
};

void WriteError(amps_byte_sink* out, std::string_view number, std::string_view reason) {
  Writer(out) << "error " << number << " " << reason << "\n";
}

// One line as a command of the server.
class Line {
 public:
  Line(std::string_view line, uint64_t number) : rest_(line) {
    const auto end = std::to_chars(number_, number_ + sizeof number_, number).ptr;
    number_bytes_ = static_cast<size_t>(end - number_);
    command_.size = sizeof command_;
    command_.acks = AMPS_ACK_PROCESSED;
    command_.expiration_s = -1;
    command_.command_id = TextOf(this->number());
  }

  std::string_view number() const { return {number_, number_bytes_}; }
  const amps_command& command() const { return command_; }

  // What is wrong with it, or nothing.
  std::string_view Parse() {
    const std::string_view name = TakeWord(rest_);
    if (name == "logon") return ParseLogon();
    if (name == "unsubscribe") return ParseUnsubscribe();
    if (name == "publish") {
      command_.type = amps_command_publish;
    } else if (name == "subscribe") {
      command_.type = amps_command_subscribe;
    } else if (name == "sow") {
      command_.type = amps_command_sow;
    } else if (name == "sow_and_subscribe") {
      command_.type = amps_command_sow_and_subscribe;
    } else {
      return "no such command; there are logon, publish, subscribe, sow, sow_and_subscribe, "
             "unsubscribe and ping";
    }
    const std::string_view topic = TakeWord(rest_);
    if (topic.empty()) return "a topic is missing";
    if (!IsPlainText(topic)) return "the topic is not text";
    command_.topic = TextOf(topic);
    if (command_.type == amps_command_publish) {
      command_.body = TextOf(rest_);
      return {};
    }
    if (!IsPlainText(rest_)) return "the filter is not text";
    if (!rest_.empty()) command_.filter = TextOf(rest_);
    if (command_.type != amps_command_sow) command_.sub_id = TextOf(number());
    if (command_.type != amps_command_subscribe) command_.query_id = TextOf(number());
    return {};
  }

 private:
  std::string_view ParseLogon() {
    command_.type = amps_command_logon;
    const std::string_view user = TakeWord(rest_);
    if (!IsPlainText(user) || !IsPlainText(rest_)) return "user and password are not text";
    command_.user_id = TextOf(user);
    command_.password = TextOf(rest_);
    return {};
  }

  std::string_view ParseUnsubscribe() {
    if (rest_.empty() || rest_.find_first_not_of("0123456789") != std::string_view::npos) {
      return "the number of a subscription is missing";
    }
    command_.type = amps_command_unsubscribe;
    command_.sub_id = TextOf(rest_);
    return {};
  }

  std::string_view rest_;
  char number_[20];
  size_t number_bytes_ = 0;
  amps_command command_ = {};
};

bool WriteBody(const char* what, std::string_view id, const amps_message& message,
               amps_byte_sink* out) {
  const std::string_view body = ViewOf(message.body);
  Writer line(out);
  line << what << " " << id << " " << ViewOf(message.topic) << " ";
  if (body.substr(0, 1) == "#" || body.find_first_of("\r\n") != std::string_view::npos) {
    line << "#" << uint64_t{body.size()} << "\n";
  }
  return (line << body << "\n").ok();
}

bool WriteAck(const amps_message& message, amps_byte_sink* out) {
  if (message.ack != AMPS_ACK_PROCESSED) return true;
  const std::string_view id = ViewOf(message.command_id);
  if (ViewOf(message.status) == "success") {
    // Without one it is the logon that nobody has asked for.
    return id.empty() || (Writer(out) << "ok " << id << "\n").ok();
  }
  std::string_view reason = ViewOf(message.reason);
  if (reason.empty()) reason = ViewOf(message.status);
  return (Writer(out) << "error " << (id.empty() ? "-" : id) << " " << reason << "\n").ok();
}

}  // namespace

AMPS_EXPORT int amps_module_init(amps_module_options /*options*/, amps_module_logger logger,
                                 amps_module_allocator /*allocator*/) {
  log_line = logger;
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_module_terminate() {}

AMPS_EXPORT amps_protocol_context amps_protocol_create_context(amps_module_options options) {
  auto* const context = new (std::nothrow) Context;
  for (; context != nullptr && options->key != nullptr; ++options) {
    const char* const end = options->value + std::strlen(options->value);
    const auto read = std::from_chars(options->value, end, context->line_bytes_max);
    if (std::strcmp(options->key, "LineSizeMax") == 0 && read.ptr == end &&
        read.ec == std::errc() && context->line_bytes_max <= kLineBytesMax) {
      continue;
    }
    log_line(amps_module_log_level_error, "the one option is LineSizeMax, in bytes");
    delete context;
    return nullptr;
  }
  return context;
}

AMPS_EXPORT void amps_protocol_destroy_context(amps_protocol_context context) {
  delete static_cast<Context*>(context);
}

AMPS_EXPORT amps_protocol_connection amps_protocol_open(amps_protocol_context /*context*/,
                                                        const char* /*remote_address*/) {
  return new (std::nothrow) Connection;
}

AMPS_EXPORT void amps_protocol_close(amps_protocol_context /*context*/,
                                     amps_protocol_connection connection) {
  delete static_cast<Connection*>(connection);
}

AMPS_EXPORT int amps_protocol_decode(amps_protocol_context context,
                                     amps_protocol_connection connection, const char* bytes,
                                     size_t length, size_t* consumed, size_t* /*wanted*/,
                                     amps_command_sink* sink, amps_byte_sink* out) {
  auto& client = *static_cast<Connection*>(connection);
  const size_t line_bytes_max = static_cast<Context*>(context)->line_bytes_max;
  *consumed = 0;
  while (*consumed < length) {
    const std::string_view rest(bytes + *consumed, length - *consumed);
    const size_t end = rest.find('\n', client.searched);
    if ((end == std::string_view::npos ? rest.size() : end) > line_bytes_max) {
      WriteError(out, "-", "the line is too long");
      return AMPS_FAILURE;
    }
    if (end == std::string_view::npos) {
      client.searched = rest.size();  // not once more for each byte that comes
      return AMPS_SUCCESS;
    }
    std::string_view text = rest.substr(0, end);
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    if (text == "ping") {
      if (!(Writer(out) << "pong\n").ok()) return AMPS_FAILURE;
    } else if (!text.empty()) {
      Line line(text, client.commands + 1);
      const std::string_view error = line.Parse();
      if (!error.empty()) {
        WriteError(out, line.number(), error);
      } else if (sink->execute(sink, &line.command()) != AMPS_SUCCESS) {
        client.searched = end;
        return AMPS_SUCCESS;  // the line comes again
      }
      ++client.commands;
    }
    client.searched = 0;
    *consumed += end + 1;
  }
  return AMPS_SUCCESS;
}

AMPS_EXPORT int amps_protocol_encode(amps_protocol_context /*context*/,
                                     amps_protocol_connection /*connection*/,
                                     const amps_message* message, amps_byte_sink* out) {
  bool ok = true;
  switch (message->kind) {
    case amps_message_publish:
      ok = WriteBody("message", ViewOf(message->sub_ids), *message, out);
      break;
    case amps_message_sow:
      ok = WriteBody("record", ViewOf(message->query_id), *message, out);
      break;
    case amps_message_oof:
      ok = WriteBody("gone", ViewOf(message->sub_ids), *message, out);
      break;
    case amps_message_group_end:
      ok = (Writer(out) << "end " << ViewOf(message->query_id) << "\n").ok();
      break;
    case amps_message_ack:
      ok = WriteAck(*message, out);
      break;
    case amps_message_group_begin:
    case amps_message_heartbeat:
      break;
  }
  return ok ? AMPS_SUCCESS : AMPS_FAILURE;
}
