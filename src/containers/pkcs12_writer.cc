#include <algorithm>
#include <array>

#include "asn1/writer.h"
#include "containers/pbe.h"
#include "containers/pkcs12.h"
#include "containers/pkcs12_oids.h"
#include "crypto/password_based.h"

namespace chancery::containers {
namespace {

using asn1::context;
using asn1::context_constructed;
using asn1::Oid;
using asn1::Writer;

constexpr std::uint32_t kMaxIterations = 10'000'000;

struct Attribute {
  Oid id;
  std::uint8_t tag;
  Bytes value;
};

// SET OF wants its elements in ascending order (X.690 section 11.6).
void write_attributes(Writer& w, const std::vector<Attribute>& attributes) {
  if (attributes.empty()) return;
  std::vector<Bytes> encoded;
  for (const Attribute& attribute : attributes) {
    Writer one(64 + attribute.value.size());
    one.sequence([&] {
      one.oid(attribute.id.der());
      one.nest(asn1::kSet, [&] { one.element(attribute.tag, attribute.value); });
    });
    encoded.push_back(std::move(one).take());
  }
  std::ranges::sort(encoded);
  w.nest(asn1::kSet, [&] {
    for (const Bytes& each : encoded) w.raw(each);
  });
}

Result<std::vector<Attribute>> common_attributes(std::string_view friendly_name,
                                                 const Bytes& local_key_id) {
  std::vector<Attribute> out;
  if (!friendly_name.empty()) {
    auto name = utf16(friendly_name, Zero::kWithout);
    if (!name) return fail(Code::kInvalidArgument, "friendly name is too long or not UTF-8");
    out.push_back({oids::kFriendlyName, asn1::kBmpString, to_bytes(name->view())});
  }
  if (!local_key_id.empty()) out.push_back({oids::kLocalKeyId, asn1::kOctetString, local_key_id});
  return out;
}

template <class Value>
void write_bag(Writer& w, const Oid& id, const std::vector<Attribute>& attributes, Value&& value) {
  w.sequence([&] {
    w.oid(id.der());
    w.nest(context_constructed(0), std::forward<Value>(value));
    write_attributes(w, attributes);
  });
}

class Pkcs12Writer {
 public:
  Pkcs12Writer(BytesView password, Random& random, std::uint32_t iterations)
      : password_(password), random_(random), iterations_(iterations) {}

  // SafeContents with all certificates, encrypted, as a ContentInfo.
  Result<void> write_certificates(Writer& safe,
                                  const std::vector<Pkcs12::Certificate>& certificates) {
    Writer bags(4096);
    Result<void> done;
    bags.sequence([&] {
      for (const Pkcs12::Certificate& each : certificates) {
        if (done) done = write_certificate(bags, each);
      }
    });
    TRY(std::move(done));
    const Encrypted encrypted = TRY(encrypt(bags.view(), password_, iterations_, random_));
    safe.sequence([&] {
      safe.oid(oids::kEncryptedData.der());
      safe.nest(context_constructed(0), [&] {
        safe.sequence([&] {
          safe.integer(0);
          safe.sequence([&] {
            safe.oid(oids::kData.der());
            safe.raw(encrypted.algorithm);
            safe.element(context(0), encrypted.ciphertext);
          });
        });
      });
    });
    return {};
  }

  // SafeContents in the clear whose bags are encrypted keys.
  Result<void> write_keys(Writer& safe, const std::vector<Pkcs12::Key>& keys) {
    Writer bags(4096);
    Result<void> done;
    bags.sequence([&] {
      for (const Pkcs12::Key& each : keys) {
        if (done) done = write_key(bags, each);
      }
    });
    TRY(std::move(done));
    safe.sequence([&] {
      safe.oid(oids::kData.der());
      safe.nest(context_constructed(0), [&] { safe.octet_string(bags.view()); });
    });
    return {};
  }

