// What stored topics, conflated topics and views demand of their own elements, of each other and of
// message types.
#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/error.h"
#include "core/base/units.h"
#include "core/filter/parser.h"
#include "core/topic/topic_pattern.h"
#include "fmt/format.h"
#include "gateway/config/config_checks.h"
#include "gateway/config/config_value.h"
#include "gateway/config/store_file_name.h"

namespace fluxgate::config {
namespace {

const std::string& NameOf(const SowDefinition& definition) {
  return std::visit([](const auto& d) -> const std::string& { return d.name; }, definition);
}

const std::string& MessageTypeOf(const SowDefinition& definition) {
  return std::visit([](const auto& d) -> const std::string& { return d.message_type; }, definition);
}

const std::string& PatternOf(const SowDefinition& definition) {
  static const std::string none;
  const auto* topic = std::get_if<SowTopicDefinition>(&definition);
  return topic == nullptr ? none : topic->pattern;
}

class SowChecker {
 public:
  SowChecker(Config& config, const std::vector<Place>& places, const KnownNames& known,
             const FunctionRegistry& functions, ConfigErrors& errors)
      : config_(config),
        places_(places),
        message_types_(MessageTypeNames(config, known)),
        functions_(functions),
        errors_(errors) {}

  void Run() {
    for (at_ = 0; at_ < places_.size(); ++at_) {
      SowDefinition& definition = config_.sow[at_];
      if (NameOf(definition).empty()) continue;
      CheckName(NameOf(definition));
      std::visit([this](auto& d) { Check(d); }, definition);
      CheckNameIsFree(definition);
    }
  }

 private:
  const Place& place() const { return places_[at_]; }
  bool Has(std::string_view element) const { return place().Find(element) != nullptr; }

  void Fail(std::string_view element, std::string what, std::string allowed = "",
            bool not_built = false) {
    errors_.Add(place().LineOf(element), element, {std::move(what), std::move(allowed), not_built});
  }

  void CheckName(std::string_view name) {
    const TopicLimits limits{.name_bytes_max = config_.limits.topic_name_bytes_max};
    const absl::Status status = CheckPublishTopic(name, limits);
    if (!status.ok()) Fail("Name", ErrorText(status));
  }

  void CheckNameIsFree(const SowDefinition& definition) {
    const std::string& name = NameOf(definition);
    for (size_t i = 0; i < at_; ++i) {
      const SowDefinition& other = config_.sow[i];
      if (MessageTypeOf(other) != MessageTypeOf(definition)) continue;
      if (NameOf(other) == name) {
        Fail("Name", fmt::format("same name {} as the definition at line {}", Quoted(name),
                                 places_[i].line));
        return;
      }
      const auto pattern = patterns_.find(i);
      if (pattern != patterns_.end() && PatternOf(definition).empty() &&
          pattern->second->Matches(name)) {
        Fail("Name", fmt::format("{} is taken in by the <Pattern> of the topic at line {}; "
                                 "define it before",
                                 Quoted(name), places_[i].line));
        return;
      }
    }
  }

  void CheckPattern(const SowTopicDefinition& topic) {
    if (topic.pattern.empty()) return;
    auto whole = TopicPattern::Compile(fmt::format("^(?:{})$", topic.pattern));
    if (whole.ok()) {
      patterns_.emplace(at_, *std::move(whole));
    } else {
      Fail("Pattern", ErrorText(whole.status()));
    }
  }

  // Whether the message type of the definition at hand is known.
  bool CheckMessageType(const std::string& name) {
    if (name.empty()) return false;
    if (std::find(message_types_.begin(), message_types_.end(), name) != message_types_.end()) {
      return true;
    }
    const Problem problem = UnknownMessageType(name, message_types_);
    Fail("MessageType", problem.what, problem.allowed, problem.not_built);
    return false;
  }

  // Bodies of the type can be looked into.
  static bool CanBeRead(std::string_view type) { return type != "binary"; }

