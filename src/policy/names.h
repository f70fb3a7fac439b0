#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/evaluate.h"
#include "x509/general_name.h"

// The subject alternative names of a request, judged under a role, one kind at a time and in
// OpenBao's order of checks. Internal to this folder.
namespace chancery::policy {

using Warnings = std::vector<std::string>;
using GeneralNames = std::vector<x509::GeneralName>;

// HostNames are views into the request, in order of appearance.
struct HostNames {
  std::vector<std::string_view> dns;
  std::vector<std::string_view> emails;
};

// takes_csr_names: the request's own names count and those of the API do not.
[[nodiscard]] bool takes_csr_names(const Role& role, const IssueRequest& request);

// check_name_count bounds all names of a request together. Errors: kInvalidArgument.
[[nodiscard]] Result<void> check_name_count(const Role& role, const IssueRequest& request);

// collect_host_names gathers host names and e-mail addresses, `common_name` among them unless it is
// excluded or neither. Errors: kInvalidArgument (IDNA, bounds).
[[nodiscard]] Result<HostNames> collect_host_names(const Role& role, const IssueRequest& request,
                                                   std::string_view common_name,
                                                   Warnings& warnings);
// check_host_names judges them. Errors: kRefused.
[[nodiscard]] Result<void> check_host_names(const Role& role, const IssueRequest& request,
                                            const HostNames& names);
// check_a_labels refuses DNS names, domains of mailboxes and a common name that is a host name for
// A-labels that stand for no U-label. Errors: kInvalidArgument.
[[nodiscard]] Result<void> check_a_labels(const Role& role, const IssueRequest& request,
                                          std::string_view common_name, const HostNames& names);
// add_host_names appends them to `out`, e-mail addresses sorted as OpenBao does. Errors:
// kInvalidArgument.
[[nodiscard]] Result<void> add_host_names(const IssueRequest& request, const HostNames& names,
                                          GeneralNames& out);

// add_* judge one kind of name and append those names to `out`. Errors: kRefused, kInvalidArgument.
[[nodiscard]] Result<void> add_other_names(const Role& role, const IssueRequest& request,
                                           GeneralNames& out);
[[nodiscard]] Result<void> add_addresses(const Role& role, const IssueRequest& request,
                                         GeneralNames& out);
[[nodiscard]] Result<void> add_uris(const Role& role, const IssueRequest& request,
                                    GeneralNames& out);

// remove_repeated keeps the first of equal names.
void remove_repeated(GeneralNames& names);

}  // namespace chancery::policy
