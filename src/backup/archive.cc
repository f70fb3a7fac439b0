#include "backup/archive.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <utility>

#include "os/file.h"

namespace chancery::backup {
namespace {

constexpr std::string_view kSuffix = ".backup";
constexpr std::uint64_t kMaxNumber = 1'000'000'000'000;  // of a header that is not proven
constexpr std::string_view kTemporary = ".partial-";

std::unexpected<Error> system_error(std::string_view what, const std::string& path) {
  const int number = errno;
  const bool full = number == ENOSPC || number == EDQUOT;
  Code code = full ? Code::kStorageFull : Code::kUnavailable;
  if (number == ENOENT) code = Code::kNotFound;
  if (number == EACCES) code = Code::kPermissionDenied;
  return std::unexpected(
      Error{code, std::string(what) + ": " + std::strerror(number), {}, {}}.with("path", path));
}

// An open file that is read from its start to its end.
class Input {
 public:
  explicit Input(const std::string& path)
      : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Input() {
    if (fd_ >= 0) ::close(fd_);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  [[nodiscard]] Result<std::size_t> read(std::span<std::uint8_t> out) const {
    if (fd_ < 0) return system_error("cannot open", path_);
    while (true) {
      const ssize_t n = ::read(fd_, out.data(), out.size());
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) return system_error("cannot read", path_);
    }
  }

 private:
  const std::string path_;
  int fd_;
};

Result<SealedReader> open_sealed(const std::shared_ptr<Input>& input) {
  return SealedReader::open([input](std::span<std::uint8_t> out) { return input->read(out); });
}

Result<void> sync_directory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return system_error("cannot open", path);
  const int result = ::fsync(fd);
  const int number = errno;
  ::close(fd);
  errno = number;
  if (result != 0) return system_error("cannot sync", path);
  return {};
}

std::string file_name(const FileHeader& header) {
  std::string number = std::to_string(header.number);
  if (number.size() < 6) number.insert(0, 6 - number.size(), '0');
  return number + (header.full() ? "-full" : "-incremental") + std::string(kSuffix);
}

std::uint64_t number_in(const std::string& name) {
  std::uint64_t number = 0;
  std::from_chars(name.data(), name.data() + name.size(), number);
  return std::min(number, kMaxNumber);
}

// does_match says whether a stream is the one that the file's header speaks of.
bool does_match(const FileHeader& file, const StreamHeader& stream) {
  return file.store_id == stream.store_id && file.first == stream.first && file.end == stream.end &&
         file.time == stream.time && (!file.full() || file.first == 0);
}

Result<void> read_chunks(SealedReader& reader, Secret& secret, StreamDecoder& decoder) {
  TRY(reader.unlock(secret));
  while (auto chunk = TRY(reader.next())) TRY(decoder.feed(chunk->view()));
  return decoder.finish();
}

}  // namespace

Result<Archive> Archive::open(const std::string& directory) {
  Archive archive;
  for (const std::string& name : TRY(os::list_directory(directory))) {
    if (!name.ends_with(kSuffix)) continue;
    const std::string path = directory + "/" + name;
    archive.highest_ = std::max(archive.highest_, number_in(name));
    const auto reader = open_sealed(std::make_shared<Input>(path));
    if (reader) {
      archive.files_.push_back({path, reader->header()});
      archive.highest_ = std::max(archive.highest_, std::min(reader->header().number, kMaxNumber));
    } else {
      archive.problems_.push_back(name + ": " + reader.error().to_string());
    }
  }
  std::ranges::stable_sort(archive.files_, {},
                           [](const BackupFile& file) { return file.header.number; });
  return archive;
}

Result<std::vector<BackupFile>> Archive::chain(const BackupFile& last) const {
  std::vector<BackupFile> chain{last};
  while (!chain.back().header.full()) {
    const FileHeader& later = chain.back().header;
    const auto found = std::ranges::find(files_, later.previous,
                                         [](const BackupFile& file) { return file.header.id; });
    // The number falls along the chain, so it ends.
    if (found == files_.end() || found->header.number >= later.number ||
        found->header.store_id != later.store_id || found->header.end != later.first) {
      return std::unexpected(Error{
          Code::kDataLoss,
          "the backup that this one continues is missing or another",
          {},
          {}}.with("path", chain.back().path));
    }
    chain.push_back(*found);
  }
  std::ranges::reverse(chain);
  return chain;
}

Result<void> read_backup(const BackupFile& file, Secret& secret, const StreamDecoder::Take& take) {
  const auto all = [&]() -> Result<void> {
    auto reader = TRY(open_sealed(std::make_shared<Input>(file.path)));
    const FileHeader header = reader.header();
    StreamDecoder decoder([&](StreamItem item) -> Result<void> {
      if (const auto* stream = std::get_if<StreamHeader>(&item);
          stream != nullptr && !does_match(header, *stream))
        return fail(Code::kDataLoss, "the backup's content is not what its header says");
      return take(std::move(item));
    });
    return read_chunks(reader, secret, decoder);
  };
  auto done = all();
  if (!done) return std::unexpected(std::move(done).error().with("backup", file.path));
  return {};
}

Result<ArchiveLock> ArchiveLock::take(const std::string& directory) {
  TRY(os::make_directory(directory));
  ArchiveLock lock(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (lock.fd_ < 0) return system_error("cannot open", directory);
  if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    return std::unexpected(
        Error{Code::kUnavailable, "another backup is being made there", {}, {}}.with("path",
                                                                                     directory));
  }
  for (const std::string& name : TRY(os::list_directory(directory))) {
    if (name.starts_with(kTemporary)) TRY(os::remove_file(directory + "/" + name));
  }
  return lock;
}

ArchiveLock::ArchiveLock(ArchiveLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

ArchiveLock::~ArchiveLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<std::unique_ptr<NewBackup>> NewBackup::begin(const std::string& directory,
                                                    const FileHeader& header, Secret& secret) {
  std::unique_ptr<NewBackup> made(new NewBackup(directory));
  const std::string name = file_name(header);
  made->path_ = directory + "/" + name;
  if (os::exists(made->path_)) {
    return std::unexpected(
        Error{Code::kAlreadyExists, "the backup exists", {}, {}}.with("path", made->path_));
  }
  made->temporary_ = directory + "/" + std::string(kTemporary) + name;
  made->fd_ = ::open(made->temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made->fd_ < 0) return system_error("cannot create", made->temporary_);
  NewBackup* const self = made.get();
  made->writer_.emplace(TRY(
      SealedWriter::begin(header, secret, [self](BytesView bytes) { return self->put(bytes); })));
  return made;
}

NewBackup::~NewBackup() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary_.c_str());
}

Result<void> NewBackup::put(BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("cannot write", temporary_);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<std::string> NewBackup::keep() {
  TRY(writer_->finish());
  if (::fsync(fd_) != 0) return system_error("cannot sync", temporary_);
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0)
    return system_error("cannot rename", path_);
  ::close(std::exchange(fd_, -1));
  TRY(sync_directory(directory_));
  return path_;
}

}  // namespace chancery::backup
