#include "core/module/loaded_message_type.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/base/quoted.h"
#include "core/module/amps_nodes.h"
#include "core/module/amps_values.h"
#include "core/module/module_scratch.h"
#include "core/module/raw_number.h"
#include "fmt/format.h"

namespace fluxgate {
namespace {

constexpr char kCreate[] = "amps_message_type_create_context";
constexpr char kDestroy[] = "amps_message_type_destroy_context";
constexpr char kExtract[] = "amps_message_type_extract";
constexpr char kParse[] = "amps_message_type_parse";
constexpr char kSerialize[] = "amps_message_type_serialize";
constexpr char kMerge[] = "amps_message_type_merge";
constexpr char kReleaseFields[] = "amps_message_type_release_fields";

// What is wrong with a body, as a module says it.
constexpr size_t kErrorTextBytesMax = 1024;

absl::Status Malformed(std::string_view what) { return MakeError(ErrorCode::kMalformedBody, what); }

// Null where the module does not have it.
template <class F>
F* Find(const Module& module, const char* symbol) {
  const auto function = module.EntryPoint<F>(symbol);
  return function.ok() ? *function : nullptr;
}

}  // namespace

// Reads the fields of one set; the module may keep something of its own for it.
class LoadedMessageType::FieldExtractor final : public Extractor {
 public:
  FieldExtractor(std::shared_ptr<ModuleContext> context, const EntryPoints& entry_points,
                 const std::vector<FieldRequest>& requests, uint32_t elements_max)
      : context_(std::move(context)), entry_points_(entry_points), elements_max_(elements_max) {
    for (const FieldRequest& request : requests) {
      slots_.push_back(request.slot);
      texts_.push_back(request.path.ToString());
    }
    for (const std::string& text : texts_) paths_.push_back(text.c_str());
    fields_.size = sizeof(fields_);
    fields_.count = paths_.size();
    fields_.paths = paths_.data();
    values_.resize(paths_.size());
  }
  ~FieldExtractor() override {
    if (entry_points_.release_fields == nullptr) return;
    context_->module().CallVoid(
        kReleaseFields, [this] { entry_points_.release_fields(context_->get(), &fields_); });
  }

  bool Extract(std::string_view body, std::span<Value> values) override {
    scratch_.Reset();
    std::fill(values_.begin(), values_.end(), amps_value{});
    const int code = context_->module().Call(kExtract, int{AMPS_FAILURE}, [&] {
      return entry_points_.extract(context_->get(), &fields_, body.data(), body.size(), &scratch_,
                                   values_.data());
    });
    if (code == AMPS_SUCCESS && Take(values)) return true;
    for (const FieldSlot slot : slots_) values[slot] = Value::Null();
    return false;
  }

 private:
  bool Take(std::span<Value> values) {
    if (!TakeElements()) return false;
    size_t next = 0;
    for (size_t i = 0; i < slots_.size(); ++i) {
      const amps_value& from = values_[i];
      if (RawNumber(from.type) == amps_value_array) {
        values[slots_[i]] = Value::Array(std::span(elements_).subspan(next, from.length));
        next += from.length;
        continue;
      }
      const std::optional<Value> value = FromAmps(from);
      if (!value.has_value()) return Refuse("gave a value of a type that there is not");
      values[slots_[i]] = *value;
    }
    return true;
  }

  // Those of all arrays, one after the other; complete before anything points to them.
  bool TakeElements() {
    elements_.clear();
    for (const amps_value& from : values_) {
      if (RawNumber(from.type) != amps_value_array) continue;
      if (from.length > elements_max_ - elements_.size()) return false;
      if (from.length > 0 && from.u.elements == nullptr) return Refuse("gave an array of nothing");
      for (uint32_t i = 0; i < from.length; ++i) {
        const std::optional<Value> element = FromAmps(from.u.elements[i]);
        if (!element.has_value()) return Refuse("gave an element of a type that there is not");
        elements_.push_back(*element);
      }
    }
    return true;
  }

  bool Refuse(std::string_view what) {
    context_->module().Report(kExtract, what);
    return false;
  }

