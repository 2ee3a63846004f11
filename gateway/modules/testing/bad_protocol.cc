// A protocol that does what it is told, line by line:
//   p TOPIC BODY  a publish        logon      a logon without anything in it
//   body N        a publish of N bytes        topic N    one with a topic of N bytes
//   type N        a command of type N         nowhere    text with a length and no address
//   make N        answers N bytes             want N     wants N bytes
//   over          is done with more than there is
//   fail          writes "last words" and fails          throw     throws
// A message to the client is "KIND TOPIC BODY" and a line end; one of topic fail, throw or "make N"
// does that.
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

#include "amps_protocol_module.h"

namespace {

unsigned long NumberIn(std::string_view text) {
  return std::strtoul(std::string(text).c_str(), nullptr, 10);
}

amps_text TextOf(std::string_view text) { return {text.data(), text.size()}; }

int Make(std::string_view number, amps_byte_sink* out) {
  const std::string made(NumberIn(number), 'x');
  return out->write(out, made.data(), made.size());
}

amps_command NewPublish(std::string_view topic) {
  amps_command command{};
  command.size = sizeof command;
  command.type = amps_command_publish;
  command.expiration_s = -1;
  command.topic = TextOf(topic);
  return command;
}

}  // namespace

AMPS_EXPORT int amps_module_init(amps_module_options, amps_module_logger, amps_module_allocator) {
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_module_terminate() {}

AMPS_EXPORT amps_protocol_context amps_protocol_create_context(amps_module_options) {
  return new char;
}

AMPS_EXPORT void amps_protocol_destroy_context(amps_protocol_context context) {
  delete static_cast<char*>(context);
}

AMPS_EXPORT amps_protocol_connection amps_protocol_open(amps_protocol_context, const char*) {
  return new char;
}

AMPS_EXPORT void amps_protocol_close(amps_protocol_context, amps_protocol_connection connection) {
  delete static_cast<char*>(connection);
}

AMPS_EXPORT int amps_protocol_decode(amps_protocol_context, amps_protocol_connection,
                                     const char* bytes, size_t length, size_t* consumed,
                                     size_t* wanted, amps_command_sink* sink, amps_byte_sink* out) {
  while (*consumed < length) {
    const std::string_view rest(bytes + *consumed, length - *consumed);
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) return AMPS_SUCCESS;
    const std::string_view line = rest.substr(0, end);
    const size_t space = line.find(' ');
    const std::string_view name = line.substr(0, space);
    const std::string_view argument =
        space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
    amps_command command = NewPublish("t");
    bool is_command = true;
    std::string text;
    if (name == "p") {
      command.topic = TextOf(argument.substr(0, argument.find(' ')));
      command.body = TextOf(argument.substr(argument.find(' ') + 1));
    } else if (name == "logon") {
      command = NewPublish("");
      command.type = amps_command_logon;
    } else if (name == "body") {
      text.assign(NumberIn(argument), 'b');
      command.body = TextOf(text);
    } else if (name == "topic") {
      text.assign(NumberIn(argument), 't');
      command.topic = TextOf(text);
    } else if (name == "type") {
      const int type = static_cast<int>(NumberIn(argument));
      std::memcpy(&command.type, &type, sizeof type);
    } else if (name == "nowhere") {
      command.topic = {nullptr, 5};
    } else {
      is_command = false;
    }
    if (name == "throw") throw std::runtime_error("as told");
    if (name == "fail") {
      out->write(out, "last words", 10);
      return AMPS_FAILURE;
    }
    if (name == "over") {
      *consumed = length + 1;
      return AMPS_SUCCESS;
    }
    if (name == "want") {
      *wanted = NumberIn(argument);
      return AMPS_SUCCESS;
    }
    if (name == "make" && Make(argument, out) != AMPS_SUCCESS) return AMPS_FAILURE;
    if (is_command && sink->execute(sink, &command) != AMPS_SUCCESS) return AMPS_SUCCESS;
    *consumed += end + 1;
  }
  return AMPS_SUCCESS;
}

AMPS_EXPORT int amps_protocol_encode(amps_protocol_context, amps_protocol_connection,
                                     const amps_message* message, amps_byte_sink* out) {
  const std::string topic(message->topic.data == nullptr ? "" : message->topic.data,
                          message->topic.length);
  if (topic == "throw") throw std::runtime_error("as told");
  if (topic == "fail") return AMPS_FAILURE;
  if (topic.compare(0, 5, "make ") == 0) return Make(topic.substr(5), out);
  const std::string line =
      std::to_string(static_cast<int>(message->kind)) + " " + topic + " " +
      std::string(message->body.data == nullptr ? "" : message->body.data, message->body.length) +
      "\n";
  return out->write(out, line.data(), line.size());
}
