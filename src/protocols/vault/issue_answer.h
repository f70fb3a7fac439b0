#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret_bytes.h"
#include "ca/service.h"
#include "crypto/private_key.h"
#include "http/response.h"
#include "protocols/json/field_reader.h"
#include "protocols/json/writer.h"
#include "protocols/vault/keystore_text.h"

namespace chancery::vault {

// AnswerForm is how a client wants a certificate and its key written.
struct AnswerForm {
  enum class Format : std::uint8_t { kPem, kDer, kPemBundle, kPkcs12, kJks };
  Format format = Format::kPem;
  bool pkcs8 = false;          // instead of PKCS#1 and SEC 1
  bool without_roots = false;  // of ca_chain; a bundle keeps them, as OpenBao's does
  Keystore keystore;           // of kPkcs12 and kJks, which have everything in one file
  [[nodiscard]] bool is_keystore() const {
    return format == Format::kPkcs12 || format == Format::kJks;
  }
};

// SecretText is wiped when it goes.
class SecretText {
 public:
  SecretText() = default;
  explicit SecretText(std::string text) : text_(std::move(text)) {}
  SecretText(SecretText&& other) noexcept : text_(std::move(other.text_)) { wipe(other.text_); }
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  SecretText& operator=(SecretText&&) = delete;
  ~SecretText() { wipe(text_); }
  [[nodiscard]] std::string_view view() const { return text_; }

 private:
  std::string text_;
};

// read_form reads format, private_key_format and remove_roots_from_chain; where key stores are
// allowed, what is to be known of them too. Errors: kInvalidArgument.
enum class Keystores : std::uint8_t { kRefused, kAllowed };
[[nodiscard]] Result<AnswerForm> read_form(json::FieldReader& fields,
                                           Keystores keystores = Keystores::kRefused);

// private_key_text is a key as PEM, or as base64 of its DER. Errors: kInternal.
[[nodiscard]] Result<SecretText> private_key_text(const crypto::PrivateKey& key,
                                                  const AnswerForm& form);
// key_type_name gives "rsa", "ec", "ed25519", "mldsa".
[[nodiscard]] std::string_view key_type_name(crypto::KeyType type);
[[nodiscard]] std::string_view without_newline(std::string_view pem);

// issue_answer is the answer of issue and sign. The private key, where there is one, is in the
// answer's body and nowhere else. Errors: kInternal (a key that cannot be written).
[[nodiscard]] Result<http::Response> issue_answer(std::string_view request_id,
                                                  const ca::Issued& issued,
                                                  const crypto::PrivateKey* private_key,
                                                  const AnswerForm& form,
                                                  const std::vector<std::string>& warnings);

// serial_text is the lower-case colon form that Vault writes, without a leading zero octet.
[[nodiscard]] std::string serial_text(BytesView serial);

}  // namespace chancery::vault