  const std::shared_ptr<ModuleContext> context_;
  const EntryPoints entry_points_;
  const uint32_t elements_max_;
  std::vector<FieldSlot> slots_;
  std::vector<std::string> texts_;
  std::vector<const char*> paths_;
  amps_field_set fields_ = {};
  std::vector<amps_value> values_;
  std::vector<Value> elements_;
  ModuleScratch scratch_;
};

absl::StatusOr<std::unique_ptr<LoadedMessageType>> LoadedMessageType::Create(
    std::string name, std::shared_ptr<Module> module, const ModuleOptions& options,
    const MessageLimits& limits) {
  EntryPoints entry_points;
  entry_points.extract = Find<decltype(amps_message_type_extract)>(*module, kExtract);
  entry_points.parse = Find<decltype(amps_message_type_parse)>(*module, kParse);
  entry_points.serialize = Find<decltype(amps_message_type_serialize)>(*module, kSerialize);
  entry_points.merge = Find<decltype(amps_message_type_merge)>(*module, kMerge);
  entry_points.release_fields =
      Find<decltype(amps_message_type_release_fields)>(*module, kReleaseFields);

  // By level; each needs all before it.
  const std::pair<const char*, bool> steps[] = {{kExtract, entry_points.extract != nullptr},
                                                {kParse, entry_points.parse != nullptr},
                                                {kSerialize, entry_points.serialize != nullptr},
                                                {kMerge, entry_points.merge != nullptr}};
  const char* missing = nullptr;
  for (const auto& [symbol, is_there] : steps) {
    if (is_there && missing != nullptr) {
      return module->Error(fmt::format("defines {} without {}", symbol, missing));
    }
    if (!is_there && missing == nullptr) missing = symbol;
  }
  if (missing == kParse) {
    return module->Error(fmt::format("defines {} without {}", kExtract, kParse));
  }
  const Level level = entry_points.merge != nullptr       ? Level::kDelta
                      : entry_points.serialize != nullptr ? Level::kSerialize
                      : entry_points.parse != nullptr     ? Level::kFilter
                                                          : Level::kRoute;
  auto context = ModuleContext::Create(std::move(module), options, kCreate, kDestroy);
  if (!context.ok()) return context.status();
  return std::unique_ptr<LoadedMessageType>(
      new LoadedMessageType(std::move(name), level, entry_points, *std::move(context), limits));
}

std::unique_ptr<Extractor> LoadedMessageType::NewExtractor(std::vector<FieldRequest> fields) const {
  // Without fields every body is one, as in BinaryMessageType.
  class NoFields final : public Extractor {
   public:
    explicit NoFields(std::vector<FieldRequest> fields) : fields_(std::move(fields)) {}
    bool Extract(std::string_view, std::span<Value> values) override {
      for (const FieldRequest& field : fields_) values[field.slot] = Value::Null();
      return true;
    }

   private:
    const std::vector<FieldRequest> fields_;
  };
  if (level_ == Level::kRoute) return std::make_unique<NoFields>(std::move(fields));
  return std::make_unique<FieldExtractor>(context_, entry_points_, fields, limits_.elements_max);
}

absl::Status LoadedMessageType::Parse(std::string_view body, Document& document) const {
  document.Clear();
  if (level_ == Level::kRoute) {
    document.root().kind = Document::Node::Kind::kScalar;
    document.root().raw = body;
    return absl::OkStatus();
  }
  thread_local ModuleScratch scratch;
  scratch.Reset();
  const amps_node* root = nullptr;
  const char* error = nullptr;
  const int code = context_->module().Call(kParse, int{AMPS_FAILURE}, [&] {
    return entry_points_.parse(context_->get(), body.data(), body.size(), &scratch, &root, &error);
  });
  if (code != AMPS_SUCCESS) {
    return Malformed(error == nullptr ? fmt::format("is not of type {}", name_)
                                      : OneLine(error, kErrorTextBytesMax));
  }
  absl::Status status = ToDocument(root, body, scratch, limits_, document);
  if (ErrorCodeOf(status) != ErrorCode::kInternal) return status;
  context_->module().Report(kParse, fmt::format("gave {}", ErrorText(status)));
  return Malformed(fmt::format("the module of type {} cannot read it", name_));
}

absl::Status LoadedMessageType::DoWrite(const Document& document, std::string& body) const {
  if (level_ == Level::kRoute) {
    if (document.root().kind != Document::Node::Kind::kScalar) {
      return Malformed(fmt::format("a body of type {} has no fields", name_));
    }
    body += document.root().raw;
    return absl::OkStatus();
  }
  if (level_ < Level::kSerialize) {
    return Malformed(fmt::format("bodies of type {} cannot be written", name_));
  }
  ModuleScratch scratch;
  const amps_node* const root = ToNodes(document, scratch);
  if (root == nullptr) return Malformed("the body is too large to be written");
  amps_body made = {};
  made.size = sizeof(made);
  const int code = context_->module().Call(kSerialize, int{AMPS_FAILURE}, [&] {
    return entry_points_.serialize(context_->get(), root, &made);
  });
  return TakeBody(kSerialize, code, made, body);
}

absl::Status LoadedMessageType::Merge(std::string_view base, std::string_view delta,
                                      std::string& merged) const {
  if (level_ < Level::kDelta) {
    return Malformed(fmt::format("bodies of type {} cannot be merged", name_));
  }
  amps_body made = {};
  made.size = sizeof(made);
  const int code = context_->module().Call(kMerge, int{AMPS_FAILURE}, [&] {
    return entry_points_.merge(context_->get(), base.data(), base.size(), delta.data(),
                               delta.size(), &made);
  });
  return TakeBody(kMerge, code, made, merged);
}

absl::Status LoadedMessageType::TakeBody(const char* function, int code, amps_body& made,
                                         std::string& body) const {
  const Module& module = context_->module();
  const std::optional<OwnedText> error =
      module.TakeText(function, "error", made.error, kModuleBlockBytesMax);
  // Whatever the code: it has to be freed.
  const std::optional<OwnedText> bytes =
      module.TakeBytes(function, "body", made.data, made.length, kModuleBlockBytesMax);
  if (code != AMPS_SUCCESS) {
    return Malformed(error.has_value() && !error->is_null()
                         ? OneLine(error->view(), kErrorTextBytesMax)
                         : fmt::format("type {} has no way to write this", name_));
  }
  if (!bytes.has_value()) {
    return Malformed(fmt::format("the module of type {} cannot write it", name_));
  }
  if (absl::Status status = Validate(bytes->view()); !status.ok()) {
    module.Report(function, fmt::format("made a body that it cannot read: {}", ErrorText(status)));
    return status;
  }
  body += bytes->view();
  return absl::OkStatus();
}

}  // namespace fluxgate
