#include "server/backup_download.h"

#include "cli/admin_client.h"

namespace chancery::server {
namespace {

// Base is what a new backup continues.
struct Base {
  backup::BackupFile file;
  crypto::Sha256 last_row{};  // of the log; zeros where the log was empty
};

// last_row reads a backup whole, so that nothing is built on a damaged one. An incremental one
// without new rows has the row of the one before it.
Result<crypto::Sha256> last_row(const backup::BackupFile& file, backup::Secret& secret) {
  crypto::Sha256 hash{};
  TRY(backup::read_backup(file, secret, [&](const backup::StreamItem& item) -> Result<void> {
    if (const auto* header = std::get_if<backup::StreamHeader>(&item)) hash = header->before;
    if (const auto* row = std::get_if<record::LogRow>(&item)) hash = backup::row_hash(*row);
    return {};
  }));
  return hash;
}

// find_base gives the newest backup that is whole and whose chain is. A secret that does not fit is
// an error, not a reason for a full backup under a mistyped one.
Result<std::optional<Base>> find_base(const backup::Archive& archive, backup::Secret& secret,
                                      std::string& note) {
  const auto& files = archive.files();
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    auto hash = last_row(*file, secret);
    if (hash && archive.chain(*file)) return Base{*file, *hash};
    if (!hash && (hash.error().code == Code::kUnauthenticated ||
                  hash.error().code == Code::kInvalidArgument))
      return std::unexpected(std::move(hash).error());
    note = hash ? file->path + " cannot be continued: a backup before it is missing"
                : file->path + " cannot be continued: " + hash.error().to_string();
  }
  return std::nullopt;
}

Bytes draw(Random& random, std::size_t size) {
  Bytes out(size);
  random.fill(out);
  return out;
}

class Download {
 public:
  Download(std::string directory, backup::Secret& secret, backup::FileHeader header,
           const std::optional<Base>& base)
      : directory_(std::move(directory)),
        secret_(secret),
        header_(std::move(header)),
        base_(base),
        decoder_([this](const backup::StreamItem& item) -> Result<void> {
          const auto* stream = std::get_if<backup::StreamHeader>(&item);
          return stream == nullptr ? Result<void>{} : begin(*stream);
        }) {}

  Result<void> take(BytesView piece) {
    TRY(decoder_.feed(piece));
    if (!backup_) {
      append(early_, piece);
      return {};
    }
    if (!early_.empty()) TRY(backup_->write(early_));
    early_.clear();
    return backup_->write(piece);
  }
  Result<std::string> finish() {
    TRY(decoder_.finish());
    return backup_->keep();
  }
  [[nodiscard]] const backup::FileHeader& header() const { return header_; }

 private:
  Result<void> begin(const backup::StreamHeader& stream) {
    const std::uint64_t first = base_ ? base_->file.header.end : 0;
    if (stream.first != first) return fail(Code::kMalformed, "the server sent another range");
    if (base_ && stream.before != base_->last_row) {
      return fail(Code::kDataLoss,
                  "the server's history is not the one that was backed up before; find out why, "
                  "then make a new chain with --full");
    }
    header_.store_id = stream.store_id;
    header_.time = stream.time;
    header_.first = stream.first;
    header_.end = stream.end;
    backup_ = TRY(backup::NewBackup::begin(directory_, header_, secret_));
    return {};
  }

  const std::string directory_;
  backup::Secret& secret_;
  backup::FileHeader header_;
  const std::optional<Base>& base_;
  Bytes early_;  // what came before the stream's header was complete
  std::unique_ptr<backup::NewBackup> backup_;
  backup::StreamDecoder decoder_;
};

backup::FileHeader next_header(const backup::Archive& archive, const backup::Secret& secret,
                               const std::optional<Base>& base, Random& random) {
  backup::FileHeader header;
  header.number = archive.next_number();
  header.id = draw(random, 16);
  header.file_salt = draw(random, 32);
  header.key_salt = base ? base->file.header.key_salt : draw(random, 16);
  if (base) header.previous = base->file.header.id;
  if (base) header.cost = base->file.header.cost;
  if (!base && !secret.is_passphrase()) header.cost = {0, 0, 0};
  return header;
}

}  // namespace

Result<NewBackupResult> download_backup(const cli::Connection& connection,
                                        const std::string& directory, backup::Secret& secret,
                                        bool full, Random& random) {
  const auto client = TRY(cli::AdminClient::open(connection));
  const auto lock = TRY(backup::ArchiveLock::take(directory));
  const auto archive = TRY(backup::Archive::open(directory));
  std::string note;
  std::optional<Base> base;
  if (!full) base = TRY(find_base(archive, secret, note));
  while (true) {
    std::string path = "/backup";
    if (base && base->file.header.end > 0) {
      path += "?after=" + std::to_string(base->file.header.end) +
              "&store_id=" + cli::encode_query(base->file.header.store_id);
    }
    Download download(directory, secret, next_header(archive, secret, base, random), base);
    const auto done = client.download(
        path, [&](std::string_view piece) { return download.take(as_bytes(piece)); });
    if (!done && done.error().code == Code::kConflict && base) {
      note = "the server's store is another one than that of the backups there";
      base.reset();
      continue;
    }
    if (!done) return std::unexpected(done.error());
    auto kept = TRY(download.finish());
    return NewBackupResult{std::move(kept), download.header(), note};
  }
}

}  // namespace chancery::server
