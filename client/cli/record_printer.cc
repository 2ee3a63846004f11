#include "client/cli/record_printer.h"

#include <cstdio>

namespace fluxgate::cli {
namespace {

void Write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void Write(std::string_view text, char end) {
  Write(text);
  std::fputc(end, stdout);
}

}  // namespace

void AddFormatOptions(CLI::App& command, RecordFormat& format, std::string& delimiter,
                      const std::string& what) {
  command
      .add_option("-d,--delimiter", delimiter,
                  "What is printed after each " + what + " (\\n \\t \\0 \\xNN)")
      ->capture_default_str();
  command.add_flag("--with-topic", format.with_topic, "Print topic and a tab before each " + what);
  command.add_flag("--with-key", format.with_key,
                   "Print SOW key and a tab before each " + what + " of a stored topic");
}

bool RecordPrinter::Print(const client::Message& message) {
  if (format_.with_topic) Write(message.topic, '\t');
  if (message.kind == client::MessageKind::kOutOfFocus) {
    Write("oof ");
    Write(message.reason, ' ');
    Write(message.sow_key, ' ');
  } else if (format_.with_key) {
    Write(message.sow_key, '\t');
  }
  Write(message.body);
  Write(format_.delimiter);
  return std::ferror(stdout) == 0;
}

std::vector<std::string> SplitFields(std::string_view text) {
  std::vector<std::string> fields;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    if (comma != 0) fields.emplace_back(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return fields;
}

}  // namespace fluxgate::cli
