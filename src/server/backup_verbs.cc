#include "server/backup_verbs.h"

#include <boost/json.hpp>

#include "backup/archive.h"
#include "base/stderr_log.h"
#include "cli/report.h"
#include "crypto/system_random.h"
#include "os/file.h"
#include "server/backup_check.h"
#include "server/backup_download.h"
#include "server/passphrase.h"
#include "server/restore.h"

namespace chancery::server {
namespace {

Result<backup::Secret> read_secret(const cli::BackupSecretOptions& options, bool is_new) {
  if (!options.key_file.empty()) {
    TRY(os::private_enough(options.key_file));
    return backup::Secret::key(TRY(os::read_secret_file(options.key_file, 64)));
  }
  if (!options.passphrase_file.empty())
    return backup::Secret::passphrase(TRY(read_passphrase_file(options.passphrase_file)));
  return backup::Secret::passphrase(TRY(
      ask_passphrase("Passphrase of the backups: ", is_new ? Confirm::kTwice : Confirm::kOnce)));
}

std::string plural(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

Result<NewBackupResult> make_backup(const cli::BackupOptions& options, const cli::Common& common) {
  const auto before = backup::Archive::open(options.directory);
  const bool is_new = options.full || !before || before->files().empty();
  auto secret = TRY(read_secret(options.secret, is_new));
  crypto::SystemRandom random;
  return download_backup(common.connection, options.directory, secret, options.full, random);
}

boost::json::object to_json(const Findings& findings) {
  boost::json::object out{
      {"store_id", findings.last.store_id}, {"time", rfc3339(findings.last.time)},
      {"program", findings.last.program},   {"backups", findings.backups},
      {"log_rows", findings.log_rows},      {"certificates", findings.certificates},
      {"state_rows", findings.state_rows},  {"keys", findings.keys},
      {"newest_certificate", nullptr}};
  if (const auto& newest = findings.newest) {
    out["newest_certificate"] = boost::json::object{{"log_index", newest->log_index},
                                                    {"issued", rfc3339(newest->issued)},
                                                    {"serial_number", newest->serial},
                                                    {"subject", newest->subject}};
  }
  return out;
}

std::string to_text(const Findings& findings) {
  std::string text =
      "  state as of   " + rfc3339(findings.last.time) + ", in " +
      plural(findings.backups, "backup") + "\n  store         " + findings.last.store_id +
      "\n  holds         " + plural(findings.log_rows, "event") + ", " +
      plural(findings.certificates, "certificate") + ", " +
      plural(findings.state_rows, "state row") + ", " + plural(findings.keys, "sealed key") + "\n";
  if (findings.unknown_rows > 0) {
    text += "  not examined  " + plural(findings.unknown_rows, "state row") +
            " of a kind that this version does not know\n";
  }
  if (const auto& newest = findings.newest) {
    text += "  newest certificate in it: " + newest->serial + ", " + newest->subject + ", issued " +
            rfc3339(newest->issued) + "\n";
  }
  return text;
}

Result<Findings> read_only(const std::vector<backup::BackupFile>& chain, backup::Secret& secret) {
  return check_chain(chain, secret, [](const backup::StreamItem&) -> Result<void> { return {}; });
}

cli::Exit tell_findings(const Findings& findings, const std::string& headline,
                        const cli::Common& common) {
  if (common.format == cli::Format::kText) {
    cli::print(headline + "\n" + to_text(findings));
  } else {
    cli::print_value(to_json(findings), common.format);
  }
  return cli::Exit::kOk;
}

Result<Findings> verify(const cli::BackupOptions& options, std::vector<std::string>& problems) {
  const auto archive = TRY(backup::Archive::open(options.directory));
  problems = archive.problems();
  const auto chain = TRY(choose_chain(archive, options.until));
  auto secret = TRY(read_secret(options.secret, false));
  return read_only(chain, secret);
}

void tell_restored(const RestoreResult& result, const cli::RestoreOptions& options) {
  std::string text = "Restored into " + options.data + "\n" + to_text(result.findings) +
                     "  What was issued or revoked after that time is not in it.\n";
  for (const std::string& note : result.notes) text += "  Note: " + note + "\n";
  text += "\nNext:\n  chancery serve --config " + options.data +
          "/chancery.yaml\n  It signs nothing yet. Make sure that the node that was backed up is "
          "gone for good, then:\n  chancery restore confirm --old-node-is-gone\n";
  cli::print(text);
}

cli::Exit report_only(const std::vector<backup::BackupFile>& chain, backup::Secret& secret,
                      const cli::Common& common) {
  const auto findings = read_only(chain, secret);
  if (!findings) return cli::fail_with(findings.error());
  return tell_findings(*findings, "A restore would bring back", common);
}

}  // namespace

cli::Exit run_backup(const cli::BackupOptions& options, const cli::Common& common) {
  const auto made = make_backup(options, common);
  if (!made) return cli::fail_with(made.error());
  const backup::FileHeader& header = made->header;
  if (!made->note.empty()) cli::warn(made->note + "; a full backup was made");
  const std::string kind = header.full() ? "full" : "incremental";
  if (common.format == cli::Format::kText) {
    cli::print("Made " + made->path + " (" + kind +
               "): " + plural(header.end - header.first, "event") + ", state as of " +
               rfc3339(header.time) + "\n");
  } else {
    cli::print_value({{"path", made->path},
                      {"number", header.number},
                      {"kind", kind},
                      {"store_id", header.store_id},
                      {"time", rfc3339(header.time)},
                      {"first", header.first},
                      {"end", header.end}},
                     common.format);
  }
  return cli::Exit::kOk;
}

cli::Exit run_verify_backup(const cli::BackupOptions& options, const cli::Common& common) {
  std::vector<std::string> problems;
  const auto findings = verify(options, problems);
  for (const std::string& problem : problems) cli::warn(problem);
  if (!findings) return cli::fail_with(findings.error());
  (void)tell_findings(*findings, "The backup is good", common);
  return problems.empty() ? cli::Exit::kOk : cli::Exit::kFailed;
}

cli::Exit run_restore(const cli::RestoreOptions& options, const cli::Common& common) {
  const auto archive = backup::Archive::open(options.from);
  if (!archive) return cli::fail_with(archive.error());
  const auto chain = choose_chain(*archive, options.until);
  if (!chain) return cli::fail_with(chain.error());
  auto secret = read_secret(options.secret, false);
  if (!secret) return cli::fail_with(secret.error());
  if (options.report) return report_only(*chain, *secret, common);
  if (options.data.empty())
    return cli::fail_with({Code::kInvalidArgument, "--data names the directory to make", {}, {}});
  const SystemClock clock;
  crypto::SystemRandom random;
  // That the index is made anew is no news here.
  const auto log = make_stderr_log(LogFormat::kText, LogLevel::kError);
  const auto result = restore(*chain, *secret, options.data, clock, random, *log);
  if (!result) return cli::fail_with(result.error());
  if (common.format == cli::Format::kText) {
    tell_restored(*result, options);
    return cli::Exit::kOk;
  }
  auto out = to_json(result->findings);
  out["new_store_id"] = result->new_store_id;
  out["directory"] = options.data;
  boost::json::array notes;
  for (const std::string& note : result->notes) notes.emplace_back(note);
  out["notes"] = std::move(notes);
  cli::print_value(out, common.format);
  return cli::Exit::kOk;
}

}  // namespace chancery::server
