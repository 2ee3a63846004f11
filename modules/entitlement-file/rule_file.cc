#include "modules/entitlement-file/rule_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "modules/common/text.h"

namespace fluxgate::modules {
namespace {

using Words = std::vector<std::string>;

// Blanks separate words; "..." is one word, with \" and \\ in it.
absl::StatusOr<Words> SplitWords(std::string_view line) {
  Words words;
  size_t i = 0;
  while (true) {
    i = line.find_first_not_of(" \t", i);
    if (i == std::string_view::npos) return words;
    std::string word;
    if (line[i] != '"') {
      const size_t end = std::min(line.find_first_of(" \t", i), line.size());
      word = line.substr(i, end - i);
      i = end;
    } else {
      bool closed = false;
      for (++i; i < line.size() && !closed; ++i) {
        if (line[i] == '"') {
          closed = true;
        } else if (line[i] == '\\' && i + 1 < line.size() &&
                   (line[i + 1] == '"' || line[i + 1] == '\\')) {
          word += line[++i];
        } else {
          word += line[i];
        }
      }
      if (!closed) return Failure("text without its second quotation mark");
      if (i < line.size() && line[i] != ' ' && line[i] != '\t') {
        return Failure("no blank behind a quotation mark");
      }
    }
    words.push_back(std::move(word));
  }
}

absl::Status ReadAccesses(std::string_view text, PermissionRule* rule) {
  for (const std::string& access : Split(text, ',')) {
    if (access == "read") {
      rule->read = true;
    } else if (access == "write") {
      rule->write = true;
    } else if (access == "replicate") {
      rule->replicate = true;
    } else {
      return Failure(fmt::format("'{}' is not read, write or replicate", access));
    }
  }
  return absl::OkStatus();
}

// Behind the pattern of a topic: [filter TEXT] [select TEXT].
absl::Status ReadRestrictions(const Words& words, size_t from, PermissionRule* rule) {
  for (size_t i = from; i < words.size(); i += 2) {
    std::string* const where = words[i] == "filter"   ? &rule->filter
                               : words[i] == "select" ? &rule->select
                                                      : nullptr;
    if (where == nullptr) return Failure(fmt::format("'{}' is not filter or select", words[i]));
    if (rule->type != amps_resource_topic || !rule->allow) {
      return Failure("filter and select stand with allowed topics only");
    }
    if (!where->empty()) return Failure(fmt::format("{} is there twice", words[i]));
    if (i + 1 == words.size() || words[i + 1].empty()) {
      return Failure(fmt::format("nothing behind {}", words[i]));
    }
    *where = words[i + 1];
  }
  return absl::OkStatus();
}

absl::StatusOr<PermissionRule> ReadRule(const Words& words) {
  PermissionRule rule;
  rule.allow = words[0] == "allow";
  if (words.size() < 2) return Failure(fmt::format("nothing behind {}", words[0]));
  if (words[1] == "logon" || words[1] == "replication-logon") {
    rule.type = words[1] == "logon" ? amps_resource_logon : amps_resource_replication_logon;
    if (words.size() > 3) return Failure(fmt::format("'{}' is too much", words[3]));
    rule.pattern = words.size() == 3 ? words[2] : ".*";
    return rule;
  }
  if (const absl::Status status = ReadAccesses(words[1], &rule); !status.ok()) return status;
  if (words.size() < 4 || (words[2] != "topic" && words[2] != "admin")) {
    return Failure("not of the form allow|deny ACCESS topic|admin PATTERN");
  }
  rule.type = words[2] == "topic" ? amps_resource_topic : amps_resource_admin;
  rule.pattern = words[3];
  if (const absl::Status status = ReadRestrictions(words, 4, &rule); !status.ok()) return status;
  return rule;
}

}  // namespace

class RuleFileParser {
 public:
  absl::Status ReadLine(const Words& words) {
    const std::string& first = words[0];
    if (first == "user" || first == "group" || first == "everybody") return OpenSection(words);
    if (section_ == nullptr) {
      return Failure(fmt::format("'{}' before any user, group or everybody", first));
    }
    if (first == "member") return AddMembers(words);
    if (first != "allow" && first != "deny") {
      return Failure(fmt::format("'{}' is not user, group, everybody, member, allow or deny",
                                 Printable(first)));
    }
    absl::StatusOr<PermissionRule> rule = ReadRule(words);
    if (!rule.ok()) return rule.status();
    if (++rules_ > RuleFile::kRulesMax) {
      return Failure(fmt::format("more than {} rules", RuleFile::kRulesMax));
    }
    return section_->rules.Add(*std::move(rule));
  }

