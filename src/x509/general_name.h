#pragma once

#include <compare>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "asn1/oid.h"
#include "asn1/reader.h"
#include "asn1/writer.h"
#include "x509/name.h"

namespace chancery::x509 {

inline constexpr std::size_t kMaxGeneralNames = 2000;

// Where a name stands decides whether an iPAddress carries a mask.
enum class IpForm : std::uint8_t { kAddress, kAddressAndMask };

// GeneralName is one name of a subjectAltName, a nameConstraints subtree or a pointer to somewhere
// (RFC 5280 section 4.2.1.6). Immutable value; owns its bytes.
class GeneralName {
 public:
  // The numbers are the context tags.
  enum class Kind : std::uint8_t {
    kOther = 0,
    kEmail = 1,
    kDns = 2,
    kX400Address = 3,  // held as opaque DER
    kDirectory = 4,
    kEdiParty = 5,  // held as opaque DER
    kUri = 6,
    kIp = 7,
    kRegisteredId = 8,
  };

  // dns, email and uri take printable ASCII; what else they must be is the policy's and the lints'
  // matter. Errors: kInvalidArgument (empty, not ASCII, white space or control characters); for a
  // name with U-labels the detail says the name with A-labels.
  [[nodiscard]] static Result<GeneralName> dns(std::string_view name);
  [[nodiscard]] static Result<GeneralName> email(std::string_view mailbox);
  [[nodiscard]] static Result<GeneralName> uri(std::string_view text);
  // ip takes 4 or 16 octets, or 8 or 32 (address and mask) for a name constraint. Errors:
  // kInvalidArgument.
  [[nodiscard]] static Result<GeneralName> ip(BytesView octets);
  [[nodiscard]] static GeneralName directory(const Name& name);
  // other takes the value as one DER element of any type. Errors: kMalformed.
  [[nodiscard]] static Result<GeneralName> other(const asn1::Oid& type, BytesView value_der);
  [[nodiscard]] static GeneralName registered_id(const asn1::Oid& id);
  // parse reads "DNS:a.b", "IP:10.0.0.1", "IP:10.0.0.0/8", "email:a@b", "URI:spiffe://x/y",
  // "RID:1.2.3", "dirName:CN=x", "UPN:user@realm", "SmtpUTF8:jürgen@example.com" (RFC 9598),
  // "otherName:1.2.3;UTF8:text" (the label's case does not matter). Errors: kInvalidArgument.
  [[nodiscard]] static Result<GeneralName> parse(std::string_view text);

  [[nodiscard]] Kind kind() const { return kind_; }
  // text is the characters of a DNS, e-mail or URI name; empty for the other kinds.
  [[nodiscard]] std::string_view text() const;
  // octets is an IP name's address (and mask); empty for the other kinds.
  [[nodiscard]] BytesView octets() const;
  // directory_name is the Name of kDirectory, else the empty name.
  [[nodiscard]] Name directory_name() const;
  // type_id and value_der take a kOther apart; type_id is also the id of kRegisteredId. Empty
  // otherwise.
  [[nodiscard]] asn1::Oid type_id() const;
  [[nodiscard]] BytesView value_der() const;

  // to_string writes the forms that parse reads; "otherName:1.2.3;UTF8:text" or ";#hex" for other
  // types.
  [[nodiscard]] std::string to_string() const;

  void write(asn1::Writer& out) const;

  friend bool operator==(const GeneralName&, const GeneralName&) = default;
  friend auto operator<=>(const GeneralName&, const GeneralName&) = default;

 private:
  friend Result<GeneralName> read_general_name(asn1::Reader& in, IpForm form);
  GeneralName(Kind kind, std::string content) : kind_(kind), content_(std::move(content)) {}

  Kind kind_;
  std::string content_;  // content octets of the context-tagged element
};

// read_general_name reads one GeneralName. Names of IA5String must be ASCII without control
// characters; an empty one passes (name constraints use it). Errors: kMalformed.
[[nodiscard]] Result<GeneralName> read_general_name(asn1::Reader& in,
                                                    IpForm form = IpForm::kAddress);
// read_general_names reads the rest of `in` as 1..kMaxGeneralNames names: the content of a
// GeneralNames. Errors: kMalformed, kTooLarge.
[[nodiscard]] Result<std::vector<GeneralName>> read_general_names(asn1::Reader in);
// write_general_names writes a GeneralNames element; `tag` differs where it is implicitly tagged.
void write_general_names(asn1::Writer& out, std::span<const GeneralName> names,
                         std::uint8_t tag = asn1::kSequence);

// parse_ip reads an IPv4 dotted quad (no leading zeros, no short forms) or an IPv6 address (RFC
// 4291, with an embedded IPv4 tail allowed, no zone) into 4 or 16 octets. Errors: kMalformed.
[[nodiscard]] Result<Bytes> parse_ip(std::string_view text);
// ip_to_string writes 4 or 16 octets as a dotted quad or RFC 5952; 8 or 32 as address/prefix length
// (or address/mask when the mask has holes); hex for other sizes.
[[nodiscard]] std::string ip_to_string(BytesView octets);

}  // namespace chancery::x509
