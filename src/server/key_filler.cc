#include "server/key_filler.h"

#include <sys/resource.h>
#include <unistd.h>

#include "base/thread_name.h"

namespace chancery::server {

KeyFiller::KeyFiller(enrol::KeysAhead& keys)
    : keys_(keys), thread_([this] {
        name_this_thread("keys-ahead");
        // On Linux a thread's own. Lowering it is always allowed.
        static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 19));
        keys_.fill();
      }) {}

KeyFiller::~KeyFiller() {
  keys_.stop();
  thread_.join();
}

}  // namespace chancery::server
