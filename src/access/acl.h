#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/policy.h"

namespace chancery::access {

// Acl is what a set of policies allows together: Vault's rules, compiled. Immutable; thread-safe.
// A look-up costs a few hashes and the segment-wildcard rules, however many paths there are.
//
// The rule that decides is the one for exactly this path; else the most specific pattern: its first
// wildcard comes latest; it does not end in '*'; it has fewest '+'; it is longest; it is last in
// the alphabet. Rules of several policies for the same pattern are merged: capabilities add up,
// "deny" wins.
class Acl {
 public:
  // compile merges policies. "root" among their names allows everything.
  [[nodiscard]] static std::shared_ptr<const Acl> compile(
      std::span<const std::shared_ptr<const Policy>> policies);

  // allows decides; nothing is allowed that no rule allows. `needs_sudo`: the path is one that only
  // rules with "sudo" open.
  [[nodiscard]] bool allows(Action action, const Resource& resource) const;
  // capabilities of a path, as sys/capabilities tells them; "root" for everything.
  [[nodiscard]] std::vector<std::string> capabilities(std::string_view path) const;
  // has_sudo says whether "sudo" is among a path's capabilities.
  [[nodiscard]] bool has_sudo(std::string_view path) const;
  [[nodiscard]] bool is_root() const { return root_; }
  // reaches says whether anything at all is allowed on a path that begins like `prefix` ("pki/").
  // Linear in the rules.
  [[nodiscard]] bool reaches(std::string_view prefix) const;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Rules = std::unordered_map<std::string, PathRule, TextHash, std::equal_to<>>;

  void add(const PathRule& rule);
  [[nodiscard]] const PathRule* find(std::string_view path, bool list) const;
  [[nodiscard]] const PathRule* find_inexact(std::string_view path) const;

  bool root_ = false;
  Rules exact_;
  Rules prefixes_;                                         // by the pattern without its '*'
  std::vector<std::size_t> prefix_lengths_;                // those that occur, longest first
  std::map<std::string, PathRule, std::less<>> segments_;  // by the pattern with its '*'
};

}  // namespace chancery::access
