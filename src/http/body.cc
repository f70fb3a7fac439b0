#include "http/body.h"

#include <fcntl.h>

namespace chancery::http {

Result<FileRange> file_part(int descriptor, std::uint64_t offset, std::uint64_t size) {
  net::UniqueFd file(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  if (!file) return fail(Code::kUnavailable, "too many files are open");
  return FileRange{std::make_shared<const net::UniqueFd>(std::move(file)), offset, size};
}

}  // namespace chancery::http
