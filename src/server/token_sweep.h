#pragma once

#include <string>

#include "access/tokens.h"
#include "base/log.h"

namespace chancery::server {

// TokenSweep removes the rows of dead tokens: every ten minutes it goes through all of them, a page
// a call. A job for Upkeep; one thread at a time.
class TokenSweep {
 public:
  TokenSweep(access::Tokens& tokens, record::Committer& committer, const Clock& clock, Log& log)
      : tokens_(tokens), committer_(committer), clock_(clock), log_(log) {}

  void tend();

 private:
  access::Tokens& tokens_;
  record::Committer& committer_;
  const Clock& clock_;
  Log& log_;
  std::string next_;         // where the round under way goes on
  TimePoint round_{};        // when the last round began
  std::size_t removed_ = 0;  // in this round
};

}  // namespace chancery::server
