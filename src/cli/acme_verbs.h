#pragma once

#include "cli/acme_options.h"
#include "cli/declare.h"

namespace chancery::cli {

// add_acme declares the verbs of ACME directories and what is in them below `root`.
void add_acme(CLI::App& root, AcmeOptions& o, Common& common, const Bind& on);
// add_acme_test_server declares the server for tests below what add_acme made.
void add_acme_test_server(CLI::App& root, AcmeTestServerOptions& o, const LocalVerbs& local,
                          const Bind& on);
// with_double_dashes writes the options of "acme test-server" as the other verbs have them: Pebble
// takes them with one dash as well, and "-strict false".
[[nodiscard]] std::vector<std::string> with_double_dashes(int argc, const char* const* argv);

[[nodiscard]] Exit acme_directory_create(const AcmeOptions& options, const Common& common);
[[nodiscard]] Exit acme_directory_list(const Common& common);
[[nodiscard]] Exit acme_directory_show(const AcmeOptions& options, const Common& common);
[[nodiscard]] Exit acme_directory_delete(const AcmeOptions& options, const Common& common);
[[nodiscard]] Exit acme_eab_create(const AcmeOptions& options, const Common& common);
[[nodiscard]] Exit acme_eab_list(const AcmeOptions& options, const Common& common);
[[nodiscard]] Exit acme_eab_revoke(const AcmeOptions& options, const Common& common);
[[nodiscard]] Exit acme_account_list(const AcmeOptions& options, const Common& common);
[[nodiscard]] Exit acme_account_show(const AcmeOptions& options, const Common& common);
[[nodiscard]] Exit acme_account_deactivate(const AcmeOptions& options, const Common& common);
[[nodiscard]] Exit acme_account_failures(const AcmeOptions& options, const Common& common);
[[nodiscard]] Exit acme_account_unpause(const AcmeOptions& options, const Common& common);
[[nodiscard]] Exit acme_order_list(const AcmeOptions& options, const Common& common);
[[nodiscard]] Exit acme_renewal_list(const AcmeOptions& options, const Common& common);
[[nodiscard]] Exit acme_renewal_set(const AcmeOptions& options, const Common& common);
[[nodiscard]] Exit acme_renewal_delete(const AcmeOptions& options, const Common& common);

}  // namespace chancery::cli
