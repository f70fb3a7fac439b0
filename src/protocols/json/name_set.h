#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chancery::json {

// NameSet are the names of one object, to find one that stands twice: sorted places in one text, so
// that a name costs no memory of its own and n of them n·log n comparisons, whoever chose them.
class NameSet {
 public:
  // insert returns false when the name is there already. Names and their sum are under 4 GiB.
  [[nodiscard]] bool insert(std::string_view name) {
    const std::uint64_t head = head_of(name);
    const auto at = std::ranges::partition_point(places_, [&](const Place& place) {
      return place.head != head ? place.head < head : text_of(place) < name;
    });
    if (at != places_.end() && at->head == head && text_of(*at) == name) return false;
    places_.insert(at, {head, static_cast<std::uint32_t>(text_.size()),
                        static_cast<std::uint32_t>(name.size())});
    text_ += name;
    return true;
  }

 private:
  // The head is the first eight octets as a number, of whatever byte order: most names differ
  // there.
  struct Place {
    std::uint64_t head;
    std::uint32_t begin;
    std::uint32_t size;
  };
  [[nodiscard]] static std::uint64_t head_of(std::string_view name) {
    std::array<char, sizeof(std::uint64_t)> head{};
    (void)name.copy(head.data(), head.size());
    return std::bit_cast<std::uint64_t>(head);
  }
  [[nodiscard]] std::string_view text_of(const Place& place) const {
    return std::string_view(text_).substr(place.begin, place.size);
  }

  std::string text_;
  std::vector<Place> places_;
};

}  // namespace chancery::json
