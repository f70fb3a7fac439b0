#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "x509/certificate.h"
#include "x509/general_name.h"

// Names and name constraints taken apart for comparison (RFC 5280 section 4.2.1.10). Internal to
// this folder.
namespace chancery::x509::path {

// The forms that name constraints tell apart. A name and a constraint meet only within one form.
enum class Form : std::uint8_t {
  kDns,
  kEmail,  // rfc822Name, emailAddress of a subject, SmtpUTF8Mailbox (RFC 9598)
  kUri,
  kIp,
  kDirectory,
  kUpn,          // otherName: Microsoft's user principal name
  kUnsupported,  // compared with nothing; `type` tells those names apart
};

// FormName is one name of a certificate. Views look into the certificate or GeneralName.
struct FormName {
  Form form = Form::kUnsupported;
  bool well_formed = true;
  std::string_view text;          // DNS name, or the domain of an e-mail address, URI or UPN
  std::string_view local;         // what stands before the domain of an e-mail address or UPN
  bool utf8_local = false;        // SmtpUTF8Mailbox: equal to no rfc822Name
  BytesView octets;               // IP
  std::vector<std::string> rdns;  // directory name
  std::string type;               // unsupported forms: which one
  std::string shown;              // for messages
};

// FormConstraint is one subtree.
struct FormConstraint {
  Form form = Form::kUnsupported;
  bool well_formed = true;
  std::string_view text;   // domain; a leading dot (kept here) leaves the domain itself out
  std::string_view local;  // e-mail, UPN: one mailbox
  BytesView octets;        // IP address and mask
  std::vector<std::string> rdns;
  std::string type;
};

// Which side a comparison errs on: a permitted subtree must hold a name surely, an excluded one
// must not hold it possibly (a wildcard stands for many names).
enum class Subtree : std::uint8_t { kPermitted, kExcluded };

[[nodiscard]] FormName form_name(const GeneralName& name);
[[nodiscard]] FormConstraint form_constraint(const GeneralName& subtree);
// form_names lists all names of a certificate that constraints apply to: subjectAltName, the
// subject as a directory name and, where there is no rfc822Name, its emailAddress attributes.
[[nodiscard]] std::vector<FormName> form_names(const Certificate& certificate);

// within compares a name with a subtree of the same form, both well formed.
[[nodiscard]] bool within(const FormName& name, const FormConstraint& subtree, Subtree kind);

}  // namespace chancery::x509::path
