#pragma once

#include "http/server.h"
#include "record/store.h"

namespace chancery::server {

// CommitterHints tells the committer what the reactors have in hand.
class CommitterHints final : public http::ReactorObserver {
 public:
  explicit CommitterHints(record::Committer& committer) : committer_(committer) {}
  void reactor_busy() override { committer_.reactor_busy(); }
  void reactor_idle() override { committer_.reactor_idle(); }

 private:
  record::Committer& committer_;
};

}  // namespace chancery::server
