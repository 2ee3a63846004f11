#include "modules/entitlement-http/permission_document.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "modules/common/json.h"

namespace fluxgate::modules {
namespace {

absl::Status WrongAt(const std::string& place, std::string_view why) {
  return Failure(fmt::format("permission document: {}: {}", place, why));
}

// true, false, a filter, or {"filter": .., "select": ..}.
absl::Status ReadValue(const json_t* value, const std::string& place, PermissionRule* rule) {
  rule->allow = true;
  if (json_is_boolean(value)) {
    rule->allow = json_is_true(value);
    return absl::OkStatus();
  }
  if (rule->type != amps_resource_topic) return WrongAt(place, "not true or false");
  if (json_is_string(value)) {
    rule->filter.assign(json_string_value(value), json_string_length(value));
    if (rule->filter.empty()) return WrongAt(place, "an empty filter");
    return absl::OkStatus();
  }
  if (!json_is_object(value)) return WrongAt(place, "not true, false, a filter or an object");
  const char* name;
  json_t* member;
  json_object_foreach(const_cast<json_t*>(value), name, member) {
    const std::string_view key = name;
    std::string* const where = key == "filter"   ? &rule->filter
                               : key == "select" ? &rule->select
                                                 : nullptr;
    if (where == nullptr) return WrongAt(place, fmt::format("unknown member '{}'", key));
    *where = JsonText(value, name).value_or("");
    if (where->empty()) return WrongAt(place + "." + name, "not a text, or empty");
  }
  return absl::OkStatus();
}

absl::Status ReadEntry(const json_t* entry, const std::string& place, amps_resource_type type,
                       PermissionRules* rules) {
  if (!json_is_object(entry)) return WrongAt(place, "not an object");
  const auto pattern = JsonText(entry, "pattern");
  if (!pattern.has_value()) return WrongAt(place, "no pattern");
  const char* name;
  json_t* member;
  json_object_foreach(const_cast<json_t*>(entry), name, member) {
    const std::string_view key = name;
    if (key == "pattern") continue;
    PermissionRule rule;
    rule.type = type;
    rule.pattern = *pattern;
    rule.read = key == "read";
    rule.write = key == "write";
    rule.replicate = key == "replicate";
    if (!rule.read && !rule.write && !rule.replicate) {
      return WrongAt(place, fmt::format("unknown member '{}'", key));
    }
    const std::string where = place + "." + name;
    if (const absl::Status status = ReadValue(member, where, &rule); !status.ok()) return status;
    if (rules->size() >= kDocumentRulesMax) {
      return WrongAt(place, fmt::format("more than {} rules", kDocumentRulesMax));
    }
    if (const absl::Status status = rules->Add(std::move(rule)); !status.ok()) {
      return WrongAt(where, FailureText(status));
    }
  }
  return absl::OkStatus();
}

absl::Status ReadEntries(const json_t* entries, const std::string& name, amps_resource_type type,
                         PermissionRules* rules) {
  if (!json_is_array(entries)) return WrongAt(name, "not an array");
  for (size_t i = 0; i < json_array_size(entries); ++i) {
    const absl::Status status =
        ReadEntry(json_array_get(entries, i), fmt::format("{}[{}]", name, i), type, rules);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ReadLogon(const json_t* value, const std::string& name, amps_resource_type type,
                       PermissionRules* rules) {
  if (!json_is_boolean(value)) return WrongAt(name, "not true or false");
  PermissionRule rule;
  rule.type = type;
  rule.pattern = ".*";
  rule.allow = json_is_true(value);
  return rules->Add(std::move(rule));
}

}  // namespace

absl::StatusOr<PermissionRules> ParsePermissionDocument(std::string_view text) {
  const absl::StatusOr<Json> document = ParseJsonObject(text);
  if (!document.ok()) return Failure("permission document: " + FailureText(document.status()));
  PermissionRules rules;
  const char* name;
  json_t* member;
  json_object_foreach(document->get(), name, member) {
    const std::string key = name;
    absl::Status status;
    if (key == "logon") {
      status = ReadLogon(member, key, amps_resource_logon, &rules);
    } else if (key == "replication-logon") {
      status = ReadLogon(member, key, amps_resource_replication_logon, &rules);
    } else if (key == "topic") {
      status = ReadEntries(member, key, amps_resource_topic, &rules);
    } else if (key == "admin") {
      status = ReadEntries(member, key, amps_resource_admin, &rules);
    } else {
      status = WrongAt(key, "unknown member");
    }
    if (!status.ok()) return status;
  }
  return rules;
}

}  // namespace fluxgate::modules
