// An index next to its specification: all filters, asked in turn.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_FILTER_INDEX_FIXTURE_H_
#define FLUXGATE_CORE_SUBSCRIPTION_FILTER_INDEX_FIXTURE_H_

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/filter/filter.h"
#include "core/message/field_table.h"
#include "core/message/value.h"
#include "core/subscription/filter_index.h"

namespace fluxgate {

class FilterIndexTest : public testing::Test {
 protected:
  using Id = FilterIndex::Id;
  using Ids = std::vector<Id>;

  Id Add(const std::string& text) {
    auto filter = Filter::Compile(text, fields_);
    EXPECT_TRUE(filter.ok()) << text << ": " << filter.status();
    const Id id = index_->Add(*filter);
    EXPECT_TRUE(entered_.emplace(id, *filter).second) << "id given twice";
    return id;
  }

  void Remove(Id id) {
    index_->Remove(id);
    entered_.erase(id);
  }

  void RemoveAll() {
    while (!entered_.empty()) Remove(entered_.begin()->first);
  }

  void Set(const std::string& name, Value value) {
    auto slot = fields_.Acquire(FieldPath{{name}});
    ASSERT_TRUE(slot.ok());
    if (values_.size() <= *slot) values_.resize(*slot + 1);
    values_[*slot] = value;
  }

  Ids Match(bool body_valid = true) {
    if (values_.size() < fields_.slot_end()) values_.resize(fields_.slot_end());
    Ids matches;
    index_->Match(values_, body_valid, matches);
    std::sort(matches.begin(), matches.end());
    return matches;
  }

  Ids EveryFilterInTurn() const {
    Ids matches;
    for (const auto& [id, filter] : entered_) {
      if (filter->Matches(values_)) matches.push_back(id);
    }
    return matches;
  }

  std::string DescribeDifference(const Ids& found) const {
    std::string text;
    for (const auto& [id, filter] : entered_) {
      const auto times = std::count(found.begin(), found.end(), id);
      const auto expected = filter->Matches(values_) ? 1 : 0;
      if (times != expected) {
        text += fmt::format("{}: {} instead of {} times\n", filter->canonical(), times, expected);
      }
    }
    return text;
  }

  FieldTable fields_;
  // However few filters there are, they are looked up.
  std::unique_ptr<FilterIndex> index_ = std::make_unique<FilterIndex>(0);
  std::map<Id, std::shared_ptr<const Filter>> entered_;
  std::vector<Value> values_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_FILTER_INDEX_FIXTURE_H_
