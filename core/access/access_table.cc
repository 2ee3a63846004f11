#include "core/access/access_table.h"

namespace fluxgate {

std::shared_ptr<UserAccess> AccessTable::Open(AccessAuthority& authority, std::string_view user,
                                              const MessageType& type, FieldTable& fields) {
  uint64_t& number = numbers_[Key(&authority, &fields, user)];
  if (number == 0) {
    number = ++made_;
    by_number_[number].access = std::make_shared<UserAccess>(authority, number, std::string(user),
                                                             type, fields, limits_, instance_name_);
  }
  Entry& entry = by_number_.find(number)->second;
  ++entry.sessions;
  return entry.access;
}

bool AccessTable::Close(const UserAccess& access) {
  const auto found = by_number_.find(access.number());
  if (--found->second.sessions != 0) return false;
  numbers_.erase(KeyOf(access));
  by_number_.erase(found);
  return true;
}

std::shared_ptr<UserAccess> AccessTable::Find(uint64_t number) const {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : found->second.access;
}

std::vector<std::shared_ptr<UserAccess>> AccessTable::Of(const AccessAuthority& authority) const {
  std::vector<std::shared_ptr<UserAccess>> result;
  for (const auto& [number, entry] : by_number_) {
    if (&entry.access->authority() == &authority) result.push_back(entry.access);
  }
  return result;
}

}  // namespace fluxgate
