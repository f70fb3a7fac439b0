#include "storage/scratch_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace chancery::storage {
namespace {

std::unexpected<Error> system_error(std::string_view what) {
  const int number = errno;
  const Code code = number == ENOSPC || number == EDQUOT ? Code::kStorageFull : Code::kUnavailable;
  return std::unexpected(Error{code, std::string(what) + ": " + std::strerror(number), {}, {}});
}

class Scratch final : public record::ScratchFile {
 public:
  explicit Scratch(int fd) : fd_(fd) {}
  ~Scratch() override {
    unmap();
    ::close(fd_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  Result<void> write(std::uint64_t offset, BytesView bytes) override {
    while (!bytes.empty()) {
      const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return system_error("a scratch file cannot be written");
      bytes = bytes.subspan(static_cast<std::size_t>(n));
      offset += static_cast<std::uint64_t>(n);
      size_ = std::max(size_, offset);
    }
    return {};
  }

  Result<BytesView> map() override {
    if (mapped_ != size_) {
      unmap();
      void* const address = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, fd_, 0);
      if (address == MAP_FAILED) return system_error("a scratch file cannot be mapped");
      address_ = address;
      mapped_ = size_;
    }
    return BytesView(static_cast<const std::uint8_t*>(address_), mapped_);
  }

  [[nodiscard]] int descriptor() const override { return fd_; }

 private:
  void unmap() {
    if (address_ != nullptr) ::munmap(address_, mapped_);
    address_ = nullptr;
    mapped_ = 0;
  }

  const int fd_;
  std::uint64_t size_ = 0;
  void* address_ = nullptr;
  std::size_t mapped_ = 0;
};

}  // namespace

Result<std::unique_ptr<record::ScratchFile>> make_scratch_file(const std::string& directory) {
  const int fd = directory.empty()
                     ? ::memfd_create("scratch", MFD_CLOEXEC)
                     : ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return system_error("a scratch file cannot be made");
  return std::make_unique<Scratch>(fd);
}

}  // namespace chancery::storage
