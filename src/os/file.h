#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/secret_bytes.h"

namespace chancery::os {

// Modes of what we write.
inline constexpr unsigned kPrivateFile = 0600;
inline constexpr unsigned kPublicFile = 0644;
inline constexpr unsigned kPrivateDirectory = 0700;

// read_file reads a whole regular file of at most `max_size` bytes. Errors: kNotFound, kTooLarge,
// kPermissionDenied, kUnavailable (I/O); each names the path.
[[nodiscard]] Result<Bytes> read_file(const std::string& path,
                                      std::size_t max_size = 16 * 1024 * 1024);
[[nodiscard]] Result<SecretBytes> read_secret_file(const std::string& path,
                                                   std::size_t max_size = 1024 * 1024);

// write_file replaces a file so that after a crash either the old or the new content is there:
// temporary file, fsync, rename, fsync of the directory. Errors: kPermissionDenied, kStorageFull,
// kUnavailable.
[[nodiscard]] Result<void> write_file(const std::string& path, BytesView content, unsigned mode);
// create_file is write_file, but refuses a file that exists. Errors: kAlreadyExists and as above.
[[nodiscard]] Result<void> create_file(const std::string& path, BytesView content, unsigned mode);

// rename_file gives a file another name in the same directory, in place of what has that name, and
// flushes the directory. Errors: kNotFound, kPermissionDenied, kUnavailable.
[[nodiscard]] Result<void> rename_file(const std::string& from, const std::string& to);

struct FileStatus {
  unsigned mode = 0;  // permission bits only
  unsigned owner = 0;
  unsigned group = 0;
  bool is_directory = false;
};
// status_of follows symbolic links. Errors: kNotFound, kPermissionDenied, kUnavailable.
[[nodiscard]] Result<FileStatus> status_of(const std::string& path);
// set_owner errors: kPermissionDenied (only root gives files away), kUnavailable.
[[nodiscard]] Result<void> set_owner(const std::string& path, unsigned owner, unsigned group);
// free_bytes is what an ordinary user may still write to the file system of `path`. Errors: as
// status_of.
[[nodiscard]] Result<std::uint64_t> free_bytes(const std::string& path);

// make_directory makes one directory (parents must exist); an existing one is left as it is.
[[nodiscard]] Result<void> make_directory(const std::string& path,
                                          unsigned mode = kPrivateDirectory);
[[nodiscard]] bool exists(const std::string& path);
[[nodiscard]] bool is_empty_directory(const std::string& path);
// list_directory returns the names in a directory, sorted, without "." and "..".
[[nodiscard]] Result<std::vector<std::string>> list_directory(const std::string& path);
[[nodiscard]] Result<void> remove_file(const std::string& path);

// private_enough checks that a file holding secrets is readable by its owner only. Errors:
// kRefused, with the chmod that mends it.
[[nodiscard]] Result<void> private_enough(const std::string& path);

}  // namespace chancery::os
