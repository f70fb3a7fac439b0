#pragma once

#include <algorithm>
#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace chancery::http {

// FairQueue holds work of several tenants, who take turns: pop takes the oldest of the tenant whose
// turn it is, and a tenant who comes new has the last turn of the round. So an item is taken after
// at most as many of any other tenant as its own tenant had waiting before it, plus one: however
// much one asks for, the others wait no longer for it. Turns count items, not what they cost. Not
// thread-safe.
template <class Item>
class FairQueue {
 public:
  [[nodiscard]] bool empty() const { return items_.empty(); }
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  // tenants is the number of those who have anything waiting.
  [[nodiscard]] std::size_t tenants() const { return round_.size(); }
  [[nodiscard]] std::size_t waiting(std::string_view tenant) const {
    const auto found = tenants_.find(tenant);
    return found == tenants_.end() ? 0 : found->second.items.size();
  }

  void push(std::string_view tenant, Item item) {
    auto found = tenants_.find(tenant);
    if (found == tenants_.end()) found = tenants_.try_emplace(std::string(tenant)).first;
    Tenant& owner = found->second;
    if (owner.items.empty()) owner.turn = round_.insert(round_.end(), found);
    const auto place = items_.insert(items_.end(), {std::move(item), found, {}});
    place->of_tenant = owner.items.insert(owner.items.end(), place);
  }

  // pop takes what has its turn; there must be something.
  [[nodiscard]] Item pop() {
    const auto tenant = round_.front();
    round_.splice(round_.end(), round_, round_.begin());
    return take(tenant->second.items.front());
  }

  // oldest is what waits longest, of all tenants; there must be something.
  [[nodiscard]] const Item& oldest() const { return items_.front().item; }
  [[nodiscard]] Item pop_oldest() { return take(items_.begin()); }

  // make_room takes the newest item of the tenant who has most waiting, for the sake of `tenant`;
  // nothing when that one would then have no less.
  [[nodiscard]] std::optional<Item> make_room(std::string_view tenant) {
    const auto most = std::ranges::max_element(
        round_, {}, [](const auto& one) { return one->second.items.size(); });
    if (most == round_.end() || (*most)->second.items.size() <= waiting(tenant) + 1)
      return std::nullopt;
    return take((*most)->second.items.back());
  }

 private:
  struct Entry;
  struct Tenant;
  using Entries = std::list<Entry>;
  using Tenants = std::map<std::string, Tenant, std::less<>>;
  using Round = std::list<typename Tenants::iterator>;

  struct Tenant {
    std::list<typename Entries::iterator> items;  // oldest first
    typename Round::iterator turn;
  };
  struct Entry {
    Item item;
    typename Tenants::iterator tenant;
    typename std::list<typename Entries::iterator>::iterator of_tenant;
  };

  Item take(typename Entries::iterator place) {
    const auto tenant = place->tenant;
    Item item = std::move(place->item);
    tenant->second.items.erase(place->of_tenant);
    items_.erase(place);
    if (tenant->second.items.empty()) {
      round_.erase(tenant->second.turn);
      tenants_.erase(tenant);
    }
    return item;
  }

  Entries items_;  // oldest first
  Tenants tenants_;
  Round round_;  // who has the next turn is in front
};

}  // namespace chancery::http
