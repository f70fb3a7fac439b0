#include <boost/json.hpp>

#include "cli/report.h"
#include "cli/request_maker.h"
#include "cli/verbs.h"
#include "os/file.h"
#include "x509/csr.h"
#include "x509/to_text.h"

namespace chancery::cli {
namespace {

constexpr std::size_t kMaxFile = 1024 * 1024;

Result<crypto::PrivateKey> load_or_make_key(const CsrCreateOptions& options) {
  if (!options.key.empty()) {
    const SecretBytes text = TRY(os::read_secret_file(options.key, kMaxFile));
    return crypto::PrivateKey::from_pem(as_text(text.view()));
  }
  if (options.out_key.empty()) {
    return fail(Code::kInvalidArgument,
                "say where to write the new key with --out-key, or give one with --key");
  }
  const crypto::KeyType type = TRY(crypto::parse_key_type(options.key_type));
  auto key = TRY(crypto::PrivateKey::generate(type));
  const SecretBytes pem = TRY(private_key_pem(key));
  TRY(write_output(options.out_key, pem.view(), Secrecy::kPrivate, options.force));
  return key;
}

Result<void> create(const CsrCreateOptions& options) {
  TRY(parse_names(options.names));  // before a key is made
  const crypto::PrivateKey key = TRY(load_or_make_key(options));
  const std::string pem = TRY(make_request(key, options.common_name, options.names));
  if (options.out_csr.empty()) {
    print(pem);
    return {};
  }
  return write_output(options.out_csr, as_bytes(pem), Secrecy::kPublic, options.force);
}

Result<void> show(const std::string& file, Format format) {
  const Bytes content = TRY(os::read_file(file, kMaxFile));
  const bool is_pem = as_text(content).find("-----BEGIN ") != std::string_view::npos;
  const auto request = is_pem ? TRY(x509::CertificationRequest::from_pem(as_text(content)))
                              : TRY(x509::CertificationRequest::parse(BytesView(content)));
  const auto verified = request.verify_signature();
  if (format == Format::kText) {
    print(x509::to_text(request));
  } else {
    boost::json::array names;
    for (const auto& name : request.subject_alt_names()) names.emplace_back(name.to_string());
    print_value({{"subject", request.subject().to_string()},
                 {"key_type", crypto::to_string(request.public_key().type())},
                 {"names", names},
                 {"signature_valid", verified.has_value()}},
                format);
  }
  if (!verified)
    return std::unexpected(
        Error{Code::kRefused, "the request's signature does not verify", {}, {}}.with("file",
                                                                                      file));
  return {};
}

}  // namespace

Exit csr_create(const CsrCreateOptions& options, const Common&) {
  const auto done = create(options);
  return done ? Exit::kOk : fail_with(done.error());
}

Exit csr_show(const std::string& file, const Common& common) {
  const auto done = show(file, common.format);
  return done ? Exit::kOk : fail_with(done.error());
}

}  // namespace chancery::cli
