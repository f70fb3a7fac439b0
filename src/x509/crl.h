#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/algorithm.h"
#include "crypto/public_key.h"
#include "x509/extensions.h"
#include "x509/name.h"

namespace chancery::x509 {

// CrlEntry is one revoked certificate; the views look into the list.
struct CrlEntry {
  BytesView serial;  // content octets
  TimePoint revoked_at;
  std::optional<ReasonCode> reason;
  std::optional<TimePoint> invalid_since;
  BytesView extensions;  // content of their list; empty when there are none
  BytesView der;         // the whole entry
};

// CrlEntries is a range over checked entries that allocates nothing.
class CrlEntries {
 public:
  class Iterator {
   public:
    using value_type = CrlEntry;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    Iterator() = default;
    explicit Iterator(BytesView rest);
    [[nodiscard]] const CrlEntry& operator*() const { return entry_; }
    [[nodiscard]] const CrlEntry* operator->() const { return &entry_; }
    Iterator& operator++();
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& a, std::default_sentinel_t) {
      return a.entry_.der.empty();
    }

   private:
    CrlEntry entry_;
    BytesView rest_;
  };

  explicit CrlEntries(BytesView content) : content_(content) {}
  [[nodiscard]] Iterator begin() const { return Iterator(content_); }
  [[nodiscard]] static std::default_sentinel_t end() { return {}; }
  [[nodiscard]] bool empty() const { return content_.empty(); }

 private:
  BytesView content_;
};

// CrlScope is a parsed issuingDistributionPoint (RFC 5280 section 5.2.5): which certificates the
// list covers. The view looks into the list.
struct CrlScope {
  std::vector<GeneralName> full_name;
  std::optional<BytesView> relative_name;  // content of nameRelativeToCRLIssuer
  bool only_contains_user_certs = false;
  bool only_contains_ca_certs = false;
  std::optional<std::uint16_t> only_some_reasons;  // ReasonFlags, bit position n at 1 << n
  bool indirect_crl = false;
  bool only_contains_attribute_certs = false;
};
// read_issuing_distribution_point decodes the extension's value. Errors: kMalformed, kTooLarge.
[[nodiscard]] Result<CrlScope> read_issuing_distribution_point(BytesView value);

// CertificateList is a parsed CRL (RFC 5280 section 5), version 1 or 2. Immutable, cheap to copy,
// thread-safe; all views live as long as any copy.
class CertificateList {
 public:
  // parse checks the whole list, each entry included (some 0.4 µs an entry). Errors: kMalformed,
  // kTooLarge, kUnsupported (an unknown critical extension of the list or of an entry).
  [[nodiscard]] static Result<CertificateList> parse(Bytes der);
  [[nodiscard]] static Result<CertificateList> parse(BytesView der);

  [[nodiscard]] BytesView der() const;
  [[nodiscard]] BytesView tbs() const;
  [[nodiscard]] const Name& issuer() const;
  [[nodiscard]] TimePoint this_update() const;
  [[nodiscard]] std::optional<TimePoint> next_update() const;
  [[nodiscard]] std::optional<BytesView> number() const;  // INTEGER content
  [[nodiscard]] std::optional<BytesView> authority_key_id() const;
  [[nodiscard]] bool is_delta() const;
  // scope is nothing when the list covers all certificates of its issuer for all reasons.
  [[nodiscard]] const std::optional<CrlScope>& scope() const;
  [[nodiscard]] const std::vector<Extension>& extensions() const;
  [[nodiscard]] std::size_t entry_count() const;
  [[nodiscard]] CrlEntries entries() const;
  // find looks a serial (content octets) up, linearly: 1 M entries take some 0.1 s. Index the
  // entries when asking often.
  [[nodiscard]] std::optional<CrlEntry> find(BytesView serial) const;

  [[nodiscard]] BytesView signature_algorithm() const;
  [[nodiscard]] BytesView signature() const;
  // verify_signature errors: kRefused (does not verify), kUnsupported, kInvalidArgument.
  [[nodiscard]] Result<void> verify_signature(const crypto::PublicKey& issuer_key) const;

 private:
  struct State;
  explicit CertificateList(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

// encode_crl_entry writes one entry, to be stored and concatenated. kUnspecified is left out, as
// RFC 5280 section 5.3.1 wants. `serial` is content octets.
[[nodiscard]] Bytes encode_crl_entry(BytesView serial, TimePoint revoked_at, ReasonCode reason,
                                     std::optional<TimePoint> invalid_since = std::nullopt);

struct CrlHeader {
  crypto::SignatureScheme scheme = crypto::SignatureScheme::kEcdsaSha256;
  BytesView issuer;  // Name::der()
  TimePoint this_update;
  TimePoint next_update;
  BytesView number;                 // big-endian magnitude, at most 20 octets
  BytesView authority_key_id;       // key identifier
  std::span<const Extension> more;  // issuingDistributionPoint, freshestCRL, deltaCRLIndicator
};

// encode_tbs_crl writes a version 2 TBSCertList around entries that are already encoded: one copy
// of them, no matter how many. The list of spans serves entries that lie in several pieces. No
// entries, no list.
[[nodiscard]] Bytes encode_tbs_crl(const CrlHeader& header, BytesView entries);
[[nodiscard]] Bytes encode_tbs_crl(const CrlHeader& header, std::span<const BytesView> entries);
// Sign the result and join it with assemble_crl, which reuses the TBS's buffer where it can.
[[nodiscard]] Bytes assemble_crl(Bytes tbs, crypto::SignatureScheme scheme, BytesView signature);

// CrlFrame is what stands around the entries of a large list: `head`, `entries_size` bytes of
// entries and `tail` are the TBS. Behind it comes crl_signature, before it crl_header.
struct CrlFrame {
  Bytes head;
  Bytes tail;
};
[[nodiscard]] CrlFrame frame_tbs_crl(const CrlHeader& header, std::size_t entries_size);
[[nodiscard]] Bytes crl_signature(crypto::SignatureScheme scheme, BytesView signature);
inline constexpr std::size_t kMostCrlHeader = 10;
// crl_header is the beginning of a list whose TBS and signature take `size` bytes; at most
// kMostCrlHeader.
[[nodiscard]] Bytes crl_header(std::size_t size);

// encode_issuing_distribution_point writes the value of a critical issuingDistributionPoint
// extension.
struct IssuingDistributionPoint {
  std::span<const std::string> urls;
  bool only_contains_user_certs = false;
  bool only_contains_ca_certs = false;
  std::optional<std::uint16_t> only_some_reasons;  // ReasonFlags, bit position n at 1 << n
  bool indirect_crl = false;
  bool only_contains_attribute_certs = false;
};
[[nodiscard]] Bytes encode_issuing_distribution_point(const IssuingDistributionPoint& point);

}  // namespace chancery::x509
