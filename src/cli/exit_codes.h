#pragma once

#include <array>
#include <string_view>

#include "cli/options.h"

namespace chancery::cli {

struct ExitMeaning {
  Exit code;
  std::string_view meaning;
};

inline constexpr std::array kExitMeanings{
    ExitMeaning{Exit::kOk, "Done."},
    ExitMeaning{Exit::kFailed,
                "The server refused, or something went wrong; standard error says what."},
    ExitMeaning{Exit::kUsage, "The command line makes no sense."},
    ExitMeaning{Exit::kNotFound, "The named thing does not exist."},
    ExitMeaning{Exit::kPermission, "No token, a wrong one, or one that may not do this."},
    ExitMeaning{Exit::kUnavailable, "The server cannot be reached, or is out of service."},
    ExitMeaning{Exit::kNotValid, "cert verify: the certificate is not valid."},
    ExitMeaning{Exit::kNotDue, "cert renew: it is not time yet, and nothing was done."},
};

}  // namespace chancery::cli
