#include "x509/path/policies.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "x509/oids.h"

// Policy processing of RFC 5280 section 6.1.2 to 6.1.5 on the policy graph of RFC 9618 section 5.
namespace chancery::x509::path {
namespace {

using asn1::Oid;
using Index = std::uint32_t;

// A node is valid policy P at one depth: one for each P, whatever number of parents it has.
struct Node {
  Oid policy;
  std::vector<Index> parents;  // nodes of the level above
  bool reaches_end = false;
};

// Level is the graph at one depth. `expected` are the expected policy sets of all nodes, as pairs
// (policy that a child may assert, node), sorted.
struct Level {
  std::vector<Node> nodes;
  std::vector<std::pair<Oid, Index>> expected;
  std::optional<Index> any;  // the node of anyPolicy

  void add(const Oid& policy, std::vector<Index> parents) {
    const auto index = static_cast<Index>(nodes.size());
    nodes.push_back({policy, std::move(parents), false});
    if (policy == oids::kAnyPolicy) any = index;
  }
  // Every node expects its own policy, until mappings change that.
  void expect_own() {
    expected.clear();
    for (Index i = 0; i < nodes.size(); ++i) expected.emplace_back(nodes[i].policy, i);
    std::ranges::sort(expected);
  }
  [[nodiscard]] std::vector<Index> expecting(const Oid& policy) const {
    std::vector<Index> out;
    const auto range =
        std::ranges::equal_range(expected, policy, {}, &std::pair<Oid, Index>::first);
    for (const auto& [expected_policy, index] : range) out.push_back(index);
    return out;
  }
};

std::vector<Oid> sorted_ids(const std::vector<PolicyInformation>& policies) {
  std::vector<Oid> out;
  out.reserve(policies.size());
  for (const PolicyInformation& policy : policies) out.push_back(policy.id);
  std::ranges::sort(out);
  return out;
}

class Graph {
 public:
  Graph() {
    Level top;
    top.add(oids::kAnyPolicy, {});
    top.expect_own();
    levels_.push_back(std::move(top));
  }

  [[nodiscard]] bool empty() const { return levels_.empty() || levels_.back().nodes.empty(); }
  void clear() { levels_.clear(); }

  // Section 6.1.3 (d): one more level, out of a certificate's policies, each of them once.
  void add_level(const std::vector<PolicyInformation>& policies, bool any_allowed) {
    const Level& above = levels_.back();
    Level level;
    bool asserts_any = false;
    const std::vector<Oid> asserted = sorted_ids(policies);
    for (const Oid& policy : asserted) {
      if (policy == oids::kAnyPolicy) {
        asserts_any = true;
        continue;
      }
      std::vector<Index> parents = above.expecting(policy);
      if (parents.empty() && above.any) parents.push_back(*above.any);
      if (!parents.empty()) level.add(policy, std::move(parents));
    }
    if (asserts_any && any_allowed) add_expected(above, level, asserted);
    level.expect_own();
    levels_.push_back(std::move(level));
  }

  // Section 6.1.4 (b): `allowed` is policy_mapping > 0.
  void map(std::span<const PolicyMapping> mappings, bool allowed) {
    Level& level = levels_.back();
    std::map<Oid, Index> by_policy;
    for (Index i = 0; i < level.nodes.size(); ++i) by_policy.emplace(level.nodes[i].policy, i);
    std::vector<bool> mapped(level.nodes.size(), false);
    std::vector<std::pair<Oid, Index>> expected;
    for (const PolicyMapping& mapping : mappings) {
      auto found = by_policy.find(mapping.issuer);
      if (found == by_policy.end()) {
        // The policy is there as part of anyPolicy; it gets a node of its own.
        if (!allowed || !level.any) continue;
        const auto index = static_cast<Index>(level.nodes.size());
        level.add(mapping.issuer, level.nodes[*level.any].parents);
        found = by_policy.emplace(mapping.issuer, index).first;
        mapped.push_back(false);
      }
      mapped[found->second] = true;
      if (allowed) expected.emplace_back(mapping.subject, found->second);
    }
    // Mapped nodes expect what they are mapped to; without mapping they expect nothing any more,
    // which leaves them without children.
    for (const auto& [policy, index] : level.expected) {
      if (!mapped[index]) expected.emplace_back(policy, index);
    }
    std::ranges::sort(expected);
    const auto repeated = std::ranges::unique(expected);
    expected.erase(repeated.begin(), repeated.end());
    level.expected = std::move(expected);
    if (!allowed) drop_mapped(level, mapped);
  }

