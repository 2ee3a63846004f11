// Writes messages and records to standard output, each with what was asked for in front of it.
#ifndef FLUXGATE_CLIENT_CLI_RECORD_PRINTER_H_
#define FLUXGATE_CLIENT_CLI_RECORD_PRINTER_H_

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/cpp/client.h"

namespace fluxgate::cli {

struct RecordFormat {
  bool with_topic = false;  // topic and a tab
  bool with_key = false;    // SOW key and a tab
  std::string delimiter = "\n";
};

// --delimiter (to be parsed), --with-topic and --with-key; `what`: is printed, "message".
void AddFormatOptions(CLI::App& command, RecordFormat& format, std::string& delimiter,
                      const std::string& what);

class RecordPrinter {
 public:
  explicit RecordPrinter(RecordFormat format) : format_(std::move(format)) {}

  // What left a subscription is marked: "oof match KEY BODY". False: nobody reads the output any
  // more.
  bool Print(const client::Message& message);

 private:
  const RecordFormat format_;
};

// "/a,/b" as a list; empty items are left out.
std::vector<std::string> SplitFields(std::string_view text);

}  // namespace fluxgate::cli

#endif  // FLUXGATE_CLIENT_CLI_RECORD_PRINTER_H_
