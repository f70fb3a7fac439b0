#include "cli/request_maker.h"

#include "asn1/pem.h"
#include "os/file.h"
#include "x509/certificate_builder.h"
#include "x509/csr.h"
#include "x509/oids.h"

namespace chancery::cli {
namespace {

Result<x509::GeneralName> parse_name(const std::string& name) {
  if (auto address = x509::parse_ip(name)) return x509::GeneralName::ip(*address);
  if (name.find("://") != std::string::npos && name.find("URI:") != 0)
    return x509::GeneralName::uri(name);
  if (name.find(':') != std::string::npos) return x509::GeneralName::parse(name);
  if (name.find('@') != std::string::npos) return x509::GeneralName::email(name);
  return x509::GeneralName::dns(name);
}

}  // namespace

Result<std::vector<x509::GeneralName>> parse_names(const std::vector<std::string>& names) {
  std::vector<x509::GeneralName> parsed;
  for (const std::string& name : names) {
    auto one = parse_name(name);
    if (!one) return std::unexpected(std::move(one).error().with("name", name));
    parsed.push_back(*std::move(one));
  }
  return parsed;
}

Result<std::string> make_request(const crypto::PrivateKey& key, const std::string& common_name,
                                 const std::vector<std::string>& names) {
  if (!crypto::can_sign(key.type().algorithm)) {
    return fail(Code::kInvalidArgument, crypto::to_string(key.type()) +
                                            " keys sign nothing, so they cannot sign a request");
  }
  x509::NameBuilder builder;
  if (!common_name.empty()) TRY(builder.add(x509::oids::kCommonName, common_name));
  const x509::Name subject = builder.build();
  const auto alt_names = TRY(parse_names(names));
  x509::RequestFields fields;
  const BytesView subject_der = subject.der();
  fields.subject = subject_der;
  fields.spki = key.public_key().spki();
  fields.subject_alt_names = alt_names;
  const Bytes info = TRY(x509::encode_request_info(fields));
  const auto scheme = crypto::default_scheme(key.type());
  const Bytes signature = TRY(key.sign(scheme, info));
  return asn1::pem("CERTIFICATE REQUEST", x509::assemble(info, scheme, signature));
}

Result<void> write_output(const std::string& path, BytesView content, Secrecy secrecy, bool force) {
  const unsigned mode = secrecy == Secrecy::kPrivate ? os::kPrivateFile : os::kPublicFile;
  auto written = force ? os::write_file(path, content, mode) : os::create_file(path, content, mode);
  if (!written && written.error().code == Code::kAlreadyExists) {
    return std::unexpected(
        Error{Code::kAlreadyExists, "the file exists; use --force to overwrite it", {}, {}}.with(
            "path", path));
  }
  return written;
}

Result<SecretBytes> private_key_pem(const crypto::PrivateKey& key) {
  const SecretBytes der = TRY(key.to_pkcs8());
  std::string text = asn1::pem("PRIVATE KEY", der.view());
  SecretBytes pem(as_bytes(text));
  wipe(text);
  return pem;
}

}  // namespace chancery::cli