 private:
  static Result<void> write_certificate(Writer& bags, const Pkcs12::Certificate& each) {
    std::vector<Attribute> attributes =
        TRY(common_attributes(each.friendly_name, each.local_key_id));
    if (each.trusted) {
      attributes.push_back({oids::kTrustedKeyUsage, asn1::kObjectIdentifier,
                            to_bytes(oids::kAnyExtendedKeyUsage.der())});
    }
    write_bag(bags, oids::kCertBag, attributes, [&] {
      bags.sequence([&] {
        bags.oid(oids::kX509Certificate.der());
        bags.nest(context_constructed(0), [&] { bags.octet_string(each.certificate.der()); });
      });
    });
    return {};
  }

  Result<void> write_key(Writer& bags, const Pkcs12::Key& each) {
    const std::vector<Attribute> attributes =
        TRY(common_attributes(each.friendly_name, each.local_key_id));
    const SecretBytes pkcs8 = TRY(each.key.to_pkcs8());
    const Encrypted encrypted = TRY(encrypt(pkcs8.view(), password_, iterations_, random_));
    write_bag(bags, oids::kShroudedKeyBag, attributes, [&] {
      bags.sequence([&] {
        bags.raw(encrypted.algorithm);
        bags.octet_string(encrypted.ciphertext);
      });
    });
    return {};
  }

  BytesView password_;
  Random& random_;
  std::uint32_t iterations_;
};

struct Mac {
  Bytes algorithm;
  Bytes value;
  Bytes salt;
};

Bytes sha256_identifier() {
  Writer w(32);
  w.sequence([&] {
    w.oid(oids::kSha256.der());
    w.null();
  });
  return std::move(w).take();
}

Result<Mac> make_mac(BytesView content, std::string_view password, Random& random,
                     const Pkcs12Options& options) {
  Mac mac;
  mac.salt.resize(kSaltSize);
  random.fill(mac.salt);
  if (options.mac == Pkcs12Mac::kPbmac1) {
    mac.algorithm = pbmac1_algorithm(mac.salt, options.iterations);
    Budget budget(options.iterations);
    mac.value = TRY(pbmac1(mac.algorithm, content, as_bytes(password), budget));
    return mac;
  }
  const SecretBytes secret = TRY(utf16(password, Zero::kTerminated));
  const SecretBytes key =
      TRY(crypto::pkcs12_kdf(crypto::DigestAlgorithm::kSha256, crypto::Pkcs12Purpose::kMac,
                             secret.view(), mac.salt, options.iterations, 32));
  mac.algorithm = sha256_identifier();
  mac.value = crypto::hmac(crypto::DigestAlgorithm::kSha256, key.view(), content);
  return mac;
}

Bytes write_pfx(BytesView safe, const Mac& mac, std::uint32_t iterations) {
  Writer w(safe.size() + 512);
  w.sequence([&] {
    w.integer(3);
    w.sequence([&] {
      w.oid(oids::kData.der());
      w.nest(context_constructed(0), [&] { w.octet_string(safe); });
    });
    w.sequence([&] {
      w.sequence([&] {
        w.raw(mac.algorithm);
        w.octet_string(mac.value);
      });
      w.octet_string(mac.salt);
      w.integer(iterations);
    });
  });
  return std::move(w).take();
}

}  // namespace

Result<Bytes> write_pkcs12(const Pkcs12& content, Password password, Random& random,
                           const Pkcs12Options& options) {
  if (options.iterations < 1 || options.iterations > kMaxIterations)
    return fail(Code::kInvalidArgument, "iterations must be 1 to 10,000,000");
  const std::string_view text = password.value_or("");
  // Checks the password even where only its UTF-8 is used.
  (void)TRY(utf16(text, Zero::kTerminated));
  Pkcs12Writer writer(as_bytes(text), random, options.iterations);
  Writer safe(8192);
  Result<void> done;
  safe.sequence([&] {
    if (!content.certificates.empty()) done = writer.write_certificates(safe, content.certificates);
    if (done && !content.keys.empty()) done = writer.write_keys(safe, content.keys);
  });
  TRY(std::move(done));
  const Mac mac = TRY(make_mac(safe.view(), text, random, options));
  return write_pfx(safe.view(), mac, options.iterations);
}

}  // namespace chancery::containers
