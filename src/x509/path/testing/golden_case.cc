#include "x509/path/testing/golden_case.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/text.h"
#include "x509/certificate_builder.h"
#include "x509/crl.h"
#include "x509/oids.h"
#include "x509/path/testing/certificate_spec.h"
#include "x509/path/validate.h"

namespace chancery::x509::path::testing {
namespace {

using Words = std::vector<std::string_view>;

constexpr TimePoint kDefaultFrom = from_unix(1'767'225'600);  // 2026-01-01T00:00:00Z
constexpr TimePoint kDefaultTo = from_unix(1'798'761'600);    // 2027-01-01T00:00:00Z
constexpr TimePoint kDefaultTime = from_unix(1'780'272'000);  // 2026-06-01T00:00:00Z

// Keys by name. They live as long as the program: cases share them, since making them takes time.
const crypto::PrivateKey& key_named(const std::string& name, const std::string& type) {
  static std::map<std::string, crypto::PrivateKey> keys;
  const std::string id = name + " " + type;
  auto found = keys.find(id);
  if (found == keys.end()) {
    const crypto::KeyType parsed = crypto::parse_key_type(type).value();
    found = keys.emplace(id, crypto::PrivateKey::generate(parsed).value()).first;
  }
  return found->second;
}

Result<asn1::Oid> policy_oid(std::string_view word) {
  return word == "any" ? oids::kAnyPolicy : asn1::Oid::parse(word);
}

Result<int> number(std::string_view word) {
  int value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size())
    return fail(Code::kMalformed, "not a number");
  return value;
}

Result<asn1::Oid> usage_oid(std::string_view word) {
  constexpr std::pair<std::string_view, asn1::Oid> kKnown[] = {
      {"server", oids::kServerAuth},         {"client", oids::kClientAuth},
      {"code-signing", oids::kCodeSigning},  {"email", oids::kEmailProtection},
      {"timestamping", oids::kTimeStamping}, {"ocsp", oids::kOcspSigning},
      {"any", oids::kAnyExtendedKeyUsage}};
  for (const auto& [name, oid] : kKnown) {
    if (name == word) return oid;
  }
  return asn1::Oid::parse(word);
}

// The same name with every UTF8String made another string type.
Bytes retagged(Bytes der, std::uint8_t tag) {
  for (std::size_t i = 0; i + 5 < der.size(); ++i) {
    // 06 03 55 04 xx 0c: an attribute of X.520 with a UTF8String
    if (der[i] == 0x55 && der[i + 1] == 0x04 && der[i + 3] == asn1::kUtf8String) der[i + 3] = tag;
  }
  return der;
}

// What the lines of a "certificate" block say.
struct Block {
  std::string label;
  Bytes subject;
  std::string issuer;  // label; its own: self-signed
  std::optional<Bytes> issuer_name;
  std::string key;
  std::string key_type = "ec-p256";
  std::string sign_with;
  std::string aki;
  std::optional<BasicConstraints> constraints;
  Criticality constraints_critical = Criticality::kCritical;
  std::optional<KeyUsage> key_usage;
  int version = 3;
  TimePoint from = kDefaultFrom;
  TimePoint to = kDefaultTo;
  std::vector<GeneralName> names;
  std::vector<asn1::Oid> usages;
  Criticality usages_critical = Criticality::kNonCritical;
  NameConstraints name_constraints;
  std::vector<PolicyInformation> policies;
  std::vector<std::pair<asn1::Oid, asn1::Oid>> mappings;
  int require_explicit = -1;
  int inhibit_mapping = -1;
  int inhibit_any = -1;
  std::vector<std::string> crl_urls;
  std::vector<Bytes> more;
  std::optional<Bytes> algorithm;
  bool corrupt = false;
};

struct CrlBlock {
  std::string issuer;
  std::string sign_with;
  TimePoint from = kDefaultFrom;
  TimePoint to = kDefaultTo;
  std::vector<std::pair<std::string, ReasonCode>> revoked;
  IssuingDistributionPoint scope;
  std::vector<std::string> urls;
  bool scoped = false;
  int number = 1;
  std::optional<int> base;  // of a delta
};

struct OcspBlock {
  std::string issuer;
  std::string responder;
  TimePoint from = kDefaultFrom;
  std::optional<TimePoint> to = kDefaultTo;
  std::vector<std::pair<std::string, CertStatus>> statuses;
};

class Case {
 public:
  Case() { options_.time = kDefaultTime; }

  Result<void> read(std::string_view text) {
    std::size_t line_number = 0;
    for (std::string_view line : split(text, '\n')) {
      ++line_number;
      line = trim(line.substr(0, line.find('#')));
      if (line.empty()) continue;
      const auto done = read_line(line);
      if (!done) {
        return std::unexpected(
            Error(done.error())
                .with("line", std::to_string(line_number) + ": " + std::string(line)));
      }
    }
    return {};
  }

  Result<GoldenOutcome> run() {
    for (const Block& block : blocks_) TRY(make_certificate(block));
    std::vector<CertificateList> crls;
    for (const CrlBlock& block : crls_) crls.push_back(TRY(make_crl(block)));
    std::vector<OcspResponse> responses;
    for (const OcspBlock& block : ocsp_) responses.push_back(TRY(make_ocsp(block)));
    TrustStore trust;
    for (const std::string& label : trust_) trust.add(TRY(certificate(label)));
    CertificatePool pool;
    for (const std::string& label : chain_) pool.add(TRY(certificate(label)));
    options_.revocation.crls = crls;
    options_.revocation.ocsp = responses;
    const CertificateSource* const source = &pool;
    const Certificate target = TRY(certificate(target_));
    return outcome(validate(target, trust, std::span(&source, 1), options_));
  }

 private:
  Result<void> read_line(std::string_view line) {
    const std::size_t space = line.find(' ');
    const std::string_view verb = line.substr(0, space);
    const std::string_view rest =
        space == std::string_view::npos ? std::string_view() : trim(line.substr(space));
    Words words;
    for (const std::string_view word : split(rest, ' ')) {
      if (!word.empty()) words.push_back(word);
    }
    if (verb == "certificate") return begin_certificate(rest);
    if (verb == "crl") {
      crls_.push_back({});
      crls_.back().issuer = crls_.back().sign_with = rest;
      in_ = In::kCrl;
      return {};
    }
    if (verb == "ocsp") {
      ocsp_.push_back({});
      ocsp_.back().issuer = ocsp_.back().responder = rest;
      in_ = In::kOcsp;
      return {};
    }
    if (verb == "verify") {
      target_ = rest;
      in_ = In::kOptions;
      return {};
    }
    if (verb == "expect" || verb == "path" || verb == "finding" || verb == "policy-set") {
      (verb == "finding" ? expected_findings_ : expected_).push_back(std::string(line));
      return {};
    }
    switch (in_) {
      case In::kNothing:
        return fail(Code::kMalformed, "stands before the first block");
      case In::kCertificate:
        return read_certificate_line(verb, rest, words);
      case In::kCrl:
        return read_crl_line(verb, rest, words);
      case In::kOcsp:
        return read_ocsp_line(verb, rest, words);
      case In::kOptions:
        return read_option(verb, rest, words);
    }
    return {};
  }

  Result<void> begin_certificate(std::string_view label) {
    Block block;
    block.label = block.issuer = block.key = label;
    block.subject = to_bytes(TRY(Name::parse("CN=" + std::string(label))).der());
    blocks_.push_back(std::move(block));
    in_ = In::kCertificate;
    return {};
  }

  Result<void> read_certificate_line(std::string_view verb, std::string_view rest, Words words) {
    Block& b = blocks_.back();
    const auto one_of = [&](std::initializer_list<std::string_view> verbs) {
      return std::ranges::find(verbs, verb) != verbs.end();
    };
    if (one_of({"permit", "exclude", "san", "policy", "map", "require-explicit", "inhibit-mapping",
                "inhibit-any", "eku", "eku-critical", "ku", "crldp", "extension"})) {
      return read_extension_line(verb, rest, words);
    }
    if (verb == "subject") {
      b.subject = to_bytes(TRY(Name::parse(rest)).der());
    } else if (verb == "subject-printable") {
      b.subject = retagged(to_bytes(TRY(Name::parse(rest)).der()), asn1::kPrintableString);
    } else if (verb == "issuer") {
      b.issuer = rest;
    } else if (verb == "issuer-name") {
      b.issuer_name = to_bytes(TRY(Name::parse(rest)).der());
    } else if (verb == "key") {
      b.key = words.at(0);
      if (words.size() > 1) b.key_type = words[1];
    } else if (verb == "sign-with") {
      b.sign_with = rest;
    } else if (verb == "aki") {
      b.aki = rest;
    } else if (verb == "ca" || verb == "ca-not-critical") {
      b.constraints = BasicConstraints{true, {}};
      if (!words.empty())
        b.constraints->path_length = static_cast<std::uint32_t>(TRY(number(words[0])));
      if (verb != "ca") b.constraints_critical = Criticality::kNonCritical;
    } else if (verb == "not-ca") {
      b.constraints = BasicConstraints{};
    } else if (verb == "version") {
      b.version = TRY(number(rest));
    } else if (verb == "valid") {
      b.from = TRY(parse_rfc3339(words.at(0)));
      b.to = TRY(parse_rfc3339(words.at(1)));
    } else if (verb == "algorithm") {
      b.algorithm = TRY(parse_hex(rest));
    } else if (verb == "corrupt") {
      b.corrupt = true;
    } else {
      return fail(Code::kMalformed, "unknown word in a certificate block");
    }
    return {};
  }

  Result<void> read_extension_line(std::string_view verb, std::string_view rest, Words words) {
    Block& b = blocks_.back();
    if (verb == "san") {
      b.names.push_back(TRY(GeneralName::parse(rest)));
    } else if (verb == "permit") {
      b.name_constraints.permitted.push_back(TRY(GeneralName::parse(rest)));
    } else if (verb == "exclude") {
      b.name_constraints.excluded.push_back(TRY(GeneralName::parse(rest)));
    } else if (verb == "eku" || verb == "eku-critical") {
      for (const std::string_view word : words) b.usages.push_back(TRY(usage_oid(word)));
      if (verb != "eku") b.usages_critical = Criticality::kCritical;
    } else if (verb == "ku") {
      b.key_usage = KeyUsage();
      for (const std::string_view word : words) {
        const auto bit = key_usage_bit(word);
        if (!bit) return fail(Code::kMalformed, "unknown key usage");
        b.key_usage->add(*bit);
      }
    } else if (verb == "policy") {
      for (const std::string_view word : words)
        b.policies.push_back({TRY(policy_oid(word)), {}, {}});
    } else if (verb == "map") {
      const asn1::Oid from = TRY(policy_oid(words.at(0)));
      const asn1::Oid to = TRY(policy_oid(words.at(1)));
      b.mappings.emplace_back(from, to);
    } else if (verb == "require-explicit") {
      b.require_explicit = TRY(number(rest));
    } else if (verb == "inhibit-mapping") {
      b.inhibit_mapping = TRY(number(rest));
    } else if (verb == "inhibit-any") {
      b.inhibit_any = TRY(number(rest));
    } else if (verb == "crldp") {
      b.crl_urls.emplace_back(rest);
    } else {
      const asn1::Oid id = TRY(asn1::Oid::parse(words.at(0)));
      const Bytes value = TRY(parse_hex(words.at(2)));
      const bool critical = words.at(1) == "critical";
      b.more.push_back(extension(id, critical, [&](asn1::Writer& w) { w.raw(value); }));
    }
    return {};
  }

  Result<void> read_crl_line(std::string_view verb, std::string_view rest, Words words) {
    CrlBlock& b = crls_.back();
    if (verb == "valid") {
      b.from = TRY(parse_rfc3339(words.at(0)));
      b.to = TRY(parse_rfc3339(words.at(1)));
    } else if (verb == "revoke") {
      const auto reason = reason_code(words.size() > 1 ? words[1] : "unspecified");
      if (!reason) return fail(Code::kMalformed, "unknown reason");
      b.revoked.emplace_back(words.at(0), *reason);
    } else if (verb == "sign-with") {
      b.sign_with = rest;
    } else if (verb == "number") {
      b.number = TRY(number(rest));
    } else if (verb == "delta") {
      b.base = TRY(number(rest));
    } else if (verb == "only") {
      b.scoped = true;
      b.scope.only_contains_user_certs = rest == "users";
      b.scope.only_contains_ca_certs = rest == "authorities";
    } else if (verb == "point") {
      b.scoped = true;
      b.urls.emplace_back(rest);
    } else {
      return fail(Code::kMalformed, "unknown word in a crl block");
    }
    return {};
  }

  Result<void> read_ocsp_line(std::string_view verb, std::string_view rest, Words words) {
    OcspBlock& b = ocsp_.back();
    if (verb == "valid") {
      b.from = TRY(parse_rfc3339(words.at(0)));
      b.to = TRY(parse_rfc3339(words.at(1)));
    } else if (verb == "no-next-update") {
      b.to.reset();
    } else if (verb == "responder") {
      b.responder = rest;
    } else if (verb == "good" || verb == "revoked" || verb == "unknown") {
      b.statuses.emplace_back(rest, verb == "good"      ? CertStatus::kGood
                                    : verb == "revoked" ? CertStatus::kRevoked
                                                        : CertStatus::kUnknown);
    } else {
      return fail(Code::kMalformed, "unknown word in an ocsp block");
    }
    return {};
  }

  Result<void> read_option(std::string_view verb, std::string_view rest, Words words) {
    Options& o = options_;
    if (verb == "trust" || verb == "chain") {
      for (const std::string_view word : words)
        (verb == "trust" ? trust_ : chain_).emplace_back(word);
    } else if (verb == "host") {
      o.host = std::string(rest);
    } else if (verb == "purpose") {
      o.purpose = TRY(parse_purpose(rest));
    } else if (verb == "time") {
      o.time = TRY(parse_rfc3339(rest));
    } else if (verb == "policies") {
      for (const std::string_view word : words)
        o.policies.acceptable.push_back(TRY(policy_oid(word)));
    } else if (verb == "initial") {
      o.policies.require_explicit |= rest == "require-explicit";
      o.policies.inhibit_mapping |= rest == "inhibit-mapping";
      o.policies.inhibit_any |= rest == "inhibit-any";
    } else if (verb == "revocation") {
      o.revocation.mode =
          rest == "required" ? RevocationMode::kRequired : RevocationMode::kIfAvailable;
    } else if (verb == "depth") {
      o.limits.depth = static_cast<std::size_t>(TRY(number(rest)));
    } else if (verb == "signatures") {
      o.limits.signature_checks = static_cast<std::size_t>(TRY(number(rest)));
    } else if (verb == "iterations") {
      o.limits.iterations = static_cast<std::size_t>(TRY(number(rest)));
    } else if (verb == "name-comparisons") {
      o.limits.name_comparisons = static_cast<std::size_t>(TRY(number(rest)));
    } else {
      return fail(Code::kMalformed, "unknown option");
    }
    return {};
  }

  Result<Certificate> certificate(const std::string& label) const {
    const auto found = made_.find(label);
    if (found != made_.end()) return found->second;
    return std::unexpected(
        Error{Code::kMalformed, "there is no certificate of this label", {}, {}}.with("label",
                                                                                      label));
  }

  const Block& block(const std::string& label) const {
    const auto found = std::ranges::find(blocks_, label, &Block::label);
    return found == blocks_.end() ? blocks_.front() : *found;
  }

  const crypto::PrivateKey& key_of(const std::string& label) const {
    return key_named(block(label).key, block(label).key_type);
  }

  std::vector<Bytes> extensions_of(const Block& b) const {
    std::vector<Bytes> out;
    if (b.version != 3) return out;
    const auto add = [&](const std::function<void(asn1::Writer&)>& write) {
      out.push_back(written(write));
    };
    const bool ca = b.constraints && b.constraints->ca;
    if (b.constraints) {
      add([&](asn1::Writer& w) {
        write_basic_constraints(w, *b.constraints, b.constraints_critical);
      });
    }
    const KeyUsage usage =
        b.key_usage.value_or(ca ? KeyUsage{KeyUsageBit::kKeyCertSign, KeyUsageBit::kCrlSign}
                                : KeyUsage{KeyUsageBit::kDigitalSignature});
    if (!usage.empty()) add([&](asn1::Writer& w) { write_key_usage(w, usage); });
    if (ca) {
      const crypto::Sha1 id = key_identifier(key_of(b.label).public_key());
      add([&](asn1::Writer& w) { write_subject_key_id(w, id); });
    }
    if (b.issuer != b.label && b.aki != "none") {
      const crypto::Sha1 id = key_identifier(key_of(b.aki.empty() ? b.issuer : b.aki).public_key());
      add([&](asn1::Writer& w) { write_authority_key_id(w, id); });
    }
    if (!b.names.empty()) add([&](asn1::Writer& w) { write_subject_alt_name(w, b.names); });
    if (!b.usages.empty())
      add([&](asn1::Writer& w) { write_extended_key_usage(w, b.usages, b.usages_critical); });
    if (!b.name_constraints.permitted.empty() || !b.name_constraints.excluded.empty())
      add([&](asn1::Writer& w) { write_name_constraints(w, b.name_constraints); });
    if (!b.policies.empty())
      add([&](asn1::Writer& w) { write_certificate_policies(w, b.policies); });
    if (!b.crl_urls.empty())
      add([&](asn1::Writer& w) { write_crl_distribution_points(w, b.crl_urls); });
    if (!b.mappings.empty()) out.push_back(policy_mappings(b.mappings));
    if (b.require_explicit >= 0 || b.inhibit_mapping >= 0)
      out.push_back(policy_constraints(b.require_explicit, b.inhibit_mapping));
    if (b.inhibit_any >= 0) out.push_back(inhibit_any_policy(b.inhibit_any));
    out.insert(out.end(), b.more.begin(), b.more.end());
    return out;
  }

  Result<void> make_certificate(const Block& b) {
    const crypto::PrivateKey& signer = key_of(b.sign_with.empty() ? b.issuer : b.sign_with);
    CertificateSpec spec;
    spec.version = b.version;
    // Every certificate has a serial number of its own.
    spec.serial = {0x4a, static_cast<std::uint8_t>(made_.size() + 1)};
    spec.issuer = b.issuer_name ? *b.issuer_name : block(b.issuer).subject;
    spec.subject = b.subject;
    spec.not_before = b.from;
    spec.not_after = b.to;
    spec.spki = to_bytes(key_of(b.label).public_key().spki());
    spec.algorithm = b.algorithm ? *b.algorithm : algorithm_of(signer);
    spec.extensions = extensions_of(b);
    const Sign sign = sign_with(signer);
    Bytes der = encode(spec, [&](BytesView tbs) {
      Bytes signature = sign(tbs);
      if (b.corrupt) signature.back() ^= 1;
      return signature;
    });
    made_.emplace(b.label, TRY(Certificate::parse(std::move(der))));
    return {};
  }

  Result<CertificateList> make_crl(CrlBlock b) {
    Bytes entries;
    for (const auto& [label, reason] : b.revoked)
      append(entries, encode_crl_entry(TRY(certificate(label)).serial(), b.from, reason));
    b.scope.urls = b.urls;
    const Bytes scope = encode_issuing_distribution_point(b.scope);
    const Extension scope_extension{oids::kIssuingDistributionPoint, true, scope};
    const crypto::PrivateKey& signer = key_of(b.sign_with);
    const Certificate issuer = TRY(certificate(b.issuer));
    CrlHeader header;
    header.scheme = crypto::default_scheme(signer.type());
    header.issuer = issuer.subject().der();
    header.this_update = b.from;
    header.next_update = b.to;
    const Bytes list_number{static_cast<std::uint8_t>(b.number)};
    header.number = list_number;
    const Bytes base{0x02, 0x01, static_cast<std::uint8_t>(b.base.value_or(0))};
    std::vector<Extension> more;
    if (b.scoped) more.push_back(scope_extension);
    if (b.base) more.push_back({oids::kDeltaCrlIndicator, true, base});
    header.more = more;
    Bytes tbs = encode_tbs_crl(header, entries);
    const Bytes signature = TRY(signer.sign(header.scheme, tbs));
    return CertificateList::parse(assemble_crl(std::move(tbs), header.scheme, signature));
  }

  Result<OcspResponse> make_ocsp(const OcspBlock& b) {
    const Certificate issuer = TRY(certificate(b.issuer));
    const Certificate responder = TRY(certificate(b.responder));
    const crypto::PublicKey issuer_key = TRY(issuer.public_key());
    std::vector<Bytes> ids;
    for (const auto& [label, status] : b.statuses) {
      const Certificate asked = TRY(certificate(label));
      ids.push_back(encode_cert_id(crypto::DigestAlgorithm::kSha256, issuer.subject(), issuer_key,
                                   asked.serial()));
    }
    std::vector<SingleResponse> singles;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      SingleResponse single;
      single.cert_id = ids[i];
      single.status = b.statuses[i].second;
      single.revoked_at = b.from;
      single.this_update = b.from;
      single.next_update = b.to;
      singles.push_back(single);
    }
    const crypto::PrivateKey& signer = key_of(b.responder);
    const crypto::Sha1 key_hash = key_identifier(signer.public_key());
    ResponseFields fields;
    fields.responder_key_sha1 = key_hash;
    fields.produced_at = b.from;
    fields.responses = singles;
    const Bytes data = encode_response_data(fields);
    const auto scheme = crypto::default_scheme(signer.type());
    const Bytes signature = TRY(signer.sign(scheme, data));
    const BytesView certificate_der = responder.der();
    const bool delegated = b.responder != b.issuer;
    return OcspResponse::parse(assemble_ocsp_response(
        data, scheme, signature,
        delegated ? std::span(&certificate_der, 1) : std::span<const BytesView>()));
  }

  std::string label_of(const Certificate& certificate) const {
    for (const auto& [label, made] : made_) {
      if (made == certificate) return label;
    }
    return "?";
  }

  GoldenOutcome outcome(const Report& report) {
    std::vector<std::string> lines;
    lines.push_back(report.valid ? "expect valid" : "expect invalid");
    std::string path = "path";
    for (const Certificate& one : report.path) path += " " + label_of(one);
    lines.push_back(path);
    if (std::ranges::any_of(expected_, [](const auto& l) { return l.starts_with("policy-set"); })) {
      std::string set = "policy-set";
      for (const asn1::Oid& oid : report.policies)
        set += " " + (oid == oids::kAnyPolicy ? "any" : oid.to_string());
      lines.push_back(set);
    }
    std::vector<std::string> findings;
    for (const Finding& finding : report.findings.list()) {
      if (finding.severity == Severity::kInfo) continue;
      findings.push_back("finding " + std::string(name(finding.severity)) + " " +
                         (finding.certificate ? std::to_string(*finding.certificate) : "-") + " " +
                         std::string(name(finding.rule)));
    }
    std::ranges::sort(findings);
    std::ranges::sort(expected_findings_);
    std::ranges::sort(lines);
    std::ranges::sort(expected_);
    return {join(expected_, "\n") + "\n" + join(expected_findings_, "\n"),
            join(lines, "\n") + "\n" + join(findings, "\n")};
  }

  enum class In : std::uint8_t { kNothing, kCertificate, kCrl, kOcsp, kOptions };
  In in_ = In::kNothing;
  std::vector<Block> blocks_;
  std::vector<CrlBlock> crls_;
  std::vector<OcspBlock> ocsp_;
  std::map<std::string, Certificate> made_;
  std::vector<std::string> trust_;
  std::vector<std::string> chain_;
  std::string target_;
  Options options_;
  std::vector<std::string> expected_;
  std::vector<std::string> expected_findings_;
};

}  // namespace

Result<GoldenOutcome> run_golden_case(std::string_view text) {
  Case golden;
  TRY(golden.read(text));
  return golden.run();
}

}  // namespace chancery::x509::path::testing
