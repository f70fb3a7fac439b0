#include "server/restore.h"

#include <algorithm>

#include "ca/crl_publisher.h"
#include "ca/service.h"
#include "keys/software/seal.h"
#include "os/file.h"
#include "server/backup_source.h"
#include "server/config.h"
#include "server/registry.h"

namespace chancery::server {
namespace {

// The one kind of store that lasts.
const std::string kKind = "sqlite";

// Restorer puts the items of a checked chain where they belong.
class Restorer {
 public:
  Restorer(std::string directory, const Clock& clock, Random& random, Log& log)
      : directory_(std::move(directory)),
        now_(clock.now()),
        store_id_(make_store_id(random)),
        log_(log) {}

  Result<void> begin() {
    TRY(os::make_directory(directory_));
    if (!os::is_empty_directory(directory_)) {
      return std::unexpected(Error{
          Code::kAlreadyExists,
          "the directory is not empty; if a restore was interrupted, remove it first",
          {},
          {}}.with("directory", directory_));
    }
    TRY(os::make_directory(directory_ + "/server"));
    TRY(os::make_directory(keys_directory()));
    loader_ = TRY(make_store_loader(kKind, store_directory()));
    return {};
  }

  Result<void> take(backup::StreamItem item) {
    if (auto* row = std::get_if<record::LogRow>(&item)) return loader_->append(*row);
    if (auto* row = std::get_if<record::StateRow>(&item)) return put(std::move(*row));
    return keep(std::get<backup::File>(std::move(item)));
  }

  Result<RestoreResult> finish(Findings findings) {
    TRY(begin_new_numbers());
    TRY(mark(findings));
    TRY(loader_->finish());
    loader_.reset();
    TRY(make_index());
    RestoreResult result{std::move(findings), store_id_, {}};
    if (TRY(keys::seal_kind(keys_directory())) == keys::SealKind::kFile) {
      result.notes.push_back(
          "the keys are sealed by a file that is in no backup: copy root.key of the lost node to " +
          keys_directory() + "/root.key");
    }
    TRY(write_config(result.notes));
    return result;
  }

 private:
  [[nodiscard]] std::string keys_directory() const { return directory_ + "/server/keys"; }
  [[nodiscard]] std::string store_directory() const { return directory_ + "/server/store"; }

  Result<void> put(record::StateRow row) {
    // Those of the lost store.
    if (row.key == store_id_key() || row.key == ca::restoration_key()) return {};
    if (row.key.kind == record::StateKind::kAuthority) {
      const auto authority = TRY(ca::decode_authority(row.value));
      if (!authority.key_id.empty())
        unnumbered_.push_back(ca::crl_key(row.key.scope, authority.id));
    }
    if (row.key.kind == record::StateKind::kCrl) {
      crls_.push_back(std::move(row));
      return {};
    }
    return loader_->put(row);
  }

  // An authority without key has its CRLs and their numbers from elsewhere; each other one gets a
  // number, also where no CRL of it was published before the backup, or only imported ones. Where
  // issuers share their CRLs the highest number counts.
  Result<void> begin_new_numbers() {
    for (record::StateRow& row : crls_) {
      auto state = TRY(ca::decode_crl_state(row.value));
      if (state.imported.empty() || std::ranges::find(unnumbered_, row.key) != unnumbered_.end()) {
        state.number = TRY(ca::crl_number_after_restore(state.last_number(), now_));
        state.delta_number.reset();
        row.value = ca::encode(state);
        ++row.version;
      }
      TRY(loader_->put(row));
      std::erase(unnumbered_, row.key);
    }
    for (const record::StateKey& key : unnumbered_) {
      const std::uint64_t number = TRY(ca::crl_number_after_restore(0, now_));
      TRY(loader_->put({key, ca::encode(ca::CrlState{number, now_, now_, {}}), 1, 0, 1}));
    }
    return {};
  }

  Result<void> mark(const Findings& findings) {
    const backup::StreamHeader& last = findings.last;
    record::Event event{record::EventKind::kStoreRestored,
                        now_,
                        {},
                        "operator",
                        {},
                        store_id_,
                        {{"lost_store_id", last.store_id},
                         {"backup_time", rfc3339(last.time)},
                         {"log_rows", std::to_string(findings.log_rows)}},
                        {}};
    TRY(loader_->append({findings.log_rows, {event.kind, record::encode(event), {}}}));
    ca::Restoration restoration;
    restoration.lost_store_id = last.store_id;
    restoration.backup_time = last.time;
    restoration.log_rows = findings.log_rows;
    restoration.restored_at = now_;
    TRY(loader_->put({ca::restoration_key(), ca::encode(restoration), 1, 0, 1}));
    return loader_->put({store_id_key(), to_bytes(store_id_), 1, 0, 1});
  }

  // The server would do it as well, but could not say "not found" meanwhile; and nothing that the
  // store itself finds fault with leaves here.
  Result<void> make_index() const {
    const auto store = TRY(open_store(kKind, store_directory(), log_));
    TRY(store->rebuild_index());
    const auto report = TRY(store->check());
    if (!report.problems.empty()) {
      return fail(Code::kDataLoss,
                  "the restored store does not pass its check: " + report.problems.front());
    }
    return {};
  }

  Result<void> keep(backup::File file) {
    if (file.name == "chancery.yaml") {
      config_ = std::move(file.content);
      return {};
    }
    const bool is_key = file.name.starts_with("keys/");
    const std::string path = directory_ + (is_key ? "/server/" : "/") + file.name;
    return os::create_file(path, file.content, is_key ? os::kPrivateFile : os::kPublicFile);
  }

  Result<void> write_config(std::vector<std::string>& notes) const {
    Config config = TRY(parse_config(as_text(config_)));
    if (config.store != "sqlite")
      return fail(Code::kUnsupported, "only sqlite stores are restored");
    Bytes content = config_;
    if (config.data != "server") {
      notes.push_back("the configuration named " + config.data +
                      " as its data directory; it is \"server\" now, and comments are gone");
      config.data = "server";
      content = to_bytes(to_yaml(config));
    }
    if (!config.passphrase_file.empty()) {
      notes.push_back("the passphrase of the keys is in no backup; the server reads it from " +
                      config.passphrase_file);
    }
    return os::create_file(directory_ + "/chancery.yaml", content, os::kPublicFile);
  }

  const std::string directory_;
  const TimePoint now_;
  const std::string store_id_;
  Log& log_;
  std::unique_ptr<storage::Loader> loader_;
  std::vector<record::StateRow> crls_;
  std::vector<record::StateKey> unnumbered_;  // authorities with a key, without a CRL's number
  Bytes config_;
};

}  // namespace

Result<RestoreResult> restore(const std::vector<backup::BackupFile>& chain, backup::Secret& secret,
                              const std::string& directory, const Clock& clock, Random& random,
                              Log& log) {
  Restorer restorer(directory, clock, random, log);
  TRY(restorer.begin());
  auto findings = TRY(check_chain(
      chain, secret, [&](backup::StreamItem item) { return restorer.take(std::move(item)); }));
  return restorer.finish(std::move(findings));
}

}  // namespace chancery::server
