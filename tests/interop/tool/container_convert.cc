// container_convert FROM PASSWORD TO PASSWORD < in > out
//
// For the interop tests: reads one container from standard input and writes what it holds as
// another. Kinds: p12, p12-pbmac1 (to only), p7, p7-pem, jks, pkcs8-pem (keys only). The password
// "-" is none. What was read is described on standard error, one line an item.

#include <iostream>
#include <iterator>
#include <string>

#include "asn1/pem.h"
#include "base/secret_bytes.h"
#include "containers/jks.h"
#include "containers/pkcs12.h"
#include "containers/pkcs7.h"
#include "crypto/system_random.h"

namespace chancery::containers {
namespace {

constexpr std::uint32_t kIterations = 2048;

Pkcs12 from_jks(Jks jks) {
  Pkcs12 out;
  for (Jks::Key& key : jks.keys) {
    const Bytes id = to_bytes(key.alias);
    for (std::size_t i = 0; i < key.chain.size(); ++i) {
      out.certificates.push_back(
          {key.chain[i], i == 0 ? key.alias : "", i == 0 ? id : Bytes{}, false});
    }
    out.keys.push_back({std::move(key.key), key.alias, id});
  }
  for (Jks::Trusted& each : jks.trusted)
    out.certificates.push_back({std::move(each.certificate), each.alias, {}, true});
  return out;
}

// One chain for the first key, all else is trusted.
Jks to_jks(Pkcs12 content) {
  Jks out;
  const bool has_key = !content.keys.empty();
  if (has_key) {
    Jks::Key key{"key", from_unix(1'700'000'000), std::move(content.keys[0].key), {}};
    if (!content.keys[0].friendly_name.empty()) key.alias = content.keys[0].friendly_name;
    out.keys.push_back(std::move(key));
  }
  for (std::size_t i = 0; i < content.certificates.size(); ++i) {
    Pkcs12::Certificate& each = content.certificates[i];
    if (has_key && !each.trusted) {
      out.keys[0].chain.push_back(std::move(each.certificate));
    } else {
      const std::string alias =
          each.friendly_name.empty() ? "ca" + std::to_string(i) : each.friendly_name;
      out.trusted.push_back({alias, from_unix(1'700'000'000), std::move(each.certificate)});
    }
  }
  return out;
}

Result<Pkcs12> read(std::string_view kind, BytesView input, Password password) {
  if (kind == "p12") return read_pkcs12(input, password);
  if (kind == "jks") return from_jks(TRY(read_jks(input, password.value_or(""))));
  Pkcs12 out;
  if (kind == "pkcs8-pem") {
    out.keys.push_back({TRY(crypto::PrivateKey::from_pem(as_text(input))), "", {}});
    return out;
  }
  Pkcs7 message = TRY(kind == "p7" ? read_pkcs7(input) : read_pkcs7_pem(as_text(input)));
  for (x509::Certificate& each : message.certificates)
    out.certificates.push_back({std::move(each), "", {}, false});
  return out;
}

Result<Bytes> write(std::string_view kind, Pkcs12 content, Password password) {
  crypto::SystemRandom random;
  if (kind == "p12")
    return write_pkcs12(content, password, random, {kIterations, Pkcs12Mac::kHmacSha256});
  if (kind == "p12-pbmac1")
    return write_pkcs12(content, password, random, {kIterations, Pkcs12Mac::kPbmac1});
  if (kind == "jks") return write_jks(to_jks(std::move(content)), password.value_or(""), random);
  if (kind == "pkcs8-pem") {
    const SecretBytes der = TRY(content.keys.at(0).key.to_pkcs8());
    return to_bytes(asn1::pem("PRIVATE KEY", der.view()));
  }
  std::vector<x509::Certificate> certificates;
  for (const Pkcs12::Certificate& each : content.certificates)
    certificates.push_back(each.certificate);
  if (kind == "p7") return write_pkcs7(certificates);
  return to_bytes(write_pkcs7_pem(certificates));
}

void describe(const Pkcs12& content) {
  for (const Pkcs12::Key& key : content.keys)
    std::cerr << "key " << crypto::to_string(key.key.type()) << " \"" << key.friendly_name
              << "\"\n";
  for (const Pkcs12::Certificate& each : content.certificates) {
    std::cerr << "certificate " << each.certificate.subject().to_string() << " \""
              << each.friendly_name << "\"" << (each.trusted ? " trusted" : "") << '\n';
  }
}

Result<Bytes> convert(char** arguments) {
  const auto password = [](const char* text) {
    return std::string_view(text) == "-" ? Password() : Password(text);
  };
  const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  Pkcs12 content = TRY(read(arguments[1], as_bytes(input), password(arguments[2])));
  describe(content);
  return write(arguments[3], std::move(content), password(arguments[4]));
}

}  // namespace
}  // namespace chancery::containers

int main(int count, char** arguments) {
  if (count != 5) {
    std::cerr << "usage: container_convert FROM PASSWORD TO PASSWORD < in > out\n";
    return 2;
  }
  const auto out = chancery::containers::convert(arguments);
  if (!out) {
    std::cerr << "error: " << out.error().to_string() << '\n';
    return 1;
  }
  std::cout.write(reinterpret_cast<const char*>(out->data()),
                  static_cast<std::streamsize>(out->size()));
  return 0;
}