  // New bodies of the type can be made.
  bool CanBeWritten(std::string_view name) const {
    const auto is_global = [name](const MessageTypeConfig& type) {
      return type.name == name && type.module == "composite-global";
    };
    return CanBeRead(name) &&
           std::none_of(config_.message_types.begin(), config_.message_types.end(), is_global);
  }

  void RefuseWhatReads(std::string_view type, std::initializer_list<std::string_view> elements) {
    if (CanBeRead(type)) return;
    for (std::string_view element : elements) {
      if (!Has(element)) continue;
      Fail(element,
           fmt::format("needs a message type that can be looked into, {} cannot", Quoted(type)));
    }
  }

  void Check(SowTopicDefinition& topic) {
    using KeySource = SowTopicDefinition::KeySource;
    if (Has("Key") && Has("KeyGenerator")) Fail("KeyGenerator", "has no meaning beside <Key>");
    if (Has("KeyDomain") && !Has("Key")) Fail("KeyDomain", "has no meaning without <Key>");
    if (topic.key_source == KeySource::kGenerated &&
        (!topic.key_generator.options.empty() || !topic.key_generator.fields.empty())) {
      Fail("KeyGenerator", "has options or fields, which sequence has no use for");
    }
    if (topic.key_source == KeySource::kModule) {
      CheckModuleName(config_, topic.key_generator.module, place().LineOf("KeyGenerator"), errors_);
    }
    if (topic.key_fields.empty() && topic.key_source == KeySource::kFields) {
      topic.key_source = KeySource::kPublisher;
    }
    if (CheckMessageType(topic.message_type)) {
      RefuseWhatReads(topic.message_type,
                      {"Key", "HashIndex", "Index", "Preprocessing", "Enrichment"});
      if (CanBeRead(topic.message_type) && !CanBeWritten(topic.message_type)) {
        for (std::string_view element : {"Preprocessing", "Enrichment"}) {
          if (!Has(element)) continue;
          Fail(element, fmt::format("needs a message type that can be written, {} cannot",
                                    Quoted(topic.message_type)));
        }
      }
    }
    CheckPattern(topic);
    CheckStorage(topic);
    if (Has("History") && topic.expires) {
      Fail("Expiration", "has no meaning beside <History>", "disabled");
    }
    if (topic.history_granularity_ns > topic.history_window_ns && topic.history_window_ns != 0) {
      const Place::Child& history = *place().Find("History");
      const auto granularity = ChildrenNamed(history.children, "Granularity");
      errors_.Add(granularity[0]->line, "Granularity",
                  {fmt::format("{} is more than the <Window>", Quoted(granularity[0]->text)),
                   fmt::format("at most {}",
                               FormatInterval(static_cast<uint64_t>(topic.history_window_ns)))});
    }
  }

  void CheckStorage(SowTopicDefinition& topic) {
    const Place::Child* const durability = place().Find("Durability");
    const Place::Child* const file = place().Find("FileName");
    const std::string_view said = durability == nullptr ? "" : std::string_view(durability->text);
    if (file == nullptr) {
      if (said == "persistent") Fail("Durability", "'persistent' needs a <FileName>");
      if (Has("Recovery")) Fail("Recovery", "has no meaning without <FileName>");
      return;
    }
    if (said == "transient") Fail("FileName", "has no meaning in a transient topic");
    if (!file->ok || topic.name.empty()) return;
    topic.file_name = StoreFileName(topic.file_name, topic.name);
    const std::filesystem::path path(topic.file_name);
    // As it is in a dump, which has to load.
    if (WrittenStoreFileName(topic.file_name).size() > kFileNameBytesMax) {
      Fail("FileName", "is too long with the topic's name in it",
           fmt::format("{} bytes", kFileNameBytesMax));
    } else if (path.filename().native().size() > kFileNamePartBytesMax) {
      Fail("FileName",
           fmt::format("has {} bytes behind the last / with the topic's name in it",
                       path.filename().native().size()),
           fmt::format("{} bytes", kFileNamePartBytesMax));
    }
    const auto [other, is_new] = files_.emplace(path.lexically_normal().native(), at_);
    if (is_new) return;
    Fail("FileName", fmt::format("same file {} as the topic at line {}", Quoted(topic.file_name),
                                 places_[other->second].line));
  }