  // Section 6.1.5 (g), as RFC 9618 has it: the policies of the anchor's domain that reach the
  // target. {anyPolicy} stands for all.
  [[nodiscard]] std::vector<Oid> authority_policies() {
    if (empty()) return {};
    if (levels_.back().any) return {oids::kAnyPolicy};
    for (Node& node : levels_.back().nodes) node.reaches_end = true;
    std::vector<Oid> out;
    for (std::size_t depth = levels_.size() - 1; depth > 0; --depth) {
      const Level& level = levels_[depth];
      Level& above = levels_[depth - 1];
      for (const Node& node : level.nodes) {
        if (!node.reaches_end) continue;
        for (const Index parent : node.parents) {
          above.nodes[parent].reaches_end = true;
          if (node.policy != oids::kAnyPolicy && parent == above.any) out.push_back(node.policy);
        }
      }
    }
    std::ranges::sort(out);
    const auto repeated = std::ranges::unique(out);
    out.erase(repeated.begin(), repeated.end());
    return out;
  }

 private:
  // anyPolicy asserted: every policy expected above that was not asserted by name.
  static void add_expected(const Level& above, Level& level, const std::vector<Oid>& asserted) {
    for (std::size_t begin = 0; begin < above.expected.size();) {
      const Oid& policy = above.expected[begin].first;
      std::vector<Index> parents;
      std::size_t end = begin;
      for (; end < above.expected.size() && above.expected[end].first == policy; ++end)
        parents.push_back(above.expected[end].second);
      const bool by_name =
          policy != oids::kAnyPolicy && std::ranges::binary_search(asserted, policy);
      if (!by_name) level.add(policy, std::move(parents));
      begin = end;
    }
  }

  static void drop_mapped(Level& level, const std::vector<bool>& mapped) {
    Level kept;
    for (Index i = 0; i < level.nodes.size(); ++i) {
      if (!mapped[i]) kept.add(level.nodes[i].policy, std::move(level.nodes[i].parents));
    }
    kept.expect_own();
    level = std::move(kept);
  }

  std::vector<Level> levels_;
};

void decrement(std::size_t& counter) {
  if (counter > 0) --counter;
}

void lower(std::size_t& counter, std::optional<std::uint32_t> to) {
  if (to) counter = std::min<std::size_t>(counter, *to);
}

class Processor {
 public:
  Processor(std::span<const Certificate> path, const PolicyInputs& inputs, Findings& findings)
      : path_(path), inputs_(inputs), findings_(findings) {
    const std::size_t never = path.size() + 1;
    explicit_policy_ = inputs.require_explicit ? 0 : never;
    policy_mapping_ = inputs.inhibit_mapping ? 0 : never;
    inhibit_any_ = inputs.inhibit_any ? 0 : never;
  }

  std::vector<Oid> run() {
    for (std::size_t index = path_.size() - 1; index-- > 0;) {
      const ExtensionSet& extensions = path_[index].extensions();
      if (!process(index)) return {};
      if (explicit_policy_ == 0 && graph_.empty()) {
        findings_.error(Rule::kPolicyMissing, index,
                        "an explicit policy is required and none is left at this certificate");
        return {};
      }
      if (index > 0 && !prepare(index, extensions)) return {};
      if (index == 0) wrap_up(extensions);
    }
    return conclude();
  }

