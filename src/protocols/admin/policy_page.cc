#include "protocols/admin/policy_page.h"

#include "base/text.h"
#include "protocols/admin/handlers.h"
#include "x509/lint/lint.h"
#include "x509/oids.h"

namespace chancery::admin {
namespace {

constexpr std::size_t kMostListed = 1000;

// escaped takes from a text what Markdown would read as its own: some marks anywhere, others where
// a line begins.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text, 500)) {
    const bool anywhere = std::string_view("\\`*_[]<>!|&").contains(c);
    if (anywhere || (out.empty() && std::string_view("#+-").contains(c))) out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::string code(std::string_view text) {
  std::string plain = printable(text, 500);
  std::erase(plain, '`');
  return "`" + plain + "`";
}

std::string codes(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + code(text);
  return out;
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

// Page builds the document; every paragraph ends with an empty line.
class Page {
 public:
  void heading(unsigned level, std::string_view text) {
    out_ += std::string(level, '#') + " " + std::string(text) + "\n\n";
  }
  void say(std::string_view text) { out_ += std::string(text) + "\n\n"; }
  void item(std::string_view text) { out_ += "- " + std::string(text) + "\n"; }
  void end_list() { out_ += "\n"; }
  void to_write(std::string_view what) {
    out_ += "> **To be written by the operator:** " + std::string(what) + "\n\n";
  }
  [[nodiscard]] std::string take() && { return std::move(out_); }

 private:
  std::string out_;
};

std::string duration(seconds time) {
  const auto whole = [&](std::int64_t unit) {
    return time.count() > 0 && time.count() % unit == 0;
  };
  const auto in = [&](std::int64_t unit) { return static_cast<std::size_t>(time.count() / unit); };
  if (whole(86'400)) return counted(in(86'400), "day", "days");
  if (whole(3600)) return counted(in(3600), "hour", "hours");
  return format_duration(time);
}

std::string lifetime_of(const policy::Role& rules, const policy::Limits& limits, bool is_role) {
  if (!rules.not_after.empty()) return "Certificates end at " + code(rules.not_after) + ".";
  seconds most = rules.max_ttl > seconds{0} ? rules.max_ttl : limits.max_ttl;
  if (is_role) most = std::min(most, limits.max_ttl);
  const seconds usual = rules.ttl > seconds{0} ? rules.ttl : limits.default_ttl;
  return "Certificates live " + duration(std::min(usual, most)) + " unless asked otherwise, and " +
         duration(most) + " at most, never longer than their issuer.";
}

std::vector<std::string> allowed_kinds(const policy::Role& rules) {
  std::vector<std::string> kinds;
  if (rules.allow_any_name) kinds.emplace_back("any name");
  if (!rules.allowed_domains.empty()) {
    std::vector<std::string> how;
    if (rules.allow_bare_domains) how.emplace_back("themselves");
    if (rules.allow_subdomains) how.emplace_back("their subdomains");
    if (rules.allow_glob_domains) how.emplace_back("what they match as patterns");
    if (!how.empty()) {
      kinds.push_back("of the domains " + codes(rules.allowed_domains) + " " + join(how, " and "));
    }
  }
  if (rules.allow_localhost) kinds.emplace_back("`localhost`");
  if (rules.allow_ip_sans) {
    kinds.push_back(rules.allowed_ip_sans_cidr.empty()
                        ? "any IP address"
                        : "IP addresses in " + codes(rules.allowed_ip_sans_cidr));
  }
  if (!rules.allowed_uri_sans.empty())
    kinds.push_back("URIs like " + codes(rules.allowed_uri_sans));
  if (!rules.allowed_other_sans.empty()) {
    kinds.push_back("other names like " + codes(rules.allowed_other_sans));
  }
  return kinds;
}

std::string names_of(const policy::Profile& profile, bool is_role) {
  const policy::Role& rules = profile.rules;
  std::vector<std::string> kinds = allowed_kinds(rules);
  const bool named = rules.cn_validations == std::vector<std::string>{"disabled"};
  if (named && is_role) kinds.emplace_back("any common name");
  if (named && !profile.allowed_common_names.empty()) {
    kinds.push_back("common names like " + codes(profile.allowed_common_names));
  }
  if (kinds.empty()) return "No name is allowed, so nothing can be issued.";
  std::string text = "Names: " + join(kinds, "; ") + ".";
  if (rules.allow_wildcard_certificates && !named)
    text += " Wildcards are allowed where the domain is.";
  return text;
}

std::string keys_of(const policy::CompiledProfile& compiled) {
  const policy::Role& rules = compiled.rules();
  if (!compiled.is_role) {
    std::vector<std::string> keys;
    for (const crypto::KeyType key : compiled.keys) keys.push_back(crypto::to_string(key));
    return "Keys: " + codes(keys) + ", no others.";
  }
  if (rules.key_type == policy::RoleKeyType::kAny) return "Keys: any type that is not known weak.";
  std::string text = "Keys: " + code(policy::name(rules.key_type));
  if (rules.key_bits != 0) text += " of " + std::to_string(rules.key_bits) + " or more";
  return text + ".";
}

std::string usages_of(const policy::CompiledProfile& compiled) {
  std::vector<std::string> purposes;
  for (const asn1::Oid& id : compiled.extended_key_usage) {
    const std::string_view known = x509::oids::name(id);
    purposes.push_back(known.empty() ? id.to_string() : std::string(known));
  }
  std::string text = "Key usage: " + x509::to_string(compiled.key_usage) + ".";
  if (!purposes.empty()) text += " Purposes: " + codes(purposes) + ".";
  return text;
}

void say_extras(Page& page, const policy::Profile& profile) {
  if (profile.ca) {
    page.item(
        "Its certificates are for authorities, with " +
        (profile.max_path_length < 0
             ? std::string("no limit to the authorities below them.")
             : "at most " +
                   counted(static_cast<std::size_t>(profile.max_path_length), "level", "levels") +
                   " of authorities below them."));
  }
  if (!profile.permitted_names.empty()) {
    page.item("Name constraints permit only " + codes(profile.permitted_names) + ".");
  }
  if (!profile.excluded_names.empty()) {
    page.item("Name constraints exclude " + codes(profile.excluded_names) + ".");
  }
  if (profile.ext_key_usage_critical) page.item("The extended key usage is critical.");
  if (profile.must_staple) page.item("TLS servers have to staple OCSP answers (RFC 7633).");
  if (profile.no_rev_avail) page.item("There is no revocation information (RFC 9608).");
  if (profile.ocsp_no_check) page.item("Clients are told not to check its status (ocsp-nocheck).");
  if (!profile.crl_urls) page.item("No CRL distribution point is written.");
  if (!profile.ocsp_urls) page.item("No OCSP address is written.");
  if (!profile.custom_extensions.empty()) {
    page.item("Further extensions: " + codes(profile.custom_extensions) + ".");
  }
  if (!profile.lints.empty()) page.item("Lints set otherwise: " + codes(profile.lints) + ".");
  if (!profile.users.empty()) page.item("Only these may use it: " + codes(profile.users) + ".");
}

void say_rules(Page& page, std::string_view kind, const policy::CompiledProfile& compiled,
               const policy::Limits& limits) {
  const policy::Profile& profile = compiled.source;
  page.heading(4, std::string(kind) + " " + code(profile.rules.name));
  if (!profile.description.empty()) page.say(escaped(profile.description) + ".");
  page.item(names_of(profile, compiled.is_role));
  page.item(keys_of(compiled));
  page.item(lifetime_of(profile.rules, limits, compiled.is_role));
  page.item(usages_of(compiled));
  page.item("Issued by the authority " + code(profile.rules.issuer_ref) + ".");
  if (!profile.rules.policy_identifiers.empty()) {
    page.item("Certificate policies: " + codes(profile.rules.policy_identifiers) + ".");
  }
  if (profile.rules.no_store) {
    page.item("The certificate itself is not kept; its serial number and hash are.");
  }
  say_extras(page, profile);
  page.end_list();
}

void say_introduction(Page& page, const PolicyFacts& facts) {
  page.heading(1, "Certificate Policy and Certification Practice Statement");
  page.say("Written by Chancery " + escaped(facts.version) + " on " + rfc3339(facts.now) +
           " from its running configuration, under the headings of RFC 3647. What it says is "
           "enforced by the program at that moment; what is marked is for the operator to write.");
  page.heading(2, "1. Introduction");
  page.heading(3, "1.1 Overview");
  page.to_write("what this PKI is for, and who answers for it.");
  page.heading(3, "1.2 Document name and identification");
  page.to_write("the document's name and its object identifier.");
  page.heading(3, "1.3 PKI participants");
  page.say("There are " + counted(facts.authorities.size(), "authority", "authorities") + ":");
  for (const auto& authority : facts.authorities) {
    const auto& certificate = authority->certificate();
    page.item(escaped(certificate.subject().to_string()) + ", issued by " +
              escaped(certificate.issuer().to_string()) + ", valid from " +
              rfc3339(certificate.not_before()) + " to " + rfc3339(certificate.not_after()) +
              ", key " + crypto::to_string(authority->public_key().type()) + ", SHA-256 " +
              code(hex(certificate.fingerprint_sha256())) +
              (authority->signer() == nullptr ? ". Its key is kept elsewhere." : "."));
  }
  page.end_list();
  page.to_write("registration authorities, subscribers and relying parties.");
  page.heading(3, "1.4 Certificate usage");
  page.say(
      "Certificates can be used for what their key usage and extended key usage say; section "
      "7.1 lists both for each kind.");
  page.heading(3, "1.5 Policy administration");
  page.to_write("who maintains this document, how to reach them, how it is approved.");
  page.heading(3, "1.6 Definitions and acronyms");
  page.to_write("terms of your own, if any.");
}

void say_publication(Page& page, const PolicyFacts& facts) {
  page.heading(2, "2. Publication and repository responsibilities");
  for (const auto& authority : facts.authorities) {
    const ca::Urls& urls = authority->record().urls;
    page.item(
        escaped(authority->certificate().subject().to_string()) + ": certificates at " +
        (urls.issuing_certificates.empty() ? "no address" : codes(urls.issuing_certificates)) +
        "; CRLs at " +
        (urls.crl_distribution_points.empty() ? "no address"
                                              : codes(urls.crl_distribution_points)) +
        "; OCSP at " + (urls.ocsp_servers.empty() ? "no address" : codes(urls.ocsp_servers)) + ".");
  }
  page.end_list();
  page.say(
      "These addresses are written into the certificates that the authority issues. What is "
      "published there can be read by anybody, without authentication.");
}

void say_identification(Page& page) {
  page.heading(2, "3. Identification and authentication");
  page.heading(3, "3.1 Naming");
  page.say(
      "A certificate names somebody: one without subject and alternative names is refused. "
      "Which names are allowed is a matter of the profile or role (section 7.1); a name that "
      "none of its rules allows is refused.");
  page.heading(3, "3.2 Initial identity validation");
  page.say(
      "Possession of the private key is proven by the signature of the certification request, "
      "which is verified, or is given because the program made the key for the client.");
  page.to_write("how the identity behind a name is established before access is granted.");
  page.heading(3, "3.3 Identification and authentication for re-key requests");
  page.say("A re-key is a new request and is treated as one.");
  page.heading(3, "3.4 Identification and authentication for revocation requests");
  page.say("A revocation needs a token whose policy allows it.");
}

std::string status_words(const ca::StatusSettings& status) {
  std::string words = "CRLs are valid " + duration(status.crl_validity.value);
  words += status.crl_disabled   ? " and list nothing"
           : status.auto_rebuild ? ", renewed " + duration(status.grace_period.value) + " before"
                                 : " and renewed on each revocation";
  if (status.delta_enabled)
    words += ", with delta CRLs at most " + duration(status.delta_interval.value) + " behind";
  words += status.ocsp_disabled ? "; OCSP is not offered."
                                : ", OCSP answers " + duration(status.ocsp_validity.value) + ".";
  if (status.may_revoke_expired) words += " Expired certificates can be revoked.";
  return words;
}

void say_operation(Page& page, const PolicyFacts& facts) {
  page.heading(2, "4. Certificate life-cycle operational requirements");
  page.heading(3, "4.1 Certificate application");
  page.say(
      "Nobody may ask for anything without a valid token, and nothing is allowed unless a "
      "policy says so.");
  page.heading(3, "4.2 to 4.4 Application processing, issuance and acceptance");
  page.say(
      "Every certificate is decided by one profile or role, checked as the exact bytes that "
      "are to be signed by the lints of section 7.1, signed, and recorded; nobody sees it "
      "before its record is durable.");
  page.heading(3, "4.5 Key pair and certificate usage");
  page.to_write("the duties of subscribers and relying parties.");
  page.heading(3, "4.6 to 4.8 Renewal, re-key and modification");
  page.say("None of them exists as a process of its own: there are only new certificates.");
  page.heading(3, "4.9 Certificate revocation and suspension");
  page.say(
      "A revocation takes effect with its record: OCSP answers from the live state, and the "
      "next CRL lists it. An authority's own certificate is not revoked here, and expired ones "
      "only where it is said below.");
  for (std::size_t i = 0; i < facts.authorities.size(); ++i) {
    page.item(escaped(facts.authorities[i]->certificate().subject().to_string()) + ": " +
              status_words(facts.statuses[i]));
  }
  page.end_list();
  page.to_write("who may ask for a revocation, and how fast requests are handled.");
  page.heading(3, "4.10 Certificate status services");
  page.say("CRLs and OCSP, at the addresses of section 2.");
  page.heading(3, "4.11 End of subscription");
  page.to_write("what happens when a subscriber leaves.");
  page.heading(3, "4.12 Key escrow and recovery");
  page.say("Keys that the program makes for clients are handed over once and kept nowhere.");
}

void say_controls(Page& page, const PolicyFacts& facts) {
  page.heading(2, "5. Facility, management, and operational controls");
  page.to_write("physical, procedural and personnel controls (5.1 to 5.3).");
  page.heading(3, "5.4 Audit logging procedures");
  page.say(
      "Issuance, revocation, CRLs and changes of authorities, roles, profiles and tokens are "
      "recorded with time, actor and request, in one log to which is only appended.");
  page.to_write("how long records are kept, change-over, recovery and termination (5.5 to 5.8).");
  page.heading(2, "6. Technical security controls");
  page.heading(3, "6.1 Key pair generation and installation");
  for (const auto& authority : facts.authorities) {
    page.item(escaped(authority->certificate().subject().to_string()) + ": " +
              crypto::to_string(authority->public_key().type()) + ".");
  }
  page.end_list();
  page.say(
      "Subscribers' keys are checked for known weaknesses; which types are allowed is in "
      "section 7.1.");
  page.heading(3, "6.2 Private key protection");
  if (facts.key_protection.empty()) {
    page.to_write("how the authorities' keys are protected.");
  } else {
    page.say(facts.key_protection);
  }
  page.heading(3, "6.3 to 6.8 Other aspects");
  page.to_write("activation data, computer and network security, time-stamping.");
}

void say_profiles(Page& page, const PolicyFacts& facts) {
  page.heading(2, "7. Certificate, CRL, and OCSP profiles");
  page.heading(3, "7.1 Certificate profile");
  page.say(
      "Certificates are X.509 version 3 (RFC 5280). Serial numbers have 19 octets, 16 of them "
      "random. Under roles, certificates live " +
      duration(facts.limits.max_ttl) + " at most.");
  if (facts.profiles.empty() && facts.roles.empty()) {
    page.say("There is no profile and no role yet, so nothing can be issued.");
  }
  for (const auto& stored : facts.profiles) {
    say_rules(page, "Profile", *stored->compiled, facts.limits);
  }
  for (const auto& role : facts.roles) {
    if (const auto compiled = policy::compile(*role)) {
      say_rules(page, "Role", *compiled, facts.limits);
    }
  }
  if (facts.cut) page.say("There are more of them than this page lists.");
  page.heading(4, "Lints");
  page.say(
      "Every certificate is checked for these before it is signed. An error stops it, a "
      "warning is told; a profile above can set them otherwise.");
  for (const auto& rule : x509::lint::rules()) {
    page.item(code(rule.id) + " (" + std::string(x509::lint::name(rule.severity)) +
              "): " + escaped(rule.wants) + ".");
  }
  page.end_list();
  page.heading(3, "7.2 CRL profile");
  page.say("CRLs are X.509 version 2 with a CRL number and the authority's key identifier.");
  page.heading(3, "7.3 OCSP profile");
  page.say(
      "Answers are signed by the authority itself, with SHA-1 or SHA-256 certificate "
      "identifiers as asked.");
  page.heading(2, "8. Compliance audit and other assessments");
  page.to_write("who audits, how often, and what follows.");
  page.heading(2, "9. Other business and legal matters");
  page.to_write("fees, liability, privacy, law.");
}

}  // namespace

std::string make_policy_page(const PolicyFacts& facts) {
  Page page;
  say_introduction(page, facts);
  say_publication(page, facts);
  say_identification(page);
  say_operation(page, facts);
  say_controls(page, facts);
  say_profiles(page, facts);
  return std::move(page).take();
}

namespace {

Result<PolicyFacts> gather(const Call& call) {
  PolicyFacts facts;
  facts.now = call.use.clock.now();
  facts.version = call.options.version;
  facts.key_protection = call.options.key_protection;
  facts.authorities = TRY(call.use.service.authorities(call.scope()));
  for (const auto& authority : facts.authorities)
    facts.statuses.push_back(TRY(call.use.service.status_settings().find_for(*authority)));
  enrol::Profiles& profiles = call.use.enrolment.profiles();
  facts.limits = profiles.limits();
  const auto profile_names = TRY(profiles.list(call.scope(), "", kMostListed));
  for (const std::string& name : profile_names) {
    auto profile = TRY(profiles.find(call.scope(), name));
    if (profile && !profile->shipped()) facts.profiles.push_back(std::move(profile));
  }
  enrol::Roles& roles = call.use.enrolment.roles();
  const auto role_names = TRY(roles.list(call.scope(), "", kMostListed));
  for (const std::string& name : role_names) {
    auto role = TRY(roles.find(call.scope(), name));
    if (role) facts.roles.push_back(std::move(role));
  }
  facts.cut = profile_names.size() == kMostListed || role_names.size() == kMostListed;
  return facts;
}

}  // namespace

http::Response show_policy_page(Call& call) {
  const auto facts = gather(call);
  if (!facts) return failed(call, facts.error());
  return http::Response(200, "text/markdown; charset=utf-8", make_policy_page(*facts))
      .with_header("Cache-Control", "no-store");
}

}  // namespace chancery::admin
