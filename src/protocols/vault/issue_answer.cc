#include "protocols/vault/issue_answer.h"

#include <algorithm>

#include "asn1/pem.h"
#include "base/secret_bytes.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/errors.h"

namespace chancery::vault {
namespace {

using Format = AnswerForm::Format;

// How many entries of the chain a client gets that wants no roots.
std::size_t chain_size(const ca::Authority& authority, const AnswerForm& form) {
  const std::size_t all = authority.chain_pem().size();
  if (!form.without_roots) return all;
  const auto& above = authority.record().chain;
  if (above.empty()) return authority.certificate().is_self_issued() ? all - 1 : all;
  const auto last = x509::Certificate::parse(BytesView(above.back()));
  return last && last->is_self_issued() ? all - 1 : all;
}

void write_chain(json::Writer& out, const ca::Authority& authority, const AnswerForm& form) {
  const std::size_t size = chain_size(authority, form);
  if (size == 0) return;
  out.key("ca_chain").begin_array();
  for (std::size_t i = 0; i < size; ++i) {
    if (form.format != Format::kDer) {
      out.string(authority.chain_pem()[i]);
    } else {
      out.string(base64(i == 0 ? authority.certificate().der()
                               : BytesView(authority.record().chain[i - 1])));
    }
  }
  out.end_array();
}

// The certificate, in a bundle after the key and before the whole chain.
SecretText certificate_text(const ca::Issued& issued, std::string_view key,
                            const AnswerForm& form) {
  if (form.format == Format::kDer) return SecretText(base64(issued.certificate.der()));
  const std::string pem = asn1::pem("CERTIFICATE", issued.certificate.der());
  if (form.format == Format::kPem) return SecretText(std::string(without_newline(pem)));
  const auto& chain = issued.authority->chain_pem();
  std::string bundle;
  std::size_t size = key.size() + pem.size();
  for (const std::string& each : chain) size += each.size() + 1;
  bundle.reserve(size);  // so that no copy of the key stays behind
  bundle += key;
  bundle += without_newline(pem);
  for (const std::string& each : chain) {
    bundle.push_back('\n');
    bundle += each;
  }
  return SecretText(std::move(bundle));
}

void write_facts(json::Writer& out, const x509::Certificate& certificate) {
  out.field("expiration", to_unix(certificate.not_after()));
  out.field("not_before", to_unix(certificate.not_before()));
  out.field("serial_number", serial_text(certificate.serial()));
}

Result<http::Response> keystore_answer(std::string_view request_id, const ca::Issued& issued,
                                       const crypto::PrivateKey* key, const AnswerForm& form,
                                       const std::vector<std::string>& warnings) {
  const std::size_t chain = chain_size(*issued.authority, form);
  const SecretText text(TRY(form.format == Format::kJks
                                ? jks_text(issued, key, chain, form.keystore)
                                : pkcs12_text(issued, key, chain, form.keystore)));
  Envelope answer(request_id, 1024 + 2 * text.view().size());
  json::Writer& out = answer.data().begin_object().field("certificate", text.view());
  write_facts(out, issued.certificate);
  if (key != nullptr) out.field("private_key_type", key_type_name(key->type()));
  out.end_object();
  http::Response response = std::move(answer).finish(warnings);
  return key != nullptr ? std::move(response).secret() : std::move(response);
}

constexpr std::size_t kMaxPassword = 256;
constexpr std::size_t kMaxAlias = 128;

// What would fail only when the certificate is issued is refused before.
Result<void> check_keystore(const AnswerForm& form) {
  const bool jks = form.format == AnswerForm::Format::kJks;
  const Keystore& store = form.keystore;
  const std::string_view field = jks ? "jks_password" : "pkcs12_password";
  if (store.password.size() > kMaxPassword)
    return std::unexpected(bad_field(field, std::string(field) + " is too long"));
  if (jks && store.password.empty())
    return std::unexpected(bad_field(field, "a JKS needs a password"));
  const auto plain = [](char c) { return c > ' ' && c < 0x7f; };
  if (store.alias.empty() || store.alias.size() > kMaxAlias ||
      !std::ranges::all_of(store.alias, plain)) {
    return std::unexpected(
        bad_field("jks_private_key_alias", "jks_private_key_alias must be plain ASCII"));
  }
  return {};
}

Result<void> read_keystore(json::FieldReader& fields, AnswerForm& form) {
  Keystore& store = form.keystore;
  const std::string pkcs12 = fields.text("pkcs12_password", store.password);
  const std::string jks = fields.text("jks_password", store.password);
  const std::string encoder = fields.text("pkcs12_encoder", "modern2026");
  store.alias = fields.text("jks_private_key_alias", store.alias);
  if (!form.is_keystore()) return {};
  store.password = form.format == AnswerForm::Format::kJks ? jks : pkcs12;
  store.pbmac1 = encoder == "modern2026";
  if (!store.pbmac1 && encoder != "modern2023") {
    return std::unexpected(bad_field(
        "pkcs12_encoder", R"(the "pkcs12_encoder" must be "modern2026" or "modern2023")"));
  }
  return check_keystore(form);
}

}  // namespace

std::string_view without_newline(std::string_view pem) {
  return pem.ends_with('\n') ? pem.substr(0, pem.size() - 1) : pem;
}

std::string_view key_type_name(crypto::KeyType type) {
  switch (type.algorithm) {
    case crypto::KeyAlgorithm::kRsa:
      return "rsa";
    case crypto::KeyAlgorithm::kEcdsaP256:
    case crypto::KeyAlgorithm::kEcdsaP384:
    case crypto::KeyAlgorithm::kEcdsaP521:
      return "ec";
    case crypto::KeyAlgorithm::kEd25519:
      return "ed25519";
    case crypto::KeyAlgorithm::kMlDsa44:
    case crypto::KeyAlgorithm::kMlDsa65:
    case crypto::KeyAlgorithm::kMlDsa87:
      return "mldsa";
    default:
      return "unknown";
  }
}

Result<SecretText> private_key_text(const crypto::PrivateKey& key, const AnswerForm& form) {
  const bool der = form.format == Format::kDer;
  if (form.pkcs8) {
    const SecretBytes pkcs8 = TRY(key.to_pkcs8());
    return SecretText(der ? base64(pkcs8.view()) : asn1::pem("PRIVATE KEY", pkcs8.view()));
  }
  const auto traditional = TRY(key.to_traditional());
  return SecretText(der ? base64(traditional.der.view())
                        : asn1::pem(traditional.label, traditional.der.view()));
}

Result<AnswerForm> read_form(json::FieldReader& fields, Keystores keystores) {
  AnswerForm form;
  const std::string format = fields.text("format", "pem");
  const std::string key_format = fields.text("private_key_format", "der");
  form.without_roots = fields.flag("remove_roots_from_chain");
  if (format == "pem" || format.empty()) {
    form.format = AnswerForm::Format::kPem;
  } else if (format == "der") {
    form.format = AnswerForm::Format::kDer;
  } else if (format == "pem_bundle") {
    form.format = AnswerForm::Format::kPemBundle;
  } else if (format == "pkcs12_bundle" && keystores == Keystores::kAllowed) {
    form.format = AnswerForm::Format::kPkcs12;
  } else if (format == "jks_bundle" && keystores == Keystores::kAllowed) {
    form.format = AnswerForm::Format::kJks;
  } else {
    return std::unexpected(bad_field(
        "format", R"(the "format" path parameter must be "pem", "der", or "pem_bundle")"));
  }
  form.pkcs8 = key_format == "pkcs8";
  if (!form.pkcs8 && key_format != "der" && key_format != "pem" && !key_format.empty()) {
    return std::unexpected(bad_field(
        "private_key_format", R"(the "private_key_format" must be "der", "pem", or "pkcs8")"));
  }
  if (keystores == Keystores::kAllowed) TRY(read_keystore(fields, form));
  return form;
}

Result<http::Response> issue_answer(std::string_view request_id, const ca::Issued& issued,
                                    const crypto::PrivateKey* private_key, const AnswerForm& form,
                                    const std::vector<std::string>& warnings) {
  if (form.is_keystore()) return keystore_answer(request_id, issued, private_key, form, warnings);
  const ca::Authority& authority = *issued.authority;
  const x509::Certificate& certificate = issued.certificate;
  std::optional<SecretText> key;
  if (private_key != nullptr) {
    key.emplace(TRY(private_key_text(*private_key, form)));
  }
  // A bundle begins with the key in its traditional form, whatever private_key_format says.
  std::optional<SecretText> bundled;
  if (private_key != nullptr && form.format == Format::kPemBundle) {
    bundled.emplace(TRY(private_key_text(*private_key, {})));
  }
  const SecretText text =
      certificate_text(issued, bundled ? bundled->view() : std::string_view{}, form);

  std::size_t size = 1024 + 2 * (text.view().size() + (key ? key->view().size() : 0));
  for (const std::string& each : authority.chain_pem()) size += 3 * each.size();
  Envelope answer(request_id, size);
  json::Writer& out = answer.data().begin_object();
  write_chain(out, authority, form);
  out.field("certificate", text.view());
  out.field("expiration", to_unix(certificate.not_after()));
  if (form.format == Format::kDer) {
    out.field("issuing_ca", base64(authority.certificate().der()));
  } else {
    out.field("issuing_ca", authority.chain_pem().front());
  }
  out.field("not_before", to_unix(certificate.not_before()));
  if (key) {
    out.field("private_key", without_newline(key->view()));
    out.field("private_key_type", key_type_name(private_key->type()));
  }
  out.field("serial_number", serial_text(certificate.serial()));
  out.end_object();
  http::Response response = std::move(answer).finish(warnings);
  return key ? std::move(response).secret() : std::move(response);
}

std::string serial_text(BytesView serial) {
  while (serial.size() > 1 && serial.front() == 0) serial = serial.subspan(1);
  return hex(serial, ':');
}

}  // namespace chancery::vault