  void Check(ConflatedTopicDefinition& conflated) {
    const bool type_said = !conflated.message_type.empty();
    if (type_said && !CheckMessageType(conflated.message_type)) return;
    if (!type_said && Has("MessageType")) return;
    if (conflated.source.empty()) return;
    const std::vector<size_t> found = Earlier(conflated.source);
    std::vector<size_t> same_type;
    for (size_t i : found) {
      if (!type_said || MessageTypeOf(config_.sow[i]) == conflated.message_type) {
        same_type.push_back(i);
      }
    }
    if (found.empty())
      return NoSource("UnderlyingTopic", place().LineOf("UnderlyingTopic"), conflated.source);
    if (same_type.empty()) {
      return Fail("MessageType",
                  fmt::format("{} is not the message type of {}", Quoted(conflated.message_type),
                              Quoted(conflated.source)),
                  MessageTypeOf(config_.sow[found[0]]));
    }
    if (same_type.size() > 1) {
      return Fail("UnderlyingTopic",
                  fmt::format("{} is there with several message types", Quoted(conflated.source)),
                  "a <MessageType> beside it");
    }
    const SowDefinition& source = config_.sow[same_type[0]];
    if (!PatternOf(source).empty()) {
      return Fail("UnderlyingTopic",
                  fmt::format("a copy of {}, a topic with a <Pattern>, is not built yet",
                              Quoted(conflated.source)),
                  "", true);
    }
    conflated.message_type = MessageTypeOf(source);
    RefuseWhatReads(conflated.message_type, {"Filter", "HashIndex"});
  }

  void Check(ViewDefinition& view) {
    if (CheckMessageType(view.message_type) && !CanBeWritten(view.message_type)) {
      Fail("MessageType", fmt::format("{} cannot be written", Quoted(view.message_type)));
    }
    if (Has("UnderlyingTopic") && Has("Joins")) {
      Fail("UnderlyingTopic", "has no meaning beside <Joins>");
      return;
    }
    if (!Has("UnderlyingTopic") && !Has("Joins")) {
      errors_.Add(place().line, "View", {"has neither <UnderlyingTopic> nor <Joins>", ""});
      return;
    }
    if (Has("Joins") && Has("Filter")) Fail("Filter", "has no meaning beside <Joins>");
    std::set<std::string> sources;
    if (!view.source.empty()) {
      sources.insert(view.source);
      CheckViewSource(view, "UnderlyingTopic", place().LineOf("UnderlyingTopic"), view.source, "");
    }
    if (const Place::Child* joins = place().Find("Joins")) CheckJoins(view, *joins, sources);
    CheckFields(view.projection, "Projection", sources);
    CheckFields(view.grouping, "Grouping", sources);
  }

  void CheckJoins(const ViewDefinition& view, const Place::Child& joins,
                  std::set<std::string>& sources) {
    const auto places = ChildrenNamed(joins.children, "Join");
    for (size_t i = 0; i < view.joins.size(); ++i) {
      for (const std::string& side : {view.joins[i].left, view.joins[i].right}) {
        const auto tree = ParseExpression(side, {}, {.qualified_fields = true});
        if (!tree.ok() || tree->fields.empty()) continue;
        const FieldReference& field = tree->fields[0];
        if (!sources.insert(field.topic).second) continue;
        CheckViewSource(view, "Join", places[i]->line, field.topic, field.message_type);
      }
    }
  }

