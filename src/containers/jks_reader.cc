#include "asn1/oid.h"
#include "asn1/reader.h"
#include "base/text.h"
#include "containers/jks.h"
#include "containers/jks_format.h"
#include "containers/jks_protection.h"
#include "containers/password.h"

namespace chancery::containers {
namespace {

// Cursor reads Java's DataOutputStream.
class Cursor {
 public:
  explicit Cursor(BytesView bytes) : rest_(bytes), size_(bytes.size()) {}
  [[nodiscard]] bool empty() const { return rest_.empty(); }

  [[nodiscard]] Result<BytesView> take(std::size_t size) {
    if (size > rest_.size()) {
      return std::unexpected(Error{Code::kMalformed, "JKS file is truncated", {}, {}}.with(
          "offset", std::to_string(size_ - rest_.size())));
    }
    const BytesView out = rest_.first(size);
    rest_ = rest_.subspan(size);
    return out;
  }
  [[nodiscard]] Result<std::uint64_t> number(std::size_t size) {
    std::uint64_t value = 0;
    const BytesView octets = TRY(take(size));
    for (const std::uint8_t octet : octets) value = value << 8 | octet;
    return value;
  }
  // Text and blocks of bytes come with their length before them.
  [[nodiscard]] Result<std::string> text() {
    const std::uint64_t size = TRY(number(2));
    const BytesView octets = TRY(take(size));
    // Java's own UTF-8 differs for NUL and beyond the first plane only.
    if (!is_valid_utf8(as_text(octets))) return fail(Code::kMalformed, "JKS text is not UTF-8");
    return std::string(as_text(octets));
  }
  [[nodiscard]] Result<BytesView> block() {
    const std::uint64_t size = TRY(number(4));
    return take(size);
  }

 private:
  BytesView rest_;
  std::size_t size_;
};

Result<TimePoint> read_time(Cursor& in) {
  const std::uint64_t milliseconds = TRY(in.number(8));
  if (milliseconds > kMaxJksTime) return fail(Code::kMalformed, "JKS time is out of range");
  return from_unix(static_cast<std::int64_t>(milliseconds / 1000));
}

Result<x509::Certificate> read_certificate(Cursor& in) {
  const std::string type = TRY(in.text());
  if (type != kJksCertificateType) {
    return fail(Code::kUnsupported,
                "JKS certificate type \"" + printable(type, 40) + "\" is not supported");
  }
  const BytesView der = TRY(in.block());
  return x509::Certificate::parse(der);
}

Result<crypto::PrivateKey> open_key(BytesView der, BytesView password) {
  asn1::Reader outer(der);
  asn1::Reader in = TRY(outer.enter_sequence());
  TRY(outer.finish());
  asn1::Reader algorithm = TRY(in.enter_sequence());
  const BytesView id = TRY(algorithm.read_oid());
  if (!kJksKeyProtector.is(id))
    return algorithm.error("key is not protected as JKS does it", Code::kUnsupported);
  const BytesView sealed = TRY(in.read_octet_string());
  TRY(in.finish());
  const SecretBytes pkcs8 = TRY(open_jks_key(sealed, password));
  return crypto::PrivateKey::from_pkcs8(pkcs8.view());
}

Result<Jks::Key> read_key(Cursor& in, BytesView password) {
  std::string alias = TRY(in.text());
  const TimePoint created = TRY(read_time(in));
  const BytesView sealed = TRY(in.block());
  const std::uint64_t count = TRY(in.number(4));
  if (count > kMaxJksChain) return fail(Code::kTooLarge, "JKS chain has over 100 certificates");
  std::vector<x509::Certificate> chain;
  for (std::uint64_t i = 0; i < count; ++i) chain.push_back(TRY(read_certificate(in)));
  auto key = open_key(sealed, password);
  if (!key) return std::unexpected(std::move(key).error().with("alias", printable(alias, 64)));
  return Jks::Key{std::move(alias), created, *std::move(key), std::move(chain)};
}

Result<Jks::Trusted> read_trusted(Cursor& in) {
  std::string alias = TRY(in.text());
  const TimePoint created = TRY(read_time(in));
  return Jks::Trusted{std::move(alias), created, TRY(read_certificate(in))};
}

Result<void> read_entry(Cursor& in, BytesView password, Jks& out) {
  const std::uint64_t kind = TRY(in.number(4));
  if (kind == kJksKeyEntry) {
    out.keys.push_back(TRY(read_key(in, password)));
  } else if (kind == kJksTrustedEntry) {
    out.trusted.push_back(TRY(read_trusted(in)));
  } else {
    return fail(Code::kMalformed, "JKS entry has an unknown kind");
  }
  return {};
}

Result<std::uint64_t> read_header(Cursor& in) {
  const std::uint64_t magic = TRY(in.number(4));
  if (magic == kJceksMagic) {
    return fail(Code::kUnsupported,
                "JCEKS is not supported; convert it with: keytool -importkeystore -deststoretype "
                "pkcs12");
  }
  if (magic != kJksMagic) return fail(Code::kMalformed, "not a JKS file");
  const std::uint64_t version = TRY(in.number(4));
  if (version != kJksVersion) return fail(Code::kUnsupported, "JKS version is not 2");
  const std::uint64_t count = TRY(in.number(4));
  if (count > kMaxJksEntries) return fail(Code::kTooLarge, "JKS file has over 1000 entries");
  return count;
}

}  // namespace

Result<Jks> read_jks(BytesView file, std::string_view password) {
  if (file.size() > kMaxJksSize) return fail(Code::kTooLarge, "JKS file is over 16 MiB");
  if (file.size() < kSha1Size) return fail(Code::kMalformed, "JKS file is truncated");
  const BytesView body = file.first(file.size() - kSha1Size);
  Cursor in(body);
  const std::uint64_t count = TRY(read_header(in));
  const SecretBytes secret = TRY(utf16(password, Zero::kWithout));
  if (!constant_time_equal(jks_digest(secret.view(), body), file.last(kSha1Size)))
    return fail(Code::kRefused, "the password is wrong, or the JKS file was altered");
  Jks out;
  for (std::uint64_t i = 0; i < count; ++i) TRY(read_entry(in, secret.view(), out));
  if (!in.empty()) return fail(Code::kMalformed, "bytes follow the last entry of the JKS file");
  return out;
}

}  // namespace chancery::containers
