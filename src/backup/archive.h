#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backup/sealed_file.h"
#include "backup/stream.h"

namespace chancery::backup {

// BackupFile is one file of an archive; its header is not proven before it is read with its key.
struct BackupFile {
  std::string path;
  FileHeader header;
};

// Archive is a directory of backups: files "<number>-full.backup" and
// "<number>-incremental.backup", of which each incremental one names the one it continues.
class Archive {
 public:
  // open lists a directory. Files that are no backups are listed in problems(). Errors: kNotFound,
  // those of the file system.
  [[nodiscard]] static Result<Archive> open(const std::string& directory);

  [[nodiscard]] const std::vector<BackupFile>& files() const { return files_; }  // by number
  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }
  // next_number is above that of every file, of those that cannot be read by their name.
  [[nodiscard]] std::uint64_t next_number() const { return highest_ + 1; }
  // chain returns the backups that lead to `last`, the full one first. Errors: kDataLoss (one is
  // missing, or they do not fit together).
  [[nodiscard]] Result<std::vector<BackupFile>> chain(const BackupFile& last) const;

 private:
  std::vector<BackupFile> files_;
  std::vector<std::string> problems_;
  std::uint64_t highest_ = 0;
};

// read_backup decrypts one file and hands its items on, checked (StreamDecoder), and checks that
// its content is what its header says. Errors: those of SealedReader and StreamDecoder, and of
// `take`; each names the file.
[[nodiscard]] Result<void> read_backup(const BackupFile& file, Secret& secret,
                                       const StreamDecoder::Take& take);

// ArchiveLock keeps two programs from adding to one directory at the same time, while it lives.
class ArchiveLock {
 public:
  // take makes the directory (mode 0700) when it is absent and removes what an interrupted backup
  // left. Errors: kUnavailable (another backup is being made there).
  [[nodiscard]] static Result<ArchiveLock> take(const std::string& directory);
  ArchiveLock(ArchiveLock&& other) noexcept;
  ArchiveLock(const ArchiveLock&) = delete;
  ArchiveLock& operator=(const ArchiveLock&) = delete;
  ~ArchiveLock();

 private:
  explicit ArchiveLock(int fd) : fd_(fd) {}
  int fd_;
};

// NewBackup writes the next file of an archive under another name; `keep` makes it durable and
// gives it its own. What is not kept is removed. Not thread-safe; needs an ArchiveLock.
class NewBackup {
 public:
  [[nodiscard]] static Result<std::unique_ptr<NewBackup>> begin(const std::string& directory,
                                                                const FileHeader& header,
                                                                Secret& secret);
  ~NewBackup();
  NewBackup(const NewBackup&) = delete;
  NewBackup& operator=(const NewBackup&) = delete;

  [[nodiscard]] Result<void> write(BytesView plaintext) { return writer_->write(plaintext); }
  // keep returns the file's path. Errors: kStorageFull, kUnavailable.
  [[nodiscard]] Result<std::string> keep();

 private:
  explicit NewBackup(std::string directory) : directory_(std::move(directory)) {}
  [[nodiscard]] Result<void> put(BytesView bytes);

  std::string directory_;
  std::string temporary_;
  std::string path_;
  int fd_ = -1;
  std::optional<SealedWriter> writer_;
};

}  // namespace chancery::backup
