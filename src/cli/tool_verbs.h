#pragma once

#include "cli/command_tree.h"
#include "cli/tool_options.h"

namespace chancery::cli {

// cert_inspect says what a file, standard input or a server shows; it trusts and verifies nothing.
[[nodiscard]] Exit cert_inspect(const InspectOptions& options, const Common& common);
// cert_sign has the server sign a request file under a role.
[[nodiscard]] Exit cert_sign(const SignOptions& options, const Common& common);
// cert_renew replaces a certificate file, and its key's if asked, when it is due: kOk when it did,
// kNotDue when it is not time yet.
[[nodiscard]] Exit cert_renew(const RenewOptions& options, const Common& common);
// completion writes a shell's completion script to standard output.
[[nodiscard]] Exit completion(const CompletionOptions& options, const Command& root);
// man writes the man pages into a directory, which it makes.
[[nodiscard]] Exit man(const ManOptions& options, const Command& root);

}  // namespace chancery::cli
