#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ca/service.h"
#include "crypto/private_key.h"
#include "http/response.h"
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

// issue_answer is the answer of issue and sign. The private key, where there is one, is in the
// answer's body and nowhere else. Errors: kInternal (a key that cannot be written).
[[nodiscard]] Result<http::Response> issue_answer(std::string_view request_id,
                                                  const ca::Issued& issued,
                                                  const crypto::PrivateKey* private_key,
                                                  const AnswerForm& form,
                                                  const std::vector<std::string>& warnings);

// key_type_name is "rsa", "ec", "ed25519" or "mldsa".
[[nodiscard]] std::string_view key_type_name(crypto::KeyType type);

// serial_text is the lower-case colon form that Vault writes, without a leading zero octet.
[[nodiscard]] std::string serial_text(BytesView serial);

}  // namespace chancery::vault
