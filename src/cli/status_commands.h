#pragma once

#include "cli/declare.h"

namespace chancery::cli {

// add_revoke_verbs declares cert revoke and cert release, add_crl_verbs what shows and imports
// CRLs, add_status_verbs the families revocation and ocsp.
void add_revoke_verbs(CLI::App& cert, StatusOptions& o, Common& common, const Bind& on);
void add_crl_verbs(CLI::App& crl, StatusOptions& o, Common& common, const Bind& on);
void add_status_verbs(CLI::App& root, StatusOptions& o, Common& common, const Bind& on);

}  // namespace chancery::cli
