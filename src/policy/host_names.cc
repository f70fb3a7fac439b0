#include <algorithm>

#include "base/text.h"
#include "policy/domain_rules.h"
#include "policy/host_name.h"
#include "policy/names.h"
#include "policy/refusal.h"
#include "x509/idn.h"

namespace chancery::policy {
namespace {

using Kind = x509::GeneralName::Kind;

constexpr std::string_view kOtherKinds =
    "the csr asks for subject alternative names of a kind that roles do not issue; they were left "
    "out";

bool is_email(std::string_view name) { return name.find('@') != std::string_view::npos; }

std::string_view source(const Role& role, const IssueRequest& request) {
  return takes_csr_names(role, request) ? "csr" : "alt_names";
}

// The text is OpenBao's, to the byte; what helps stands beside it.
std::unexpected<Error> idna_error(std::string_view field, std::string_view fault) {
  auto error = invalid(field, "enforce_hostnames", {"idna: invalid label ", in_quotes(fault)});
  const std::string instead = is_ascii(fault) ? "" : x509::a_label_form(fault);
  if (instead.empty()) return error;
  return std::unexpected(std::move(error).error().with("hint", "write " + in_quotes(instead)));
}

// OpenBao decodes the punycode and looks no further (RFC 5891 section 4.2 does).
Result<void> check_a_labels_of(std::string_view field, std::string_view host) {
  if (x509::a_labels_decode(host)) return {};
  for (const std::string_view label : split(host, '.')) {
    if (x509::a_labels_decode(label)) continue;
    auto error = invalid(field, "idna", {"idna: invalid label ", in_quotes(label)});
    return std::unexpected(std::move(error).error().with(
        "hint",
        "the label stands for no name: what it decodes to is not allowed by IDNA2008 or "
        "encodes to another label"));
  }
  return {};
}

// Does a name that is not ASCII stand for a host at all? "Jane Müller" does not.
bool is_foreign_text(std::string_view name) {
  return !is_ascii(name) && !looks_like_host_name(name);
}

Result<void> collect_common_name(const Role& role, std::string_view name, HostNames& out) {
  if (is_email(name)) {
    out.emails.push_back(name);
    return {};
  }
  if (is_foreign_text(name) || (!is_ascii(name) && !role.enforce_hostnames)) return {};
  if (const auto fault = idna_fault(name)) return idna_error("common_name", *fault);
  if (is_host_name(name)) out.dns.push_back(name);
  return {};
}

Result<void> collect_alt_name(std::string_view name, HostNames& out, Warnings& warnings) {
  TRY(check_text("alt_names", name));
  if (is_email(name)) {
    out.emails.push_back(name);
    return {};
  }
  if (!is_foreign_text(name)) {
    if (const auto fault = idna_fault(name)) return idna_error("alt_names", *fault);
  }
  if (is_host_name(name)) {
    out.dns.push_back(name);
  } else {
    warnings.push_back("the alternative name " + in_quotes(name) +
                       " is not a host name and was left out");
  }
  return {};
}

Result<void> collect_csr_names(const x509::CertificationRequest& csr, HostNames& out,
                               Warnings& warnings) {
  bool others = false;
  for (const x509::GeneralName& name : csr.subject_alt_names()) {
    const Kind kind = name.kind();
    if (kind == Kind::kDns || kind == Kind::kEmail) {
      TRY(check_text("csr", name.text()));
      (kind == Kind::kDns ? out.dns : out.emails).push_back(name.text());
    } else {
      others |= kind != Kind::kIp && kind != Kind::kUri && kind != Kind::kOther;
    }
  }
  if (others) warnings.emplace_back(kOtherKinds);
  return {};
}

std::unexpected<Error> not_allowed(std::string_view field, std::string_view rule,
                                   std::string_view what, std::string_view name) {
  return refused(field, rule, {what, name, " not allowed by this role"});
}

// The API's names are one list that '@' tells apart; a request says itself which kind a name is.
std::string_view kind_fault(std::string_view name, Kind kind) {
  if (name.empty()) return "enforce_hostnames";
  return is_email(name) == (kind == Kind::kEmail) ? std::string_view{} : "enforce_hostnames";
}

std::string_view refusing(const Role& role, std::string_view name, Kind kind) {
  const std::string_view fault = kind_fault(name, kind);
  return fault.empty() ? refusing_rule(role, name) : fault;
}

}  // namespace

bool takes_csr_names(const Role& role, const IssueRequest& request) {
  return request.csr != nullptr && role.use_csr_sans;
}

Result<void> check_name_count(const Role& role, const IssueRequest& request) {
  std::size_t count = request.other_sans.size() + 1;
  if (takes_csr_names(role, request)) {
    count += request.csr->subject_alt_names().size();
  } else {
    count += request.alt_names.size() + request.ip_sans.size() + request.uri_sans.size();
  }
  if (count <= kMaxNames) return {};
  return invalid(source(role, request), "names",
                 {"too many names: ", std::to_string(count), " requested, at most ",
                  std::to_string(kMaxNames), " fit into one certificate"});
}

Result<HostNames> collect_host_names(const Role& role, const IssueRequest& request,
                                     std::string_view common_name, Warnings& warnings) {
  HostNames names;
  const bool from_csr = takes_csr_names(role, request);
  names.dns.reserve(
      1 + (from_csr ? request.csr->subject_alt_names().size() : request.alt_names.size()));
  if (from_csr) TRY(collect_csr_names(*request.csr, names, warnings));
  if (!common_name.empty() && !request.exclude_cn_from_sans) {
    TRY(collect_common_name(role, common_name, names));
  }
  if (!from_csr) {
    for (const std::string& text : request.alt_names) {
      const std::string_view name = trim(text);
      if (!name.empty()) TRY(collect_alt_name(name, names, warnings));
    }
  }
  return names;
}

Result<void> check_host_names(const Role& role, const IssueRequest& request,
                              const HostNames& names) {
  for (const std::string_view name : names.dns) {
    const std::string_view rule = refusing(role, name, Kind::kDns);
    if (!rule.empty()) {
      return not_allowed(source(role, request), rule, "subject alternate name ", name);
    }
  }
  for (const std::string_view name : names.emails) {
    const std::string_view rule = refusing(role, name, Kind::kEmail);
    if (!rule.empty()) return not_allowed(source(role, request), rule, "email address ", name);
  }
  return {};
}

Result<void> check_a_labels(const Role& role, const IssueRequest& request,
                            std::string_view common_name, const HostNames& names) {
  if (is_host_name(common_name)) TRY(check_a_labels_of("common_name", common_name));
  for (const std::string_view name : names.dns) {
    TRY(check_a_labels_of(source(role, request), name));
  }
  for (const std::string_view name : names.emails) {
    TRY(check_a_labels_of(source(role, request), name.substr(name.rfind('@') + 1)));
  }
  return {};
}

Result<void> add_host_names(const IssueRequest& request, const HostNames& names,
                            GeneralNames& out) {
  const std::string_view field = request.csr != nullptr ? "csr" : "alt_names";
  for (const std::string_view text : names.dns) {
    auto name = x509::GeneralName::dns(text);
    if (!name)
      return invalid(field, "enforce_hostnames",
                     {"DNS name ", in_quotes(text), ": ", name.error().detail});
    out.push_back(*std::move(name));
  }
  const std::size_t first_email = out.size();
  for (const std::string_view text : names.emails) {
    auto name = x509::GeneralName::email(text);
    if (!name) {
      return invalid(field, "enforce_hostnames",
                     {"email address ", in_quotes(text), ": ", name.error().detail});
    }
    out.push_back(*std::move(name));
  }
  std::ranges::sort(out.begin() + static_cast<std::ptrdiff_t>(first_email), out.end());
  return {};
}

}  // namespace chancery::policy
