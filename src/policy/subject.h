#pragma once

#include <string>
#include <vector>

#include "policy/evaluate.h"

// The subject of a certificate: names from the request, the rest from the role. Internal to this
// folder.
namespace chancery::policy {

// SubjectRequest is what a request says about its subject, whichever of API and CSR counts.
struct SubjectRequest {
  std::string common_name;
  std::string serial_number;
  std::vector<std::string> user_ids;
};

// read_subject picks the values and checks that they are sound text. Errors: kInvalidArgument,
// among them a common name that the role requires and nobody gave.
[[nodiscard]] Result<SubjectRequest> read_subject(const Role& role, const IssueRequest& request);

// check_* judge one value under the role. Errors: kRefused.
[[nodiscard]] Result<void> check_common_name(const Role& role, const SubjectRequest& subject);
[[nodiscard]] Result<void> check_serial_number(const Role& role, const SubjectRequest& subject);
[[nodiscard]] Result<void> check_user_ids(const Role& role, const SubjectRequest& subject);

// build_subject writes C, ST, L, street, postalCode, O, OU (the values of each in one RDN), CN,
// serialNumber, UID: OpenBao's order. Errors: kInvalidArgument: a value that RFC 5280 bounds
// otherwise, such as a common name over 64 characters.
[[nodiscard]] Result<x509::Name> build_subject(const Role& role, const SubjectRequest& subject);

}  // namespace chancery::policy
