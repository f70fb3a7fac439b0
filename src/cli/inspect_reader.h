#pragma once

#include <functional>
#include <vector>

#include "base/secret_bytes.h"
#include "cli/inspect_item.h"
#include "containers/pkcs12.h"

namespace chancery::cli {

// AskPassword is called at most once a container, and only when one is needed.
using AskPassword = std::function<Result<SecretBytes>()>;

// inspect_bytes finds out what `content` is (PEM with any number of blocks, or one DER object or
// container) and describes everything in it. A PEM block that cannot be read is described as such;
// a single object that cannot is an error. The PKCS#12 containers of one text share the iterations
// of `limits`. Errors: kMalformed, kUnsupported, kRefused (password), those of the parsers and of
// `ask`.
[[nodiscard]] Result<std::vector<Item>> inspect_bytes(BytesView content, TimePoint now,
                                                      const AskPassword& ask,
                                                      const containers::Pkcs12Limits& limits = {});

}  // namespace chancery::cli