  // Fields that name a topic name one of the sources.
  void CheckFields(const std::vector<std::string>& texts, std::string_view container,
                   const std::set<std::string>& sources) {
    const Place::Child* const child = place().Find(container);
    if (child == nullptr) return;
    const auto places = ChildrenNamed(child->children, "Field");
    const ExpressionScope scope{
        .functions = &functions_, .qualified_fields = true, .aggregates = true};
    for (size_t i = 0; i < texts.size(); ++i) {
      const auto parsed = ParseConstruction(texts[i], {}, scope);
      if (!parsed.ok()) continue;
      for (const FieldReference& field : parsed->tree.fields) {
        if (field.topic.empty() || sources.contains(field.topic)) continue;
        errors_.Add(places[i]->line, "Field",
                    {fmt::format("{} is no topic of this view", Quoted(field.topic)), ""});
        break;
      }
    }
  }

  void CheckViewSource(const ViewDefinition& view, std::string_view element, uint32_t line,
                       const std::string& topic, std::string_view message_type) {
    std::vector<size_t> found = Earlier(topic);
    if (found.empty()) return NoSource(element, line, topic);
    const auto is_other = [this](std::string_view type) {
      return [this, type](size_t i) { return MessageTypeOf(config_.sow[i]) != type; };
    };
    if (!message_type.empty()) {
      std::erase_if(found, is_other(message_type));
      if (found.empty()) {
        errors_.Add(
            line, element,
            {fmt::format("{} is no message type of {}", Quoted(message_type), Quoted(topic)), ""});
        return;
      }
    } else if (found.size() > 1) {
      std::erase_if(found, is_other(view.message_type));
      if (found.empty()) {
        errors_.Add(line, element,
                    {fmt::format("{} is there with several message types, none of "
                                 "them the view's",
                                 Quoted(topic)),
                     ""});
        return;
      }
    }
    const SowDefinition& source = config_.sow[found[0]];
    if (!PatternOf(source).empty()) {
      errors_.Add(line, element,
                  {fmt::format("{} has a <Pattern>", Quoted(topic)), "a topic of its own"});
    } else if (!CanBeRead(MessageTypeOf(source))) {
      errors_.Add(line, element,
                  {fmt::format("{} has the message type {}, which cannot be looked into",
                               Quoted(topic), Quoted(MessageTypeOf(source))),
                   ""});
    }
  }

  // Definitions of that name above the one at hand.
  std::vector<size_t> Earlier(std::string_view name) const {
    std::vector<size_t> found;
    for (size_t i = 0; i < at_; ++i) {
      if (NameOf(config_.sow[i]) == name) found.push_back(i);
    }
    return found;
  }

  void NoSource(std::string_view element, uint32_t line, const std::string& topic) {
    for (size_t i = at_ + 1; i < places_.size(); ++i) {
      if (NameOf(config_.sow[i]) != topic) continue;
      errors_.Add(line, element,
                  {fmt::format("{} is defined further down, at line {}; it must stand before",
                               Quoted(topic), places_[i].line),
                   ""});
      return;
    }
    errors_.Add(line, element,
                {fmt::format("{} is no stored topic", Quoted(topic)),
                 "a Topic, ConflatedTopic or View further up"});
  }

  Config& config_;
  const std::vector<Place>& places_;
  const std::vector<std::string> message_types_;
  const FunctionRegistry& functions_;
  ConfigErrors& errors_;
  std::map<std::string, size_t> files_;                             // who has them
  std::map<size_t, std::shared_ptr<const TopicPattern>> patterns_;  // of whole names
  size_t at_ = 0;                                                   // the definition at hand
};

}  // namespace

void CheckSow(Config& config, const std::vector<Place>& places, const KnownNames& known,
              const FunctionRegistry& functions, ConfigErrors& errors) {
  SowChecker(config, places, known, functions, errors).Run();
}

}  // namespace fluxgate::config
