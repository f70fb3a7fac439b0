#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <mutex>

// The journal keeps what the program does to the files below the data directory, in the order in
// which it is done, so that a test can make the disk of every moment of a power cut out of it.
namespace fault_shim {

enum class Deed : std::uint32_t {
  kWrite,      // path, offset, bytes
  kTruncate,   // path, offset: the new size
  kSync,       // path (a directory's: its names are durable)
  kRename,     // path, other path
  kLink,       // path, other path
  kUnlink,     // path
  kCreate,     // path; an empty file was made, or one was emptied
  kDirectory,  // path
};

// Journalling holds a lock while a call is made, so that the journal has the order of the disk.
class Journalling {
 public:
  Journalling();
  [[nodiscard]] bool on() const { return lock_.owns_lock(); }
  void note(Deed deed, int fd, std::uint64_t offset = 0, const void* bytes = nullptr,
            std::size_t size = 0) const;
  void note(Deed deed, const char* path, const char* other = "") const;

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace fault_shim
