#include "cli/cert_verify.h"

#include <boost/json.hpp>
#include <chrono>

#include "asn1/pem.h"
#include "base/text.h"
#include "cli/report.h"
#include "cli/verify_report.h"
#include "os/file.h"
#include "x509/path/validate.h"

namespace chancery::cli {
namespace {

namespace path = x509::path;

constexpr std::size_t kMaxCertificates = 16 * 1024 * 1024;
constexpr std::size_t kMaxBlocks = 10'000;
constexpr std::size_t kMaxCrl = 256 * 1024 * 1024;
constexpr const char* kSystemAnchors = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::chrono::seconds kDeadline{10};

struct Inputs {
  std::vector<x509::Certificate> target;  // and what stood behind it
  path::CertificatePool pool;
  path::TrustStore trust;
  std::vector<x509::CertificateList> crls;
  std::vector<x509::OcspResponse> ocsp;
  path::Options options;
};

bool is_pem(BytesView content) {
  return as_text(content).find("-----BEGIN ") != std::string_view::npos;
}

std::unexpected<Error> in_file(const Error& error, const std::string& file) {
  return std::unexpected(Error(error).with("file", file));
}

Result<std::vector<Bytes>> read_blocks(const std::string& file, std::string_view label,
                                       std::size_t max_size) {
  Bytes content = TRY(os::read_file(file, max_size));
  std::vector<Bytes> out;
  if (!is_pem(content)) {
    out.push_back(std::move(content));
    return out;
  }
  auto blocks = asn1::parse_pem(as_text(content), kMaxBlocks);
  if (!blocks) return in_file(blocks.error(), file);
  for (asn1::PemBlock& block : *blocks) {
    if (block.label == label) out.push_back(std::move(block.der));
  }
  if (out.empty())
    return in_file({Code::kNotFound, "no " + std::string(label) + " in the file", {}, {}}, file);
  return out;
}

Result<std::vector<x509::Certificate>> read_certificates(const std::string& file) {
  std::vector<x509::Certificate> out;
  std::vector<Bytes> blocks = TRY(read_blocks(file, "CERTIFICATE", kMaxCertificates));
  for (Bytes& der : blocks) {
    auto certificate = x509::Certificate::parse(std::move(der));
    if (!certificate) return in_file(certificate.error(), file);
    out.push_back(*std::move(certificate));
  }
  return out;
}

// A bundle of many hands: what does not parse there is left out, and told.
Result<void> add_system_anchors(path::TrustStore& trust) {
  std::vector<Bytes> blocks = TRY(read_blocks(kSystemAnchors, "CERTIFICATE", kMaxCertificates));
  std::size_t left_out = 0;
  for (Bytes& der : blocks) {
    auto certificate = x509::Certificate::parse(std::move(der));
    if (certificate) {
      trust.add(*std::move(certificate));
    } else {
      ++left_out;
    }
  }
  if (left_out > 0)
    warn(std::to_string(left_out) + " malformed certificates left out of " + kSystemAnchors);
  return {};
}

Result<void> read_anchors(const VerifyOptions& options, path::TrustStore& trust) {
  for (const std::string& file : options.trust) {
    if (file == "system") {
      TRY(add_system_anchors(trust));
      continue;
    }
    std::vector<x509::Certificate> anchors = TRY(read_certificates(file));
    for (x509::Certificate& anchor : anchors) trust.add(std::move(anchor));
  }
  return {};
}

Result<void> read_status(const VerifyOptions& options, Inputs& inputs) {
  for (const std::string& file : options.crls) {
    std::vector<Bytes> blocks = TRY(read_blocks(file, "X509 CRL", kMaxCrl));
    for (Bytes& der : blocks) {
      auto crl = x509::CertificateList::parse(std::move(der));
      if (!crl) return in_file(crl.error(), file);
      inputs.crls.push_back(*std::move(crl));
    }
  }
  for (const std::string& file : options.ocsp) {
    auto response = x509::OcspResponse::parse(TRY(os::read_file(file)));
    if (!response) return in_file(response.error(), file);
    inputs.ocsp.push_back(*std::move(response));
  }
  return {};
}

Result<path::RevocationMode> revocation_mode(const VerifyOptions& options) {
  using enum path::RevocationMode;
  if (options.revocation.empty())
    return options.crls.empty() && options.ocsp.empty() ? kOff : kRequired;
  if (options.revocation == "off") return kOff;
  if (options.revocation == "if-available") return kIfAvailable;
  if (options.revocation == "required") return kRequired;
  return fail(Code::kInvalidArgument, "--revocation is off, if-available or required");
}

// What the command line itself says, before any file is read.
Result<path::Options> read_options(const VerifyOptions& options) {
  path::Options out;
  out.explain = true;
  out.time = options.time.empty() ? SystemClock().now() : TRY(parse_rfc3339(options.time));
  out.purpose = TRY(path::parse_purpose(options.purpose));
  if (!options.host.empty()) out.host = options.host;
  for (const std::string& policy : options.policies)
    out.policies.acceptable.push_back(TRY(asn1::Oid::parse(policy)));
  out.policies.require_explicit = options.require_policy || !options.policies.empty();
  out.revocation.mode = TRY(revocation_mode(options));
  out.limits.out_of_time = [end = std::chrono::steady_clock::now() + kDeadline] {
    return std::chrono::steady_clock::now() > end;
  };
  return out;
}

Result<void> read_files(const VerifyOptions& options, Inputs& inputs) {
  inputs.target = TRY(read_certificates(options.file));
  for (std::size_t i = 1; i < inputs.target.size(); ++i) inputs.pool.add(inputs.target[i]);
  for (const std::string& file : options.chain) {
    std::vector<x509::Certificate> chain = TRY(read_certificates(file));
    for (x509::Certificate& certificate : chain) inputs.pool.add(std::move(certificate));
  }
  TRY(read_anchors(options, inputs.trust));
  TRY(read_status(options, inputs));
  return {};
}

}  // namespace

Exit cert_verify(const VerifyOptions& options, const Common& common) {
  Inputs inputs;
  auto asked = read_options(options);
  if (!asked) {
    warn(asked.error().to_string());
    return Exit::kUsage;
  }
  inputs.options = *std::move(asked);
  if (const auto read = read_files(options, inputs); !read) return fail_with(read.error());
  inputs.options.revocation.crls = inputs.crls;
  inputs.options.revocation.ocsp = inputs.ocsp;
  const path::CertificateSource* const pool = &inputs.pool;
  const path::Report report =
      path::validate(inputs.target.front(), inputs.trust, std::span(&pool, 1), inputs.options);
  if (common.format == Format::kText) {
    print(verify_text(report, inputs.options));
  } else {
    print_value(verify_json(report, inputs.options), common.format);
  }
  return report.valid ? Exit::kOk : Exit::kNotValid;
}

}  // namespace chancery::cli
