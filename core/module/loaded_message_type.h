// A message type that a module implements. What it can do follows from the entry points that the
// module has. Any thread for what is const of MessageType; a module is promised the server's
// thread.
//
// Checked of what a module gives: nodes are in the memory it was given for them, kinds and types
// are known ones, depth and number within the limits; memory is that of its allocator and as long
// as it says; what it has written or merged can be parsed. Not checked, because it cannot be: that
// text of values and names lies in the body or where it stays.
//
// Source: modules/sdk/include/amps_message_type_module.h.
#ifndef FLUXGATE_CORE_MODULE_LOADED_MESSAGE_TYPE_H_
#define FLUXGATE_CORE_MODULE_LOADED_MESSAGE_TYPE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "amps_message_type_module.h"
#include "core/message/message_type.h"
#include "core/module/module_context.h"

namespace fluxgate {

class LoadedMessageType final : public MessageType {
 public:
  // Makes a context. kBadOption: entry points of a level without those of the one above, or the
  // context could not be made.
  static absl::StatusOr<std::unique_ptr<LoadedMessageType>> Create(std::string name,
                                                                   std::shared_ptr<Module> module,
                                                                   const ModuleOptions& options,
                                                                   const MessageLimits& limits);

  std::string_view name() const override { return name_; }
  Level level() const override { return level_; }
  std::unique_ptr<Extractor> NewExtractor(std::vector<FieldRequest> fields) const override;
  absl::Status Parse(std::string_view body, Document& document) const override;
  absl::Status Merge(std::string_view base, std::string_view delta,
                     std::string& merged) const override;

 private:
  struct EntryPoints {
    decltype(&amps_message_type_extract) extract = nullptr;
    decltype(&amps_message_type_parse) parse = nullptr;
    decltype(&amps_message_type_serialize) serialize = nullptr;
    decltype(&amps_message_type_merge) merge = nullptr;
    decltype(&amps_message_type_release_fields) release_fields = nullptr;
  };
  class FieldExtractor;

  LoadedMessageType(std::string name, Level level, const EntryPoints& entry_points,
                    std::shared_ptr<ModuleContext> context, const MessageLimits& limits)
      : name_(std::move(name)),
        level_(level),
        entry_points_(entry_points),
        context_(std::move(context)),
        limits_(limits) {}

  absl::Status DoWrite(const Document& document, std::string& body) const override;
  uint32_t fields_max() const override { return limits_.fields_max; }
  // Appends what `function` has put into `made`, if it is a body.
  absl::Status TakeBody(const char* function, int code, amps_body& made, std::string& body) const;

  const std::string name_;
  const Level level_;
  const EntryPoints entry_points_;
  const std::shared_ptr<ModuleContext> context_;
  const MessageLimits limits_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_LOADED_MESSAGE_TYPE_H_
