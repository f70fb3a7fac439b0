#include "acme/rules.h"

namespace chancery::acme {

Result<std::shared_ptr<const policy::CompiledProfile>> find_rules(enrol::Enrolment& enrolment,
                                                                  const record::Scope& mount,
                                                                  const ProfileChoice& choice) {
  const std::string name = choice.rules.substr(choice.rules.find('/') + 1);
  std::shared_ptr<const policy::CompiledProfile> rules;
  if (choice.rules.starts_with("role/")) {
    rules = TRY(enrolment.roles().find_compiled(mount, name));
  } else if (const auto profile = TRY(enrolment.profiles().find(mount, name))) {
    rules = profile->compiled;
  }
  if (rules) return rules;
  return fail(Code::kUnavailable, "the directory's " + choice.rules + " is not there any more");
}

}  // namespace chancery::acme
