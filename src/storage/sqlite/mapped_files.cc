#include "storage/sqlite/mapped_files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include "base/text.h"
#include "os/file.h"
#include "storage/sqlite/crc32c.h"
#include "storage/sqlite/directory.h"

namespace chancery::storage::sqlite {
namespace {

std::unexpected<Error> system_error(std::string_view what, const std::string& path) {
  const int number = errno;
  const Code code = number == ENOSPC || number == EDQUOT ? Code::kStorageFull : Code::kUnavailable;
  std::string detail = std::string(what) + ": " + std::strerror(number);
  return std::unexpected(Error{code, std::move(detail), {}, {}}.with("path", path));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

class Mapping {
 public:
  Mapping(void* address, std::size_t size) : address_(address), size_(size) {}
  ~Mapping() { ::munmap(address_, size_); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

 private:
  void* address_;
  std::size_t size_;
};

// Names may be anything; file names are letters, digits and the rest in hex.
std::string file_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    out += plain ? std::string(1, c) : "_" + hex(as_bytes(std::string_view(&c, 1)));
  }
  return out;
}

std::uint32_t check_of(BytesView bytes) { return Crc32c().add(bytes).value(); }

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

Result<void> write_at(int fd, BytesView bytes, std::uint64_t offset, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("cannot write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

}  // namespace

std::string MappedFiles::path(std::string_view name, std::string_view suffix) const {
  return directory_ + "/" + file_name(name) + std::string(suffix);
}

// A file whose position is absent or damaged, or that is shorter than its position says, is empty.
Result<MappedFiles::Position> MappedFiles::position(std::string_view name) const {
  const auto text = os::read_file(path(name, ".at"), 256);
  if (!text) {
    if (text.error().code == Code::kNotFound) return Position{};
    return std::unexpected(text.error());
  }
  const std::string_view line = trim(as_text(*text));
  const auto words = split(line, ' ');
  Position position;
  std::uint32_t check = 0;
  if (words.size() != 5 || words[0] != "2" || !parse_number(words[1], position.size) ||
      !parse_number(words[2], position.covers) || !parse_number(words[3], position.check) ||
      !parse_number(words[4], check) ||
      check != check_of(as_bytes(line.substr(0, line.rfind(' '))))) {
    return Position{};
  }
  struct stat info{};
  if (position.size > 0 && (::stat(path(name, ".data").c_str(), &info) != 0 ||
                            static_cast<std::uint64_t>(info.st_size) < position.size)) {
    return Position{};
  }
  return position;
}

MappedFiles::Checked MappedFiles::checked(std::string_view name) const {
  const std::scoped_lock lock(mutex_);
  const auto it = checked_.find(name);
  return it == checked_.end() ? Checked{} : it->second;
}

void MappedFiles::remember(std::string_view name, Checked checked) const {
  const std::scoped_lock lock(mutex_);
  checked_[std::string(name)] = checked;
}

Result<record::DerivedFiles::Content> MappedFiles::load(std::string_view name, Position& position,
                                                        std::uint64_t seen) const {
  if (position.size == 0) return Content{nullptr, {}, position.covers};
  const std::string data = path(name, ".data");
  const Descriptor fd(::open(data.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return system_error("cannot open", data);
  void* address = ::mmap(nullptr, position.size, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (address == MAP_FAILED) return system_error("cannot map", data);
  Content content{std::make_shared<Mapping>(address, position.size),
                  {static_cast<const std::uint8_t*>(address), position.size},
                  position.covers};
  Checked before = checked(name);
  if (before.size > std::min(seen, position.size)) before = {};
  const std::uint32_t check = Crc32c(before.check).add(content.bytes.subspan(before.size)).value();
  if (check == position.check) {
    remember(name, {position.size, check});
    return content;
  }
  remember(name, {});
  position = {};
  return Content{};
}

Result<record::DerivedFiles::Content> MappedFiles::open(std::string_view name) const {
  return open_again(name, 0);
}

Result<record::DerivedFiles::Content> MappedFiles::open_again(std::string_view name,
                                                              std::uint64_t seen) const {
  Position position = TRY(this->position(name));
  return load(name, position, seen);
}

Result<void> MappedFiles::append(std::string_view name, BytesView bytes, std::uint64_t covers) {
  Position position = TRY(this->position(name));
  // Whoever appends has opened it: its bytes are read again only where they are others by now.
  TRY(load(name, position, position.size));
  if (!bytes.empty()) {
    const std::string data = path(name, ".data");
    // What is there counts for nothing, but somebody may have it mapped: begin another file.
    if (position.size == 0) ::unlink(data.c_str());
    const Descriptor fd(::open(data.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (fd.get() < 0) return system_error("cannot open", data);
    if (::ftruncate(fd.get(), static_cast<off_t>(position.size)) != 0) {
      return system_error("cannot cut", data);
    }
    TRY(write_at(fd.get(), bytes, position.size, data));
    if (::fdatasync(fd.get()) != 0) return system_error("cannot sync", data);
  }
  const std::uint64_t size = position.size + bytes.size();
  const std::uint32_t check = Crc32c(position.check).add(bytes).value();
  std::string text =
      "2 " + std::to_string(size) + " " + std::to_string(covers) + " " + std::to_string(check);
  text += " " + std::to_string(check_of(as_bytes(text))) + "\n";
  TRY(os::write_file(path(name, ".at"), as_bytes(text), os::kPrivateFile));
  remember(name, {size, check});
  return {};
}

Result<void> MappedFiles::remove(std::string_view name) {
  remember(name, {});
  // The position first: what is left in between is an empty file.
  for (const std::string_view suffix : {".at", ".data"}) {
    const std::string file = path(name, suffix);
    if (::unlink(file.c_str()) != 0 && errno != ENOENT) return system_error("cannot remove", file);
    TRY(sync_directory(directory_));
  }
  return {};
}

}  // namespace chancery::storage::sqlite