 private:
  // False for an error that ends the processing.
  bool process(std::size_t index) {
    const Certificate& certificate = path_[index];
    const auto& policies = certificate.extensions().certificate_policies;
    if (!policies) {
      graph_.clear();
      return true;
    }
    // RFC 5280 section 4.2.1.4: none more than once.
    const std::vector<Oid> ids = sorted_ids(*policies);
    if (const auto twice = std::ranges::adjacent_find(ids); twice != ids.end()) {
      findings_.error(Rule::kExtensionMalformed, index,
                      "certificate policy stands twice: " + twice->to_string());
      return false;
    }
    if (graph_.empty()) return true;
    const bool any_allowed = inhibit_any_ > 0 || (index > 0 && certificate.is_self_issued());
    graph_.add_level(*policies, any_allowed);
    return true;
  }

  bool prepare(std::size_t index, const ExtensionSet& extensions) {
    const std::span<const PolicyMapping> mappings =
        extensions.policy_mappings ? std::span<const PolicyMapping>(*extensions.policy_mappings)
                                   : std::span<const PolicyMapping>();
    for (const PolicyMapping& mapping : mappings) {
      if (mapping.issuer != oids::kAnyPolicy && mapping.subject != oids::kAnyPolicy) continue;
      findings_.error(Rule::kPolicyMappingAny, index, "a policy mapping maps anyPolicy");
      return false;
    }
    if (!mappings.empty() && !graph_.empty()) graph_.map(mappings, policy_mapping_ > 0);
    if (!path_[index].is_self_issued()) {
      decrement(explicit_policy_);
      decrement(policy_mapping_);
      decrement(inhibit_any_);
    }
    if (const auto& constraints = extensions.policy_constraints) {
      lower(explicit_policy_, constraints->require_explicit_policy);
      lower(policy_mapping_, constraints->inhibit_policy_mapping);
    }
    lower(inhibit_any_, extensions.inhibit_any_policy);
    return true;
  }

  void wrap_up(const ExtensionSet& extensions) {
    decrement(explicit_policy_);
    const auto& constraints = extensions.policy_constraints;
    if (constraints && constraints->require_explicit_policy == 0U) explicit_policy_ = 0;
  }

  std::vector<Oid> conclude() {
    const std::vector<Oid> authority = graph_.authority_policies();
    std::vector<Oid> acceptable = inputs_.acceptable;
    std::ranges::sort(acceptable);
    const bool any_acceptable =
        acceptable.empty() || std::ranges::binary_search(acceptable, oids::kAnyPolicy);
    std::vector<Oid> out;
    if (any_acceptable) {
      out = authority;
    } else if (authority.size() == 1 && authority.front() == oids::kAnyPolicy) {
      out = acceptable;
    } else {
      std::ranges::set_intersection(authority, acceptable, std::back_inserter(out));
    }
    if (explicit_policy_ == 0 && out.empty()) {
      findings_.error(Rule::kPolicyMissing, 0,
                      "an explicit policy is required and no acceptable one is left");
    }
    return out;
  }

  std::span<const Certificate> path_;
  const PolicyInputs& inputs_;
  Findings& findings_;
  Graph graph_;
  std::size_t explicit_policy_;
  std::size_t policy_mapping_;
  std::size_t inhibit_any_;
};

}  // namespace

std::vector<Oid> check_policies(std::span<const Certificate> path, const PolicyInputs& inputs,
                                Findings& findings) {
  if (path.size() < 2) return {oids::kAnyPolicy};
  const std::size_t before = findings.errors();
  std::vector<Oid> policies = Processor(path, inputs, findings).run();
  if (findings.errors() == before) {
    findings.info(Rule::kPolicies, std::nullopt, [&] {
      std::string text =
          policies.empty() ? "no policy is asserted, and none is required" : "valid policies:";
      for (const Oid& policy : policies)
        text += policy == oids::kAnyPolicy ? " any" : " " + policy.to_string();
      return text;
    });
  }
  return policies;
}

}  // namespace chancery::x509::path
