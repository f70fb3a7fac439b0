#include "x509/path/name_constraints.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "x509/path/name_forms.h"

namespace chancery::x509::path {
namespace {

bool same_form(const FormName& name, const FormConstraint& subtree) {
  return name.form == subtree.form &&
         (name.form != Form::kUnsupported || name.type == subtree.type);
}

// One issuer's constraints.
struct Subtrees {
  std::size_t issuer = 0;  // index in the path
  std::vector<FormConstraint> permitted;
  std::vector<FormConstraint> excluded;
};

std::vector<FormConstraint> form_constraints(const std::vector<GeneralName>& names) {
  std::vector<FormConstraint> out;
  out.reserve(names.size());
  for (const GeneralName& name : names) out.push_back(form_constraint(name));
  return out;
}

class Checker {
 public:
  Checker(std::size_t certificate, const Subtrees& subtrees, Findings& findings)
      : certificate_(certificate), subtrees_(subtrees), findings_(findings) {}

  void check(const FormName& name) {
    if (!is_constrained(name)) return;
    if (name.form == Form::kUnsupported) {
      return error(Rule::kNameFormUnsupported, name,
                   "has a form (" + name.type + ") that is constrained and cannot be compared");
    }
    if (!name.well_formed)
      return error(Rule::kNameMalformed, name, "is malformed, so constraints cannot be applied");
    if (const auto excluded = matches_any(subtrees_.excluded, name, Subtree::kExcluded)) {
      if (*excluded) error(Rule::kNameExcluded, name, "is excluded");
    }
    if (const auto permitted = matches_any(subtrees_.permitted, name, Subtree::kPermitted)) {
      if (!*permitted) error(Rule::kNameNotPermitted, name, "is in no permitted subtree");
    }
  }

 private:
  bool is_constrained(const FormName& name) const {
    const auto meets = [&](const FormConstraint& subtree) { return same_form(name, subtree); };
    return std::ranges::any_of(subtrees_.permitted, meets) ||
           std::ranges::any_of(subtrees_.excluded, meets);
  }

  // Nothing when no subtree is of the name's form, or when one of them is malformed.
  std::optional<bool> matches_any(const std::vector<FormConstraint>& list, const FormName& name,
                                  Subtree kind) {
    std::optional<bool> found;
    for (const FormConstraint& subtree : list) {
      if (!same_form(name, subtree)) continue;
      if (!subtree.well_formed) {
        error(Rule::kNameConstraintMalformed, name, "meets a malformed constraint");
        return std::nullopt;
      }
      found = found.value_or(false) || within(name, subtree, kind);
    }
    return found;
  }

  void error(Rule rule, const FormName& name, std::string_view what) {
    findings_.error(rule, certificate_,
                    name.shown + " " + std::string(what) + " (constraints of certificate " +
                        std::to_string(subtrees_.issuer) + ")");
  }

  std::size_t certificate_;
  const Subtrees& subtrees_;
  Findings& findings_;
};

void check_certificate(std::size_t index, const std::vector<FormName>& names,
                       const std::vector<Subtrees>& above, Budget& budget, Findings& findings) {
  for (const Subtrees& subtrees : above) {
    // Each name is looked at once for each constraint, and once more for its form.
    const std::size_t constraints = subtrees.permitted.size() + subtrees.excluded.size();
    if (!budget.spend_name_comparisons(2 * names.size() * constraints)) return;
    const std::size_t before = findings.errors();
    Checker checker(index, subtrees, findings);
    for (const FormName& name : names) checker.check(name);
    if (findings.errors() == before) {
      findings.info(Rule::kNameConstraints, index, [&] {
        return "its names satisfy the constraints of certificate " +
               std::to_string(subtrees.issuer);
      });
    }
  }
}

}  // namespace

void check_name_constraints(std::span<const Certificate> path, Budget& budget, Findings& findings) {
  std::vector<Subtrees> above;
  for (std::size_t index = path.size(); index-- > 0;) {
    const Certificate& certificate = path[index];
    if (!above.empty() && (index == 0 || !certificate.is_self_issued()))
      check_certificate(index, form_names(certificate), above, budget, findings);
    const auto& constraints = certificate.extensions().name_constraints;
    if (constraints && index > 0) {
      above.push_back({index, form_constraints(constraints->permitted),
                       form_constraints(constraints->excluded)});
    }
  }
}

}  // namespace chancery::x509::path