  RuleFile Finish() {
    RuleFile file;
    // Own sections come first, whatever the order in the file.
    for (const bool groups : {false, true}) {
      for (auto& section : sections_) {
        if (section->group != groups) continue;
        const size_t index = file.sections_.size();
        file.sections_.push_back(std::move(section->rules));
        if (section->everybody) {
          file.everybody_ = std::move(file.sections_.back());
        }
        for (const std::string& user : section->users) file.sections_of_[user].push_back(index);
      }
    }
    return file;
  }

 private:
  struct Section {
    bool group = false;
    bool everybody = false;
    std::vector<std::string> users;
    PermissionRules rules;
  };

  absl::Status OpenSection(const Words& words) {
    const size_t wanted = words[0] == "everybody" ? 1 : 2;
    if (words.size() != wanted) {
      return Failure(fmt::format("{} takes {}", words[0], wanted == 1 ? "no name" : "one name"));
    }
    if (wanted == 2) {
      if (std::string wrong = WrongUserName(words[1]); !wrong.empty()) return Failure(wrong);
    }
    const std::string name = wanted == 1 ? words[0] : words[0] + " " + words[1];
    if (!names_.insert(name).second) return Failure(fmt::format("'{}' is there twice", name));
    sections_.push_back(std::make_unique<Section>());
    section_ = sections_.back().get();
    section_->group = words[0] == "group";
    section_->everybody = wanted == 1;
    if (words[0] == "user") section_->users.push_back(words[1]);
    return absl::OkStatus();
  }

  absl::Status AddMembers(const Words& words) {
    if (!section_->group) return Failure("member stands in groups only");
    if (words.size() == 1) return Failure("member without a name");
    for (size_t i = 1; i < words.size(); ++i) {
      if (std::string wrong = WrongUserName(words[i]); !wrong.empty()) return Failure(wrong);
      auto& users = section_->users;
      if (std::find(users.begin(), users.end(), words[i]) != users.end()) {
        return Failure(fmt::format("'{}' is a member twice", words[i]));
      }
      users.push_back(words[i]);
    }
    return absl::OkStatus();
  }

  std::vector<std::unique_ptr<Section>> sections_;
  Section* section_ = nullptr;
  std::set<std::string> names_;
  size_t rules_ = 0;
};

absl::StatusOr<RuleFile> RuleFile::Parse(const std::string& name, std::string_view text) {
  RuleFileParser parser;
  size_t number = 0;
  while (!text.empty()) {
    ++number;
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const absl::StatusOr<Words> words = SplitWords(line);
    const absl::Status status = words.ok() ? parser.ReadLine(*words) : words.status();
    if (!status.ok()) return Failure(fmt::format("{}:{}: {}", name, number, FailureText(status)));
  }
  return parser.Finish();
}

Permission RuleFile::Check(const PermissionQuestion& question) const {
  const auto found = sections_of_.find(std::string(question.user));
  if (found != sections_of_.end()) {
    for (const size_t section : found->second) {
      const PermissionRule* const rule = sections_[section].Find(question);
      if (rule != nullptr) return PermissionOf(*rule);
    }
  }
  const PermissionRule* const rule = everybody_.Find(question);
  return rule != nullptr ? PermissionOf(*rule) : Permission::Deny("no rule allows it");
}

}  // namespace fluxgate::modules
