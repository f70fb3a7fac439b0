#include "server/backup_source.h"

#include <algorithm>
#include <array>

#include "backup/stream.h"
#include "os/file.h"

namespace chancery::server {
namespace {

constexpr std::size_t kLogPage = 256;
constexpr std::size_t kStatePage = 1024;
constexpr std::size_t kMaxFile = 1024 * 1024;

std::string beside(const std::string& path, const std::string& name) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? name : path.substr(0, slash + 1) + name;
}

// The seal and the sealed keys; never "root.key", which opens a file seal.
bool is_sealed_key_file(std::string_view name) {
  return name == "seal.pem" || (name.ends_with(".key") && name != "root.key");
}

// Read after the snapshot was taken: a key is written before the authority that names it.
Result<std::vector<backup::File>> read_files(const NodeFiles& paths) {
  std::vector<backup::File> files;
  files.push_back({"chancery.yaml", TRY(os::read_file(paths.config, kMaxFile))});
  for (const std::string& name : TRY(os::list_directory(paths.keys))) {
    if (!is_sealed_key_file(name)) continue;
    files.push_back({"keys/" + name, TRY(os::read_file(paths.keys + "/" + name, kMaxFile))});
  }
  const std::string root_ca = beside(paths.config, "root-ca.pem");
  if (os::exists(root_ca)) files.push_back({"root-ca.pem", TRY(os::read_file(root_ca, kMaxFile))});
  std::ranges::sort(files, {}, &backup::File::name);
  return files;
}

Result<std::string> store_id(record::Store& store, Random& random, const OnLane& on_lane) {
  const auto row = TRY(store.state().get(store_id_key()));
  if (row) return std::string(as_text(row->value));
  const std::string id = make_store_id(random);
  record::WriteSet writes;
  writes.require_absent(store_id_key());
  writes.put(store_id_key(), to_bytes(id));
  const auto receipt = store.committer().submit(std::move(writes)).wait(on_lane);
  if (receipt) return id;
  if (receipt.error().code != Code::kConflict) return std::unexpected(receipt.error());
  // Another backup was first.
  const auto theirs = TRY(store.state().get(store_id_key()));
  if (!theirs) return fail(Code::kInternal, "the store's id went away");
  return std::string(as_text(theirs->value));
}

class BackupSource final : public http::BodySource {
 public:
  BackupSource(record::LogReader& log, std::unique_ptr<storage::Snapshot> snapshot,
               backup::StreamHeader header, std::vector<backup::File> files)
      : log_(log),
        snapshot_(std::move(snapshot)),
        header_(std::move(header)),
        next_(header_.first),
        files_(std::move(files)) {
    encoder_.header(pending_, header_);
  }

  [[nodiscard]] std::optional<http::Lane> lane() const override { return http::Lane::kSearch; }

  [[nodiscard]] Result<Pull> next(std::string& out, std::size_t budget,
                                  const http::Wake&) override {
    if (sent_ == pending_.size()) {
      if (ended_) return Pull::kEnd;
      pending_.clear();
      sent_ = 0;
      TRY(produce());
    }
    const std::size_t part = std::min(budget, pending_.size() - sent_);
    out += as_text(BytesView(pending_).subspan(sent_, part));
    sent_ += part;
    return ended_ && sent_ == pending_.size() ? Pull::kEnd : Pull::kMore;
  }

 private:
  // Fills pending_ with the next page; always with something.
  Result<void> produce() {
    if (next_ < header_.end) return produce_log();
    const auto rows = TRY(snapshot_->next(kStatePage));
    for (const record::StateRow& row : rows) encoder_.state_row(pending_, row);
    if (!rows.empty()) return {};
    for (const backup::File& file : files_) encoder_.file(pending_, file);
    encoder_.trailer(pending_);
    ended_ = true;
    return {};
  }

  Result<void> produce_log() {
    const std::size_t limit = std::min<std::uint64_t>(kLogPage, header_.end - next_);
    const auto rows = TRY(log_.read(next_, limit));
    if (rows.empty()) return fail(Code::kDataLoss, "log rows are missing");
    for (const record::LogRow& row : rows) encoder_.log_row(pending_, row);
    next_ += rows.size();
    return {};
  }

  record::LogReader& log_;
  std::unique_ptr<storage::Snapshot> snapshot_;
  const backup::StreamHeader header_;
  std::uint64_t next_;
  const std::vector<backup::File> files_;
  backup::StreamEncoder encoder_;
  Bytes pending_;
  std::size_t sent_ = 0;
  bool ended_ = false;
};

}  // namespace

const record::StateKey& store_id_key() {
  static const record::StateKey kKey{record::StateKind::kSettings, {"root", ""}, "store"};
  return kKey;
}

std::string make_store_id(Random& random) {
  std::array<std::uint8_t, 16> id{};
  random.fill(id);
  return hex(id);
}

Result<std::unique_ptr<http::BodySource>> begin_backup(storage::ManagedStore& store,
                                                       const NodeFiles& files, const Clock& clock,
                                                       Random& random,
                                                       const admin::BackupWish& wish,
                                                       const OnLane& on_lane) {
  backup::StreamHeader header;
  header.store_id = TRY(store_id(store, random, on_lane));
  if (wish.after > 0 && wish.store_id != header.store_id) {
    return fail(Code::kConflict, "those backups are of another store; make a full one");
  }
  auto snapshot = TRY(store.snapshot());
  header.program = CHANCERY_VERSION;
  header.time = clock.now();
  header.first = wish.after;
  header.end = snapshot->log_size();
  if (header.first > header.end) {
    return std::unexpected(Error{
        Code::kInvalidArgument,
        "those backups hold more of this store's history than it does; "
        "was an older copy of it put back?",
        {},
        {}}.with("field", "after"));
  }
  if (header.first > 0) {
    const record::LogRow last = TRY(store.log().get(header.first - 1));
    header.before = backup::row_hash(last);
  }
  auto content = TRY(read_files(files));
  return std::make_unique<BackupSource>(store.log(), std::move(snapshot), std::move(header),
                                        std::move(content));
}

}  // namespace chancery::server
