#include "validation/network/caa.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "validation/network/issue_value.h"

namespace chancery::validation::network {
namespace {

constexpr std::size_t kMaxRecords = 100;
// The properties of RFC 8659 and those registered beside them: critical or not, they are known.
constexpr std::array<std::string_view, 7> kKnownTags{
    "issue", "issuewild", "iodef", "contactemail", "contactphone", "issuemail", "issuevmc"};

Outcome refused(const std::string& domain, const std::string& why) {
  return outcome_of({Problem::kCaa, "the CAA records of " + domain + " " + why, false});
}

bool is_known(const CaaRecord& record) {
  return std::ranges::find(kKnownTags, record.tag) != kKnownTags.end();
}

bool lists(std::string_view methods, std::string_view wanted) {
  return std::ranges::any_of(split(methods, ','), [&](std::string_view method) {
    return equal_ignoring_case(method, wanted);
  });
}

// RFC 8657: each parameter that is there has to fit; unknown ones are the issuer's own matter.
std::string objection(const IssueValue& value, const CaaQuestion& question) {
  const auto count = [&](std::string_view tag) {
    return std::ranges::count(value.parameters, tag, &IssueParameter::tag);
  };
  if (count("accounturi") > 1 || count("validationmethods") > 1)
    return "give a parameter of this CA twice";
  for (const IssueParameter& parameter : value.parameters) {
    if (parameter.tag == "accounturi" && parameter.value != question.account_url)
      return "let this CA issue for another account only (accounturi)";
    if (parameter.tag == "validationmethods" && !lists(parameter.value, name(question.method)))
      return "let this CA issue after other methods only (validationmethods=" +
             printable(parameter.value) + ", used was " + std::string(name(question.method)) + ")";
  }
  return {};
}

std::string own_names(const CaaQuestion& question) {
  if (question.issuer_domains.empty())
    return "; this CA has no name for CAA, so no record can permit it";
  return "; it would take: issue \"" + question.issuer_domains.front() + "\"";
}

Outcome judge_issue(const CaaQuestion& question, const std::string& domain,
                    const std::vector<const CaaRecord*>& records) {
  std::string nearest;
  for (const CaaRecord* record : records) {
    const auto value = parse_issue_value(record->value);
    if (!value) continue;  // it permits nobody
    if (!std::ranges::any_of(question.issuer_domains, [&](const std::string& own) {
          return equal_ignoring_case(own, value->issuer);
        }))
      continue;
    nearest = objection(*value, question);
    if (nearest.empty()) return {};
  }
  if (!nearest.empty()) return refused(domain, nearest + ".");
  return refused(domain, "do not let this CA issue" + own_names(question) + ".");
}

std::vector<const CaaRecord*> with_tag(const std::vector<CaaRecord>& records,
                                       std::string_view tag) {
  std::vector<const CaaRecord*> out;
  for (const CaaRecord& record : records) {
    if (record.tag == tag) out.push_back(&record);
  }
  return out;
}

Step<std::vector<CaaRecord>> parse_all(const LookUp& answer, const std::string& domain) {
  std::vector<CaaRecord> records;
  for (const Bytes& data : answer.records) {
    auto record = parse_caa(data);
    if (record && records.size() < kMaxRecords) {
      records.push_back(std::move(*record));
      continue;
    }
    // What cannot be read could be a refusal.
    return std::unexpected(
        Failure{Problem::kCaa,
                "the CAA records of " + domain + " cannot be read: " +
                    (record ? "there are more than 100" : record.error().detail) + ".",
                false});
  }
  return records;
}

std::string parent_of(const std::string& domain) {
  const auto dot = domain.find('.');
  return dot == std::string::npos ? "" : domain.substr(dot + 1);
}

}  // namespace

Outcome judge_caa(const CaaQuestion& question, const std::string& domain,
                  const std::vector<CaaRecord>& records) {
  for (const CaaRecord& record : records) {
    if (record.critical && !is_known(record))
      return refused(domain, "have a critical property that this CA does not know (" +
                                 printable(record.tag) + ").");
  }
  auto relevant = with_tag(records, "issuewild");
  if (!question.wildcard || relevant.empty()) relevant = with_tag(records, "issue");
  // Records of other kinds restrict nobody.
  return relevant.empty() ? Outcome{} : judge_issue(question, domain, relevant);
}

Outcome check_caa(const CaaQuestion& question, const Probe& probe) {
  for (std::string domain = question.name; !domain.empty(); domain = parent_of(domain)) {
    const LookUp answer = probe.look_up(domain, RecordType::kCaa);
    if (answer.failed()) {
      Failure failure = failure_of(answer, domain, RecordType::kCaa);
      failure.detail += " Without an answer no certificate is issued (RFC 8659 section 3).";
      return outcome_of(std::move(failure));
    }
    if (answer.status != LookUp::Status::kRecords) continue;
    const auto records = parse_all(answer, domain);
    return records ? judge_caa(question, domain, *records) : outcome_of(records.error());
  }
  return {};
}

}  // namespace chancery::validation::network
